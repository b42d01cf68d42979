// SPDX-License-Identifier: MPL-2.0
#include "tests/support/protocoltest.h"

#include <QTest>

using namespace Carillon::Testing;
using namespace Qt::StringLiterals;

namespace {

/// A server of its own with a short queue, and a client of it.
struct ShortQueue
{
    explicit ShortQueue(const SettingValues &settings)
        : server(settings), sender(server), client(std::make_unique<PushClient>(server))
    {
    }
    [[nodiscard]] bool start()
    {
        if (!server.start())
            return false;
        client->hello();
        path = client->subscribe(randomChannel());
        return !path.isEmpty();
    }
    /// The client goes, and the server knows it.
    [[nodiscard]] bool leave()
    {
        client->sendFrame(Opcode::Close, {});
        return client->waitForTcpEnd();
    }
    /// The status of the answer.
    [[nodiscard]] int push(const QByteArray &body, PushParts parts = {})
    {
        parts.body = body;
        last = sender.push(path, parts);
        return last.status;
    }
    void comeBack()
    {
        const QByteArray uaid = client->uaid();
        client = std::make_unique<PushClient>(server);
        client->hello(uaid);
    }
    /// Bodies of the next notifications, acknowledged.
    [[nodiscard]] QByteArrayList take(int count) { return takeBodies(*client, count); }

    TestServer server;
    Sender sender;
    std::unique_ptr<PushClient> client;
    QByteArray path;
    HttpReply last;
};

PushParts withUrgency(const QByteArray &urgency)
{
    PushParts parts;
    parts.urgency = urgency;
    return parts;
}

} // namespace

// design.md §3.8: what happens when a queue is full.
class QueueLimitsTest : public ProtocolTest
{
    Q_OBJECT
private Q_SLOTS:
    void refuse_tooManyMessages_is429();
    void refuse_tooManyBytes_is429();
    void dropOldest_leastUrgentAndOldestGoes();
    void dropOldest_onlyThePushedChannelGivesWay();
    void dropOldest_nothingToDrop_is429();
    void reset_asManyAsTheLimit_areDelivered();
    void reset_oneMore_theClientIsForgottenOnceTheyAreAcknowledged();
    void reset_tooManyBytes_is429();
};

void QueueLimitsTest::refuse_tooManyMessages_is429()
{
    ShortQueue queue({ { "storage.max_messages", "5" } });
    QVERIFY2(queue.start(), queue.server.log().constData());
    QVERIFY(queue.leave());
    for (int i = 0; i < 5; ++i)
        QCOMPARE(queue.push("message " + QByteArray::number(i)), 201);
    QCOMPARE(queue.push("one too many"), 429);
    QCOMPARE(queue.last.errorNumber(), 202);
    QCOMPARE(queue.last.errorName(), "QueueFull");
    QVERIFY(queue.last.header("Retry-After").toInt() > 0);

    PushParts parts; // neither needs room
    parts.ttl = "0";
    QCOMPARE(queue.push("now or never", parts), 201);
    PushClient other(queue.server);
    other.hello();
    const QByteArray otherPath = other.subscribe(randomChannel());
    QCOMPARE(queue.sender.push(otherPath).status, 201);

    queue.comeBack();
    QCOMPARE(queue.take(5),
             QByteArrayList({ "message 0", "message 1", "message 2", "message 3", "message 4" }));
    QCOMPARE(queue.push("room again"), 201);
    QCOMPARE(queue.take(1), QByteArrayList { "room again" });
    QCOMPARE(queue.server.leaks(), QByteArrayList());
}

