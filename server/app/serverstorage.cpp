// SPDX-License-Identifier: MPL-2.0
#include "server/app/serverstorage.h"

#include "core/storage/durablestorage.h"
#include "core/storage/memoryadminstore.h"
#include "core/storage/memoryreliabilitystore.h"
#include "core/storage/memorystorage.h"
#include "server/app/preflight.h"
#include "server/metrics/metrics.h"
#include "server/settings/topology.h"
#include "server/storage/sqlite/sqliteadminstore.h"
#include "server/storage/sqlite/sqliteschema.h"
#include "server/storage/sqlite/sqlitestorage.h"

#include <utility>

namespace Carillon {
namespace {

SqliteOptions sqliteOptions(const Settings &settings, ServerClock &clock)
{
    SqliteOptions options;
    static_cast<StorageOptions &>(options) = settings.storage;
    options.path = settings.storage.dsn.path;
    options.keptClock = &clock;
    options.keys = fingerprints(settings.keys);
    options.acceptNewKeys = settings.keys.acceptNew;
    options.sortKeys = Topology(settings).sharesStorage() ? SortKeyOrigin::GivenInTransaction
                                                          : SortKeyOrigin::GivenWhenQueued;
    return options;
}

} // namespace

QByteArray sqliteVersion()
{
    return SqliteStorage::libraryVersion();
}

ServerStorage::ServerStorage() = default;
ServerStorage::ServerStorage(ServerStorage &&) noexcept = default;
ServerStorage &ServerStorage::operator=(ServerStorage &&) noexcept = default;
ServerStorage::~ServerStorage() = default;

Result<ServerStorage, QString> ServerStorage::open(const Settings &settings, ServerClock &clock)
{
    ServerStorage opened;
    const Settings::Storage &wanted = settings.storage;
    switch (wanted.dsn.backend) {
    case StorageBackend::Memory:
        opened.m_adminStore = std::make_unique<MemoryAdminStore>();
        opened.m_storage = std::make_unique<MemoryStorage>(
            clock,
            MemoryOptions { .limits = wanted.limits, .clientLifetime = wanted.clientLifetime });
        opened.m_timelinesInMemory = std::make_unique<MemoryReliabilityStore>(clock);
        opened.m_timelines = opened.m_timelinesInMemory.get();
        return opened;
    case StorageBackend::Sqlite:
        break;
    }
    CARILLON_TRY_VOID(makeDatabaseFile(wanted.dsn.path));
    CARILLON_TRY(opened.m_lock, DatabaseLock::take(wanted.dsn.path, databaseUse(settings)));
    CARILLON_TRY(auto database, SqliteStorage::open(sqliteOptions(settings, clock), clock));
    opened.m_adminStore = std::make_unique<SqliteAdminStore>(wanted.dsn.path, wanted.fullSync);
    opened.m_database = database.get();
    opened.m_timelines = database.get();
    opened.m_storage = std::move(database);
    return opened;
}

void ServerStorage::keepClock()
{
    if (m_database)
        m_database->keepClock([](const Result<void> &) {}); // the next one does what this did not
}

void ServerStorage::finishBy(Instant when)
{
    if (m_database)
        m_database->finishBy(when);
}

void ServerStorage::publishStats(Metrics &metrics) const
{
    if (!m_database)
        return;
    const StorageStats stats = m_database->stats();
    const auto count = [&metrics](Metric metric, std::uint64_t value) {
        metrics.set(metric, static_cast<std::int64_t>(value));
    };
    count(Metric::StorageBatches, stats.batches);
    count(Metric::StorageBatchItems, stats.writes);
    count(Metric::StorageWritesSpared, stats.spared);
    count(Metric::StorageWritesRefused, stats.refused);
    count(Metric::StorageFailures, stats.failedBatches);
    count(Metric::StorageQueue, stats.queuedWrites + stats.waitingForAck + stats.queuedReads);
    metrics.set(Metric::StorageQueueBytes, stats.queuedBytes);
    metrics.set(Metric::StorageQueueAge, stats.oldestWrite.count());
    metrics.set(HistogramMetric::StorageBatchWrites, stats.batchWrites);
    metrics.set(HistogramMetric::StorageBatchDuration, stats.batchDurations);
    count(Metric::StorageWalRestarts, stats.logRestarts);
    metrics.set(Metric::StorageLongestWalRestart, stats.longestLogRestart.count());
    metrics.set(Metric::StorageBytes, stats.bytes);
    metrics.set(Metric::StorageFreeDisk, stats.freeDisk);
    metrics.set(Metric::StorageIsFull, stats.isFull ? 1 : 0);
}

Result<void, QString> ServerStorage::remember(const Settings::Keys &keys)
{
    return m_database ? m_database->rememberKeys(fingerprints(keys)) : Result<void, QString>();
}

void ServerStorage::close()
{
    m_database = nullptr;
    m_adminStore.reset();
    m_timelines = nullptr;
    m_storage.reset();
    m_timelinesInMemory.reset();
    m_lock = {};
}

} // namespace Carillon
