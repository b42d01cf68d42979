// SPDX-License-Identifier: MPL-2.0
#include "tests/support/protocoltest.h"
#include "tests/support/vapidkey.h"

#include <QFile>
#include <QTest>

#include <sqlite3.h>

#include <algorithm>
#include <memory>

using namespace Carillon::Testing;
using namespace Qt::StringLiterals;

namespace {

/// A server of its own with a history file.
class RememberingServer
{
public:
    explicit RememberingServer(SettingValues settings = {}) : server(std::move(settings))
    {
        server.set("history.path", server.filePath(u"history.db"_s).toUtf8());
    }

    /// Stops the server. What it has written, the oldest first: one line for each event, of the
    /// columns that tests ask for.
    [[nodiscard]] QByteArrayList events(const QByteArray &where = "1")
    {
        if (server.isRunning()) {
            server.terminate();
            if (!server.waitForEnd())
                return { "it did not stop" };
        }
        return query("SELECT kind || ifnull(' ' || detail, '') || ifnull(' ' || error, '') "
                     "|| ifnull(' ' || code, '') FROM event WHERE "
                     + where + " ORDER BY id");
    }
    [[nodiscard]] QByteArrayList query(const QByteArray &sql)
    {
        QByteArrayList rows;
        sqlite3 *database = nullptr;
        sqlite3_open_v2(server.filePath(u"history.db"_s).toUtf8().constData(), &database,
                        SQLITE_OPEN_READONLY, nullptr);
        const auto add = [](void *all, int, char **values, char **) {
            static_cast<QByteArrayList *>(all)->append(values[0] ? values[0] : "NULL");
            return 0;
        };
        if (sqlite3_exec(database, sql.constData(), add, &rows, nullptr) != SQLITE_OK)
            rows.append(sqlite3_errmsg(database));
        sqlite3_close(database);
        return rows;
    }
    [[nodiscard]] QByteArray file()
    {
        QFile file(server.filePath(u"history.db"_s));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

    TestServer server;
    Sender sender { server };
};

bool leave(PushClient &client)
{
    client.sendFrame(Opcode::Close, {});
    return client.waitForTcpEnd();
}

} // namespace

// docs/history.md: what the history of a real server says.
class HistoryTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void delivered_directly();
    void delivered_fromStorage_thenRefusedByTheClient();
    void refused_withSenderAndReason();
    void replaced_cancelled_dropped();
    void displacedByNewerOnes();
    void expired_messageAndClient();
    void reset_afterTooMany();
    void subscriptions_andWhyAConnectionEnded();
    void nothingInIt_canBeUsed();
};

void HistoryTest::delivered_directly()
{
    RememberingServer remembering;
    QVERIFY2(remembering.server.start(), remembering.server.log().constData());
    PushClient client(remembering.server);
    client.hello();
    const QByteArray path = client.subscribe(randomChannel());
    QCOMPARE(remembering.sender.push(path).status, 201);
    client.acknowledge(client.notification(), 101);
    QVERIFY(client.barrier());
    // The 201 and the ack are recorded by two threads.
    QByteArrayList events = remembering.events("kind LIKE 'message.%' OR kind LIKE 'push.%'");
    events.removeAll("message.stored"); // if the ack was late
    std::sort(events.begin(), events.end());
    QCOMPARE(
        events,
        QByteArrayList({ "message.acknowledged 101", "message.sent direct", "push.accepted" }));
    QCOMPARE(remembering.query("SELECT count(DISTINCT sort_key) || ' ' || count(DISTINCT chid) "
                               "FROM event WHERE sort_key IS NOT NULL"),
             QByteArrayList { "1 1" });
}

void HistoryTest::delivered_fromStorage_thenRefusedByTheClient()
{
    RememberingServer remembering;
    QVERIFY2(remembering.server.start(), remembering.server.log().constData());
    PushClient client(remembering.server);
    client.hello();
    const QByteArray uaid = client.uaid();
    const QByteArray path = client.subscribe(randomChannel());
    QVERIFY(leave(client));
    PushParts parts;
    parts.urgency = "high";
    parts.body = QByteArray(100, 'x');
    QCOMPARE(remembering.sender.push(path, parts).status, 201);
    PushClient again(remembering.server);
    again.hello(uaid);
    const QJsonObject notification = again.notification();
    again.sendJson({ { u"messageType"_s, u"nack"_s },
                     { u"version"_s, notification.value(u"version"_s) },
                     { u"code"_s, 302 } });
    QVERIFY(again.barrier());
    QCOMPARE(remembering.events("sort_key IS NOT NULL"),
             QByteArrayList({ "message.stored", "push.accepted", "message.sent from_storage",
                              "message.nacked 302" }));
    QCOMPARE(remembering.query("SELECT size || ' ' || ttl || ' ' || urgency || ' ' || has_topic "
                               "FROM event WHERE kind = 'push.accepted'"),
             QByteArrayList { "100 60 3 0" });
}

