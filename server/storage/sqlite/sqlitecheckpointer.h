// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/mutex.h"
#include "server/storage/queue/outagelog.h"

#include <QString>

#include <atomic>
#include <cstdint>
#include <thread>

namespace Carillon {

class DatabaseFiles;
class SqliteConnection;

/// Copies the write-ahead log into the database beside the writer (PASSIVE checkpoints). Under
/// steady writes that alone never resets the log. When the log is larger than its limit, the writer
/// is asked to restart it between two batches.
/// Owns: its thread and the connection there. Thread: any.
class SqliteCheckpointer
{
public:
    SqliteCheckpointer(const DatabaseFiles &files, std::int64_t walLimit);
    ~SqliteCheckpointer();

    /// There is enough to copy.
    void request();
    /// Whether the writer shall restart the log now; the checkpointer rests until restarted().
    [[nodiscard]] bool isRestartDue() const { return m_restartDue; }
    void restarted();

    [[nodiscard]] std::uint64_t checkpoints() const { return m_checkpoints; }

private:
    void run();
    void checkpoint(SqliteConnection &connection);
    void failed(const QString &why);

    const DatabaseFiles &m_files;
    const std::int64_t m_walLimit;
    Mutex m_mutex;
    Condition m_wake;
    bool m_requested CARILLON_GUARDED_BY(m_mutex) = false;
    bool m_stopping CARILLON_GUARDED_BY(m_mutex) = false;
    std::atomic<bool> m_restartDue = false;
    std::atomic<std::uint64_t> m_checkpoints = 0;
    OutageLog m_outages;
    std::thread m_thread;
};

} // namespace Carillon
