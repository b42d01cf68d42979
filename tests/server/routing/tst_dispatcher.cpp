// SPDX-License-Identifier: MPL-2.0
#include "core/storage/memorystorage.h"
#include "server/journal/journal.h"
#include "server/routing/clientport.h"
#include "server/routing/dispatcher.h"
#include "server/routing/othernodes.h"

#include <QTest>

using namespace Carillon;
using namespace std::chrono_literals;

namespace {

const ChannelId Channel = *parseDashedChannelId("11111111-2222-4333-8444-555555555555");

/// A worker whose clients do what the test says.
class FakePort final : public ClientPort
{
public:
    void push(ConnectionId, Notification message, PushDone done,
              UniqueFunction<void(Notification, PushDone)> notHere) override
    {
        if (!here) {
            notHere(std::move(message), std::move(done));
            return;
        }
        taken = SortKey { 77 };
        done(TakenPush { *taken });
    }
    void handOver(ConnectionId, NodeMessage message, UniqueFunction<void(bool)> done) override
    {
        taken = message.notification.sortKey;
        done(here);
    }
    void checkStorage(ConnectionId, Uaid, SortKey from) override { checkedFrom = from; }
    void closeReplaced(ConnectionId, Uaid, Task done) override { done(); }
    void closeOlder(ConnectionId, Uaid, std::int64_t connectedAt, Task done) override
    {
        closedBefore = connectedAt;
        done();
    }
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
    void review(ConnectionId, ClientNews) override { }

    bool here = true;
    std::optional<SortKey> taken;
    std::optional<SortKey> checkedFrom;
    std::int64_t closedBefore = 0;
};

/// The record of each client names a bridge and another node.
class BridgedStorage final : public MemoryStorage
{
public:
    using MemoryStorage::MemoryStorage;

    void findRoute(Uaid uaid, ChannelId channel, Completion<std::optional<Route>> done) override
    {
        MemoryStorage::findRoute(
            uaid, channel,
            [this, done = std::move(done)](Result<std::optional<Route>> route) mutable {
                if (route && *route)
                    (*route)->routerType = routerType;
                done(std::move(route));
            });
    }
    void findClient(Uaid uaid, Completion<std::optional<ClientRecord>> done) override
    {
        MemoryStorage::findClient(
            uaid,
            [this, done = std::move(done)](Result<std::optional<ClientRecord>> record) mutable {
                if (record && *record) {
                    (*record)->routerType = routerType;
                    (*record)->routerData = "a token";
                }
                done(std::move(record));
            });
    }

    QByteArray routerType = "fcm";
};

/// A bridge whose service says what the test says.
class FakeBridge final : public Bridge
{
public:
    void push(Notification message, ClientRecord client, Done done) override
    {
        keys.push_back(message.sortKey);
        tokens.append(client.routerData);
        done(answer);
    }

    Result<BridgeReceipt, BridgeFailure> answer = BridgeReceipt { 90s };
    std::vector<SortKey> keys;
    QByteArrayList tokens;
};

class FakeNodes final : public OtherNodes
{
public:
    void handOver(NodeMessage, NodeId node) override { asked.append(node.url()); }
    void closeOlder(const Uaid &, std::int64_t, const NodeId &, Task done) override { done(); }

    QByteArrayList asked;
};

} // namespace

class TestDispatcher : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();

    void push_connectedClient_goesToItsConnection();
    void push_absentClient_isStored();
    void push_clientThatLeftMeanwhile_isStored();
    void push_clientThatCameMeanwhile_isToldOfIt();
    void push_unknown_isGone_data();
    void push_unknown_isGone();
    void push_storageDown_isUnavailable_data();
    void push_storageDown_isUnavailable();
    void ttlZero_clientAbsent_isDropped();
    void ttlZero_withTopic_removesTheStoredOne();
    void checkSubscription_namesTheGraverFault();
    void push_clientOfABridge_goesThroughItOnly_data();
    void push_clientOfABridge_goesThroughItOnly();
    void push_bridgeFails_isRefused_andTheClientStays();
    void push_bridgeSaysGone_isRefused_andTheClientIsForgotten();
    void push_clientOfNoBridge_goesItsOwnWay_whereThereAreBridges();
    void checkSubscription_clientOfABridge_needsNoChannel();
    void handOver_clientNotHere_isNotTaken();
    void registry_olderConnection_doesNotRemoveTheNewer();

