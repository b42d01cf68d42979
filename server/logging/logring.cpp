// SPDX-License-Identifier: MPL-2.0
#include "server/logging/logring.h"

#include <algorithm>
#include <utility>

namespace Carillon {
namespace {

// Set while this thread calls listeners.
thread_local bool isTellingListeners = false;

/// '*' in the pattern matches any text, also none.
bool fitsPattern(QByteArrayView pattern, QByteArrayView text)
{
    qsizetype star = -1; // in pattern, the last one passed
    qsizetype resume = 0; // in text, where that star's match ends
    qsizetype p = 0;
    qsizetype t = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern.size() && pattern[p] == text[t]) {
            ++p;
            ++t;
        } else if (star >= 0) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*')
        ++p;
    return p == pattern.size();
}

/// Cuts a message between two characters of UTF-8.
void shorten(QByteArray &message, qsizetype most)
{
    if (message.size() <= most)
        return;
    const auto isContinuation = [&](qsizetype at) {
        return (static_cast<unsigned char>(message[at]) & 0xc0U) == 0x80U;
    };
    qsizetype end = most;
    while (end > 0 && isContinuation(end))
        --end;
    message = message.first(end) + "…";
}

} // namespace

bool matches(const LogQuery &query, const LogRecord &record)
{
    return record.level >= query.level && (!query.since || record.time >= *query.since)
        && (!query.after || record.id > *query.after)
        && (!query.before || record.id < *query.before)
        && (query.category.isEmpty() || fitsPattern(query.category, record.category))
        && (query.text.isEmpty()
            || QString::fromUtf8(record.message)
                   .contains(QString::fromUtf8(query.text), Qt::CaseInsensitive));
}

void LogRing::add(LogRecord record)
{
    shorten(record.message, MaxMessage);
    if (record.fields.size() > MaxMessage)
        record.fields.clear();
    if (isTellingListeners) {
        const MutexLock lock(m_mutex);
        keep(std::move(record));
        return;
    }
    const MutexLock listeners(m_listenerMutex);
    if (m_listeners.empty()) {
        const MutexLock lock(m_mutex);
        keep(std::move(record));
        return;
    }
    LogRecord copy = record;
    {
        const MutexLock lock(m_mutex);
        copy.id = keep(std::move(record));
    }
    isTellingListeners = true;
    for (LogListener *const listener : m_listeners)
        listener->logged(copy);
    isTellingListeners = false;
}

std::uint64_t LogRing::keep(LogRecord &&record)
{
    record.id = ++m_newest;
    m_bytes += bytesOf(record);
    m_records.push_back(std::move(record));
    while (m_records.size() > m_bounds.records || m_bytes > m_bounds.bytes) {
        m_bytes -= bytesOf(m_records.front());
        m_records.pop_front();
    }
    return m_newest;
}

std::vector<LogRecord> LogRing::find(const LogQuery &query) const
{
    std::vector<LogRecord> found;
    const auto take = [&](const LogRecord &record) {
        if (matches(query, record))
            found.push_back(record);
        return found.size() < query.limit;
    };
    if (query.limit == 0)
        return found;
    const MutexLock lock(m_mutex);
    // Until take() has enough.
    if (query.order == LogQuery::Order::OldestFirst)
        static_cast<void>(std::all_of(m_records.begin(), m_records.end(), take));
    else
        static_cast<void>(std::all_of(m_records.rbegin(), m_records.rend(), take));
    return found;
}

std::uint64_t LogRing::newestId() const
{
    const MutexLock lock(m_mutex);
    return m_newest;
}

std::size_t LogRing::size() const
{
    const MutexLock lock(m_mutex);
    return m_records.size();
}

void LogRing::addListener(LogListener &listener)
{
    const MutexLock lock(m_listenerMutex);
    m_listeners.push_back(&listener);
}

void LogRing::removeListener(LogListener &listener)
{
    const MutexLock lock(m_listenerMutex);
    std::erase(m_listeners, &listener);
}

std::size_t LogRing::bytesOf(const LogRecord &record)
{
    return sizeof(LogRecord) + static_cast<std::size_t>(record.message.size())
        + static_cast<std::size_t>(record.fields.size());
}

} // namespace Carillon
