// SPDX-License-Identifier: MPL-2.0
#include "tests/support/protocoltest.h"

#include <QDateTime>
#include <QTest>

using namespace Carillon::Testing;
using namespace Qt::StringLiterals;

// protocol.md §2.5, §2.6 and §5: what a client gets, when, and how often.
class DeliveryTest : public ProtocolTest
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void push_clientConnected_arrivesInOrder();
    void ack_justBeforeTheNextConnection_counts();
    void push_clientAway_comesAtHelloInOrder();
    void push_sameBodyTwice_isTwoMessages();
    void unacknowledged_comesAgainUnderTheSameId();
    void ack_anyCode_removesForGood_data();
    void ack_anyCode_removesForGood();
    void ack_anySpellingOfChannel_removes();
    void ack_anotherChannelsName_removes();
    void ack_unknownVersion_isIgnored_data();
    void ack_unknownVersion_isIgnored();
    void ack_ofAnotherClientsMessage_removesNothing();
    void ack_onLaterConnection_removes();
    void ack_twice_isHarmless();
    void nack_keepsTheMessageForTheNextConnection_data();
    void nack_keepsTheMessageForTheNextConnection();
    void topic_replacesTheStoredMessage();
    void topic_ofAnotherChannel_replacesNothing();
    void topics_comeBeforeTheOthers();
    void topic_ackOfReplacedMessage_removesNothing();
    void ttlZero_clientConnected_arrivesOnce();
    void ttlZero_clientAway_isDropped();
    void ttlZero_withTopic_removesItsPredecessor();
    void ttl_expired_isNotDelivered();
    void urgency_belowTheMinimum_waits();
    void ghost_unacknowledgedMessage_goesToTheNewConnection();

private:
    [[nodiscard]] QByteArray push(const QByteArray &body, PushParts parts = {});
    /// Connects anew with the same UAID.
    void reconnect(const QJsonObject &extra = {});
    /// Bodies of all that waits for the client or comes to it.
    [[nodiscard]] QByteArrayList bodies();
    /// The same without a message with TTL 0 that was pushed while the client was away. With roles
    /// apart it may be on its way to the process that the client has just left, and reach the
    /// client there if that has come back meanwhile.
    [[nodiscard]] QByteArrayList bodiesBut(const QByteArray &transient);

    std::unique_ptr<PushClient> m_client;
    QByteArray m_channel;
    QByteArray m_path;
};

void DeliveryTest::init()
{
    m_client = std::make_unique<PushClient>(server());
    m_client->hello();
    m_channel = randomChannel();
    m_path = m_client->subscribe(m_channel);
    QVERIFY(!m_path.isEmpty());
}

/// Gives Location; empty unless it was answered 201.
QByteArray DeliveryTest::push(const QByteArray &body, PushParts parts)
{
    parts.body = body;
    const HttpReply reply = sender().push(m_path, parts);
    return reply.status == 201 ? reply.header("Location") : QByteArray();
}

void DeliveryTest::reconnect(const QJsonObject &extra)
{
    const QByteArray uaid = m_client->uaid();
    m_client = std::make_unique<PushClient>(server());
    m_client->hello(uaid, extra);
    QCOMPARE(m_client->uaid(), uaid);
}

QByteArrayList DeliveryTest::bodies()
{
    QByteArrayList bodies;
    for (const QJsonObject &notification : drain(*m_client, m_path))
        bodies.append(bodyOf(notification));
    return bodies;
}

QByteArrayList DeliveryTest::bodiesBut(const QByteArray &transient)
{
    QByteArrayList bodies = this->bodies();
    if (server().layout() == TestServer::Layout::Apart)
        bodies.removeAll(transient);
    return bodies;
}

void DeliveryTest::push_clientConnected_arrivesInOrder()
{
    for (int i = 0; i < 50; ++i)
        QVERIFY(!push("number " + QByteArray::number(i)).isEmpty());
    for (int i = 0; i < 50; ++i) {
        const QJsonObject notification = m_client->notification();
        QCOMPARE(bodyOf(notification), "number " + QByteArray::number(i));
        QCOMPARE(text(notification, "channelID"), m_channel);
        QVERIFY(!notification.contains(u"reliability_id"_s));
        m_client->acknowledge(notification);
    }
    QVERIFY(m_client->barrier());
    reconnect();
    QCOMPARE(bodies(), QByteArrayList());
}