private:
    Notification message(std::chrono::seconds ttl = 60s) const
    {
        Notification made;
        made.uaid = m_uaid;
        made.channelId = Channel;
        made.ttl = ttl;
        made.accepted = m_clock.now();
        return made;
    }
    Result<SortKey> push(Notification what)
    {
        std::optional<Result<SortKey>> answer;
        m_ttl.reset();
        m_dispatcher->push(std::move(what), [&](const Result<TakenPush> &taken) {
            if (taken) {
                answer = taken->sortKey;
                m_ttl = taken->ttl;
            } else {
                answer = Unexpected(taken.error());
            }
        });
        return answer.value_or(Unexpected(ErrorCode::Internal));
    }
    std::vector<Notification> stored()
    {
        std::vector<Notification> found;
        m_storage->fetch({ .uaid = m_uaid },
                         [&](Result<FetchPage> page) { found = std::move(page->messages); });
        return found;
    }

    /// From now on clients of router type "fcm" are reached by m_bridge; all are of that type, and
    /// their records name another node.
    void useBridge();

    SystemClock m_clock;
    Uaid m_uaid = newUaid();
    std::unique_ptr<MemoryStorage> m_storage;
    std::unique_ptr<ClientRegistry> m_registry;
    std::unique_ptr<Metrics> m_metrics;
    std::unique_ptr<Journal> m_journal;
    std::unique_ptr<Dispatcher> m_dispatcher;
    FakePort m_port;
    FakeNodes m_nodes;
    FakeBridge m_bridge;
    std::optional<std::chrono::seconds> m_ttl; // of the last push that was taken
};

void TestDispatcher::init()
{
    m_storage = std::make_unique<MemoryStorage>(m_clock);
    m_registry = std::make_unique<ClientRegistry>();
    m_metrics = std::make_unique<Metrics>();
    m_journal = std::make_unique<Journal>(*m_metrics);
    m_dispatcher = std::make_unique<Dispatcher>(Dispatcher::Ways { *m_storage, *m_registry },
                                                NodeId("http://self"), *m_journal);
    m_port = {};
    m_storage->addChannel(m_uaid, {}, Channel, {}, 10, [](const Result<void> &) {});
}

void TestDispatcher::push_connectedClient_goesToItsConnection()
{
    static_cast<void>(m_registry->replace(m_uaid, { &m_port, { 1, 1 } }));
    QCOMPARE(*push(message()), SortKey { 77 });
    QVERIFY(m_port.taken);
    QVERIFY(stored().empty());
}

void TestDispatcher::push_absentClient_isStored()
{
    const Result<SortKey> key = push(message());
    QCOMPARE(stored().size(), 1U);
    QCOMPARE(stored().front().sortKey, *key);
}

void TestDispatcher::push_clientThatLeftMeanwhile_isStored()
{
    static_cast<void>(m_registry->replace(m_uaid, { &m_port, { 1, 1 } }));
    m_port.here = false;
    QVERIFY(push(message()).has_value());
    QCOMPARE(stored().size(), 1U);
}

void TestDispatcher::push_clientThatCameMeanwhile_isToldOfIt()
{
    static_cast<void>(m_registry->replace(m_uaid, { &m_port, { 1, 1 } }));
    m_port.here = false; // not greeted yet
    const Result<SortKey> key = push(message());
    QCOMPARE(m_port.checkedFrom, *key);
}

