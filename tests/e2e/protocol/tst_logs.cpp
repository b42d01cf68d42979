// SPDX-License-Identifier: MPL-2.0
#include "tests/support/protocoltest.h"
#include "tests/support/vapidkey.h"

#include <QCryptographicHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <QLocalSocket>
#include <QRegularExpression>
#include <QTest>

using namespace Carillon::Testing;
using namespace Qt::StringLiterals;

namespace {

/// The parsed lines of a category; all of them if it is empty.
QList<QJsonObject> jsonLines(const QByteArray &log, const QString &category = {})
{
    QList<QJsonObject> lines;
    for (const QByteArray &line : log.trimmed().split('\n')) {
        const QJsonObject object = QJsonDocument::fromJson(line).object();
        if (category.isEmpty() || object["Fields"_L1]["category"_L1] == category)
            lines << object;
    }
    return lines;
}

QList<QByteArray> textLines(const QByteArray &log, const QByteArray &category)
{
    QList<QByteArray> lines;
    for (const QByteArray &line : log.split('\n')) {
        if (line.contains(' ' + category + ": "))
            lines << line;
    }
    return lines;
}

QByteArray lastPart(const QByteArray &path)
{
    return path.mid(path.lastIndexOf('/') + 1);
}

/// The newest records in the memory of the process that holds the clients, as its admin API gives
/// them; empty: it does not.
QByteArray recordsOf(const TestServer &server)
{
    QLocalSocket socket;
    socket.connectToServer(server.adminSocket());
    socket.write("GET /api/v1/logs?limit=1000 HTTP/1.1\r\nHost: localhost\r\n"
                 "Connection: close\r\n\r\n");
    const bool isWhole = socket.waitForDisconnected(static_cast<int>(Patience.count()));
    const QByteArray answer = socket.readAll();
    return isWhole && answer.startsWith("HTTP/1.1 200 ") ? answer : QByteArray();
}

/// What looks like a secret, whoever made it: a Fernet token, a JSON Web Token, a whole UUID that
/// is not a channel's.
QStringList suspects(const QByteArray &log)
{
    static const QRegularExpression forms(uR"(gAAAAA[\w-]{8,}|eyJ[\w-]{8,}|\b[0-9a-fA-F]{32}\b)"_s);
    QStringList found;
    for (auto match = forms.globalMatch(QString::fromUtf8(log)); match.hasNext();)
        found << match.next().captured();
    return found;
}

/// A good push but for one of its parts.
PushParts with(QByteArray PushParts::*part, QByteArray value)
{
    PushParts parts;
    parts.*part = std::move(value);
    return parts;
}

/// Keys that the test knows, and so finds wherever they are.
struct Keys
{
    QByteArray crypto = randomFernetKey();
    QByteArray auth = randomText(40);
    QByteArray cluster = randomText(40);
    VapidKey sender;
};

/// All that senders do, rightly and wrongly.
void sendPushes(TestServer &server, PushClient &client, const VapidKey &key)
{
    Sender sender(server);
    const QByteArray plain = client.subscribe(randomChannel());
    const QByteArray bound = client.subscribe(randomChannel(), key.publicKey());
    const QByteArray origin = server.origin();
    const auto push = [&](const QByteArray &path, PushParts parts) {
        if (parts.body.size() < 100)
            parts.body = randomText(64);
        const HttpReply reply = sender.push(path, parts);
        if (reply.status == 201 && parts.ttl != "0") {
            const QJsonObject notification = client.notification();
            server.remember(text(notification, "version"));
            client.acknowledge(notification);
        }
        return reply;
    };
    const QByteArray salt = base64Url(randomText(16));
    const QByteArray dh = base64Url(VapidKey().point());
    server.remember(salt);
    server.remember(dh);
    PushParts aesgcm = with(&PushParts::encoding, "aesgcm");
    aesgcm.more = { { "Encryption", "salt=" + salt }, { "Crypto-Key", "dh=" + dh } };
    QCOMPARE(push(plain, {}).status, 201);
    QCOMPARE(push(plain, with(&PushParts::topic, "upd-topic")).status, 201);
    QCOMPARE(push(plain, with(&PushParts::ttl, "0")).status, 201);
    QVERIFY(!client.notification().isEmpty());
    QCOMPARE(push(plain, aesgcm).status, 201);
    QCOMPARE(push(bound, with(&PushParts::authorization, key.authorization(origin))).status, 201);
    // Each fault that a request can have is named in the log, with what is wrong.
    const VapidKey other;
    const QByteArray expired = "vapid t=" + key.tokenFor(origin, -7'200) + ",k=" + key.publicKey();
    const QByteArray elsewhere =
        "vapid t=" + key.tokenFor("https://elsewhere.example") + ",k=" + key.publicKey();
    const QByteArray forged = "vapid t=" + other.tokenFor(origin) + ",k=" + key.publicKey();
    for (const QByteArray &authorization :
         { QByteArray(), other.authorization(origin), expired, elsewhere, forged,
           "vapid t=" + randomText(40) + ",k=" + key.publicKey(), "WebPush " + randomText(40),
           "key=AIza" + randomText(40), "Basic " + randomText(40) })
        QVERIFY(push(bound, with(&PushParts::authorization, authorization)).status >= 400);
    QVERIFY(push(plain, with(&PushParts::ttl, {})).status == 400);
    QVERIFY(push(plain, with(&PushParts::ttl, randomText(20))).status == 400);
    QVERIFY(push(plain, with(&PushParts::encoding, randomText(20))).status == 400);
    QVERIFY(push(plain, with(&PushParts::topic, randomText(50))).status == 400);
    QVERIFY(push(plain, with(&PushParts::body, randomText(6'000))).status == 413);
    // The connection ends with this answer.
    QVERIFY(Sender(server).push(plain, with(&PushParts::body, randomText(60'000))).status == 413);
    PushParts broken = aesgcm;
    broken.more[0].second = "salt=" + salt + "!";
    QVERIFY(push(plain, broken).status == 400);
    for (const QByteArray &path :
         { plain.chopped(4), plain + "AAAA", QByteArray("/wpush/v9/" + lastPart(plain)),
           QByteArray("/wpush/" + randomText(40)), QByteArray("/no/" + lastPart(plain)) })
        QVERIFY(push(path, {}).status >= 400);

    HttpPeer http(server.endpointPort());
    QCOMPARE(http.request("PUT", plain).status, 405);
    QCOMPARE(http.request("OPTIONS", plain).status, 204);
    QVERIFY(http.request("GET", "/m/" + lastPart(plain)).status >= 400);
    QCOMPARE(HttpPeer(server.endpointPort())
                 .exchange("POST " + plain + " HTTP/1.1\r\nHost : x\r\n\r\n")
                 .status,
             400);
    QVERIFY(sender.cancel(origin + "/m/" + lastPart(plain)).status >= 400);
}

/// All that clients do, rightly and wrongly.
void behaveOddly(TestServer &server)
{
    PushClient first(server);
    first.hello();
    const QByteArray channel = randomChannel();
    const QByteArray path = first.subscribe(channel);
    const VapidKey key;
    first.sendJson({ { u"messageType"_s, u"register"_s },
                     { u"channelID"_s, QString::fromLatin1(randomChannel()) },
                     { u"key"_s, QString::fromLatin1(randomText(30)) } });
    QVERIFY(!first.nextOf(u"register"_s).isEmpty());
    Sender sender(server);
    const HttpReply reply = sender.pushText(path, randomText(64));
    QCOMPARE(reply.status, 201);
    const QJsonObject notification = first.notification();
    first.sendJson({ { u"messageType"_s, u"nack"_s },
                     { u"version"_s, notification["version"_L1] },
                     { u"code"_s, 302 } });
    first.sendJson({ { u"messageType"_s, u"ack"_s },
                     { u"updates"_s,
                       QJsonArray { QJsonObject {
                           { u"channelID"_s, QString::fromLatin1(channel) },
                           { u"version"_s, QString::fromLatin1(randomText(40)) } } } } });
    QVERIFY(first.barrier());
    PushClient second(server); // takes the place of the first, with its stored message
    second.hello(first.uaid());
    QVERIFY(!second.notification().isEmpty());
    QCOMPARE(second.unregister(channel), 200);
    QVERIFY(sender.push(path).status == 410);
    for (const QByteArray &message :
         { QByteArray(R"({"messageType":"hello","uaid":")" + second.uaid() + R"(")"),
           QByteArray(R"({"messageType":"no","uaid":")" + second.uaid() + R"("})"),
           QByteArray(R"({"messageType":"ack","updates":[{"version":")" + randomText(40) + "\"}]}"),
           QByteArray("\xff\xfe") + second.uaid() }) {
        PushClient odd(server);
        odd.hello();
        odd.sendText(message);
        QVERIFY(odd.waitForClose() > 0);
    }
    PushClient unknown(server);
    const QByteArray stranger = randomText(8).toHex() + randomText(8).toHex();
    server.remember(stranger);
    unknown.hello(stranger);

    HttpPeer router(server.routerPort());
    const QByteArray body =
        R"({"channelID":")" + channel + R"(","data":")" + randomText(40) + "\"}";
    QVERIFY(router.request("PUT", "/push/" + second.uaid(), {}, body).status >= 400);
    QVERIFY(router
                .request("PUT", "/notif/" + second.uaid(),
                         { { "X-Carillon-Signature", "t=1,s=" + randomText(40) } })
                .status
            >= 400);
    QVERIFY(router.request("PUT", "/ghost/" + second.uaid() + "/1").status >= 400);
}

} // namespace

// docs/logs.md: what the log says, and what it never says.
class LogsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void fullRunAtDebug_tellsNoSecret_data();
    void fullRunAtDebug_tellsNoSecret();
    void session_hasOneLine_withItsCounts();
    void request_hasOneLine_withItsReason();
    void goodPushes_addNothingAtInfo();
    void sighup_changesLevelsAndFormat();
};

void LogsTest::fullRunAtDebug_tellsNoSecret_data()
{
    QTest::addColumn<QByteArray>("format");
    QTest::newRow("text") << QByteArray("text");
    QTest::newRow("json") << QByteArray("json");
}

void LogsTest::fullRunAtDebug_tellsNoSecret()
{
    QFETCH(QByteArray, format);
    const Keys keys;
    TestServer own({ { "keys.crypto_keys", keys.crypto },
                     { "keys.auth_keys", keys.auth },
                     { "keys.cluster_secret", keys.cluster },
                     { "log.format", format },
                     { "log.requests", "true" } });
    for (const QByteArray &secret : { keys.crypto, keys.auth, keys.cluster })
        own.remember(secret);
    QVERIFY2(own.start(), own.log().constData());
    {
        PushClient client(own);
        client.hello();
        sendPushes(own, client, keys.sender);
        if (QTest::currentTestFailed())
            return;
        behaveOddly(own);
        if (QTest::currentTestFailed())
            return;
    }
    const QByteArray records = recordsOf(own);
    QVERIFY(records.contains("says hello"));
    QVERIFY(records.contains("carillon.requests"));
    const QByteArray badKey = randomText(50);
    own.remember(badKey);
    own.configure("[keys]\ncrypto_keys = [\"" + badKey + "\"]\n");
    own.hangUp();
    own.terminate();
    QVERIFY(own.waitForEnd());
    QVERIFY2(own.exitCode() == 0, own.log().constData());

    const QByteArray log = own.log();
    QVERIFY2(log.contains("push refused with"), "the run is not logged at level debug");
    QVERIFY2(log.contains("request.summary") || format == "text", log.constData());
    QCOMPARE(own.leaks(), QByteArrayList());
    for (const QByteArray &text : { log, records }) {
        QCOMPARE(own.tracesIn(text), QByteArrayList());
        QCOMPARE(own.tracesIn(QByteArray(text).replace('-', "").toLower()),
                 QByteArrayList()); // UAIDs
        QCOMPARE(suspects(text), QStringList());
    }
    if (format == "json") {
        for (const QJsonObject &line : jsonLines(log)) {
            for (const auto name : { "Timestamp"_L1, "Type"_L1, "Logger"_L1, "Hostname"_L1,
                                     "EnvVersion"_L1, "Severity"_L1, "Pid"_L1, "Fields"_L1 })
                QVERIFY2(line.contains(name), log.constData());
        }
    }
}

void LogsTest::session_hasOneLine_withItsCounts()
{
    TestServer own({ { "log.format", "json" }, { "log.level", "info" } });
    QVERIFY2(own.start(), own.log().constData());
    QByteArray uaid;
    {
        PushClient client(own);
        QVERIFY(client.open({ { "User-Agent",
                                "Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 "
                                "Firefox/115.0" } }));
        client.hello();
        uaid = client.uaid();
        const QByteArray channel = randomChannel();
        const QByteArray path = client.subscribe(channel);
        Sender sender(own);
        for (int i = 0; i < 3; ++i) {
            QCOMPARE(sender.push(path).status, 201);
            const QJsonObject notification = client.notification();
            if (i < 2)
                client.acknowledge(notification);
            else
                client.sendJson({ { u"messageType"_s, u"nack"_s },
                                  { u"version"_s, notification["version"_L1] } });
        }
        QCOMPARE(client.unregister(channel), 200);
        PushClient stranger(own); // has no session that would be of interest
        QVERIFY(stranger.open());
    }
    QTRY_COMPARE(jsonLines(own.log(), u"carillon.sessions"_s).size(), 1);
    const QJsonObject line = jsonLines(own.log(), u"carillon.sessions"_s).first();
    QCOMPARE(line["Severity"_L1], 6);
    QJsonObject fields = line["Fields"_L1].toObject();
    for (const auto name : { "msg"_L1, "connection_time"_L1, "category"_L1, "level"_L1 })
        QVERIFY(!fields.take(name).isUndefined());
    // With the roles apart the pushes are handed over.
    const bool isApart = own.layout() == TestServer::Layout::Apart;
    QCOMPARE(fields,
             (QJsonObject { { u"uaid"_s, QString::fromLatin1(uaid.first(8)) },
                            { u"existing_uaid"_s, false },
                            { u"connection_type"_s, u"webpush"_s },
                            { u"ua_os_family"_s, u"Linux"_s },
                            { u"ua_browser_family"_s, u"Firefox"_s },
                            { u"ua_browser_ver"_s, u"115.0"_s },
                            { u"direct_sent"_s, isApart ? 0 : 3 },
                            { u"stored_retrieved"_s, 0 },
                            { u"handed_over"_s, isApart ? 3 : 0 },
                            { u"acks"_s, 2 },
                            { u"nacks"_s, 1 },
                            { u"registers"_s, 1 },
                            { u"unregisters"_s, 1 },
                            { u"disconnect_reason"_s, u"closed-by-peer"_s } }));

    PushClient later(own);
    later.hello(uaid);
    own.terminate();
    QVERIFY(own.waitForEnd());
    const QList<QJsonObject> sessions = jsonLines(own.log(), u"carillon.sessions"_s);
    QCOMPARE(sessions.size(), 2);
    QCOMPARE(sessions[1]["Fields"_L1]["existing_uaid"_L1], true);
    QCOMPARE(sessions[1]["Fields"_L1]["disconnect_reason"_L1], u"Draining"_s);
}

void LogsTest::request_hasOneLine_withItsReason()
{
    TestServer own(
        { { "log.format", "json" }, { "log.level", "info" }, { "log.requests", "true" } });
    QVERIFY2(own.start(), own.log().constData());
    PushClient client(own);
    client.hello();
    const VapidKey key;
    const QByteArray path = client.subscribe(randomChannel(), key.publicKey());
    Sender sender(own);
    const auto pushes = [&] {
        QList<QJsonObject> lines;
        for (const QJsonObject &line : jsonLines(own.log(), u"carillon.requests"_s)) {
            if (line["Fields"_L1]["method"_L1] == u"POST"_s)
                lines << line;
        }
        return lines;
    };
    PushParts good = with(&PushParts::body, "1234567");
    good.authorization = key.authorization(own.origin());
    QCOMPARE(sender.push(path, good).status, 201);
    QCOMPARE(sender.push(path, with(&PushParts::body, "123")).status, 401);
    QTRY_COMPARE(pushes().size(), 2);
    const QJsonObject accepted = pushes()[0]["Fields"_L1].toObject();
    QCOMPARE(pushes()[0]["Type"_L1], u"request.summary"_s);
    QCOMPARE(accepted["path"_L1], u"/wpush/{version}/{token}"_s);
    QCOMPARE(accepted["code"_L1], 201);
    QCOMPARE(accepted["size"_L1], 7);
    QCOMPARE(accepted["sender"_L1].toString().toLatin1(),
             QCryptographicHash::hash(key.point(), QCryptographicHash::Sha256).toHex().first(16));
    QVERIFY(accepted["t"_L1].isDouble());
    QVERIFY(accepted["errno"_L1].isUndefined());
    const QJsonObject refused = pushes()[1]["Fields"_L1].toObject();
    QCOMPARE(refused["code"_L1], 401);
    QCOMPARE(refused["errno"_L1], 109);
    QCOMPARE(refused["error"_L1], u"VapidMissing"_s);
    QVERIFY(refused["sender"_L1].isUndefined());
}

void LogsTest::goodPushes_addNothingAtInfo()
{
    constexpr int Pushes = 1'000;
    TestServer own({ { "log.level", "info" } });
    QVERIFY2(own.start(), own.log().constData());
    PushClient client(own);
    client.hello();
    const QByteArray path = client.subscribe(randomChannel());
    // Each process says it when everything is started; clients are served before.
    const int processes = own.layout() == TestServer::Layout::Apart ? 2 : 1;
    QTRY_COMPARE(own.log().count("serves on"), processes);
    const qsizetype before = own.log().count('\n');
    Sender sender(own);
    for (int i = 0; i < Pushes; ++i) {
        QCOMPARE(sender.push(path).status, 201);
        client.acknowledge(client.notification());
    }
    QVERIFY(client.barrier());
    QCOMPARE(own.log().count('\n'), before);
    client.leave();
    QTRY_COMPARE(own.log().count('\n'), before + 1);
}

void LogsTest::sighup_changesLevelsAndFormat()
{
    TestServer own;
    own.set("log.level", "info");
    own.configure("[log]\nrules = []\n");
    QVERIFY2(own.start(), own.log().constData());
    Sender sender(own);
    QVERIFY(sender.push("/wpush/v1/none").status >= 400);
    QCOMPARE(textLines(own.log(), "carillon.endpoint"), QList<QByteArray>());

    const qsizetype reloads = own.log().count("reloaded keys");
    own.configure("[log]\nrules = [\"carillon.endpoint=debug\"]\nformat = \"json\"\n");
    own.hangUp();
    const qsizetype processes = own.layout() == TestServer::Layout::Apart ? 2 : 1;
    QTRY_COMPARE(own.log().count("reloaded keys"), reloads + processes);
    QVERIFY(sender.push("/wpush/v1/none").status >= 400);
    QTRY_COMPARE(jsonLines(own.log(), u"carillon.endpoint"_s).size(), 1);
    QVERIFY(!own.log().contains("these changes require a restart"));
}

QTEST_GUILESS_MAIN(LogsTest)
#include "tst_logs.moc"
