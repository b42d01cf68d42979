// SPDX-License-Identifier: MPL-2.0
#include "server/storage/sqlite/sqlitestorage.h"

#include "server/storage/sqlite/clockrow.h"
#include "server/storage/sqlite/databaseinspection.h"
#include "server/storage/sqlite/sqlitedatabase.h"
#include "server/storage/sqlite/sqliteschema.h"

#include <QUuid>

#include <sqlite3.h>

#include <utility>

namespace Carillon {

namespace {

/// Another process may write much, or wait for a slow disk: better a late start than none.
constexpr std::chrono::seconds StartPatience { 30 };

/// With which keys a storage begins.
struct Start
{
    SortKeys keys;
    std::int64_t reserved = 0;
};

QueuedStorageOptions queuedOptions(const SqliteOptions &options, const Start &start)
{
    return { .queue = { .maxItems = options.maxQueuedWrites,
                        .maxBytes = options.maxQueuedBytes,
                        .ackWait = options.ackWait,
                        .removalWait = options.removalWait,
                        .givesKeys = options.sortKeys == SortKeyOrigin::GivenWhenQueued },
             .keys = start.keys,
             .reservedKeys = start.reserved,
             .keptClock = options.keptClock,
             .readers = { .threads = options.readerThreads,
                          .maxQueued = static_cast<std::size_t>(options.maxQueuedReads),
                          .threadName = "sqlite-reader" },
             .writerThreadName = "sqlite-writer" };
}

SqliteWriterOptions writerOptions(const SqliteOptions &options)
{
    return { .setup = options.fullSync ? SqliteStatement::WriterSetupFull
                                       : SqliteStatement::WriterSetupNormal,
             .walLimit = options.walLimit,
             .space = options.space,
             .rules = { options.limits, options.clientLifetime, QUuid::createUuid().toRfc4122() } };
}

/// Before anything is dated.
Result<void, QString> rememberTime(SqliteConnection &connection, const SqliteOptions &options)
{
    if (connection.runFile(SqliteStatement::WriterSetupFull)
        && connection.run(SqliteStatement::TransactionBeginWrite)
        && beginClock(connection, *options.keptClock)
        && connection.run(SqliteStatement::TransactionCommit))
        return {};
    return Unexpected(QStringLiteral("The database %1 cannot be written: %2")
                          .arg(options.path, connection.errorText()));
}

/// Keys go on above every one that may have been given before, whatever the clock says.
Result<Start, QString> reserveKeys(SqliteConnection &connection, const SqliteOptions &options,
                                   Time now)
{
    const auto failed = [&] {
        return Unexpected(QStringLiteral("The database %1 cannot be written: %2")
                              .arg(options.path, connection.errorText()));
    };
    if (!connection.runFile(SqliteStatement::WriterSetupFull)
        || !connection.run(SqliteStatement::TransactionBeginWrite))
        return failed();
    std::int64_t last = 0;
    {
        auto rows = connection.run(SqliteStatement::SortKeyReservedFind);
        if (!rows || !rows->next())
            return failed();
        last = rows->integer(0);
    }
    Start start { SortKeys(last), last };
    if (options.sortKeys == SortKeyOrigin::GivenWhenQueued) {
        start.reserved = start.keys.proposal(now);
        start.keys = SortKeys(last, start.reserved);
        if (!connection.run(SqliteStatement::SortKeyReservedSet, start.reserved))
            return failed();
    }
    if (!connection.run(SqliteStatement::TransactionCommit))
        return failed();
    return start;
}

} // namespace

Result<std::unique_ptr<SqliteStorage>, QString> SqliteStorage::open(const SqliteOptions &options,
                                                                    const Clock &clock)
{
    CARILLON_TRY_VOID(makeDatabaseFile(options.path));
    auto opened = SqliteConnection::open(options.path, StartPatience);
    if (!opened)
        return Unexpected(QStringLiteral("The database %1 cannot be opened: %2")
                              .arg(options.path, opened.error()));
    SqliteConnection &connection = **opened;
    CARILLON_TRY_VOID(migrate(connection, options.path, clock.wall()));
    if (options.keptClock)
        CARILLON_TRY_VOID(rememberTime(connection, options));
    if (!options.keys.empty())
        CARILLON_TRY_VOID(
            Carillon::rememberKeys(connection, options.path, options.keys, options.acceptNewKeys));
    CARILLON_TRY(const Start start, reserveKeys(connection, options, clock.now()));
    auto database = std::make_unique<SqliteDatabase>(options.path, std::move(*opened), clock,
                                                     writerOptions(options));
    const SqliteDatabase &files = *database;
    return std::unique_ptr<SqliteStorage>(new SqliteStorage(
        files, std::move(database), clock, queuedOptions(options, start), options.browser));
}

SqliteStorage::SqliteStorage(const SqliteDatabase &files, std::unique_ptr<Database> database,
                             const Clock &clock, const QueuedStorageOptions &options,
                             const SqliteBrowserOptions &browser)
    : QueuedStorage(std::move(database), clock, options), m_browser(files, clock, browser)
{
}

QByteArray SqliteStorage::libraryVersion()
{
    return sqlite3_libversion();
}

} // namespace Carillon
