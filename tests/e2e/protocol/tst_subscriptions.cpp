// SPDX-License-Identifier: MPL-2.0
#include "tests/contract/storage/rawdatabase.h"
#include "tests/support/protocoltest.h"
#include "tests/support/vapidkey.h"

#include <QTest>

using namespace Carillon::Testing;
using namespace Qt::StringLiterals;

// protocol.md §2.3 and §2.4: register and unregister.
class SubscriptionsTest : public ProtocolTest
{
    Q_OBJECT
public:
    SubscriptionsTest() : ProtocolTest({ { "connect.max_channels", "3" } }) { }

private Q_SLOTS:
    void register_withoutKey_givesVersion1Endpoint();
    void register_withKey_givesVersion2Endpoint_data();
    void register_withKey_givesVersion2Endpoint();
    void register_keyThatIsNone_is400AndConnectionLives_data();
    void register_keyThatIsNone_is400AndConnectionLives();
    void register_again_givesWorkingEndpoint();
    void register_moreThanAllowed_isRefused();
    void register_sameChannelOfTwoClients_keepsThemApart();
    void unregister_endpointIsGone();
    void unregister_anySpelling_isDone_data();
    void unregister_anySpelling_isDone();
    void unregister_unknownChannel_isDone();
    void unregister_dropsStoredMessages();
    void unregister_thatStorageRefuses_leavesTheSubscription();
    void registration_survivesReconnect();
};

void SubscriptionsTest::register_withoutKey_givesVersion1Endpoint()
{
    PushClient client(server());
    client.hello();
    client.sendText(
        R"({"messageType":"register","channelID":"0c2f7a04-6d5f-4cfb-9d4c-1a2b3c4d5e6f"})");
    const QJsonObject answer = client.next();
    QCOMPARE(answer.value(u"status"_s).toInt(), 200);
    QCOMPARE(text(answer, "channelID"), "0c2f7a04-6d5f-4cfb-9d4c-1a2b3c4d5e6f");
    const QByteArray start = server().origin() + "/wpush/v1/";
    QVERIFY2(text(answer, "pushEndpoint").startsWith(start),
             text(answer, "pushEndpoint").constData());
    QVERIFY(!text(answer, "pushEndpoint").contains('='));
    server().remember(text(answer, "pushEndpoint").mid(start.size()));
}

void SubscriptionsTest::register_withKey_givesVersion2Endpoint_data()
{
    QTest::addColumn<bool>("padded");
    QTest::newRow("without padding") << false;
    QTest::newRow("with padding, as Firefox says it") << true;
}

void SubscriptionsTest::register_withKey_givesVersion2Endpoint()
{
    QFETCH(const bool, padded);
    const VapidKey key;
    PushClient client(server());
    client.hello();
    const QByteArray path =
        client.subscribe(randomChannel(), padded ? key.publicKey() + "=" : key.publicKey());
    QVERIFY2(path.startsWith("/wpush/v2/"), path.constData());

    PushParts parts;
    QCOMPARE(sender().push(path, parts).status, 401);
    parts.authorization = key.authorization(server().origin());
    QCOMPARE(sender().push(path, parts).status, 201);
    QCOMPARE(bodyOf(client.notification()), parts.body);
}

void SubscriptionsTest::register_keyThatIsNone_is400AndConnectionLives_data()
{
    QTest::addColumn<QByteArray>("key");
    const QByteArray good = VapidKey().publicKey();
    QTest::newRow("words") << QByteArray("not a key!");
    QTest::newRow("standard alphabet") << QByteArray(good).replace(20, 2, "+/");
    QTest::newRow("space inside") << QByteArray(good).insert(10, ' ');
    QTest::newRow("length of no encoding") << QByteArray("ABCDE");
    QTest::newRow("padding inside") << QByteArray(good).replace(20, 1, "=");
    QTest::newRow("empty") << QByteArray("");
    QTest::newRow("no point of the curve") << QByteArray(good).replace(20, 4, "AAAA");
    QTest::newRow("compressed") << "Ag" + good.mid(2, 42);
    QTest::newRow("too long") << good + "AA";
    QTest::newRow("infinity") << QByteArray("AA");
}

