// SPDX-License-Identifier: MPL-2.0
#include "server/history/historykeeper.h"

#include "core/base/log.h"
#include "core/base/threadname.h"

#include <algorithm>
#include <future>

namespace Carillon {

namespace {

using namespace std::chrono_literals;

/// How long events wait for others to be written with.
constexpr auto Interval = 500ms;
constexpr auto PauseAfterFailure = 5s;
constexpr auto TrimInterval = 60s;
/// Of one transaction.
constexpr int BatchEvents = 4'000;

} // namespace

HistoryKeeper::HistoryKeeper(HistoryOptions options, std::unique_ptr<HistoryFile> file,
                             const EventRing &ring, bool hashesUaids, const Clock &clock)
    : m_options(std::move(options)), m_ring(ring), m_hashesUaids(hashesUaids), m_clock(clock),
      m_file(std::move(file)), m_writtenUpTo(ring.newestId()), m_thread([this] { run(); })
{
}

HistoryKeeper::~HistoryKeeper()
{
    {
        const MutexLock lock(m_mutex);
        m_isStopping = true;
        m_wake.notifyAll();
    }
    m_thread.join();
}

void HistoryKeeper::run()
{
    nameThisThread("history");
    static_cast<void>(ensureOpen()); // so that a fault is said at the start
    for (;;) {
        std::deque<Task> tasks;
        bool isStopping = false;
        {
            MutexLock lock(m_mutex);
            const Instant until = std::chrono::steady_clock::now() + Interval;
            while (m_tasks.empty() && !m_isStopping && std::chrono::steady_clock::now() < until)
                m_wake.waitUntil(lock, until);
            // Nothing to write: it sleeps until there is, or something grows too old. An event that
            // is added after the flag is set sees it; one before it is seen here.
            m_isIdle = true;
            const Instant rest = std::max(m_trimAt, until);
            while (m_tasks.empty() && !m_isStopping && !m_isWoken
                   && m_ring.newestId() == m_writtenUpTo && std::chrono::steady_clock::now() < rest)
                m_wake.waitUntil(lock, rest);
            m_isIdle = false;
            m_isWoken = false;
            tasks.swap(m_tasks);
            isStopping = m_isStopping;
        }
        writeNew();
        for (Task &task : tasks)
            task();
        if (isStopping) {
            m_tryAgainAt = {};
            writeNew();
            return;
        }
    }
}

void HistoryKeeper::wake()
{
    const MutexLock lock(m_mutex);
    m_isWoken = true;
    m_wake.notifyAll();
}

void HistoryKeeper::writeNew()
{
    while (m_ring.newestId() > m_writtenUpTo && ensureOpen()) {
        if (!writeBatch())
            return;
    }
    if (m_file && std::chrono::steady_clock::now() >= m_trimAt)
        trim();
}

/// Writes the next events. false: it failed, or there were none.
bool HistoryKeeper::writeBatch()
{
    const std::uint64_t newest = m_ring.newestId();
    std::vector<Event> events = m_ring.find({ .after = m_writtenUpTo,
                                              .before = newest + 1,
                                              .limit = BatchEvents,
                                              .newestFirst = false });
    for (Event &event : events)
        event.isUaidHashed = m_hashesUaids && event.uaid.has_value();
    const bool isLast = std::cmp_less(events.size(), BatchEvents);
    const std::uint64_t upTo = isLast ? newest : events.back().id;
    if (!events.empty()) {
        if (const auto written = m_file->append(events); !written) {
            failed(written.error(), QStringLiteral("written"));
            return false;
        }
    }
    m_lost += upTo - m_writtenUpTo - events.size();
    m_writtenUpTo = upTo;
    if (std::exchange(m_isFailing, false))
        qCInfo(lcApp).noquote() << "the history is written to" << m_options.path << "again";
    return true;
}

void HistoryKeeper::trim()
{
    m_trimAt = std::chrono::steady_clock::now() + TrimInterval;
    const Time before = m_clock.now() - m_options.retention;
    for (;;) {
        const auto more = m_file->removeOld(before, m_options.maxBytes);
        if (!more) {
            failed(more.error(), QStringLiteral("trimmed"));
            return;
        }
        if (!*more)
            break;
    }
    m_bytes = m_file->bytes().value_or(0);
}

bool HistoryKeeper::ensureOpen()
{
    const Instant now = std::chrono::steady_clock::now();
    if (now < m_tryAgainAt)
        return false;
    if (m_file)
        return true;
    auto opened = HistoryFile::open(m_options.path, m_clock.now());
    if (!opened && opened.error() == HistoryFault::Corrupt) {
        failed(HistoryFault::Corrupt, QStringLiteral("read"));
        opened = HistoryFile::open(m_options.path, m_clock.now());
    }
    if (!opened) {
        failed(opened.error(), QStringLiteral("opened"));
        return false;
    }
    m_file = std::move(*opened);
    m_tryAgainAt = {};
    return true;
}

/// Says so, once until it works again.
void HistoryKeeper::failed(HistoryFault fault, const QString &what)
{
    ++m_failures;
    m_tryAgainAt = std::chrono::steady_clock::now() + PauseAfterFailure;
    const QString why = m_file ? m_file->errorText() : QString();
    if (fault == HistoryFault::Corrupt) {
        m_file.reset();
        const QString aside = HistoryFile::setAside(m_options.path, m_clock.now());
        if (!aside.isEmpty()) {
            m_tryAgainAt = {};
            qCWarning(lcApp).noquote().nospace()
                << "the history file " << m_options.path << " is damaged or no database"
                << (why.isEmpty() ? why : QStringLiteral(" (") + why + QLatin1Char(')'))
                << "; it is renamed to " << aside << ", and a new one begun";
            return;
        }
    }
    if (std::exchange(m_isFailing, true))
        return;
    if (fault == HistoryFault::Foreign)
        qCWarning(lcApp).noquote().nospace()
            << "the history file " << m_options.path
            << " is a database of another program or of a newer version of Carillon. It is left "
               "as it is, and the history is kept in memory only.";
    else if (fault == HistoryFault::InUse)
        qCWarning(lcApp).noquote().nospace()
            << "the history file " << m_options.path
            << " is used by another process. Each process needs a file of its own "
               "(history.path); this one keeps the history in memory only.";
    else
        qCWarning(lcApp).noquote().nospace()
            << "the history file " << m_options.path << " cannot be " << what
            << (why.isEmpty() ? why : QStringLiteral(": ") + why)
            << ". The newest events stay in memory only.";
}

void HistoryKeeper::find(EventQuery query, std::vector<Uaid> clients,
                         Completion<std::vector<Event>> done)
{
    const MutexLock lock(m_mutex);
    m_tasks.emplace_back([this, query = std::move(query), clients = std::move(clients),
                          done = std::move(done)]() mutable { done(findNow(query, clients)); });
    m_wake.notifyAll();
}

Result<std::vector<Event>> HistoryKeeper::findNow(const EventQuery &query,
                                                  const std::vector<Uaid> &clients)
{
    if (!ensureOpen())
        return Unexpected(ErrorCode::StorageUnavailable);
    std::vector<Event> found;
    std::vector<std::optional<Uaid>> forms(clients.begin(), clients.end());
    if (forms.empty())
        forms.emplace_back();
    for (const std::optional<Uaid> &form : forms) {
        EventQuery each = query;
        each.uaid = form;
        auto some = m_file->find(each);
        if (!some) {
            failed(some.error(), QStringLiteral("read"));
            return Unexpected(ErrorCode::StorageUnavailable);
        }
        std::ranges::move(*some, std::back_inserter(found));
    }
    query.arrange(found);
    return found;
}

void HistoryKeeper::flush()
{
    std::promise<void> written;
    {
        const MutexLock lock(m_mutex);
        m_tasks.emplace_back([&written] { written.set_value(); });
        m_wake.notifyAll();
    }
    written.get_future().wait();
}

HistoryFileStats HistoryKeeper::stats() const
{
    return { m_lost, m_failures, m_bytes };
}

} // namespace Carillon
