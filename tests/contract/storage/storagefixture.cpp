// SPDX-License-Identifier: MPL-2.0
#include "tests/contract/storage/storagefixture.h"

#include "core/storage/memorystorage.h"
#include "server/storage/sqlite/sqlitestorage.h"

namespace Carillon {

namespace {

StorageFixture memory(const char *name, bool waits)
{
    const auto open = [waits](const QString &, const Clock &clock, const QueueLimits &limits) {
        MemoryOptions options;
        options.limits = limits;
        options.waitForAck = waits;
        return std::make_unique<MemoryStorage>(clock, options);
    };
    return { .name = name, .keepsData = false, .waitsForAck = waits, .sends = true, .open = open };
}

StorageFixture sqlite(const char *name, std::chrono::milliseconds ackWait, SortKeyOrigin sortKeys)
{
    const auto open = [ackWait, sortKeys](const QString &directory, const Clock &clock,
                                          const QueueLimits &limits) {
        SqliteOptions options;
        options.path = directory + QStringLiteral("/test.sqlite");
        options.limits = limits;
        options.ackWait = ackWait;
        options.sortKeys = sortKeys;
        options.browser.lists.rows = 50;
        options.browser.surveyLifetime = {};
        auto opened = SqliteStorage::open(options, clock);
        if (!opened)
            qFatal("%s", qPrintable(opened.error()));
        return std::move(*opened);
    };
    return { .name = name,
             .keepsData = true,
             .waitsForAck = ackWait.count() > 0,
             .sends = sortKeys == SortKeyOrigin::GivenWhenQueued,
             .open = open };
}

} // namespace

const std::vector<StorageFixture> &storageFixtures()
{
    using namespace std::chrono_literals;
    static const std::vector<StorageFixture> fixtures {
        memory("memory", false),
        memory("memory, waiting for acks", true),
        sqlite("sqlite", 0ms, SortKeyOrigin::GivenWhenQueued),
        sqlite("sqlite, waiting for acks", 1h, SortKeyOrigin::GivenWhenQueued),
        sqlite("sqlite, shared", 0ms, SortKeyOrigin::GivenInTransaction),
    };
    return fixtures;
}

} // namespace Carillon