void DeliveryTest::ack_justBeforeTheNextConnection_counts()
{
    if (server().usesQtTransport())
        QSKIP(
            "QWebSocket reads in its own time, so what it did not read is lost when it is ghosted");
    for (int round = 0; round < 10; ++round) {
        for (int i = 0; i < 20; ++i)
            QVERIFY(!push("number " + QByteArray::number(i)).isEmpty());
        for (int i = 0; i < 20; ++i)
            m_client->acknowledge(m_client->notification());
        reconnect();
        QCOMPARE(bodies(), QByteArrayList());
    }
}

void DeliveryTest::push_clientAway_comesAtHelloInOrder()
{
    m_client->leave();
    for (int i = 0; i < 50; ++i)
        QVERIFY(!push("number " + QByteArray::number(i)).isEmpty());
    reconnect();
    for (int i = 0; i < 50; ++i)
        QCOMPARE(bodyOf(m_client->notification()), "number " + QByteArray::number(i));
}

void DeliveryTest::push_sameBodyTwice_isTwoMessages()
{
    const QByteArray first = push("again and again");
    const QByteArray second = push("again and again");
    QVERIFY(!first.isEmpty() && !second.isEmpty() && first != second);
    const QJsonObject one = m_client->notification();
    const QJsonObject two = m_client->notification();
    QVERIFY(text(one, "version") != text(two, "version"));
    m_client->acknowledge(one);
    QVERIFY(m_client->barrier());
    reconnect();
    QCOMPARE(text(m_client->notification(), "version"), text(two, "version"));
}

void DeliveryTest::unacknowledged_comesAgainUnderTheSameId()
{
    QVERIFY(!push("the one").isEmpty());
    QByteArray version = text(m_client->notification(), "version");
    for (int i = 0; i < 3; ++i) {
        reconnect();
        const QJsonObject again = m_client->notification();
        QCOMPARE(bodyOf(again), "the one");
        QCOMPARE(text(again, "version"), version);
        QCOMPARE(bodies(), QByteArrayList()); // once on one connection
    }
}

void DeliveryTest::ack_anyCode_removesForGood_data()
{
    QTest::addColumn<QJsonValue>("code");
    QTest::newRow("delivered") << QJsonValue(100);
    QTest::newRow("not decrypted") << QJsonValue(101);
    QTest::newRow("not delivered") << QJsonValue(102);
    QTest::newRow("another") << QJsonValue(12345);
    QTest::newRow("negative") << QJsonValue(-1);
    QTest::newRow("null") << QJsonValue();
}

void DeliveryTest::ack_anyCode_removesForGood()
{
    QFETCH(const QJsonValue, code);
    QVERIFY(!push("a message").isEmpty());
    const QJsonObject notification = m_client->notification();
    m_client->sendJson(
        { { u"messageType"_s, u"ack"_s },
          { u"updates"_s,
            QJsonArray { QJsonObject { { u"channelID"_s, notification.value(u"channelID"_s) },
                                       { u"version"_s, notification.value(u"version"_s) },
                                       { u"code"_s, code } } } } });
    QCOMPARE(bodies(), QByteArrayList());
    reconnect();
    QCOMPARE(bodies(), QByteArrayList());
}

void DeliveryTest::ack_anySpellingOfChannel_removes()
{
    QVERIFY(!push("a message").isEmpty());
    QJsonObject notification = m_client->notification();
    notification.insert(u"channelID"_s,
                        QString::fromLatin1(QByteArray(m_channel).replace('-', "").toUpper()));
    m_client->acknowledge(notification);
    QVERIFY(m_client->barrier());
    reconnect();
    QCOMPARE(bodies(), QByteArrayList());
}

void DeliveryTest::ack_anotherChannelsName_removes()
{
    QVERIFY(!push("a message").isEmpty());
    QJsonObject notification = m_client->notification();
    notification.insert(u"channelID"_s, QString::fromLatin1(randomChannel()));
    m_client->acknowledge(notification); // the version alone decides
    QVERIFY(m_client->barrier());
    reconnect();
    QCOMPARE(bodies(), QByteArrayList());
}

