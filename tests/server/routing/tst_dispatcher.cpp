// SPDX-License-Identifier: MPL-2.0
#include "core/storage/memorystorage.h"
#include "server/metrics/metrics.h"
#include "server/routing/clientport.h"
#include "server/routing/dispatcher.h"

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
    void review(ConnectionId, ClientNews) override { }

    bool here = true;
    std::optional<SortKey> taken;
    std::optional<SortKey> checkedFrom;
    std::int64_t closedBefore = 0;
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
        m_dispatcher->push(std::move(what), [&](const Result<TakenPush> &taken) {
            if (taken)
                answer = taken->sortKey;
            else
                answer = Unexpected(taken.error());
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

    SystemClock m_clock;
    Uaid m_uaid = newUaid();
    std::unique_ptr<MemoryStorage> m_storage;
    std::unique_ptr<ClientRegistry> m_registry;
    std::unique_ptr<Metrics> m_metrics;
    std::unique_ptr<Dispatcher> m_dispatcher;
    FakePort m_port;
};

void TestDispatcher::init()
{
    m_storage = std::make_unique<MemoryStorage>(m_clock);
    m_registry = std::make_unique<ClientRegistry>();
    m_metrics = std::make_unique<Metrics>();
    m_dispatcher = std::make_unique<Dispatcher>(*m_storage, *m_registry, nullptr,
                                                NodeId("http://self"), *m_metrics);
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
