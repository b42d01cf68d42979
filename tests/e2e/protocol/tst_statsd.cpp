// SPDX-License-Identifier: MPL-2.0
#include "tests/support/megaphone.h"
#include "tests/support/protocoltest.h"
#include "tests/support/vapidkey.h"

#include <QDateTime>
#include <QMap>
#include <QNetworkDatagram>
#include <QSet>
#include <QTest>
#include <QUdpSocket>

using namespace Carillon::Testing;
using namespace Qt::StringLiterals;

namespace {

/// What StatsD would make of the packets that come to a port.
class Collector
{
public:
    Collector()
    {
        if (!m_socket.bind(QHostAddress::LocalHost))
            qFatal("no UDP port");
    }
    [[nodiscard]] QByteArray port() const { return QByteArray::number(m_socket.localPort()); }
    [[nodiscard]] int longest() const { return m_longest; }

    /// Waits until all of these were counted: names with tags, as in "a.b|#x:y".
    [[nodiscard]] QByteArrayList missing(const QByteArrayList &wanted)
    {
        QByteArrayList left;
        const auto allCame = [&] {
            collect();
            left.clear();
            for (const QByteArray &each : wanted) {
                if (!m_sums.contains(each))
                    left << each;
            }
            return left.isEmpty();
        };
        static_cast<void>(QTest::qWaitFor(allCame, static_cast<int>(Patience.count())));
        return left;
    }
    [[nodiscard]] double sum(const QByteArray &name) const { return m_sums.value(name); }
    [[nodiscard]] QByteArrayList names() const { return m_sums.keys(); }

private:
    void collect()
    {
        while (m_socket.hasPendingDatagrams()) {
            const QByteArray packet = m_socket.receiveDatagram().data();
            m_longest = std::max(m_longest, int(packet.size()));
            for (const QByteArray &line : packet.split('\n')) {
                const qsizetype colon = line.indexOf(':');
                const qsizetype bar = line.indexOf('|');
                const qsizetype tags = line.indexOf("|#");
                const QByteArray name =
                    line.first(colon) + (tags < 0 ? QByteArray() : line.sliced(tags));
                m_sums[name] += line.sliced(colon + 1, bar - colon - 1).toDouble();
            }
        }
    }

    QUdpSocket m_socket;
    QMap<QByteArray, double> m_sums;
    int m_longest = 0;
};

} // namespace

/// Metrics under autopush's names (metrics.md), as StatsD receives them.
class StatsdTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void traffic_isSentUnderAutopushsNames();
    void theEnd_isSentToo();
};

