// SPDX-License-Identifier: MPL-2.0
#include "tests/support/protocoltest.h"

#include <QElapsedTimer>
#include <QTest>

using namespace Carillon::Testing;
using namespace Qt::StringLiterals;

// protocol.md §2.2 and §2.7: how long a client may take, and how often it may ping.
class TimeoutsTest : public ProtocolTest
{
    Q_OBJECT
public:
    TimeoutsTest()
        : ProtocolTest({ { "connect.open_handshake_timeout", "1" },
                         { "connect.auto_ping_interval", "0.4" },
                         { "connect.auto_ping_timeout", "1" },
                         { "connect.min_ping_interval", "0.6" } })
    {
    }

private Q_SLOTS:
    void noHello_closes();
    void helloInTime_staysOpen();
    void ping_isAnswered_data();
    void ping_isAnswered();
    void ping_tooOften_closes_data();
    void ping_tooOften_closes();
    void ping_seldom_isAnsweredForLong();
    void serverPing_answered_staysOpen();
    void serverPing_answeredByAnyFrame_staysOpen();
    void serverPing_notAnswered_closesAndLosesNothing();
};

void TimeoutsTest::noHello_closes()
{
    PushClient client(server());
    QVERIFY(client.open());
    QElapsedTimer timer;
    timer.start();
    QCOMPARE(client.waitForClose(), 1011);
    QCOMPARE(client.closeReason(), "HandshakeTimeout");
    QVERIFY(client.waitForTcpEnd());
    QVERIFY2(timer.elapsed() >= 900, QByteArray::number(timer.elapsed()).constData());
}

void TimeoutsTest::helloInTime_staysOpen()
{
    PushClient client(server());
    client.hello();
    for (int i = 0; i < 3; ++i) // well past the time for the hello
        QVERIFY(client.waitForPing());
    QVERIFY(client.barrier());
}

void TimeoutsTest::ping_isAnswered_data()
{
    QTest::addColumn<QByteArray>("message");
    QTest::newRow("short") << QByteArray("{}");
    QTest::newRow("with spaces") << QByteArray(" { } ");
    QTest::newRow("by name") << QByteArray(R"({"messageType":"ping"})");
}

void TimeoutsTest::ping_isAnswered()
{
    QFETCH(const QByteArray, message);
    PushClient client(server());
    client.hello();
    client.sendText(message);
    QVERIFY(client.nextText() == "{}");
}

void TimeoutsTest::ping_tooOften_closes_data()
{
    ping_isAnswered_data();
}

void TimeoutsTest::ping_tooOften_closes()
{
    QFETCH(const QByteArray, message);
    PushClient client(server());
    client.hello();
    client.sendText(message); // the first is always allowed
    client.sendText(message);
    QVERIFY(client.nextText() == "{}");
    QCOMPARE(client.waitForClose(), 1011);
    QCOMPARE(client.closeReason(), "ExcessivePing");
    QVERIFY(client.waitForTcpEnd());
}

void TimeoutsTest::ping_seldom_isAnsweredForLong()
{
    PushClient client(server());
    client.hello();
    for (int i = 0; i < 3; ++i) {
        QElapsedTimer timer;
        timer.start();
        client.sendText("{}");
        QVERIFY(client.nextText() == "{}");
        while (timer.elapsed() < 700) // past the least interval
            QVERIFY(client.waitForPing());
    }
}

void TimeoutsTest::serverPing_answered_staysOpen()
{
    PushClient client(server());
    client.hello();
    for (int i = 0; i < 5; ++i)
        QVERIFY(client.waitForPing());
    QVERIFY(client.barrier());
}

void TimeoutsTest::serverPing_answeredByAnyFrame_staysOpen()
{
    PushClient client(server());
    client.setAnswersPings(false);
    client.hello();
    for (int i = 0; i < 4; ++i) {
        QVERIFY(client.waitForPing());
        QVERIFY(client.barrier());
    }
}

void TimeoutsTest::serverPing_notAnswered_closesAndLosesNothing()
{
    PushClient client(server());
    client.setAnswersPings(false);
    client.hello();
    const QByteArray path = client.subscribe(randomChannel());
    QCOMPARE(sender().pushText(path, "in flight while the line is dead").status, 201);
    QCOMPARE(client.waitForClose(), 1011);
    QCOMPARE(client.closeReason(), "PongTimeout");
    QVERIFY(client.waitForTcpEnd());
    QCOMPARE(sender().pushText(path, "sent when it is gone").status, 201);

    PushClient again(server());
    again.hello(client.uaid());
    QCOMPARE(bodyOf(again.notification()), "in flight while the line is dead");
    QCOMPARE(bodyOf(again.notification()), "sent when it is gone");
}

QTEST_GUILESS_MAIN(TimeoutsTest)
#include "tst_timeouts.moc"