void SubscriptionsTest::register_keyThatIsNone_is400AndConnectionLives()
{
    QFETCH(const QByteArray, key);
    PushClient client(server());
    client.hello();
    const QByteArray channel = randomChannel();
    client.sendJson({ { u"messageType"_s, u"register"_s },
                      { u"channelID"_s, QString::fromLatin1(channel) },
                      { u"key"_s, QString::fromLatin1(key) } });
    const QJsonObject answer = client.next();
    QCOMPARE(text(answer, "messageType"), "register");
    QCOMPARE(text(answer, "channelID"), channel);
    QCOMPARE(answer.value(u"status"_s).toInt(), 400);
    QCOMPARE(text(answer, "pushEndpoint"), "Failed to generate endpoint");
    QVERIFY(!client.subscribe(channel).isEmpty());
}

void SubscriptionsTest::register_again_givesWorkingEndpoint()
{
    PushClient client(server());
    client.hello();
    const QByteArray channel = randomChannel();
    const QByteArray first = client.subscribe(channel);
    const QByteArray second = client.subscribe(channel);
    QVERIFY(!first.isEmpty() && !second.isEmpty());
    for (const QByteArray &path : { first, second }) {
        const QByteArray body = randomText(20);
        QCOMPARE(sender().pushText(path, body).status, 201);
        const QJsonObject notification = client.notification();
        QCOMPARE(bodyOf(notification), body);
        QCOMPARE(text(notification, "channelID"), channel);
    }
}

void SubscriptionsTest::register_moreThanAllowed_isRefused()
{
    PushClient client(server());
    client.hello();
    const QByteArray channel = randomChannel();
    QVERIFY(!client.subscribe(channel).isEmpty());
    QVERIFY(!client.subscribe(randomChannel()).isEmpty());
    QVERIFY(!client.subscribe(randomChannel()).isEmpty());
    client.sendJson({ { u"messageType"_s, u"register"_s },
                      { u"channelID"_s, QString::fromLatin1(randomChannel()) } });
    QCOMPARE(client.next().value(u"status"_s).toInt(), 429);
    QVERIFY(!client.subscribe(channel).isEmpty()); // one that is there already is no fourth
    QCOMPARE(client.unregister(channel), 200);
    QVERIFY(!client.subscribe(randomChannel()).isEmpty());
}

void SubscriptionsTest::register_sameChannelOfTwoClients_keepsThemApart()
{
    const QByteArray channel = randomChannel();
    PushClient first(server());
    PushClient second(server());
    first.hello();
    second.hello();
    const QByteArray firstPath = first.subscribe(channel);
    const QByteArray secondPath = second.subscribe(channel);
    QCOMPARE(sender().pushText(firstPath, "meant for the first").status, 201);
    QCOMPARE(sender().pushText(secondPath, "meant for the second").status, 201);
    QCOMPARE(bodyOf(first.notification()), "meant for the first");
    QCOMPARE(bodyOf(second.notification()), "meant for the second");
    QCOMPARE(first.unregister(channel), 200);
    QCOMPARE(sender().push(firstPath).status, 410);
    QCOMPARE(sender().push(secondPath).status, 201);
}

void SubscriptionsTest::unregister_endpointIsGone()
{
    PushClient client(server());
    client.hello();
    const QByteArray channel = randomChannel();
    const QByteArray path = client.subscribe(channel);
    QCOMPARE(sender().push(path).status, 201);
    QCOMPARE(client.unregister(channel), 200);
    HttpReply reply = sender().push(path);
    QCOMPARE(reply.status, 410);
    QCOMPARE(reply.errorNumber(), 106);
    QCOMPARE(reply.header("Cache-Control"), "max-age=86400");

    client.leave(); // the same for a client that is not there
    reply = sender().push(path);
    QCOMPARE(reply.status, 410);
    QCOMPARE(reply.errorNumber(), 106);
}

void SubscriptionsTest::unregister_anySpelling_isDone_data()
{
    QTest::addColumn<bool>("dashed");
    QTest::addColumn<bool>("upper");
    QTest::addColumn<QJsonValue>("code");
    QTest::newRow("as registered, no code") << true << false << QJsonValue();
    QTest::newRow("as registered, 200") << true << false << QJsonValue(200);
    QTest::newRow("upper case, 201") << true << true << QJsonValue(201);
    QTest::newRow("no dashes, 202") << false << false << QJsonValue(202);
    QTest::newRow("no dashes in upper case, unknown code") << false << true << QJsonValue(7);
}

