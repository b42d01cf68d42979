// SPDX-License-Identifier: MPL-2.0
#include "tests/support/protocoltest.h"

#include <QTest>

using namespace Carillon::Testing;
using namespace Qt::StringLiterals;

// protocol.md §5 and design.md §3.6: a long backlog arrives whole, once and in order,
// however the client acknowledges.
class BacklogTest : public ProtocolTest
{
    Q_OBJECT
public:
    BacklogTest()
        : ProtocolTest({ { "storage.max_messages", "4000" }, { "storage.max_bytes", "64MiB" } })
    {
    }

private Q_SLOTS:
    void backlog_arrivesWholeOnceAndInOrder_data();
    void backlog_arrivesWholeOnceAndInOrder();
    void backlog_someAcknowledgedThenReconnect_restComesInOrder();
    void pushDuringBacklog_comesBehindIt();
    void window_withoutAcks_isBounded();

private:
    /// A client that is away with so many messages stored, numbered from 0.
    struct Loaded
    {
        QByteArray uaid;
        QByteArray path;
        bool isGood = true;
    };
    [[nodiscard]] Loaded load(int count);
    [[nodiscard]] static QByteArray bodyNumber(int i)
    {
        return "backlog message " + QByteArray::number(i);
    }
};

namespace {

constexpr int Count = 3'000;

enum class Acks { EachAtOnce, Groups, LastFirst, OddOnesLater };

} // namespace

Q_DECLARE_METATYPE(Acks)

BacklogTest::Loaded BacklogTest::load(int count)
{
    PushClient client(server());
    client.hello();
    Loaded loaded { client.uaid(), client.subscribe(randomChannel()) };
    client.sendFrame(Opcode::Close, {});
    loaded.isGood = client.waitForTcpEnd();
    for (int i = 0; i < count; ++i) {
        PushParts parts;
        parts.ttl = "3600";
        parts.body = bodyNumber(i);
        loaded.isGood = loaded.isGood && sender().push(loaded.path, parts).status == 201;
    }
    return loaded;
}

void BacklogTest::backlog_arrivesWholeOnceAndInOrder_data()
{
    QTest::addColumn<Acks>("acks");
    QTest::newRow("each at once") << Acks::EachAtOnce;
    QTest::newRow("in groups") << Acks::Groups;
    QTest::newRow("last first") << Acks::LastFirst;
    QTest::newRow("odd ones later") << Acks::OddOnesLater;
}

void BacklogTest::backlog_arrivesWholeOnceAndInOrder()
{
    QFETCH(const Acks, acks);
    const Loaded loaded = load(Count);
    QVERIFY(loaded.isGood);
    PushClient client(server());
    client.hello(loaded.uaid);
    QCOMPARE(client.uaid(), loaded.uaid);

    constexpr int Group = 100; // below the window of 128
    QList<QJsonObject> open;
    for (int i = 0; i < Count; ++i) {
        const QJsonObject notification = client.notification();
        QCOMPARE(bodyOf(notification), bodyNumber(i));
        switch (acks) {
        case Acks::EachAtOnce:
            client.acknowledge(notification);
            break;
        case Acks::Groups:
            open.append(notification);
            if (open.size() == Group || i == Count - 1) {
                client.acknowledge(open);
                open.clear();
            }
            break;
        case Acks::LastFirst:
            open.append(notification);
            if (open.size() == Group || i == Count - 1) {
                while (!open.isEmpty())
                    client.acknowledge(open.takeLast());
            }
            break;
        case Acks::OddOnesLater:
            if (i % 2 == 0)
                client.acknowledge(notification);
            else
                open.append(notification);
            if (open.size() == Group || i == Count - 1) {
                client.acknowledge(open);
                open.clear();
            }
            break;
        }
    }
    QCOMPARE(drain(client, loaded.path), QList<QJsonObject>());
    client.leave();
    PushClient again(server());
    again.hello(loaded.uaid);
    QCOMPARE(drain(again, loaded.path), QList<QJsonObject>());
}

void BacklogTest::backlog_someAcknowledgedThenReconnect_restComesInOrder()
{
    const Loaded loaded = load(Count);
    QVERIFY(loaded.isGood);
    QList<int> waiting;
    for (int i = 0; i < Count; ++i)
        waiting.append(i);
    // Of every 200 two thirds are acknowledged, then the client goes; the rest must come again.
    for (int round = 0; !waiting.isEmpty() && round < 200; ++round) {
        PushClient client(server());
        client.hello(loaded.uaid);
        const int seen = std::min<int>(200, static_cast<int>(waiting.size()));
        QList<int> rest;
        for (int i = 0; i < seen; ++i) {
            const QJsonObject notification = client.notification();
            QCOMPARE(bodyOf(notification), bodyNumber(waiting[i]));
            if (i % 3 == 1)
                rest.append(waiting[i]);
            else
                client.acknowledge(notification);
        }
        QVERIFY(client.barrier());
        waiting = rest + waiting.mid(seen);
    }
    QVERIFY(waiting.isEmpty());
}

void BacklogTest::pushDuringBacklog_comesBehindIt()
{
    constexpr int Stored = 500;
    const Loaded loaded = load(Stored);
    QVERIFY(loaded.isGood);
    PushClient client(server());
    client.hello(loaded.uaid);
    for (int i = 0; i < Stored + 20; ++i) {
        if (i >= 100 && i < 120) // in the middle of the backlog
            QCOMPARE(sender().pushText(loaded.path, bodyNumber(Stored + i - 100)).status, 201);
        const QJsonObject notification = client.notification();
        QCOMPARE(bodyOf(notification), bodyNumber(i));
        client.acknowledge(notification);
    }
    QCOMPARE(drain(client, loaded.path), QList<QJsonObject>());
}

void BacklogTest::window_withoutAcks_isBounded()
{
    const Loaded loaded = load(300);
    QVERIFY(loaded.isGood);
    PushClient client(server());
    client.hello(loaded.uaid);
    for (int i = 0; i < 128; ++i)
        QCOMPARE(bodyOf(client.notification()), bodyNumber(i));
    QVERIFY(client.barrier());
    QVERIFY(client.takeWaiting().isEmpty());
}

QTEST_GUILESS_MAIN(BacklogTest)
#include "tst_backlog.moc"