void TestDispatcher::push_unknown_isGone_data()
{
    QTest::addColumn<bool>("knownUser");
    QTest::addColumn<int>("ttl");
    QTest::addColumn<ErrorCode>("why");
    QTest::newRow("user") << false << 60 << ErrorCode::NoSuchUser;
    QTest::newRow("user, TTL 0") << false << 0 << ErrorCode::NoSuchUser;
    QTest::newRow("channel") << true << 60 << ErrorCode::NoSuchSubscription;
    QTest::newRow("channel, TTL 0") << true << 0 << ErrorCode::NoSuchSubscription;
}

void TestDispatcher::push_unknown_isGone()
{
    QFETCH(bool, knownUser);
    QFETCH(int, ttl);
    QFETCH(ErrorCode, why);
    Notification lost = message(std::chrono::seconds(ttl));
    if (knownUser)
        lost.channelId = ChannelId();
    else
        lost.uaid = newUaid();
    QCOMPARE(push(lost).error(), why);
}

void TestDispatcher::push_storageDown_isUnavailable_data()
{
    QTest::addColumn<int>("ttl");
    QTest::newRow("stored") << 60;
    QTest::newRow("TTL 0") << 0;
}

void TestDispatcher::push_storageDown_isUnavailable()
{
    QFETCH(int, ttl);
    m_storage->setAvailable(false);
    QCOMPARE(push(message(std::chrono::seconds(ttl))).error(), ErrorCode::StorageUnavailable);
}

void TestDispatcher::ttlZero_clientAbsent_isDropped()
{
    QVERIFY(push(message(0s)).has_value());
    QVERIFY(stored().empty());
    QCOMPARE(m_metrics->value(Metric::MessagesDroppedTtlZero), 1);
}

void TestDispatcher::ttlZero_withTopic_removesTheStoredOne()
{
    Notification topical = message();
    topical.topic = "score";
    QVERIFY(push(topical).has_value());
    topical.ttl = 0s;
    QVERIFY(push(topical).has_value());
    QVERIFY(stored().empty());
}

void TestDispatcher::checkSubscription_namesTheGraverFault()
{
    const auto why = [this](Uaid uaid, ChannelId channel) {
        std::optional<ErrorCode> found = ErrorCode::Internal;
        m_dispatcher->checkSubscription(uaid, channel,
                                        [&](std::optional<ErrorCode> code) { found = code; });
        return found;
    };
    QCOMPARE(why(m_uaid, Channel), std::nullopt);
    QCOMPARE(why(m_uaid, ChannelId()), ErrorCode::NoSuchSubscription);
    QCOMPARE(why(newUaid(), Channel), ErrorCode::NoSuchUser);
    m_storage->setAvailable(false);
    QCOMPARE(why(m_uaid, Channel), ErrorCode::StorageUnavailable);
}

void TestDispatcher::useBridge()
{
    m_storage = std::make_unique<BridgedStorage>(m_clock);
    m_storage->addChannel(m_uaid, { NodeId("http://other"), {} }, Channel, {}, 10,
                          [](const Result<void> &) {});
    m_nodes.asked.clear();
    m_bridge = {};
    m_dispatcher = std::make_unique<Dispatcher>(
        Dispatcher::Ways { *m_storage, *m_registry, &m_nodes, { { "fcm", &m_bridge } } },
        NodeId("http://self"), *m_journal);
}

void TestDispatcher::push_clientOfABridge_goesThroughItOnly_data()
{
    QTest::addColumn<int>("ttl");
    QTest::addColumn<ChannelId>("channel");
    QTest::newRow("to be stored") << 60 << Channel;
    QTest::newRow("TTL 0") << 0 << Channel;
    QTest::newRow("its channel was removed") << 60 << ChannelId();
}

