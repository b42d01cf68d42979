// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "core/journal/eventquery.h"
#include "server/history/historydatabase.h"

#include <QString>

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace Carillon {

/// The file of history.path: an SQLite database with a row for each event. A lock on a file beside
/// it keeps other processes away.
/// Thread: one at a time.
class HistoryFile
{
public:
    /// Opens the file, and creates it if there is none.
    [[nodiscard]] static Result<std::unique_ptr<HistoryFile>, HistoryFault>
    open(const QString &path, Time now);
    /// Renames a damaged file, and returns its new name; empty: it could not be renamed.
    [[nodiscard]] static QString setAside(const QString &path, Time now);

    /// The greatest id; 0: it is empty.
    [[nodiscard]] std::uint64_t newestId() const { return m_newestId; }

    /// Adds events with increasing ids above newestId(), all or none.
    [[nodiscard]] Result<void, HistoryFault> append(std::span<const Event> events);
    /// query.uaid is compared as it is stored.
    [[nodiscard]] Result<std::vector<Event>, HistoryFault> find(const EventQuery &query);
    /// Removes events from before this time, and the oldest ones as long as the file has more than
    /// maxBytes; not all at once. Returns whether there may be more to remove.
    [[nodiscard]] Result<bool, HistoryFault> removeOld(Time before, std::int64_t maxBytes);
    /// Bytes of the pages in use.
    [[nodiscard]] Result<std::int64_t, HistoryFault> bytes();

    /// What SQLite said of the last failure.
    [[nodiscard]] QString errorText() const { return m_database->errorText(); }

private:
    struct Bounds
    {
        std::uint64_t first = 0; // 0: there are no events
        std::uint64_t last = 0;
    };

    /// A file of which this process has the lock.
    class Lock
    {
    public:
        Lock() = default;
        explicit Lock(const QString &path);
        Lock(Lock &&other) noexcept : m_descriptor(std::exchange(other.m_descriptor, -1)) { }
        Lock &operator=(Lock &&) = delete;
        ~Lock();
        [[nodiscard]] bool isHeld() const { return m_descriptor >= 0; }

    private:
        int m_descriptor = -1;
    };

    HistoryFile(Lock lock, std::unique_ptr<HistoryDatabase> database)
        : m_lock(std::move(lock)), m_database(std::move(database))
    {
    }
    [[nodiscard]] Result<void, HistoryFault> setUp(Time now);
    [[nodiscard]] Result<void, HistoryFault> add(const Event &event);
    [[nodiscard]] Result<Bounds, HistoryFault> bounds();
    [[nodiscard]] Result<std::uint64_t, HistoryFault> firstSince(Time time);

    Lock m_lock;
    std::unique_ptr<HistoryDatabase> m_database;
    std::uint64_t m_newestId = 0;
};

} // namespace Carillon