void DeliveryTest::ack_unknownVersion_isIgnored_data()
{
    QTest::addColumn<QString>("version");
    QTest::newRow("empty") << QString();
    QTest::newRow("nonsense") << u"nonsense"_s;
    QTest::newRow("10,000 letters") << QString(10'000, u'g');
    QTest::newRow("beyond ASCII") << u"\u00e4\U0001F514"_s;
}

void DeliveryTest::ack_unknownVersion_isIgnored()
{
    QFETCH(const QString, version);
    QVERIFY(!push("stays").isEmpty());
    QJsonObject notification = m_client->notification();
    notification.insert(u"version"_s, version);
    m_client->acknowledge(notification);
    QVERIFY(m_client->barrier());
    reconnect();
    QCOMPARE(bodies(), QByteArrayList { "stays" });
}

void DeliveryTest::ack_ofAnotherClientsMessage_removesNothing()
{
    QVERIFY(!push("not yours").isEmpty());
    const QJsonObject notification = m_client->notification();
    PushClient other(server());
    other.hello();
    QVERIFY(!other.subscribe(m_channel).isEmpty()); // even under the same channel id
    other.acknowledge(notification);
    QVERIFY(other.barrier());
    reconnect();
    QCOMPARE(bodies(), QByteArrayList { "not yours" });
}

void DeliveryTest::ack_onLaterConnection_removes()
{
    PushParts parts;
    parts.topic = "news";
    QVERIFY(!push("plain").isEmpty());
    QVERIFY(!push("with topic", parts).isEmpty());
    const QList<QJsonObject> both { m_client->notification(), m_client->notification() };
    reconnect({ { u"urgency"_s, u"high"_s } }); // so that nothing is sent on this one
    m_client->acknowledge(both);
    QVERIFY(m_client->barrier());
    reconnect();
    QCOMPARE(bodies(), QByteArrayList());
}

void DeliveryTest::ack_twice_isHarmless()
{
    QVERIFY(!push("first").isEmpty());
    const QJsonObject first = m_client->notification();
    m_client->acknowledge({ first, first });
    m_client->acknowledge(first);
    QVERIFY(!push("second").isEmpty());
    QCOMPARE(bodies(), QByteArrayList { "second" });
    reconnect();
    QCOMPARE(bodies(), QByteArrayList { "second" });
}

void DeliveryTest::nack_keepsTheMessageForTheNextConnection_data()
{
    QTest::addColumn<QJsonValue>("code");
    QTest::newRow("301") << QJsonValue(301);
    QTest::newRow("302") << QJsonValue(302);
    QTest::newRow("303") << QJsonValue(303);
    QTest::newRow("another") << QJsonValue(1);
    QTest::newRow("null") << QJsonValue();
}

void DeliveryTest::nack_keepsTheMessageForTheNextConnection()
{
    QFETCH(const QJsonValue, code);
    QVERIFY(!push("failed").isEmpty());
    const QJsonObject notification = m_client->notification();
    m_client->sendJson({ { u"messageType"_s, u"nack"_s },
                         { u"version"_s, notification.value(u"version"_s) },
                         { u"code"_s, code } });
    QCOMPARE(bodies(), QByteArrayList());
    reconnect();
    QCOMPARE(bodies(), QByteArrayList { "failed" });
}

void DeliveryTest::topic_replacesTheStoredMessage()
{
    m_client->leave();
    PushParts parts;
    parts.topic = "weather";
    QVERIFY(!push("rain", parts).isEmpty());
    QVERIFY(!push("plain").isEmpty());
    parts.topic = "weather="; // the same, as some senders pad it
    QVERIFY(!push("sun", parts).isEmpty());
    parts.topic = "traffic";
    QVERIFY(!push("jam", parts).isEmpty());
    reconnect();
    QCOMPARE(bodies(), QByteArrayList({ "sun", "jam", "plain" }));
}

void DeliveryTest::topic_ofAnotherChannel_replacesNothing()
{
    const QByteArray otherPath = m_client->subscribe(randomChannel());
    m_client->leave();
    PushParts parts;
    parts.topic = "news";
    QVERIFY(!push("of one channel", parts).isEmpty());
    parts.body = "of another channel";
    QCOMPARE(sender().push(otherPath, parts).status, 201);
    reconnect();
    QCOMPARE(bodies(), QByteArrayList({ "of one channel", "of another channel" }));
}

void DeliveryTest::topics_comeBeforeTheOthers()
{
    m_client->leave();
    QByteArrayList expected;
    for (int i = 0; i < 20; ++i) {
        PushParts parts;
        if (i % 2 == 1)
            parts.topic = "topic" + QByteArray::number(i);
        const QByteArray body = "number " + QByteArray::number(i);
        QVERIFY(!push(body, parts).isEmpty());
        expected.insert(i % 2 == 1 ? i / 2 : expected.size(), body);
    }
    reconnect();
    QCOMPARE(bodies(), expected);
}

void DeliveryTest::topic_ackOfReplacedMessage_removesNothing()
{
    PushParts parts;
    parts.topic = "news";
    QVERIFY(!push("old", parts).isEmpty());
    const QJsonObject old = m_client->notification();
    QVERIFY(!push("new", parts).isEmpty());
    QCOMPARE(bodyOf(m_client->notification()), "new");
    m_client->acknowledge(old);
    QVERIFY(m_client->barrier());
    reconnect();
    const QJsonObject current = m_client->notification();
    QCOMPARE(bodyOf(current), "new");
    QVERIFY(text(current, "version") != text(old, "version"));
    m_client->acknowledge(old); // now it is of an earlier connection
    QVERIFY(m_client->barrier());
    reconnect();
    QCOMPARE(bodies(), QByteArrayList { "new" });
}

void DeliveryTest::ttlZero_clientConnected_arrivesOnce()
{
    PushParts parts;
    parts.ttl = "0";
    QVERIFY(!push("now", parts).isEmpty());
    QCOMPARE(bodyOf(m_client->notification()), "now");
    reconnect(); // never stored, so not even when it was not acknowledged
    QCOMPARE(bodies(), QByteArrayList());
}

void DeliveryTest::ttlZero_clientAway_isDropped()
{
    m_client->leave();
    // The server may take a moment to see that the client left: the next connection tells it.
    reconnect();
    QVERIFY(m_client->barrier());
    m_client->sendFrame(Opcode::Close, {});
    QVERIFY(m_client->waitForTcpEnd());
    PushParts parts;
    parts.ttl = "0";
    QVERIFY(!push("now or never", parts).isEmpty());
    parts.ttl = "60";
    QVERIFY(!push("later", parts).isEmpty());
    reconnect();
    QCOMPARE(bodiesBut("now or never"), QByteArrayList { "later" });
}

void DeliveryTest::ttlZero_withTopic_removesItsPredecessor()
{
    m_client->sendFrame(Opcode::Close, {});
    QVERIFY(m_client->waitForTcpEnd());
    PushParts parts;
    parts.topic = "news";
    QVERIFY(!push("old news", parts).isEmpty());
    QVERIFY(!push("other").isEmpty());
    parts.ttl = "0";
    QVERIFY(!push("no news", parts).isEmpty());
    reconnect();
    QCOMPARE(bodiesBut("no news"), QByteArrayList { "other" });
}

void DeliveryTest::ttl_expired_isNotDelivered()
{
    m_client->leave();
    PushParts parts;
    parts.ttl = "1";
    QVERIFY(!push("short-lived", parts).isEmpty());
    QVERIFY(!push("long-lived").isEmpty());
    // Nothing tells that a second has passed but the clock.
    const qint64 expired = QDateTime::currentMSecsSinceEpoch() + 1'100;
    QTRY_VERIFY(QDateTime::currentMSecsSinceEpoch() > expired);
    reconnect();
    QCOMPARE(bodies(), QByteArrayList { "long-lived" });
}

void DeliveryTest::urgency_belowTheMinimum_waits()
{
    m_client->leave();
    for (const char *urgency : { "very-low", "low", "normal", "high" }) {
        PushParts parts;
        parts.urgency = urgency;
        QVERIFY(!push(urgency, parts).isEmpty());
    }
    reconnect({ { u"urgency"_s, u"normal"_s } });
    QCOMPARE(bodies(), QByteArrayList({ "normal", "high" }));
    PushParts parts;
    parts.urgency = "low";
    QVERIFY(!push("low while connected", parts).isEmpty());
    QCOMPARE(bodies(), QByteArrayList());
    reconnect();
    QCOMPARE(bodies(),
             QByteArrayList({ "very-low", "low", "normal", "high", "low while connected" }));
}

void DeliveryTest::ghost_unacknowledgedMessage_goesToTheNewConnection()
{
    QVERIFY(!push("unfinished").isEmpty());
    QCOMPARE(bodyOf(m_client->notification()), "unfinished");
    PushClient second(server());
    second.hello(m_client->uaid());
    QCOMPARE(bodyOf(second.notification()), "unfinished");
    QCOMPARE(m_client->waitForClose(), 1011);
    QCOMPARE(m_client->closeReason(), "Ghost");
}

QTEST_GUILESS_MAIN(DeliveryTest)
#include "tst_delivery.moc"
