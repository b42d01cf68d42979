// SPDX-License-Identifier: MPL-2.0
#include "server/storage/sqlite/sqlitewriter.h"

#include "server/storage/sqlite/clockrow.h"

#include <QFileInfo>

#include <algorithm>
#include <utility>

namespace Carillon {

namespace {

/// Growth of the log, as estimated, after which a checkpoint is worth its syncs.
constexpr std::int64_t CheckpointEvery = 4 << 20;
/// Growth of the log by a write beside its own bytes; a generous estimate.
constexpr std::int64_t GrowthPerWrite = 8192;
/// How long a restart of the log may wait for readers; all writes wait meanwhile.
constexpr std::chrono::milliseconds RestartPatience { 100 };
constexpr std::chrono::seconds RenewLeaseBefore { 30 };
/// Free pages are given back when they are many and a quarter of the file.
constexpr std::int64_t FreePagesKept = 1024;
constexpr int FreePagesAtOnce = 256;

WriteFailure writeFailure(SqlFailure failure)
{
    switch (failure) {
    case SqlFailure::Constraint:
        return WriteFailure::BrokenRule;
    case SqlFailure::Busy:
        return WriteFailure::Busy;
    case SqlFailure::Disk:
        return WriteFailure::NoRoom;
    case SqlFailure::Other:
        return WriteFailure::Broken;
    }
    return WriteFailure::Broken;
}

template<typename T> WriteConnection::Done done(const Result<T, SqlFailure> &result)
{
    if (!result)
        return Unexpected(writeFailure(result.error()));
    return {};
}

} // namespace

SqliteWriter::SqliteWriter(SqliteWriterOptions options, const DatabaseFiles &files,
                           const Clock &clock, SqliteCheckpointer &checkpointer)
    : m_options(std::move(options)), m_files(files), m_clock(clock), m_checkpointer(checkpointer),
      m_space(files.path(), m_options.space)
{
}

void SqliteWriter::addTo(StorageStats &stats) const
{
    const SpaceStats space = m_space.stats();
    stats.bytes = space.bytes;
    stats.freeDisk = space.freeDisk;
    stats.isFull = space.isFull;
    stats.logRestarts = m_restarts;
    stats.longestLogRestart = std::chrono::microseconds(m_longestRestart);
}

Result<void, QString> SqliteWriter::connect()
{
    if (m_connection)
        return {};
    CARILLON_TRY(auto connection, m_files.connect());
    if (!connection->runFile(m_options.setup))
        return Unexpected(connection->errorText());
    m_connection = std::move(connection);
    m_writes.emplace(*m_connection, m_options.rules);
    return {};
}

void SqliteWriter::disconnect()
{
    m_writes.reset();
    m_connection.reset();
}

SqliteWriter::Done SqliteWriter::begin()
{
    m_misplaced.reset();
    m_transactionGrowth = 0;
    return done(m_connection->run(SqliteStatement::TransactionBeginWrite));
}

SqliteWriter::Done SqliteWriter::commit()
{
    CARILLON_TRY_VOID(done(m_connection->run(SqliteStatement::TransactionCommit)));
    m_logGrowth += m_transactionGrowth;
    return {};
}

/// SQLite may have rolled back already. The statement then fails, which does no harm.
void SqliteWriter::rollBack()
{
    static_cast<void>(execute(SqliteStatement::TransactionRollback));
}

SqliteWriter::Done SqliteWriter::beginSavepoint()
{
    return savepoint(SqliteStatement::SavepointBegin);
}

SqliteWriter::Done SqliteWriter::rollBackToSavepoint()
{
    return savepoint(SqliteStatement::SavepointRollback);
}

SqliteWriter::Done SqliteWriter::releaseSavepoint()
{
    return savepoint(SqliteStatement::SavepointRelease);
}

/// Where not even that can be done, the connection is of no more use.
SqliteWriter::Done SqliteWriter::savepoint(SqliteStatement statement)
{
    if (!execute(statement))
        return Unexpected(WriteFailure::Broken);
    return {};
}

SqliteWriter::Done SqliteWriter::prepare(Time now)
{
    m_writes->setNow(now);
    CARILLON_TRY_VOID(lookForSpace());
    m_writes->setFull(m_space.isFull());
    return {};
}

/// Once a second at most. It counts what this transaction finds.
SqliteWriter::Done SqliteWriter::lookForSpace()
{
    const Instant now = m_clock.steadyNow();
    if (!m_space.isLookDue(now))
        return {};
    auto rows = m_connection->run(SqliteStatement::DatabaseSize);
    CARILLON_TRY_VOID(done(rows));
    if (rows->next())
        m_space.look(now, rows->integer(0));
    return {};
}

SqliteWriter::Done SqliteWriter::apply(Write &write)
{
    m_transactionGrowth += weight(write) + GrowthPerWrite;
    m_hasExpired |= std::holds_alternative<RemoveExpired>(write);
    return done(m_writes->apply(write));
}

/// A commit to a file that is not at its path does not count.
SqliteWriter::Done SqliteWriter::conclude()
{
    if (m_wantsLease)
        CARILLON_TRY_VOID(renewLease());
    m_misplaced = m_files.misplaced();
    if (m_misplaced)
        return Unexpected(WriteFailure::Busy);
    return {};
}

SqliteWriter::Done SqliteWriter::renewLease()
{
    const auto lease = m_writes->takeLease();
    CARILLON_TRY_VOID(done(lease));
    m_leaseEnd = *lease;
    m_wantsLease = false;
    return {};
}

Result<std::int64_t, WriteFailure> SqliteWriter::reservedKeys()
{
    auto rows = m_connection->run(SqliteStatement::SortKeyReservedFind);
    CARILLON_TRY_VOID(done(rows));
    if (!rows->next())
        return Unexpected(WriteFailure::Broken);
    return rows->integer(0);
}

SqliteWriter::Done SqliteWriter::setReservedKeys(std::int64_t upTo)
{
    return done(m_connection->run(SqliteStatement::SortKeyReservedSet, upTo));
}

SqliteWriter::Done SqliteWriter::followClock(ServerClock &clock)
{
    return done(Carillon::followClock(*m_connection, clock));
}

Result<std::optional<ClockLeap>, WriteFailure> SqliteWriter::keepClock(ServerClock &clock)
{
    const auto kept = Carillon::keepClock(*m_connection, clock);
    CARILLON_TRY_VOID(done(kept));
    return *kept;
}

QByteArray SqliteWriter::failureText() const
{
    return (m_misplaced ? misplacedText(*m_misplaced) : m_connection->errorText()).toUtf8();
}

bool SqliteWriter::execute(SqliteStatement statement)
{
    return m_connection->run(statement).has_value();
}

/// On a full disk the log cannot grow, but from its start it can be written again.
void SqliteWriter::makeRoom()
{
    restartLog();
}

/// What a growing log and a shrinking database need, between two batches.
void SqliteWriter::keepUp()
{
    if (m_logGrowth >= CheckpointEvery) {
        const Time now = m_clock.now();
        const bool isOurs = m_leaseEnd && *m_leaseEnd > now;
        m_wantsLease = !isOurs || *m_leaseEnd - now < RenewLeaseBefore;
        // Where another process has the lease and does nothing, the file shows it.
        if (isOurs || QFileInfo(m_files.logPath()).size() > m_options.walLimit) {
            m_logGrowth = 0;
            m_checkpointer.request();
        }
    }
    if (m_checkpointer.isRestartDue()) {
        restartLog();
        m_checkpointer.restarted();
    }
    if (std::exchange(m_hasExpired, false))
        giveBackPages();
}

/// Stands still until the log is copied and its readers are gone, but not for long: if it does not
/// come about, the next checkpoint asks again.
void SqliteWriter::restartLog()
{
    const auto begin = std::chrono::steady_clock::now();
    m_connection->setPatience(RestartPatience);
    {
        auto rows = m_connection->run(SqliteStatement::WalRestart);
        if (rows && rows->next() && rows->integer(0) == 0)
            ++m_restarts;
    }
    m_connection->setPatience(SqliteConnection::UsualPatience);
    const auto pause = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - begin);
    m_longestRestart = std::max<std::int64_t>(m_longestRestart, pause.count());
}

void SqliteWriter::giveBackPages()
{
    {
        auto rows = m_connection->run(SqliteStatement::VacuumNeed);
        if (!rows || !rows->next())
            return;
        const std::int64_t free = rows->integer(0);
        if (free < FreePagesKept || free < rows->integer(1) / 4)
            return;
    }
    if (!execute(SqliteStatement::TransactionBeginWrite))
        return;
    for (int page = 0; page < FreePagesAtOnce; ++page) {
        if (!execute(SqliteStatement::VacuumPage))
            break;
    }
    if (!execute(SqliteStatement::TransactionCommit))
        static_cast<void>(execute(SqliteStatement::TransactionRollback));
}

} // namespace Carillon
