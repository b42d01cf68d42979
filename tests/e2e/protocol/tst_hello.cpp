// SPDX-License-Identifier: MPL-2.0
#include "tests/support/protocoltest.h"

#include <QRegularExpression>
#include <QTest>

using namespace Carillon::Testing;
using namespace Qt::StringLiterals;

// protocol.md §2.1 and §2.2: the upgrade, hello, and what may come before and after it.
class HelloTest : public ProtocolTest
{
    Q_OBJECT
private Q_SLOTS:
    void upgrade_subprotocolOffered_isAnswered();
    void upgrade_noSubprotocol_isAccepted();
    void upgrade_compressionOffered_isNotAccepted();
    void get_withoutUpgrade_isUpgradeRequired();
    void hello_anyUseWebPush_isAnswered_data();
    void hello_anyUseWebPush_isAnswered();
    void hello_uaidNotKnown_getsNewOne_data();
    void hello_uaidNotKnown_getsNewOne();
    void hello_uaidNeverRegistered_isNotKept();
    void hello_uaidKnown_isKeptInAnySpelling_data();
    void hello_uaidKnown_isKeptInAnySpelling();
    void hello_wrongType_closes_data();
    void hello_wrongType_closes();
    void message_beforeHello_closes_data();
    void message_beforeHello_closes();
    void hello_twice_closes();
    void message_rightBehindHello_isAnsweredAfterIt();
    void hello_secondConnection_ghostsTheFirst();
    void hello_manyAtOnce_leavesOneConnection();
};

