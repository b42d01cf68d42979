// SPDX-License-Identifier: MPL-2.0
#include "server/storage/sqlite/sqlitestorage.h"

#include "server/storage/sqlite/clockrow.h"
#include "server/storage/sqlite/databaseinspection.h"
#include "server/storage/sqlite/sqliteschema.h"

#include <QUuid>

#include <algorithm>
#include <utility>

namespace Carillon {

namespace {

/// Another process may write much, or wait for a slow disk: better a late start than none.
constexpr std::chrono::seconds StartPatience { 30 };

WriteQueueOptions queueOptions(const SqliteOptions &options)
{
    WriteQueueOptions queue;
    queue.maxItems = options.maxQueuedWrites;
    queue.maxBytes = options.maxQueuedBytes;
    queue.ackWait = options.ackWait;
    queue.givesKeys = options.sortKeys == SortKeyOrigin::GivenWhenQueued;
    return queue;
}

SqliteWriterOptions writerOptions(const SqliteOptions &options, std::int64_t reserved)
{
    SqliteWriterOptions writer;
    writer.setup = options.sync == SqliteOptions::Sync::Full ? SqliteStatement::WriterSetupFull
                                                             : SqliteStatement::WriterSetupNormal;
    writer.walLimit = options.walLimit;
    writer.space = options.space;
    writer.givesKeys = options.sortKeys == SortKeyOrigin::GivenInTransaction;
    writer.reserved = reserved;
    writer.keptClock = options.keptClock;
    writer.rules = { options.limits, options.clientLifetime, QUuid::createUuid().toRfc4122() };
    return writer;
}

} // namespace

Result<std::unique_ptr<SqliteStorage>, QString> SqliteStorage::open(const SqliteOptions &options,
                                                                    const Clock &clock)
{
    if (const auto made = makeDatabaseFile(options.path); !made)
        return Unexpected(made.error());
    auto opened = SqliteConnection::open(options.path, StartPatience);
    if (!opened)
        return Unexpected(QStringLiteral("The database %1 cannot be opened: %2")
                              .arg(options.path, opened.error()));
    SqliteConnection &connection = **opened;
    if (const auto migrated = migrate(connection, options.path, clock.wall()); !migrated)
        return Unexpected(migrated.error());
    if (options.keptClock) {
        if (const auto begun = begin(connection, options); !begun)
            return Unexpected(begun.error());
    }
    if (!options.keys.empty()) {
        const auto remembered =
            rememberKeys(connection, options.path, options.keys, options.acceptNewKeys);
        if (!remembered)
            return Unexpected(remembered.error());
    }
    const auto start = reserveKeys(connection, options, clock.now());
    if (!start)
        return Unexpected(start.error());
    return std::unique_ptr<SqliteStorage>(
        new SqliteStorage(options, clock, *start, std::move(*opened)));
}

/// Before anything is dated.
Result<void, QString> SqliteStorage::begin(SqliteConnection &connection,
                                           const SqliteOptions &options)
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
Result<SqliteStorage::Start, QString>
SqliteStorage::reserveKeys(SqliteConnection &connection, const SqliteOptions &options, Time now)
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

SqliteStorage::SqliteStorage(const SqliteOptions &options, const Clock &clock, const Start &start,
                             std::unique_ptr<SqliteConnection> first)
    : m_files(options.path, std::move(first), m_deadline),
      m_queue(clock, queueOptions(options), start.keys), m_checkpointer(m_files, options.walLimit),
      m_readers(m_files, clock, options.readerThreads,
                static_cast<std::size_t>(options.maxQueuedReads)),
      m_writer(writerOptions(options, start.reserved), m_files, clock, m_queue, m_checkpointer)
{
}

SqliteStorage::~SqliteStorage()
{
    m_queue.stop();
}

SqliteStats SqliteStorage::stats() const
{
    return { m_queue.stats(), m_writer.stats(), m_checkpointer.checkpoints(), m_readers.queued() };
}

void SqliteStorage::findClient(Uaid uaid, Completion<std::optional<ClientRecord>> done)
{
    m_readers.add(FindClient { uaid, std::move(done) });
}

void SqliteStorage::findRoute(Uaid uaid, ChannelId channel, Completion<std::optional<Route>> done)
{
    m_readers.add(FindRoute { uaid, channel, std::move(done) });
}

void SqliteStorage::claimClient(Uaid uaid, Claim claim,
                                Completion<std::optional<ClientRecord>> done)
{
    m_queue.add(ClaimClient { uaid, std::move(claim), { std::move(done) } }, uaid);
}

void SqliteStorage::releaseClient(Uaid uaid, std::int64_t connectedAt, Completion<bool> done)
{
    reclaimClient(uaid, NodeId(), connectedAt, std::move(done));
}

void SqliteStorage::reclaimClient(Uaid uaid, NodeId node, std::int64_t connectedAt,
                                  Completion<bool> done)
{
    m_queue.add(SetNode { uaid, std::move(node), connectedAt, { std::move(done) } }, uaid);
}

void SqliteStorage::findNews(NodeId node, std::vector<Uaid> uaids,
                             Completion<std::vector<ClientNews>> done)
{
    m_readers.add(FindNews { std::move(node), std::move(uaids), std::move(done) });
}

void SqliteStorage::renewClients(std::vector<Uaid> uaids, Completion<void> done)
{
    m_queue.add(RenewClients { std::move(uaids), { std::move(done) } }, std::nullopt);
}

void SqliteStorage::removeClient(Uaid uaid, Completion<bool> done)
{
    m_queue.add(RemoveClient { uaid, { std::move(done) } }, uaid);
}

void SqliteStorage::addChannel(Uaid uaid, Claim claim, ChannelId channel, QByteArray keyHash,
                               int maxChannels, Completion<void> done)
{
    m_queue.add(
        AddChannel {
            uaid, std::move(claim), channel, std::move(keyHash), maxChannels, { std::move(done) } },
        uaid);
}

void SqliteStorage::removeChannel(Uaid uaid, ChannelId channel, Completion<bool> done)
{
    m_queue.add(RemoveChannel { uaid, channel, { std::move(done) } }, uaid);
}

void SqliteStorage::store(Notification message, std::vector<SortKey> inFlight,
                          Completion<StoreOutcome> done)
{
    m_queue.addStore(std::move(message), std::move(inFlight), std::move(done));
}

std::optional<SortKey> SqliteStorage::storeWhileSending(Notification message,
                                                        std::vector<SortKey> inFlight,
                                                        Completion<StoreOutcome> done)
{
    return m_queue.addWhileSending(std::move(message), std::move(inFlight), std::move(done));
}

SortKey SqliteStorage::transientKey()
{
    return m_queue.transientKey();
}

void SqliteStorage::endWait(Uaid uaid)
{
    m_queue.endWait(uaid);
}

void SqliteStorage::fetch(FetchRequest request, Completion<FetchPage> done)
{
    const Uaid uaid = request.uaid;
    auto removed = m_queue.openRemovals(uaid);
    const bool mayReadNow = removed.has_value();
    FetchMessages read { request, mayReadNow ? std::move(*removed) : std::vector<SortKey>(),
                         std::move(done) };
    if (mayReadNow) {
        m_readers.add(std::move(read));
        return;
    }
    auto later = [this, read = std::move(read)](bool inTurn) mutable {
        if (inTurn)
            m_readers.add(std::move(read));
        else
            read.done(Unexpected(ErrorCode::StorageUnavailable));
    };
    m_queue.add(ReadAfter { uaid, std::move(later) }, uaid);
}

void SqliteStorage::removeMessage(Uaid uaid, ChannelId channel, SortKey key, Completion<bool> done)
{
    m_queue.addRemoval({ uaid, channel, key, { std::move(done) } });
}

void SqliteStorage::removeTopic(Uaid uaid, ChannelId channel, QByteArray topic,
                                std::function<bool(SortKey)> isMeant, Completion<bool> done)
{
    m_queue.add(
        RemoveTopic { uaid, channel, std::move(topic), std::move(isMeant), { std::move(done) } },
        uaid);
}

void SqliteStorage::removeExpired(int limit, Expired which, Completion<ExpiredCounts> done)
{
    m_queue.add(RemoveExpired { limit, which, { std::move(done) } }, std::nullopt);
}

void SqliteStorage::keepClock(Completion<void> done)
{
    m_queue.add(KeepClock { { std::move(done) } }, std::nullopt);
}

void SqliteStorage::check(Completion<void> done)
{
    m_queue.add(CheckWrite { { std::move(done) } }, std::nullopt);
}

} // namespace Carillon
