// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/mutex.h"
#include "core/base/uniquefunction.h"
#include "core/storage/storage.h"
#include "server/history/eventring.h"
#include "server/history/historyfile.h"
#include "server/history/historyoptions.h"

#include <atomic>
#include <deque>
#include <memory>
#include <thread>
#include <vector>

namespace Carillon {

/// What the history file has to do with.
struct HistoryFileStats
{
    /// Events that left the memory before they could be written.
    std::uint64_t lost = 0;
    /// Writes, reads and openings that failed.
    std::uint64_t failures = 0;
    std::int64_t bytes = 0;
};

/// Copies events from the ring into the history file, twice a second while there are any, and reads
/// it. Nobody waits for the disk but its own thread: the ring is the buffer between. While the disk
/// fails, it tries again every few seconds. A damaged file is renamed, and a new one begun.
/// Owns: the file and its thread. Thread: any, for every function. The ring and the clock outlive
/// it.
class HistoryKeeper
{
public:
    /// file: open, or null if it could not be opened.
    HistoryKeeper(HistoryOptions options, std::unique_ptr<HistoryFile> file, const EventRing &ring,
                  bool hashesUaids, const Clock &clock);
    /// Writes what is left.
    ~HistoryKeeper();
    HistoryKeeper(const HistoryKeeper &) = delete;
    HistoryKeeper &operator=(const HistoryKeeper &) = delete;

    /// Something was added to the ring.
    void added()
    {
        if (m_isIdle.load()) [[unlikely]]
            wake();
    }

    /// Finds events in the file. clients: the forms of query.uaid in it; empty: no matter which.
    /// done runs on the thread of the file.
    void find(EventQuery query, std::vector<Uaid> clients, Completion<std::vector<Event>> done);

    /// Waits until everything that was added before is written, or has failed.
    void flush();

    [[nodiscard]] HistoryFileStats stats() const;

private:
    void run();
    void wake();
    void writeNew();
    [[nodiscard]] bool writeBatch();
    void trim();
    [[nodiscard]] bool ensureOpen();
    void failed(HistoryFault fault, const QString &what);
    [[nodiscard]] Result<std::vector<Event>> findNow(const EventQuery &query,
                                                     const std::vector<Uaid> &clients);

    const HistoryOptions m_options;
    const EventRing &m_ring;
    const bool m_hashesUaids;
    const Clock &m_clock;

    // Of the thread.
    std::unique_ptr<HistoryFile> m_file; // null: it cannot be used at present
    std::uint64_t m_writtenUpTo;
    Instant m_tryAgainAt {};
    Instant m_trimAt {};
    bool m_isFailing = false;

    std::atomic<std::uint64_t> m_lost = 0;
    std::atomic<std::uint64_t> m_failures = 0;
    std::atomic<std::int64_t> m_bytes = 0;

    std::atomic<bool> m_isIdle = false; // waits for an event, however long
    Mutex m_mutex;
    Condition m_wake;
    std::deque<Task> m_tasks CARILLON_GUARDED_BY(m_mutex);
    bool m_isWoken CARILLON_GUARDED_BY(m_mutex) = false;
    bool m_isStopping CARILLON_GUARDED_BY(m_mutex) = false;
    std::thread m_thread;
};

} // namespace Carillon