void HelloTest::upgrade_subprotocolOffered_isAnswered()
{
    PushClient client(server());
    QVERIFY(client.open({ { "Sec-WebSocket-Protocol", "push-notification" } }));
    QCOMPARE(client.upgradeReply().header("Sec-WebSocket-Protocol"), "push-notification");
    // RFC 6455 §1.3 has this answer to the key that the client sends.
    QCOMPARE(client.upgradeReply().header("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    QCOMPARE(client.hello().value(u"status"_s).toInt(), 200);
}

void HelloTest::upgrade_noSubprotocol_isAccepted()
{
    PushClient client(server());
    QVERIFY(client.open());
    QVERIFY(client.upgradeReply().header("Sec-WebSocket-Protocol").isNull());
    QCOMPARE(client.hello().value(u"status"_s).toInt(), 200);
}

void HelloTest::upgrade_compressionOffered_isNotAccepted()
{
    PushClient client(server());
    QVERIFY(client.open({ { "Sec-WebSocket-Extensions", "permessage-deflate" } }));
    QVERIFY(client.upgradeReply().header("Sec-WebSocket-Extensions").isNull());
    QCOMPARE(client.hello().value(u"status"_s).toInt(), 200);
}

void HelloTest::get_withoutUpgrade_isUpgradeRequired()
{
    const HttpReply reply = HttpPeer(server().connectPort()).get("/");
    QCOMPARE(reply.status, 426);
    QCOMPARE(reply.header("Upgrade").toLower(), "websocket");
}

void HelloTest::hello_anyUseWebPush_isAnswered_data()
{
    QTest::addColumn<QByteArray>("message");
    QTest::newRow("true") << QByteArray(R"({"messageType":"hello","use_webpush":true})");
    QTest::newRow("false") << QByteArray(R"({"messageType":"hello","use_webpush":false})");
    QTest::newRow("absent") << QByteArray(R"({"messageType":"hello"})");
    QTest::newRow("nulls") << QByteArray(
        R"({"messageType":"hello","uaid":null,"use_webpush":null,"broadcasts":null})");
    QTest::newRow("channelIDs") << QByteArray(
        R"({"messageType":"hello","channelIDs":["a",1,null],"use_webpush":true})");
    QTest::newRow("unknown members")
        << QByteArray(R"({"messageType":"hello","wakeup_hostport":{"ip":"a","port":1}})");
}

void HelloTest::hello_anyUseWebPush_isAnswered()
{
    QFETCH(const QByteArray, message);
    PushClient client(server());
    QVERIFY(client.open());
    client.sendText(message);
    const QJsonObject answer = client.next();
    QCOMPARE(answer.value(u"messageType"_s).toString(), u"hello"_s);
    QCOMPARE(answer.value(u"status"_s).toInt(), 200);
    QCOMPARE(answer.value(u"use_webpush"_s), QJsonValue(true));
    QVERIFY(answer.value(u"broadcasts"_s).isObject());
    QVERIFY(answer.value(u"broadcasts"_s).toObject().isEmpty());
    static const QRegularExpression hex(u"^[0-9a-f]{12}4[0-9a-f]{19}$"_s);
    QVERIFY2(hex.match(answer.value(u"uaid"_s).toString()).hasMatch(),
             text(answer, "uaid").constData());
}

void HelloTest::hello_uaidNotKnown_getsNewOne_data()
{
    QTest::addColumn<QByteArray>("uaid");
    QTest::newRow("empty") << QByteArray("");
    QTest::newRow("no UUID") << QByteArray("not a uuid");
    QTest::newRow("too short") << QByteArray("0123456789abcdef0123456789abcde");
    QTest::newRow("too long") << QByteArray("0123456789abcdef0123456789abcdef0");
    QTest::newRow("dashes at wrong places") << QByteArray("012345678-9ab-cdef-0123-456789abcdef");
    QTest::newRow("unknown") << QByteArray("0123456789abcdef0123456789abcdef");
    QTest::newRow("unknown, dashed") << QByteArray("01234567-89ab-cdef-0123-456789abcdef");
    QTest::newRow("nil") << QByteArray("00000000000000000000000000000000");
    QTest::newRow("NUL inside") << QByteArray("0123456789abcdef0123456789abcde\0", 32);
    QTest::newRow("beyond ASCII") << QByteArray("ä123456789abcdef0123456789abcdef");
    QTest::newRow("50,000 bytes") << QByteArray(50'000, 'a');
}

void HelloTest::hello_uaidNotKnown_getsNewOne()
{
    QFETCH(const QByteArray, uaid);
    PushClient client(server());
    QCOMPARE(client.hello(uaid).value(u"status"_s).toInt(), 200);
    QCOMPARE(client.uaid().size(), 32);
    QVERIFY(client.uaid() != QByteArray(uaid).replace('-', ""));
}

void HelloTest::hello_uaidNeverRegistered_isNotKept()
{
    PushClient first(server());
    first.hello();
    first.leave();
    PushClient second(server());
    second.hello(first.uaid());
    QVERIFY(second.uaid() != first.uaid());
}

void HelloTest::hello_uaidKnown_isKeptInAnySpelling_data()
{
    QTest::addColumn<bool>("dashed");
    QTest::addColumn<bool>("upper");
    QTest::newRow("as answered") << false << false;
    QTest::newRow("dashed") << true << false;
    QTest::newRow("upper case") << false << true;
    QTest::newRow("dashed in upper case") << true << true;
}

void HelloTest::hello_uaidKnown_isKeptInAnySpelling()
{
    QFETCH(const bool, dashed);
    QFETCH(const bool, upper);
    PushClient first(server());
    first.hello();
    const QByteArray path = first.subscribe(randomChannel());
    QVERIFY(!path.isEmpty());
    first.leave();

    QByteArray uaid = first.uaid();
    if (dashed) {
        for (const int at : { 20, 16, 12, 8 })
            uaid.insert(at, '-');
    }
    server().remember(uaid);
    PushClient second(server());
    second.hello(upper ? uaid.toUpper() : uaid);
    QCOMPARE(second.uaid(), first.uaid());

    QCOMPARE(sender().push(path).status, 201);
    QVERIFY(!second.notification().isEmpty());
}

void HelloTest::hello_wrongType_closes_data()
{
    QTest::addColumn<QByteArray>("message");
    const auto row = [](const char *name, const char *message) {
        QTest::newRow(name) << QByteArray(message);
    };
    row("uaid a number", R"({"messageType":"hello","uaid":1})");
    row("uaid true", R"({"messageType":"hello","uaid":true})");
    row("uaid an array", R"({"messageType":"hello","uaid":["a"]})");
    row("uaid twice", R"({"messageType":"hello","uaid":"","uaid":"a"})");
    row("use_webpush a string", R"({"messageType":"hello","use_webpush":"yes"})");
    row("broadcasts an array", R"({"messageType":"hello","broadcasts":[]})");
    row("broadcast version a number", R"({"messageType":"hello","broadcasts":{"a":1}})");
    row("urgency unknown", R"({"messageType":"hello","urgency":"soon"})");
    row("messageType in capitals", R"({"messageType":"HELLO"})");
}

void HelloTest::hello_wrongType_closes()
{
    QFETCH(const QByteArray, message);
    PushClient client(server());
    QVERIFY(client.open());
    client.sendText(message);
    QCOMPARE(client.waitForClose(), 1011);
    QCOMPARE(client.closeReason(), "InvalidMessage");
    QVERIFY(client.waitForTcpEnd());
}

void HelloTest::message_beforeHello_closes_data()
{
    QTest::addColumn<QByteArray>("message");
    const auto row = [](const char *name, const char *message) {
        QTest::newRow(name) << QByteArray(message);
    };
    row("register",
        R"({"messageType":"register","channelID":"01234567-89ab-cdef-0123-456789abcdef"})");
    row("unregister",
        R"({"messageType":"unregister","channelID":"01234567-89ab-cdef-0123-456789abcdef"})");
    row("ack", R"({"messageType":"ack","updates":[]})");
    row("nack", R"({"messageType":"nack","version":"v"})");
    row("ping", R"({"messageType":"ping"})");
    row("ping, short", "{}");
    row("broadcast_subscribe", R"({"messageType":"broadcast_subscribe","broadcasts":{}})");
    row("no JSON", "hello");
}

void HelloTest::message_beforeHello_closes()
{
    QFETCH(const QByteArray, message);
    PushClient client(server());
    QVERIFY(client.open());
    client.sendText(message);
    QCOMPARE(client.waitForClose(), 1011);
    QCOMPARE(client.closeReason(), "InvalidMessage");
    QVERIFY(client.waitForTcpEnd());
}

void HelloTest::hello_twice_closes()
{
    PushClient client(server());
    client.hello();
    client.sendText(R"({"messageType":"hello","uaid":""})");
    QCOMPARE(client.waitForClose(), 1011);
    QCOMPARE(client.closeReason(), "InvalidMessage");
    QVERIFY(client.waitForTcpEnd());
}

void HelloTest::message_rightBehindHello_isAnsweredAfterIt()
{
    PushClient known(server());
    known.hello();
    QVERIFY(!known.subscribe(randomChannel()).isEmpty());
    known.leave();

    PushClient client(server());
    QVERIFY(client.open());
    client.sendText(R"({"messageType":"hello","uaid":")" + known.uaid() + R"("})");
    client.sendText("{}");
    QCOMPARE(text(client.next(), "uaid"), known.uaid());
    QCOMPARE(client.nextText(), "{}");
    QVERIFY(client.barrier());
}

void HelloTest::hello_secondConnection_ghostsTheFirst()
{
    PushClient first(server());
    first.hello();
    const QByteArray path = first.subscribe(randomChannel());
    PushClient second(server());
    second.hello(first.uaid());
    QCOMPARE(second.uaid(), first.uaid());
    QCOMPARE(first.waitForClose(), 1011);
    QCOMPARE(first.closeReason(), "Ghost");
    QVERIFY(first.waitForTcpEnd());

    QCOMPARE(sender().push(path).status, 201);
    QVERIFY(!second.notification().isEmpty());
}

void HelloTest::hello_manyAtOnce_leavesOneConnection()
{
    PushClient first(server());
    first.hello();
    const QByteArray path = first.subscribe(randomChannel());
    std::vector<std::unique_ptr<PushClient>> clients;
    for (int i = 0; i < 8; ++i) {
        clients.push_back(std::make_unique<PushClient>(server()));
        QVERIFY(clients.back()->open());
    }
    for (const auto &client : clients)
        client->sendText(R"({"messageType":"hello","uaid":")" + first.uaid() + R"("})");

    // All but one are told to go, greeted or not, before the last is greeted; the one that stays
    // gets the push.
    for (const auto &client : clients)
        static_cast<void>(client->nextOf(u"hello"_s));
    QCOMPARE(first.waitForClose(), 1011);
    const QByteArray body = randomText(30);
    QCOMPARE(sender().pushText(path, body).status, 201);
    int served = 0;
    for (const auto &client : clients) {
        const QJsonObject notification = client->notification();
        if (notification.isEmpty())
            QCOMPARE(client->waitForClose(), 1011);
        else
            served += bodyOf(notification) == body;
    }
    QCOMPARE(served, 1);
}

QTEST_GUILESS_MAIN(HelloTest)
#include "tst_hello.moc"
