// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/storage/queue/database.h"
#include "server/storage/sqlite/databasefiles.h"
#include "server/storage/sqlite/sqlitecheckpointer.h"
#include "server/storage/sqlite/sqlitewrites.h"
#include "server/storage/sqlite/storagespace.h"

#include <atomic>

namespace Carillon {

struct SqliteWriterOptions
{
    /// How connections of the writer are set up: with which promise a commit returns.
    SqliteStatement setup = SqliteStatement::WriterSetupFull;
    std::int64_t walLimit = 0;
    SpaceLimits space;
    SqliteWriteRules rules;
};

/// What is SQLite's in writing: that its files are still in place at each commit, how much room
/// there is, the lease for housekeeping, and a write-ahead log and a file that do not grow for
/// ever. Owns: the connection. Thread: the writer's; addTo() any.
class SqliteWriter final : public WriteConnection
{
public:
    SqliteWriter(SqliteWriterOptions options, const DatabaseFiles &files, const Clock &clock,
                 SqliteCheckpointer &checkpointer);

    void addTo(StorageStats &stats) const;

    Result<void, QString> connect() override;
    void disconnect() override;
    Done begin() override;
    Done commit() override;
    void rollBack() override;
    Done beginSavepoint() override;
    Done rollBackToSavepoint() override;
    Done releaseSavepoint() override;
    Done prepare(Time now) override;
    Done apply(Write &write) override;
    Done conclude() override;
    Result<std::int64_t, WriteFailure> reservedKeys() override;
    Done setReservedKeys(std::int64_t upTo) override;
    Done followClock(ServerClock &clock) override;
    Result<std::optional<ClockLeap>, WriteFailure> keepClock(ServerClock &clock) override;
    [[nodiscard]] QByteArray failureText() const override;
    void makeRoom() override;
    void keepUp() override;

private:
    [[nodiscard]] Done lookForSpace();
    [[nodiscard]] Done renewLease();
    [[nodiscard]] Done savepoint(SqliteStatement statement);
    [[nodiscard]] bool execute(SqliteStatement statement);
    void restartLog();
    void giveBackPages();

    const SqliteWriterOptions m_options;
    const DatabaseFiles &m_files;
    const Clock &m_clock;
    SqliteCheckpointer &m_checkpointer;
    std::unique_ptr<SqliteConnection> m_connection;
    std::optional<SqliteWrites> m_writes;
    StorageSpace m_space;

    std::optional<Time> m_leaseEnd;
    bool m_wantsLease = false;
    /// The file that the open transaction has found misplaced.
    std::optional<QString> m_misplaced;
    /// Growth of the log since it was last copied, and by the open transaction; a guess.
    std::int64_t m_logGrowth = 0;
    std::int64_t m_transactionGrowth = 0;
    bool m_hasExpired = false;

    std::atomic<std::uint64_t> m_restarts = 0;
    std::atomic<std::int64_t> m_longestRestart = 0;
};

} // namespace Carillon