void SubscriptionsTest::unregister_anySpelling_isDone()
{
    QFETCH(const bool, dashed);
    QFETCH(const bool, upper);
    QFETCH(const QJsonValue, code);
    PushClient client(server());
    client.hello();
    const QByteArray channel = randomChannel();
    const QByteArray path = client.subscribe(channel);
    QByteArray spelled = dashed ? channel : QByteArray(channel).replace('-', "");
    if (upper)
        spelled = spelled.toUpper();
    client.sendJson({ { u"messageType"_s, u"unregister"_s },
                      { u"channelID"_s, QString::fromLatin1(spelled) },
                      { u"code"_s, code } });
    const QJsonObject answer = client.next();
    QCOMPARE(answer.value(u"status"_s).toInt(), 200);
    QCOMPARE(text(answer, "channelID"), channel);
    QCOMPARE(sender().push(path).status, 410);
}

void SubscriptionsTest::unregister_unknownChannel_isDone()
{
    PushClient client(server());
    client.hello();
    QCOMPARE(client.unregister(randomChannel()), 200); // not even the client is stored
    QVERIFY(!client.subscribe(randomChannel()).isEmpty());
    QCOMPARE(client.unregister(randomChannel()), 200);
}

/// Another process keeps the file for longer than a write waits.
void SubscriptionsTest::unregister_thatStorageRefuses_leavesTheSubscription()
{
    PushClient client(server());
    client.hello();
    const QByteArray channel = randomChannel();
    const QByteArray path = client.subscribe(channel);
    QCOMPARE(sender().pushText(path, "in flight").status, 201);
    const QJsonObject inFlight = client.notification();
    Carillon::RawDatabase other(server().filePath(u"carillon.db"_s));
    QVERIFY(other.run("BEGIN IMMEDIATE"));
    QCOMPARE(client.unregister(channel), 500);
    QVERIFY(other.run("ROLLBACK"));

    QCOMPARE(sender().pushText(path, "afterwards").status, 201);
    const QJsonObject afterwards = client.notification();
    QCOMPARE(bodyOf(afterwards), "afterwards");
    client.acknowledge({ inFlight, afterwards });
    QVERIFY(client.barrier());
    client.leave();
    PushClient again(server());
    again.hello(client.uaid());
    QCOMPARE(drain(again, path), QList<QJsonObject>());
}

void SubscriptionsTest::unregister_dropsStoredMessages()
{
    PushClient client(server());
    client.hello();
    const QByteArray gone = randomChannel();
    const QByteArray gonePath = client.subscribe(gone);
    const QByteArray keptPath = client.subscribe(randomChannel());
    client.leave();
    QCOMPARE(sender().pushText(gonePath, "to the channel that goes").status, 201);
    QCOMPARE(sender().pushText(keptPath, "to the channel that stays").status, 201);

    PushClient again(server());
    again.hello(client.uaid());
    QVERIFY(!again.notification().isEmpty());
    QVERIFY(!again.notification().isEmpty());
    QCOMPARE(again.unregister(gone), 200);
    again.leave();

    PushClient last(server());
    last.hello(client.uaid());
    const QJsonObject only = last.notification();
    QCOMPARE(bodyOf(only), "to the channel that stays");
    last.acknowledge(only);
    QCOMPARE(drain(last, keptPath), QList<QJsonObject>());
    // Registered anew, the channel does not bring back what it had.
    QVERIFY(!last.subscribe(gone).isEmpty());
    last.leave();
    PushClient fresh(server());
    fresh.hello(client.uaid());
    QCOMPARE(drain(fresh, keptPath), QList<QJsonObject>());
}

void SubscriptionsTest::registration_survivesReconnect()
{
    PushClient client(server());
    client.hello();
    const QByteArray path = client.subscribe(randomChannel());
    client.leave();
    for (int i = 0; i < 3; ++i) {
        PushClient again(server());
        again.hello(client.uaid());
        const QByteArray body = randomText(20);
        QCOMPARE(sender().pushText(path, body).status, 201);
        const QJsonObject notification = again.notification();
        QCOMPARE(bodyOf(notification), body);
        again.acknowledge(notification);
        QVERIFY(again.barrier());
    }
}

QTEST_GUILESS_MAIN(SubscriptionsTest)
#include "tst_subscriptions.moc"