void HistoryTest::refused_withSenderAndReason()
{
    RememberingServer remembering;
    QVERIFY2(remembering.server.start(), remembering.server.log().constData());
    PushClient client(remembering.server);
    client.hello();
    const VapidKey key;
    const QByteArray channel = randomChannel();
    const QByteArray path = client.subscribe(channel, key.publicKey());
    PushParts parts;
    parts.authorization = key.authorization("https://other.example");
    QCOMPARE(remembering.sender.push(path, parts).status, 401);
    parts.authorization = key.authorization(remembering.server.origin());
    parts.ttl = {};
    QCOMPARE(remembering.sender.push(path, parts).status, 400);
    QCOMPARE(remembering.sender.push("/wpush/v1/nonsense").status, 404);
    QCOMPARE(client.unregister(channel), 200);
    parts.ttl = "60";
    QCOMPARE(remembering.sender.push(path, parts).status, 410);
    QCOMPARE(remembering.events("kind = 'push.refused'"),
             QByteArrayList({ "push.refused VapidAudience", "push.refused TtlMissing",
                              "push.refused InvalidToken", "push.refused NoSuchSubscription" }));
    const QByteArrayList reasons =
        remembering.query("SELECT text FROM event WHERE error = 'VapidAudience'");
    QVERIFY2(reasons.value(0).contains("https://other.example"), reasons.value(0).constData());
    QCOMPARE(remembering.query("SELECT subject || ' ' || (sender = (SELECT sender FROM event WHERE "
                               "kind = 'channel.registered')) FROM event WHERE error = "
                               "'TtlMissing'"),
             QByteArrayList { "mailto:ops@example.com 1" });
    QCOMPARE(remembering.query("SELECT count(*) FROM event WHERE kind = 'push.refused' AND uaid IS "
                               "NULL"),
             QByteArrayList { "1" });
}

void HistoryTest::replaced_cancelled_dropped()
{
    RememberingServer remembering;
    QVERIFY2(remembering.server.start(), remembering.server.log().constData());
    PushClient client(remembering.server);
    client.hello();
    const QByteArray path = client.subscribe(randomChannel());
    QVERIFY(leave(client));
    PushParts parts;
    parts.topic = "topic";
    QCOMPARE(remembering.sender.push(path, parts).status, 201);
    const HttpReply second = remembering.sender.push(path, parts);
    QCOMPARE(second.status, 201);
    QCOMPARE(remembering.sender.cancel(second.header("Location")).status, 204);
    parts.topic = {};
    parts.ttl = "0";
    QCOMPARE(remembering.sender.push(path, parts).status, 201);
    QCOMPARE(remembering.events("sort_key IS NOT NULL"),
             QByteArrayList({ "message.stored", "push.accepted", "message.replaced",
                              "message.stored", "push.accepted", "message.cancelled",
                              "message.dropped ttl_zero", "push.accepted" }));
    const QByteArrayList keys =
        remembering.query("SELECT sort_key FROM event WHERE kind = 'push.accepted' ORDER BY id");
    QCOMPARE(remembering.query("SELECT sort_key || ' ' || by_key FROM event WHERE kind = "
                               "'message.replaced'"),
             QByteArrayList { keys.value(0) + ' ' + keys.value(1) });
    QCOMPARE(remembering.query("SELECT sort_key FROM event WHERE kind = 'message.cancelled'"),
             QByteArrayList { keys.value(1) });
}

void HistoryTest::displacedByNewerOnes()
{
    RememberingServer remembering(
        { { "storage.max_messages", "1" }, { "storage.on_full", "drop-oldest" } });
    QVERIFY2(remembering.server.start(), remembering.server.log().constData());
    PushClient client(remembering.server);
    client.hello();
    const QByteArray path = client.subscribe(randomChannel());
    QVERIFY(leave(client));
    QCOMPARE(remembering.sender.push(path).status, 201);
    QCOMPARE(remembering.sender.push(path).status, 201);
    QCOMPARE(remembering.events("sort_key IS NOT NULL"),
             QByteArrayList({ "message.stored", "push.accepted", "message.dropped queue_overflow",
                              "message.stored", "push.accepted" }));
    QCOMPARE(remembering.query("SELECT count(*) FROM event AS gone JOIN event AS next ON "
                               "next.sort_key = gone.by_key AND next.kind = 'push.accepted' WHERE "
                               "gone.kind = 'message.dropped'"),
             QByteArrayList { "1" });
}