void TestDispatcher::push_clientOfABridge_goesThroughItOnly()
{
    QFETCH(int, ttl);
    QFETCH(ChannelId, channel);
    useBridge();
    Notification sent = message(std::chrono::seconds(ttl));
    sent.channelId = channel;
    const Result<SortKey> key = push(sent);
    QVERIFY(key.has_value());
    QCOMPARE(m_bridge.keys, std::vector { *key });
    QCOMPARE(m_bridge.tokens, QByteArrayList { "a token" });
    QCOMPARE(m_ttl, 90s);
    QVERIFY(stored().empty());
    QCOMPARE(m_nodes.asked, QByteArrayList());
    QCOMPARE(m_metrics->value(Metric::MessagesStored), 0);
    QCOMPARE(m_metrics->value(Metric::MessagesDroppedTtlZero), 0);
}

void TestDispatcher::push_bridgeFails_isRefused_andTheClientStays()
{
    useBridge();
    m_bridge.answer = Unexpected(BridgeFailure { ErrorCode::Overloaded });
    QCOMPARE(push(message()).error(), ErrorCode::Overloaded);
    QVERIFY(stored().empty());
    m_bridge.answer = BridgeReceipt { 60s };
    QVERIFY(push(message()).has_value());
}

void TestDispatcher::push_bridgeSaysGone_isRefused_andTheClientIsForgotten()
{
    useBridge();
    m_bridge.answer = Unexpected(BridgeFailure { ErrorCode::NoSuchSubscription, true });
    QCOMPARE(push(message()).error(), ErrorCode::NoSuchSubscription);
    QCOMPARE(push(message()).error(), ErrorCode::NoSuchUser);
    QCOMPARE(m_bridge.tokens.size(), 1);
}

void TestDispatcher::push_clientOfNoBridge_goesItsOwnWay_whereThereAreBridges()
{
    useBridge();
    static_cast<BridgedStorage &>(*m_storage).routerType = "webpush";
    QVERIFY(push(message()).has_value());
    QCOMPARE(stored().size(), 1U);
    QVERIFY(push(message(0s)).has_value());
    QCOMPARE(m_nodes.asked, (QByteArrayList { "http://other", "http://other" }));
    Notification lost = message();
    lost.channelId = ChannelId();
    QCOMPARE(push(lost).error(), ErrorCode::NoSuchSubscription);
    QVERIFY(m_bridge.tokens.isEmpty());
}

void TestDispatcher::checkSubscription_clientOfABridge_needsNoChannel()
{
    useBridge();
    std::optional<ErrorCode> found = ErrorCode::Internal;
    m_dispatcher->checkSubscription(m_uaid, ChannelId(),
                                    [&](std::optional<ErrorCode> code) { found = code; });
    QCOMPARE(found, std::nullopt);
}

void TestDispatcher::handOver_clientNotHere_isNotTaken()
{
    bool taken = true;
    m_dispatcher->handOver({ message() }, [&](bool answer) { taken = answer; });
    QVERIFY(!taken);
    QVERIFY(!m_dispatcher->checkStorage(m_uaid));
    static_cast<void>(m_registry->replace(m_uaid, { &m_port, { 1, 1 } }));
    m_dispatcher->handOver({ message() }, [&](bool answer) { taken = answer; });
    QVERIFY(taken);
    QVERIFY(m_dispatcher->checkStorage(m_uaid));
}

void TestDispatcher::registry_olderConnection_doesNotRemoveTheNewer()
{
    const ClientAddress older { &m_port, { 1, 1 } };
    const ClientAddress newer { &m_port, { 1, 2 } };
    QVERIFY(!m_registry->replace(m_uaid, older));
    QCOMPARE(m_registry->replace(m_uaid, newer), older);
    m_registry->remove(m_uaid, older);
    QCOMPARE(m_registry->find(m_uaid), newer);
    QCOMPARE(m_registry->uaids(), std::vector { m_uaid });
    m_registry->remove(m_uaid, newer);
    QCOMPARE(m_registry->size(), 0);
}

QTEST_APPLESS_MAIN(TestDispatcher)
#include "tst_dispatcher.moc"
