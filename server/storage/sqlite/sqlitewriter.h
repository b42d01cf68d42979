// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/logthrottle.h"
#include "core/base/serverclock.h"
#include "server/storage/queue/writequeue.h"
#include "server/storage/sqlite/databasefiles.h"
#include "server/storage/sqlite/outagelog.h"
#include "server/storage/sqlite/sqlitecheckpointer.h"
#include "server/storage/sqlite/sqlitewrites.h"
#include "server/storage/sqlite/storagespace.h"

#include <atomic>
#include <thread>

namespace Carillon {

struct SqliteWriterOptions
{
    /// How connections of the writer are set up: with which promise a commit returns.
    SqliteStatement setup = SqliteStatement::WriterSetupFull;
    std::int64_t walLimit = 0;
    /// Whether sort keys are given inside the transaction instead of by the queue.
    bool givesKeys = false;
    /// Up to here the queue's keys are reserved.
    std::int64_t reserved = 0;
    SpaceLimits space;
    /// Null: no time is remembered.
    ServerClock *keptClock = nullptr;
    SqliteWriteRules rules;
};

struct SqliteWriterStats
{
    std::uint64_t batches = 0;
    std::uint64_t failedBatches = 0;
    std::uint64_t writes = 0;
    std::uint64_t walRestarts = 0;
    std::chrono::microseconds longestRestart {};
    SpaceStats space;
};

/// Does what the queue gives out, batch by batch, each in one transaction (group commit): while one
/// is committed the next gathers. After a failure the next batch simply tries again.
/// Owns: its thread and the connection there. Thread: stats() any.
class SqliteWriter
{
public:
    SqliteWriter(SqliteWriterOptions options, const DatabaseFiles &files, const Clock &clock,
                 WriteQueue &queue, SqliteCheckpointer &checkpointer);
    /// The queue has to be stopped; what it still gives out is written, or fails if another process
    /// keeps the file beyond the deadline.
    ~SqliteWriter();

    [[nodiscard]] SqliteWriterStats stats() const;

private:
    using Batch = WriteQueue::Batch;
    enum class Part { All, Removals };

    void run();
    void write(Batch &batch);
    [[nodiscard]] bool connect();
    [[nodiscard]] std::optional<SqlFailure> attempt(Batch &batch, Part part, bool oneByOne);
    [[nodiscard]] std::optional<SqlFailure> applyAll(Batch &batch, Part part, bool oneByOne);
    [[nodiscard]] std::optional<SqlFailure> applyAlone(Write &write);
    [[nodiscard]] std::optional<SqlFailure> lookForSpace();
    [[nodiscard]] std::optional<SqlFailure> reserve(std::int64_t upTo);
    [[nodiscard]] std::optional<SqlFailure> keepTime();
    void makeLeap();
    [[nodiscard]] std::optional<SqlFailure> renewLease();
    [[nodiscard]] bool execute(SqliteStatement statement);
    void rollBack(Batch &batch);
    [[nodiscard]] bool areFilesInPlace();
    void reportFailure(SqlFailure failure);
    void keepUp();
    void restartLog();
    void giveBackPages();
    [[nodiscard]] bool giveBackKeys();
    void close();

    const SqliteWriterOptions m_options;
    const DatabaseFiles &m_files;
    const Clock &m_clock;
    WriteQueue &m_queue;
    SqliteCheckpointer &m_checkpointer;
    std::unique_ptr<SqliteConnection> m_connection;
    std::optional<SqliteWrites> m_writes;
    StorageSpace m_space;

    /// Keys given in transactions.
    SortKeys m_keys;
    /// What this process has last reserved or found reserved.
    std::int64_t m_reserved;
    std::int64_t m_floor = 0;
    bool m_committed = false;
    std::optional<Time> m_leaseEnd;
    bool m_wantsLease = false;
    /// To be made once its transaction is committed.
    std::optional<ClockLeap> m_leap;
    std::int64_t m_logGrowth = 0;
    bool m_hasExpired = false;
    OutageLog m_outages;
    LogThrottle m_brokenRules;
    /// Of the last failure, as the database tells it.
    QByteArray m_reason;

    std::atomic<std::uint64_t> m_batches = 0;
    std::atomic<std::uint64_t> m_failedBatches = 0;
    std::atomic<std::uint64_t> m_writesDone = 0;
    std::atomic<std::uint64_t> m_restarts = 0;
    std::atomic<std::int64_t> m_longestRestart = 0;
    std::thread m_thread;
};

} // namespace Carillon