void QueueLimitsTest::refuse_tooManyBytes_is429()
{
    ShortQueue queue({ { "storage.max_bytes", "4096" } });
    QVERIFY2(queue.start(), queue.server.log().constData());
    QVERIFY(queue.leave());
    QCOMPARE(queue.push(QByteArray(3'000, 'a')), 201);
    QCOMPARE(queue.push(QByteArray(3'000, 'b')), 429);
    QCOMPARE(queue.push(QByteArray(1'000, 'c')), 201);
    queue.comeBack();
    QCOMPARE(queue.take(2), QByteArrayList({ QByteArray(3'000, 'a'), QByteArray(1'000, 'c') }));
}

void QueueLimitsTest::dropOldest_leastUrgentAndOldestGoes()
{
    ShortQueue queue({ { "storage.max_messages", "4" }, { "storage.on_full", "drop-oldest" } });
    QVERIFY2(queue.start(), queue.server.log().constData());
    QVERIFY(queue.leave());
    QCOMPARE(queue.push("normal 1"), 201);
    QCOMPARE(queue.push("low 1", withUrgency("low")), 201);
    QCOMPARE(queue.push("high 1", withUrgency("high")), 201);
    QCOMPARE(queue.push("low 2", withUrgency("low")), 201);
    QCOMPARE(queue.push("normal 2"), 201); // low 1 gives way
    QCOMPARE(queue.push("normal 3"), 201); // low 2
    QCOMPARE(queue.push("normal 4"), 201); // normal 1
    queue.comeBack();
    QCOMPARE(queue.take(4), QByteArrayList({ "high 1", "normal 2", "normal 3", "normal 4" }));
}

void QueueLimitsTest::dropOldest_onlyThePushedChannelGivesWay()
{
    ShortQueue queue({ { "storage.max_messages", "3" }, { "storage.on_full", "drop-oldest" } });
    QVERIFY2(queue.start(), queue.server.log().constData());
    const QByteArray otherPath = queue.client->subscribe(randomChannel());
    QVERIFY(queue.leave());
    PushParts parts = withUrgency("very-low");
    parts.body = "of another channel";
    QCOMPARE(queue.sender.push(otherPath, parts).status, 201);
    QCOMPARE(queue.push("first"), 201);
    QCOMPARE(queue.push("second"), 201);
    QCOMPARE(queue.push("third"), 201);
    queue.comeBack();
    QCOMPARE(queue.take(3), QByteArrayList({ "of another channel", "second", "third" }));
}

void QueueLimitsTest::dropOldest_nothingToDrop_is429()
{
    ShortQueue queue({ { "storage.max_messages", "2" }, { "storage.on_full", "drop-oldest" } });
    QVERIFY2(queue.start(), queue.server.log().constData());
    const QByteArray otherPath = queue.client->subscribe(randomChannel());
    QVERIFY(queue.leave());
    QCOMPARE(queue.sender.push(otherPath).status, 201);
    QCOMPARE(queue.sender.push(otherPath).status, 201);
    QCOMPARE(queue.push("no room that this channel could make"), 429);
    QCOMPARE(queue.last.errorNumber(), 202);
    QVERIFY(queue.last.header("Retry-After").toInt() > 0);
}

void QueueLimitsTest::reset_asManyAsTheLimit_areDelivered()
{
    ShortQueue queue({ { "storage.max_messages", "5" }, { "storage.on_full", "reset" } });
    QVERIFY2(queue.start(), queue.server.log().constData());
    for (int round = 0; round < 2; ++round) {
        QVERIFY(queue.leave());
        QByteArrayList bodies;
        for (int i = 0; i < 5; ++i) {
            bodies.append("message " + QByteArray::number(i));
            QCOMPARE(queue.push(bodies.back()), 201);
        }
        const QByteArray uaid = queue.client->uaid();
        queue.comeBack();
        QCOMPARE(queue.client->uaid(), uaid);
        QCOMPARE(queue.take(5), bodies);
        QCOMPARE(queue.push("live"), 201);
        QCOMPARE(queue.take(1), QByteArrayList { "live" });
    }
}

void QueueLimitsTest::reset_oneMore_theClientIsForgottenOnceTheyAreAcknowledged()
{
    ShortQueue queue({ { "storage.max_messages", "5" },
                       { "storage.window", "2" },
                       { "storage.on_full", "reset" } });
    QVERIFY2(queue.start(), queue.server.log().constData());
    QVERIFY(queue.leave());
    for (int i = 0; i < 6; ++i) // no POST is ever refused
        QCOMPARE(queue.push("message " + QByteArray::number(i)), 201);
    const QByteArray uaid = queue.client->uaid();
    queue.comeBack(); // keeps its UAID, gets what the limit allows, then is told to start anew
    QCOMPARE(queue.client->uaid(), uaid);
    QCOMPARE(queue.take(4), QByteArrayList({ "message 0", "message 1", "message 2", "message 3" }));
    const QJsonObject last = queue.client->notification();
    QCOMPARE(bodyOf(last), "message 4");
    QVERIFY(queue.client->barrier()); // it is open as long as this one is in flight
    queue.client->acknowledge(last);
    QCOMPARE(queue.client->waitForClose(), 1000);
    QCOMPARE(queue.client->closeReason(), "UaidReset");
    QVERIFY(queue.client->waitForTcpEnd());
    QVERIFY(queue.client->takeWaiting().isEmpty());

    queue.comeBack();
    QVERIFY(queue.client->uaid() != uaid);
    QCOMPARE(queue.push("to nobody"), 410);
    QVERIFY(!queue.client->subscribe(randomChannel()).isEmpty());
}

void QueueLimitsTest::reset_tooManyBytes_is429()
{
    ShortQueue queue({ { "storage.max_messages", "5" },
                       { "storage.max_bytes", "8192" },
                       { "storage.on_full", "reset" } });
    QVERIFY2(queue.start(), queue.server.log().constData());
    QVERIFY(queue.leave());
    QCOMPARE(queue.push(QByteArray(3'000, 'a')), 201);
    QCOMPARE(queue.push(QByteArray(3'000, 'b')), 201);
    QCOMPARE(queue.push(QByteArray(3'000, 'c')), 429);
    QCOMPARE(queue.last.errorName(), "QueueFull");
    int empty = 0;
    while (empty < 100 && queue.push({}) == 201) // an empty one takes room, too
        ++empty;
    QVERIFY2(empty > 3 && empty < 10, QByteArray::number(empty).constData());
    queue.comeBack();
    QCOMPARE(bodyOf(queue.client->notification()), QByteArray(3'000, 'a'));
    QCOMPARE(bodyOf(queue.client->notification()), QByteArray(3'000, 'b'));
}

QTEST_GUILESS_MAIN(QueueLimitsTest)
#include "tst_queuelimits.moc"
