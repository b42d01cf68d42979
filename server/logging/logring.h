// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/mutex.h"
#include "server/logging/logrecord.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace Carillon {

/// Is told of each record as it is logged. Thread: any, one at a time; it must not wait. What it
/// logs itself is not told to listeners.
class LogListener
{
public:
    LogListener() = default;
    virtual ~LogListener() = default;
    LogListener(const LogListener &) = delete;
    LogListener &operator=(const LogListener &) = delete;

    virtual void logged(const LogRecord &record) = 0;
};

/// Which records are wanted.
struct LogQuery
{
    enum class Order : std::uint8_t { NewestFirst, OldestFirst };

    /// This level and those above it.
    LogLevel level = LogLevel::Debug;
    /// "carillon.net", "carillon.*", "*.net"; '*' stands for any text. Empty: every category.
    QByteArray category = {};
    /// Part of the message, in upper or lower case. Empty: any message.
    QByteArray text = {};
    /// Records of this time and later.
    std::optional<LogRecord::Time> since = {};
    /// Records with a greater id; with a lower one.
    std::optional<std::uint64_t> after = {};
    std::optional<std::uint64_t> before = {};
    std::size_t limit = 100;
    Order order = Order::NewestFirst;
};

/// Whether a record meets all conditions of a query, without its limit.
[[nodiscard]] bool matches(const LogQuery &query, const LogRecord &record);

/// The newest records of the log. Thread: any.
class LogRing
{
public:
    /// Most records, and most bytes of all of them.
    struct Bounds
    {
        std::size_t records = 10'000;
        std::size_t bytes = std::size_t { 4 } << 20;
    };
    /// Of a message; the rest of a longer one is not kept.
    static constexpr qsizetype MaxMessage = 4 * 1024;

    LogRing() = default;
    explicit LogRing(Bounds bounds) : m_bounds(bounds) { }
    LogRing(const LogRing &) = delete;
    LogRing &operator=(const LogRing &) = delete;

    /// Keeps the record under the next id, and tells the listeners.
    void add(LogRecord record);
    [[nodiscard]] std::vector<LogRecord> find(const LogQuery &query) const;
    /// The id of the newest record; 0: there was none.
    [[nodiscard]] std::uint64_t newestId() const;
    [[nodiscard]] std::size_t size() const;

    /// The listener is told of records from now on, until it is removed. After removal it is not
    /// called any more. Not to be called by a listener.
    void addListener(LogListener &listener);
    void removeListener(LogListener &listener);

private:
    std::uint64_t keep(LogRecord &&record) CARILLON_REQUIRES(m_mutex);
    [[nodiscard]] static std::size_t bytesOf(const LogRecord &record);

    Bounds m_bounds;
    mutable Mutex m_mutex;
    std::deque<LogRecord> m_records CARILLON_GUARDED_BY(m_mutex); // their ids increase by one
    std::size_t m_bytes CARILLON_GUARDED_BY(m_mutex) = 0;
    std::uint64_t m_newest CARILLON_GUARDED_BY(m_mutex) = 0;
    Mutex m_listenerMutex; // is locked before m_mutex
    std::vector<LogListener *> m_listeners CARILLON_GUARDED_BY(m_listenerMutex);
};

} // namespace Carillon