void HistoryTest::expired_messageAndClient()
{
    RememberingServer remembering({ { "storage.client_lifetime", "4s" } });
    QVERIFY2(remembering.server.start(), remembering.server.log().constData());
    PushClient client(remembering.server);
    client.hello();
    const QByteArray path = client.subscribe(randomChannel());
    QVERIFY(leave(client));
    PushParts parts;
    parts.ttl = "1";
    QCOMPARE(remembering.sender.push(path, parts).status, 201);
    QTRY_VERIFY_WITH_TIMEOUT(
        !remembering.query("SELECT 1 FROM event WHERE kind = 'client.expired'").isEmpty(), 20'000);
    QCOMPARE(remembering.events("kind LIKE '%.expired'"),
             QByteArrayList({ "message.expired", "client.expired" }));
    QCOMPARE(remembering.query("SELECT count(DISTINCT uaid) FROM event"), QByteArrayList { "1" });
}

void HistoryTest::reset_afterTooMany()
{
    RememberingServer remembering(
        { { "storage.max_messages", "2" }, { "storage.on_full", "reset" } });
    QVERIFY2(remembering.server.start(), remembering.server.log().constData());
    PushClient client(remembering.server);
    client.hello();
    const QByteArray uaid = client.uaid();
    const QByteArray path = client.subscribe(randomChannel());
    QVERIFY(leave(client));
    for (int i = 0; i < 3; ++i)
        QCOMPARE(remembering.sender.push(path).status, 201);
    PushClient again(remembering.server);
    again.hello(uaid);
    for (int i = 0; i < 2; ++i)
        again.acknowledge(again.notification());
    QVERIFY(again.waitForClose() > 0);
    QCOMPARE(remembering.events("kind LIKE 'client.%' ").mid(2),
             QByteArrayList(
                 { "client.connected known", "client.reset", "client.disconnected UaidReset" }));
}

void HistoryTest::subscriptions_andWhyAConnectionEnded()
{
    RememberingServer remembering;
    QVERIFY2(remembering.server.start(), remembering.server.log().constData());
    PushClient client(remembering.server);
    QVERIFY(client.open({ { "User-Agent", "Firefox of a test" } }));
    client.hello();
    const QByteArray channel = randomChannel();
    QVERIFY(!client.subscribe(channel).isEmpty());
    QCOMPARE(client.unregister(channel), 200);
    client.sendText("no JSON");
    QVERIFY(client.waitForClose() > 0);
    PushClient stranger(remembering.server);
    QVERIFY(stranger.open());
    QVERIFY(leave(stranger));
    QCOMPARE(remembering.events().join('\n'),
             QByteArray("client.connected new\n"
                        "channel.registered\n"
                        "channel.unregistered 0\n"
                        "client.disconnected InvalidMessage\n"
                        "client.disconnected"));
    QCOMPARE(remembering.query("SELECT text FROM event WHERE kind = 'client.connected'"),
             QByteArrayList { "Firefox of a test" });
}

void HistoryTest::nothingInIt_canBeUsed()
{
    RememberingServer remembering({ { "history.hash_uaids", "true" } });
    QVERIFY2(remembering.server.start(), remembering.server.log().constData());
    PushClient client(remembering.server);
    client.hello();
    const QByteArray path = client.subscribe(randomChannel());
    PushParts parts;
    parts.body = "a body that nobody may see";
    const HttpReply answer = remembering.sender.push(path, parts);
    QCOMPARE(answer.status, 201);
    const QJsonObject notification = client.notification();
    client.acknowledge(notification);
    QVERIFY(client.barrier());
    QVERIFY(!remembering.events().isEmpty());
    const QByteArray file = remembering.file();
    QVERIFY(file.size() > 1'000);
    QVERIFY(!file.contains(parts.body));
    QVERIFY(!file.contains(path.mid(path.lastIndexOf('/') + 1)));
    const QByteArray location = answer.header("Location");
    QVERIFY(!file.contains(location.mid(location.lastIndexOf('/') + 1)));
    QVERIFY(!file.contains(client.uaid()));
    QVERIFY(!file.contains(QByteArray::fromHex(client.uaid())));
    QVERIFY(!file.contains(bodyOf(notification).toBase64()));
}

QTEST_GUILESS_MAIN(HistoryTest)
#include "tst_history.moc"
