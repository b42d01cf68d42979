// SPDX-License-Identifier: MPL-2.0
#include "server/history/serverhistory.h"

#include "server/history/uaidhash.h"
#include "server/metrics/metrics.h"

#include <algorithm>
#include <mutex>

namespace Carillon {

namespace {

/// Null: it cannot be opened now, or there is none.
std::unique_ptr<HistoryFile> openFile(const HistoryOptions &options, const Clock &clock)
{
    if (options.path.isEmpty())
        return nullptr;
    auto opened = HistoryFile::open(options.path, clock.now());
    return opened ? std::move(*opened) : nullptr;
}

/// Ids go on above those of the file. They begin with the time, so that they do not go back after a
/// restart without a file: less than one event is recorded in a microsecond.
std::uint64_t lastId(const HistoryFile *file, const Clock &clock)
{
    const auto now = static_cast<std::uint64_t>(clock.now().time_since_epoch().count());
    return std::max(now, file ? file->newestId() : 0);
}

} // namespace

ServerHistory::ServerHistory(const HistoryOptions &options, const QList<QByteArray> &secrets,
                             const Clock &clock)
    : m_hashKeys(options.hashUaids ? uaidHashKeys(secrets) : std::vector<QByteArray>()),
      m_opened(openFile(options, clock)),
      m_ring(static_cast<std::size_t>(options.events), lastId(m_opened.get(), clock)),
      m_recorder(clock, *this)
{
    if (!options.path.isEmpty())
        m_keeper = std::make_unique<HistoryKeeper>(options, std::move(m_opened), m_ring,
                                                   options.hashUaids, clock);
}

ServerHistory::~ServerHistory() = default;

void ServerHistory::add(CompactEvent &event, QByteArrayView text, QByteArrayView subject)
{
    if (event.hasUaid && !m_hashKeys.empty())
        event.uaid = hashed(event.uaid, m_hashKeys.front());
    m_ring.append(event, text, subject);
    if (m_keeper)
        m_keeper->added();
    if (m_listenerCount.load(std::memory_order_relaxed) > 0) [[unlikely]]
        tell(event, text, subject);
}

void ServerHistory::tell(const CompactEvent &event, QByteArrayView text, QByteArrayView subject)
{
    Event whole = event.expanded();
    whole.isUaidHashed = !m_hashKeys.empty() && whole.uaid.has_value();
    whole.text = text.toByteArray();
    whole.subject = subject.toByteArray();
    const std::shared_lock lock(m_listenersMutex);
    for (EventListener *const listener : m_listeners)
        listener->happened(whole);
}

void ServerHistory::addListener(EventListener &listener)
{
    const std::unique_lock lock(m_listenersMutex);
    m_listeners.push_back(&listener);
    ++m_listenerCount;
}

void ServerHistory::removeListener(EventListener &listener)
{
    const std::unique_lock lock(m_listenersMutex);
    m_listenerCount -= static_cast<int>(std::erase(m_listeners, &listener));
}

void ServerHistory::find(EventQuery query, Completion<std::vector<Event>> done)
{
    std::vector<Event> found = recent(query);
    const bool isEnough = query.newestFirst && std::cmp_greater_equal(found.size(), query.limit);
    if (!m_keeper || isEnough) {
        done(std::move(found));
        return;
    }
    std::vector<Uaid> forms;
    if (query.uaid)
        forms = formsOf(*query.uaid);
    m_keeper->find(query, std::move(forms),
                   [query, found = std::move(found),
                    done = std::move(done)](Result<std::vector<Event>> older) mutable {
                       if (!older && found.empty()) {
                           done(std::move(older));
                           return;
                       }
                       if (older) // else what is in memory has to do
                           std::ranges::move(*older, std::back_inserter(found));
                       query.arrange(found);
                       done(std::move(found));
                   });
}

std::vector<Event> ServerHistory::recent(const EventQuery &query) const
{
    std::vector<Event> found;
    if (query.uaid) {
        for (const Uaid &form : formsOf(*query.uaid)) {
            EventQuery each = query;
            each.uaid = form;
            std::ranges::move(m_ring.find(each), std::back_inserter(found));
        }
        query.arrange(found);
    } else {
        found = m_ring.find(query);
    }
    markHashed(found);
    return found;
}

/// As what it may be in the events.
std::vector<Uaid> ServerHistory::formsOf(const Uaid &uaid) const
{
    if (m_hashKeys.empty())
        return { uaid };
    std::vector<Uaid> forms;
    forms.reserve(m_hashKeys.size() + 1);
    for (const QByteArray &key : m_hashKeys)
        forms.push_back(hashed(uaid, key));
    forms.push_back(uaid); // from before the setting was on
    return forms;
}

HistoryFileStats ServerHistory::fileStats() const
{
    return m_keeper ? m_keeper->stats() : HistoryFileStats();
}

void ServerHistory::publishStats(Metrics &metrics) const
{
    metrics.set(Metric::HistoryBytes, m_ring.bytes());
    if (!m_keeper)
        return;
    const HistoryFileStats file = m_keeper->stats();
    metrics.set(Metric::HistoryFileBytes, file.bytes);
    metrics.set(Metric::HistoryFileFailures, static_cast<std::int64_t>(file.failures));
    metrics.set(Metric::HistoryFileLost, static_cast<std::int64_t>(file.lost));
}

void ServerHistory::flush()
{
    if (m_keeper)
        m_keeper->flush();
}

void ServerHistory::markHashed(std::vector<Event> &events) const
{
    for (Event &event : events)
        event.isUaidHashed = !m_hashKeys.empty() && event.uaid.has_value();
}

} // namespace Carillon
