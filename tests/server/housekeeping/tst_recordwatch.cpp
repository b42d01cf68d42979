// SPDX-License-Identifier: MPL-2.0
#include "server/housekeeping/recordwatch.h"

#include "core/storage/memorystorage.h"
#include "server/net/mailbox.h"
#include "server/routing/clientport.h"
#include "server/routing/clientregistry.h"

#include <QTest>

#include <algorithm>
#include <set>

using namespace Carillon;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::milliseconds Interval { 500 };
const NodeId Here("http://here");
const ChannelId Channel = *parseDashedChannelId("11111111-2222-4333-8444-555555555555");

class CountingStorage final : public MemoryStorage
{
public:
    using MemoryStorage::MemoryStorage;
    void findNews(NodeId node, std::vector<Uaid> uaids,
                  Completion<std::vector<ClientNews>> done) override
    {
        batches.push_back(uaids);
        MemoryStorage::findNews(std::move(node), std::move(uaids), std::move(done));
    }

    std::vector<std::vector<Uaid>> batches;
};

/// Keeps what it is told.
class FakePort final : public ClientPort
{
public:
    void push(ConnectionId, Notification, PushDone,
              UniqueFunction<void(Notification, PushDone)>) override
    {
    }
    void handOver(ConnectionId, NodeMessage, UniqueFunction<void(bool)>) override { }
    void checkStorage(ConnectionId, Uaid, SortKey) override { }
    void closeReplaced(ConnectionId, Uaid, Task) override { }
    void closeOlder(ConnectionId, Uaid, std::int64_t, Task) override { }
    void describe(std::vector<ConnectionId>,
                  UniqueFunction<void(std::vector<ClientSnapshot>)> done) override
    {
        done({});
    }
    void disconnect(ConnectionId, Uaid, ErrorCode, UniqueFunction<void(bool)> done) override
    {
        done(false);
    }
    void ping(ConnectionId, Uaid,
              UniqueFunction<void(std::optional<std::chrono::microseconds>)> done) override
    {
        done(std::nullopt);
    }
    void review(ConnectionId connection, ClientNews news) override
    {
        reviewed.emplace_back(connection, std::move(news));
    }

    std::vector<std::pair<ConnectionId, ClientNews>> reviewed;
};

} // namespace

class RecordWatchTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everybody_isLookedAtOnceInARound_aBatchAtATime();
    void storageThatFails_isAskedAgainInTheNextRound();
};

void RecordWatchTest::everybody_isLookedAtOnceInARound_aBatchAtATime()
{
    constexpr std::uint32_t Clients = 600;
    constexpr std::uint32_t Moved = 7;
    const SystemClock clock;
    Mailbox mailbox;
    ClientRegistry registry;
    FakePort port;
    CountingStorage storage(clock);
    std::set<Uaid> all;
    Uaid moved;
    for (std::uint32_t i = 0; i < Clients; ++i) {
        const Uaid uaid = newUaid();
        all.insert(uaid);
        static_cast<void>(registry.replace(uaid, { &port, { i, 1 } }));
        if (i == Moved)
            moved = uaid;
        storage.addChannel(uaid, { i == Moved ? NodeId("http://elsewhere") : Here, {}, 4711 },
                           Channel, {}, 10, [](const Result<void> &) {});
    }
    RecordWatch watch(storage, registry, mailbox, Here, Interval);
    watch.start();
    QVERIFY(storage.batches.empty());
    QTRY_COMPARE_WITH_TIMEOUT(storage.batches.size(), 3U, 20'000);
    QTRY_COMPARE(port.reviewed.size(), 1U);
    watch.stop();
    std::set<Uaid> seen;
    for (const std::vector<Uaid> &batch : storage.batches) {
        QVERIFY(std::ssize(batch) <= RecordWatch::BatchSize);
        seen.insert(batch.begin(), batch.end());
    }
    QCOMPARE(seen.size(), all.size());
    QVERIFY(seen == all);
    const auto &[connection, news] = port.reviewed.front();
    QCOMPARE(connection, (ConnectionId { Moved, 1 }));
    QCOMPARE(news.uaid, moved);
    QCOMPARE(news.connectedAt, 4711);
}

void RecordWatchTest::storageThatFails_isAskedAgainInTheNextRound()
{
    const SystemClock clock;
    Mailbox mailbox;
    ClientRegistry registry;
    FakePort port;
    CountingStorage storage(clock);
    const Uaid uaid = newUaid();
    static_cast<void>(registry.replace(uaid, { &port, { 1, 1 } }));
    storage.addChannel(uaid, {}, Channel, {}, 10, [](const Result<void> &) {});
    storage.setAvailable(false);
    RecordWatch watch(storage, registry, mailbox, Here, Interval);
    watch.start();
    QTRY_COMPARE_WITH_TIMEOUT(storage.batches.size(), 1U, 20'000);
    QVERIFY(port.reviewed.empty());
    storage.setAvailable(true);
    QTRY_COMPARE_WITH_TIMEOUT(port.reviewed.size(), 1U, 20'000);
}

QTEST_GUILESS_MAIN(RecordWatchTest)
#include "tst_recordwatch.moc"
