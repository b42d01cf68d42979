// SPDX-License-Identifier: MPL-2.0
#include "server/storage/sqlite/sqlitewriter.h"

#include "core/base/log.h"
#include "core/base/threadname.h"
#include "server/storage/sqlite/clockrow.h"

#include <QFileInfo>

#include <algorithm>
#include <utility>

namespace Carillon {

namespace {

/// Growth of the log, as estimated, after which a checkpoint is worth its syncs.
constexpr std::int64_t CheckpointEvery = 4 << 20;
/// Pages of the log that a write touches beside its own bytes, in a wide guess.
constexpr std::int64_t GrowthPerWrite = 8192;
/// How long everybody stands still for a restart of the log that others hold up.
constexpr std::chrono::milliseconds RestartPatience { 100 };
constexpr std::chrono::seconds RenewLeaseBefore { 30 };
/// Free pages are given back when they are many and a quarter of the file.
constexpr std::int64_t FreePagesKept = 1024;
constexpr int FreePagesAtOnce = 256;

bool needsDatabase(const WriteQueue::Batch &batch)
{
    return batch.reserve
        || std::any_of(batch.entries.begin(), batch.entries.end(), [](const auto &entry) {
               return !std::holds_alternative<ReadAfter>(entry.write);
           });
}

} // namespace

SqliteWriter::SqliteWriter(SqliteWriterOptions options, const DatabaseFiles &files,
                           const Clock &clock, WriteQueue &queue, SqliteCheckpointer &checkpointer)
    : m_options(std::move(options)), m_files(files), m_clock(clock), m_queue(queue),
      m_checkpointer(checkpointer), m_space(files.path(), m_options.space),
      m_reserved(m_options.reserved), m_thread([this] { run(); })
{
}

SqliteWriter::~SqliteWriter()
{
    m_thread.join();
}

SqliteWriterStats SqliteWriter::stats() const
{
    return { m_batches,
             m_failedBatches,
             m_writesDone,
             m_restarts,
             std::chrono::microseconds(m_longestRestart),
             m_space.stats() };
}

void SqliteWriter::run()
{
    nameThisThread("sqlite-writer");
    for (;;) {
        Batch batch = m_queue.take();
        if (batch.isEmpty())
            break;
        m_committed = false;
        if (needsDatabase(batch)) {
            write(batch);
        }
        m_queue.finish(std::move(batch), m_committed, m_floor);
        if (m_committed)
            keepUp();
    }
    close();
}

void SqliteWriter::write(Batch &batch)
{
    ++m_batches;
    if (!connect()) {
        ++m_failedBatches;
        return;
    }
    std::optional<SqlFailure> failure = attempt(batch, Part::All, false);
    if (failure == SqlFailure::Constraint) {
        reportFailure(*failure);
        failure = attempt(batch, Part::All, true);
    }
    if (!failure) {
        makeLeap();
        if (m_outages.works())
            qCInfo(lcStorage, "the database can be written again");
        m_committed = true;
        m_writesDone += batch.entries.size();
        for (const auto &entry : batch.entries) {
            m_logGrowth += entry.weight + GrowthPerWrite;
            m_hasExpired |= std::holds_alternative<RemoveExpired>(entry.write);
        }
        return;
    }

    ++m_failedBatches;
    reportFailure(*failure);
    if (*failure == SqlFailure::Busy || *failure == SqlFailure::Misplaced)
        return;
    // On a full disk the log cannot grow, but from its start it can be written again.
    restartLog();
    const std::optional<SqlFailure> again = attempt(batch, Part::Removals, true);
    if (again && *again == SqlFailure::Other) {
        m_writes.reset();
        m_connection.reset();
    }
}

bool SqliteWriter::connect()
{
    if (m_connection)
        return true;
    auto opened = m_files.connect();
    if (!opened || !(*opened)->runFile(m_options.setup)) {
        if (const auto leftOut = m_outages.failed())
            qCWarning(lcStorage, "the database cannot be opened: %s%s",
                      qPrintable(opened ? (*opened)->errorText() : opened.error()),
                      leftOutText(*leftOut).constData());
        return false;
    }
    m_connection = std::move(*opened);
    m_writes.emplace(*m_connection, m_options.rules);
    return true;
}

/// All of it in one transaction, or nothing.
std::optional<SqlFailure> SqliteWriter::attempt(Batch &batch, Part part, bool oneByOne)
{
    const std::int64_t reserved = m_reserved;
    std::optional<SqlFailure> failure;
    const auto failed = [&](const auto &result) {
        if (!result)
            failure = result.error();
        return !result;
    };
    if (failed(m_connection->run(SqliteStatement::TransactionBeginWrite))) {
        m_reason = m_connection->errorText().toUtf8();
        return failure;
    }
    failure = applyAll(batch, part, oneByOne);
    if (!failure && !areFilesInPlace())
        failure = SqlFailure::Misplaced;
    if (failure || failed(m_connection->run(SqliteStatement::TransactionCommit))) {
        m_reserved = reserved;
        if (failure != SqlFailure::Misplaced)
            m_reason = m_connection->errorText().toUtf8();
        rollBack(batch);
    }
    return failure;
}

std::optional<SqlFailure> SqliteWriter::applyAll(Batch &batch, Part part, bool oneByOne)
{
    ServerClock *const keptClock = m_options.keptClock;
    m_leap.reset();
    if (keptClock && m_options.givesKeys) {
        if (const auto followed = followClock(*m_connection, *keptClock); !followed)
            return followed.error();
    }
    m_writes->setNow(m_clock.now());
    if (const auto failure = lookForSpace())
        return failure;
    if (m_options.givesKeys) {
        // Every process does so under the write lock: that makes keys unique and orders them.
        if (const auto failure = reserve(0))
            return failure;
        m_keys = SortKeys(m_floor);
    }
    bool keepsTime = false;
    for (auto &entry : batch.entries) {
        if (part == Part::Removals && !isRemoval(entry.write))
            continue;
        keepsTime |= std::holds_alternative<KeepClock>(entry.write);
        auto *store = std::get_if<StoreMessage>(&entry.write);
        if (keptClock && store)
            store->message.accepted = keptClock->redated(store->message.accepted);
        if (m_options.givesKeys && store)
            store->message.sortKey = *m_keys.nextStored(m_clock.now());
        std::optional<SqlFailure> failure;
        if (oneByOne)
            failure = applyAlone(entry.write);
        else if (const auto done = m_writes->apply(entry.write); !done)
            failure = done.error();
        if (failure)
            return failure;
    }
    if (m_options.givesKeys && m_keys.last() > m_floor) {
        if (const auto failure = reserve(m_keys.last()))
            return failure;
    }
    if (batch.reserve && part == Part::All) {
        if (const auto failure = reserve(*batch.reserve))
            return failure;
    }
    if (keepsTime) {
        if (const auto failure = keepTime())
            return failure;
    }
    return m_wantsLease ? renewLease() : std::nullopt;
}

/// Last in a transaction: what was dated in it is redated with the rest.
std::optional<SqlFailure> SqliteWriter::keepTime()
{
    if (!m_options.keptClock)
        return std::nullopt;
    const auto kept = keepClock(*m_connection, *m_options.keptClock);
    if (!kept)
        return kept.error();
    m_leap = *kept;
    return std::nullopt;
}

void SqliteWriter::makeLeap()
{
    if (!m_leap)
        return;
    m_options.keptClock->leap(*m_leap);
    m_leap.reset();
}

/// Once a second at most. It counts what this transaction finds.
std::optional<SqlFailure> SqliteWriter::lookForSpace()
{
    const Instant now = m_clock.steadyNow();
    if (m_space.isLookDue(now)) {
        auto rows = m_connection->run(SqliteStatement::DatabaseSize);
        if (!rows)
            return rows.error();
        if (rows->next())
            m_space.look(now, rows->integer(0));
    }
    m_writes->setFull(m_space.isFull());
    return std::nullopt;
}

/// As part of the transaction, but so that a violated constraint undoes and fails only this one.
std::optional<SqlFailure> SqliteWriter::applyAlone(Write &write)
{
    if (!execute(SqliteStatement::SavepointBegin))
        return SqlFailure::Other;
    const auto done = m_writes->apply(write);
    if (!done && done.error() != SqlFailure::Constraint)
        return done.error();
    if (!done) {
        resetOutcome(write);
        if (!execute(SqliteStatement::SavepointRollback))
            return SqlFailure::Other;
    }
    if (!execute(SqliteStatement::SavepointRelease))
        return SqlFailure::Other;
    return std::nullopt;
}

/// Raises the reservation of sort keys to this one, and learns of keys that others have given.
std::optional<SqlFailure> SqliteWriter::reserve(std::int64_t upTo)
{
    std::int64_t found = 0;
    {
        auto rows = m_connection->run(SqliteStatement::SortKeyReservedFind);
        if (!rows)
            return rows.error();
        if (!rows->next())
            return SqlFailure::Other;
        found = rows->integer(0);
    }
    if (m_options.givesKeys || found > m_reserved)
        m_floor = found;
    if (upTo > found) {
        const auto set = m_connection->run(SqliteStatement::SortKeyReservedSet, upTo);
        if (!set)
            return set.error();
    }
    m_reserved = std::max(found, upTo);
    return std::nullopt;
}

std::optional<SqlFailure> SqliteWriter::renewLease()
{
    const auto lease = m_writes->takeLease();
    if (!lease)
        return lease.error();
    m_leaseEnd = *lease;
    m_wantsLease = false;
    return std::nullopt;
}

bool SqliteWriter::execute(SqliteStatement statement)
{
    return m_connection->run(statement).has_value();
}

/// It may have been rolled back by SQLite itself: then this fails, and that is well.
void SqliteWriter::rollBack(Batch &batch)
{
    static_cast<void>(execute(SqliteStatement::TransactionRollback));
    for (auto &entry : batch.entries)
        resetOutcome(entry.write);
}

/// A commit to a file that nobody finds again is none.
bool SqliteWriter::areFilesInPlace()
{
    const auto misplaced = m_files.misplaced();
    if (misplaced)
        m_reason = misplacedText(*misplaced).toUtf8();
    return !misplaced;
}

void SqliteWriter::reportFailure(SqlFailure failure)
{
    if (failure == SqlFailure::Constraint) {
        if (const auto leftOut = m_brokenRules.pass())
            qCWarning(lcStorage, "a write broke a rule of the tables: %s%s", m_reason.constData(),
                      leftOutText(*leftOut).constData());
    } else if (const auto leftOut = m_outages.failed()) {
        qCWarning(lcStorage, "the database cannot be written: %s%s", m_reason.constData(),
                  leftOutText(*leftOut).constData());
    }
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

/// Without the reservation the next start need not leap ahead of the clock.
void SqliteWriter::close()
{
    const bool keepsKeys = !m_options.givesKeys;
    if ((keepsKeys || m_options.keptClock) && connect()
        && execute(SqliteStatement::TransactionBeginWrite)) {
        const bool done = (!keepsKeys || giveBackKeys()) && !keepTime()
            && execute(SqliteStatement::TransactionCommit);
        if (!done)
            static_cast<void>(execute(SqliteStatement::TransactionRollback));
    }
    m_writes.reset();
    m_connection.reset();
}

bool SqliteWriter::giveBackKeys()
{
    const std::int64_t reserved = m_reserved;
    return !reserve(0) && m_reserved == reserved
        && m_connection->run(SqliteStatement::SortKeyReservedSet, m_queue.lastKey()).has_value();
}

} // namespace Carillon