void StatsdTest::traffic_isSentUnderAutopushsNames()
{
    Collector statsd;
    Megaphone megaphone;
    megaphone.answer({ { "test/id", "1" } });
    TestServer server({ { "metrics.statsd_host", "localhost" },
                        { "metrics.statsd_port", statsd.port() },
                        { "metrics.statsd_interval", "0.1" },
                        { "connect.megaphone_api_url", megaphone.url() },
                        { "connect.megaphone_poll_interval", "0.1" },
                        { "storage.max_messages", "3" },
                        { "storage.on_full", "reset" } });
    QVERIFY2(server.start(), server.log().constData());
    Sender sender(server);
    const VapidKey key;
    PushClient client(server);
    client.hello();
    const QByteArray channel = randomChannel();
    const QByteArray path = client.subscribe(channel);
    const QByteArray keyed = client.subscribe(randomChannel(), key.publicKey());

    // Delivered at once, refused by the application, acknowledged.
    QCOMPARE(sender.push(path).status, 201);
    const QJsonObject notification = client.notification();
    for (const int code : { 301, 302, 303, 400 })
        client.sendJson({ { u"messageType"_s, u"nack"_s },
                          { u"version"_s, notification.value(u"version"_s) },
                          { u"code"_s, code } });
    client.acknowledge(notification);
    QVERIFY(client.barrier());

    // Refused for their VAPID.
    const QByteArray origin = server.origin();
    const auto vapid = [&key](const QByteArray &token) {
        return "vapid t=" + token + ", k=" + key.publicKey();
    };
    const QByteArray soon = QByteArray::number(QDateTime::currentSecsSinceEpoch() + 3'600);
    const QByteArray aud = "{\"aud\":\"" + origin + "\",";
    const VapidKey stranger;
    const QByteArrayList refused {
        QByteArray(),
        "vapid",
        vapid("abc"),
        "vapid t=" + key.tokenFor(origin) + ", k=AAAA",
        vapid(key.tokenFor("https://elsewhere.example")),
        vapid(key.tokenFor(origin, -3'600)),
        vapid(key.tokenFor(origin, 3 * 86'400)),
        vapid(key.token(aud + "\"exp\":" + soon + ",\"sub\":1}")),
        stranger.authorization(origin),
    };
    for (const QByteArray &authorization : refused) {
        PushParts parts;
        parts.authorization = authorization;
        QCOMPARE(sender.push(keyed, parts).status, 401);
    }

    // Dropped, or stored until the client is back.
    client.leave();
    QTRY_VERIFY(HttpPeer(server.connectPort()).get("/health").json().value(u"connections"_s).toInt()
                == 0);
    PushParts transient;
    transient.ttl = "0";
    QCOMPARE(sender.push(path, transient).status, 201);
    QCOMPARE(sender.push(path).status, 201);
    PushClient back(server);
    back.hello(client.uaid());
    back.acknowledge(back.notification());
    QVERIFY(back.barrier());
    for (const int code : { 200, 201, 202, 299 }) {
        const QByteArray gone = randomChannel();
        QVERIFY(!back.subscribe(gone).isEmpty());
        back.sendJson({ { u"messageType"_s, u"unregister"_s },
                        { u"channelID"_s, QString::fromLatin1(gone) },
                        { u"code"_s, code } });
        QVERIFY(!back.nextOf(u"unregister"_s).isEmpty());
    }

    // Too many for its queue: forgotten once it has read as many as may be stored.
    back.leave();
    QTRY_VERIFY(HttpPeer(server.connectPort()).get("/health").json().value(u"connections"_s).toInt()
                == 0);
    for (int i = 0; i < 4; ++i)
        QCOMPARE(sender.push(path).status, 201);
    PushClient full(server);
    full.hello(client.uaid());
    for (int i = 0; i < 3; ++i)
        full.acknowledge(full.notification());
    QCOMPARE(full.waitForClose(), 1000);
    megaphone.answerRaw("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n");

    QByteArrayList wanted;
    for (const char *each : { "ua.command.hello|#uaid:new",
                              "ua.command.hello|#uaid:existing",
                              "ua.command.register",
                              "ua.command.unregister|#code:200",
                              "ua.command.unregister|#code:201",
                              "ua.command.unregister|#code:202",
                              "ua.command.unregister|#code:other",
                              "ua.command.ack",
                              "ua.command.nack|#code:301",
                              "ua.command.nack|#code:302",
                              "ua.command.nack|#code:303",
                              "ua.command.nack|#code:0",
                              "ua.notification.sent|#source:Direct",
                              "ua.notification.sent|#source:Stored",
                              "ua.message_data|#source:Direct",
                              "ua.message_data|#source:Stored",
                              "ua.expiration|#reason:too_many_messages",
                              "ua.connection.lifespan",
                              "notification.message.retrieved",
                              "notification.storage.time",
                              "megaphone.updater.ok",
                              "megaphone.updater.error|#reason:unknown" }) {
        const QByteArray name = each;
        wanted << "autoconnect." + name
                + (name.contains("|#") ? QByteArray(",autoconnect:true") : "|#autoconnect:true");
    }
    for (const char *each :
         { "notification.received", "notification.auth.error|#error:missing_key",
           "notification.auth.error|#error:missing_token",
           "notification.auth.error|#error:invalid_vapid",
           "notification.auth.error|#error:invalid_key",
           "notification.auth.error|#error:invalid_audience",
           "notification.auth.error|#error:invalid_expiry",
           "notification.auth.error|#error:future_expiration_token",
           "notification.auth.error|#error:invalid_sub",
           "notification.auth.error|#error:key_mismatch", "notification.message_data",
           "notification.message.stored", "notification.message.expired",
           "notification.route_time|#outcome:ok", "notification.storage.save_time" })
        wanted << QByteArray("autoendpoint.") + each;
    if (server.layout() == TestServer::Layout::Apart)
        wanted << "autoendpoint.notification.direct.delivery_status|#status:200";
    const QByteArrayList missing = statsd.missing(wanted);
    QVERIFY2(missing.isEmpty(), missing.join(' ').constData());

    QCOMPARE(statsd.sum("autoconnect.ua.command.hello|#uaid:new,autoconnect:true"), 1);
    QCOMPARE(statsd.sum("autoconnect.ua.command.hello|#uaid:existing,autoconnect:true"), 2);
    QCOMPARE(statsd.sum("autoendpoint.notification.auth.error|#error:missing_key"), 1);
    QVERIFY(statsd.longest() <= 1'432);
}

void StatsdTest::theEnd_isSentToo()
{
    Collector statsd;
    TestServer server({ { "metrics.statsd_host", "127.0.0.1" },
                        { "metrics.statsd_port", statsd.port() },
                        { "metrics.statsd_interval", "1h" },
                        { "metrics.statsd_connect_label", "mine" },
                        { "metrics.statsd_tags", "false" } });
    QVERIFY2(server.start(), server.log().constData());
    PushClient client(server);
    client.hello();
    QVERIFY(client.barrier());
    server.terminate();
    QVERIFY(server.waitForEnd());
    QCOMPARE(statsd.missing({ "mine.ua.command.hello" }), QByteArrayList());
}

QTEST_GUILESS_MAIN(StatsdTest)
#include "tst_statsd.moc"
