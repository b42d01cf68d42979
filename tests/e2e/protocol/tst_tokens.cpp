// SPDX-License-Identifier: MPL-2.0
#include "tests/support/fernetforger.h"
#include "tests/support/protocoltest.h"
#include "tests/support/vapidkey.h"

#include <QCryptographicHash>
#include <QTest>
#include <QUuid>

using namespace Carillon::Testing;

// protocol.md §3.3 to §3.5 and §4: endpoint tokens and message ids.
class TokensTest : public ProtocolTest
{
    Q_OBJECT
public:
    TokensTest() : ProtocolTest({ { "keys.crypto_keys", Key } }) { }

private Q_SLOTS:
    void init();
    void goodPath_isCreated_data();
    void goodPath_isCreated();
    void changedToken_isNotFound_data();
    void changedToken_isNotFound();
    void eachCharacterFlipped_isNotFound();
    void forgedToken_isAnsweredByWhatItNames_data();
    void forgedToken_isAnsweredByWhatItNames();
    void token_isAsTheSpecificationSays();
    void unknownPath_isNotFoundWithoutBody_data();
    void unknownPath_isNotFoundWithoutBody();
    void otherMethod_isNotAllowed_data();
    void otherMethod_isNotAllowed();
    void cancel_storedMessage_neverComes();
    void cancel_again_isNoContent();
    void cancel_deliveredMessage_isNoContent();
    void cancel_replacedTopic_leavesTheNewer();
    void cancel_badId_isBadRequest_data();
    void cancel_badId_isBadRequest();
    void cors_anyOrigin_isAllowed_data();
    void cors_anyOrigin_isAllowed();

private:
    static constexpr char Key[] = "T2JhbWEgc2F0IG9uIGEgcm9vZiBpbiBDaGljYWdvLi4=";

    [[nodiscard]] QByteArray token() const { return m_path.mid(QByteArray("/wpush/v1/").size()); }
    [[nodiscard]] static QByteArray bytesOf(const QByteArray &uuid)
    {
        return QByteArray::fromHex(QByteArray(uuid).replace('-', ""));
    }

    std::unique_ptr<PushClient> m_client;
    QByteArray m_channel;
    QByteArray m_path;
};

void TokensTest::init()
{
    m_client = std::make_unique<PushClient>(server());
    m_client->hello();
    m_channel = randomChannel();
    m_path = m_client->subscribe(m_channel);
    QVERIFY(m_path.startsWith("/wpush/v1/"));
}

void TokensTest::goodPath_isCreated_data()
{
    QTest::addColumn<QByteArray>("start");
    QTest::addColumn<QByteArray>("end");
    QTest::newRow("as given") << QByteArray("/wpush/v1/") << QByteArray();
    QTest::newRow("without version") << QByteArray("/wpush/") << QByteArray();
    QTest::newRow("with a query") << QByteArray("/wpush/v1/") << QByteArray("?x=y");
}

void TokensTest::goodPath_isCreated()
{
    QFETCH(const QByteArray, start);
    QFETCH(const QByteArray, end);
    QCOMPARE(sender().push(start + token() + end).status, 201);
    QVERIFY(!m_client->notification().isEmpty());
}

void TokensTest::changedToken_isNotFound_data()
{
    QTest::addColumn<QByteArray>("what");
    for (const char *what :
         { "one letter", "cut by one", "cut by four", "cut in half", "one letter more",
           "four letters more", "standard alphabet", "NUL in percent", "dots", "8,000 letters",
           "of another key", "unknown version", "version 0", "version in capitals" })
        QTest::newRow(what) << QByteArray(what);
}

void TokensTest::changedToken_isNotFound()
{
    QFETCH(const QByteArray, what);
    QByteArray path = "/wpush/v1/";
    if (what == "one letter")
        path += "g";
    else if (what == "cut by one")
        path += token().chopped(1);
    else if (what == "cut by four")
        path += token().chopped(4);
    else if (what == "cut in half")
        path += token().left(token().size() / 2);
    else if (what == "one letter more")
        path += token() + 'A';
    else if (what == "four letters more")
        path += token() + "AAAA";
    else if (what == "standard alphabet")
        path += token().chopped(2) + "+A";
    else if (what == "NUL in percent")
        path += token() + "%00";
    else if (what == "dots")
        path += "..";
    else if (what == "8,000 letters")
        path += QByteArray(8'000, 'g');
    else if (what == "of another key")
        path += forgeFernet(randomFernetKey(), bytesOf(m_client->uaid()) + bytesOf(m_channel))
                    .replace('=', "");
    else if (what == "unknown version")
        path = "/wpush/v3/" + token();
    else if (what == "version 0")
        path = "/wpush/v0/" + token();
    else
        path = "/wpush/V1/" + token();
    const HttpReply reply = sender().push(path);
    QCOMPARE(reply.status, 404);
    QCOMPARE(reply.errorNumber(), 102);
    QVERIFY(reply.header("Cache-Control").isNull());
}

void TokensTest::eachCharacterFlipped_isNotFound()
{
    for (qsizetype i = 0; i < token().size(); i += 3) {
        QByteArray flipped = token();
        flipped[i] = flipped[i] == 'Q' ? 'R' : 'Q';
        const HttpReply reply = sender().push("/wpush/v1/" + flipped);
        QCOMPARE(reply.status, 404);
        QCOMPARE(reply.errorNumber(), 102);
    }
}

void TokensTest::forgedToken_isAnsweredByWhatItNames_data()
{
    QTest::addColumn<QByteArray>("version");
    QTest::addColumn<QByteArray>(
        "plain"); // U, C: this client and channel; u, c: unknown ones; K: key
    QTest::addColumn<int>("status");
    QTest::addColumn<int>("number");
    const auto row = [](const char *name, const char *version, const char *plain, int status,
                        int number) {
        QTest::newRow(name) << QByteArray(version) << QByteArray(plain) << status << number;
    };
    row("client and channel", "v1", "UC", 201, 0);
    row("unknown client", "v1", "uC", 410, 106);
    row("unknown channel", "v1", "Uc", 410, 106);
    row("channel of nobody", "v1", "uc", 410, 106);
    row("nothing", "v1", "", 404, 102);
    row("client alone", "v1", "U", 404, 102);
    row("too long for version 1", "v1", "UCU", 404, 102);
    row("version 2 as version 1", "v1", "UCK", 404, 102);
    row("client, channel and key", "v2", "UCK", 201, 0);
    row("another key", "v2", "UCUC", 401, 109);
    row("version 1 as version 2", "v2", "UC", 404, 102);
    row("too long for version 2", "v2", "UCKU", 404, 102);
    row("unknown client, with key", "v2", "uCK", 410, 106);
}

void TokensTest::forgedToken_isAnsweredByWhatItNames()
{
    QFETCH(const QByteArray, version);
    QFETCH(const QByteArray, plain);
    QFETCH(const int, status);
    QFETCH(const int, number);
    const VapidKey key;
    QByteArray bytes;
    for (const char part : plain) {
        switch (part) {
        case 'U':
            bytes += bytesOf(m_client->uaid());
            break;
        case 'C':
            bytes += bytesOf(m_channel);
            break;
        case 'K':
            bytes += QCryptographicHash::hash(key.point(), QCryptographicHash::Sha256);
            break;
        default:
            bytes += QUuid::createUuid().toRfc4122();
        }
    }
    PushParts parts;
    if (version == "v2")
        parts.authorization = key.authorization(server().origin());
    const HttpReply reply =
        sender().push("/wpush/" + version + '/' + forgeFernet(Key, bytes).replace('=', ""), parts);
    QCOMPARE(reply.status, status);
    QCOMPARE(reply.errorNumber(), number);
    if (status == 410)
        QCOMPARE(reply.header("Cache-Control"), "max-age=86400");
}

void TokensTest::token_isAsTheSpecificationSays()
{
    QCOMPARE(readFernet(Key, token()), bytesOf(m_client->uaid()) + bytesOf(m_channel));
    const VapidKey key;
    const QByteArray path = m_client->subscribe(m_channel, key.publicKey());
    QCOMPARE(readFernet(Key, path.mid(QByteArray("/wpush/v2/").size())),
             bytesOf(m_client->uaid()) + bytesOf(m_channel)
                 + QCryptographicHash::hash(key.point(), QCryptographicHash::Sha256));

    const QByteArray middle =
        QByteArray(m_client->uaid()) + ':' + QByteArray(m_channel).replace('-', "") + ':';
    QCOMPARE(sender().push(m_path).status, 201);
    const QByteArray plainId = readFernet(Key, text(m_client->notification(), "version"));
    QVERIFY2(plainId.startsWith("02:" + middle), plainId.constData());
    PushParts parts;
    parts.topic = "news";
    QCOMPARE(sender().push(m_path, parts).status, 201);
    QCOMPARE(readFernet(Key, text(m_client->notification(), "version")), "01:" + middle + "news");
}

void TokensTest::unknownPath_isNotFoundWithoutBody_data()
{
    QTest::addColumn<QByteArray>("path");
    for (const char *path :
         { "/nothing", "/wpush", "/m", "/push/abc", "/notif/abc", "/m/", "/wpush/v1/", "/metrics",
           "/wpush/v1/a/b", "/..%2f", "//", "/WPUSH/v1/a" })
        QTest::newRow(path) << QByteArray(path);
}

void TokensTest::unknownPath_isNotFoundWithoutBody()
{
    QFETCH(const QByteArray, path);
    const HttpReply reply = HttpPeer(server().endpointPort()).get(path);
    QCOMPARE(reply.status, 404);
    QVERIFY2(reply.body.isEmpty(), reply.body.constData());
}

void TokensTest::otherMethod_isNotAllowed_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("allowed");
    QTest::newRow("GET a push") << QByteArray("GET") << QByteArray("/wpush/v1/a")
                                << QByteArray("POST");
    QTest::newRow("PUT a push") << QByteArray("PUT") << QByteArray("/wpush/v2/a")
                                << QByteArray("POST");
    QTest::newRow("DELETE a push")
        << QByteArray("DELETE") << QByteArray("/wpush/a") << QByteArray("POST");
    QTest::newRow("PATCH a push") << QByteArray("PATCH") << QByteArray("/wpush/v1/a")
                                  << QByteArray("POST");
    QTest::newRow("GET a message")
        << QByteArray("GET") << QByteArray("/m/a") << QByteArray("DELETE");
    QTest::newRow("POST a message")
        << QByteArray("POST") << QByteArray("/m/a") << QByteArray("DELETE");
    QTest::newRow("POST health") << QByteArray("POST") << QByteArray("/health")
                                 << QByteArray("GET");
}

void TokensTest::otherMethod_isNotAllowed()
{
    QFETCH(const QByteArray, method);
    QFETCH(const QByteArray, path);
    QFETCH(const QByteArray, allowed);
    const HttpReply reply = HttpPeer(server().endpointPort()).request(method, path);
    QCOMPARE(reply.status, 405);
    const QByteArrayList names = reply.header("Allow").replace(' ', "").split(',');
    QVERIFY2(names.contains(allowed), reply.header("Allow").constData());
    QVERIFY(!names.contains(method));
}

void TokensTest::cancel_storedMessage_neverComes()
{
    m_client->leave();
    const HttpReply cancelled = sender().pushText(m_path, "to be taken back");
    const HttpReply kept = sender().pushText(m_path, "to be kept");
    QCOMPARE(sender().cancel(cancelled.header("Location")).status, 204);
    PushClient again(server());
    again.hello(m_client->uaid());
    QCOMPARE(bodyOf(again.notification()), "to be kept");
    QCOMPARE(drain(again, m_path), QList<QJsonObject>());
}

void TokensTest::cancel_again_isNoContent()
{
    m_client->leave();
    const QByteArray location = sender().push(m_path).header("Location");
    for (int i = 0; i < 3; ++i) {
        const HttpReply reply = sender().cancel(location);
        QCOMPARE(reply.status, 204);
        QVERIFY(reply.body.isEmpty());
    }
}

void TokensTest::cancel_deliveredMessage_isNoContent()
{
    const HttpReply first = sender().push(m_path);
    const QJsonObject notification = m_client->notification();
    QCOMPARE(sender().cancel(first.header("Location")).status, 204); // in flight
    m_client->acknowledge(notification);
    QVERIFY(m_client->barrier());
    QCOMPARE(sender().cancel(first.header("Location")).status, 204);
    QCOMPARE(sender().push(m_path).status, 201);
    QVERIFY(!m_client->notification().isEmpty());
}

void TokensTest::cancel_replacedTopic_leavesTheNewer()
{
    m_client->leave();
    PushParts parts;
    parts.topic = "news";
    parts.body = "yesterday's news";
    const QByteArray old = sender().push(m_path, parts).header("Location");
    parts.body = "today's news";
    const QByteArray current = sender().push(m_path, parts).header("Location");
    QVERIFY(old != current);
    QCOMPARE(sender().cancel(old).status, 204);
    PushClient again(server());
    again.hello(m_client->uaid());
    QCOMPARE(bodyOf(again.notification()), "today's news");
    again.leave();
    QCOMPARE(sender().cancel(current).status, 204);
    PushClient last(server());
    last.hello(m_client->uaid());
    QCOMPARE(drain(last, m_path), QList<QJsonObject>());
}

void TokensTest::cancel_badId_isBadRequest_data()
{
    QTest::addColumn<QByteArray>("id");
    const QByteArray uaid(32, 'a');
    const QByteArray channel(32, 'b');
    const auto forged = [](const QByteArray &plain) { return forgeFernet(Key, plain); };
    QTest::newRow("nonsense") << QByteArray("nonsense");
    QTest::newRow("8,000 letters") << QByteArray(8'000, 'g');
    QTest::newRow("of another key")
        << forgeFernet(randomFernetKey(), "02:" + uaid + ':' + channel + ":1");
    QTest::newRow("empty") << forged("");
    QTest::newRow("version 00") << forged("00:" + uaid + ':' + channel + ":1");
    QTest::newRow("version 03") << forged("03:" + uaid + ':' + channel + ":1");
    QTest::newRow("no version") << forged(uaid + ':' + channel + ":1");
    QTest::newRow("three parts") << forged("02:" + uaid + ':' + channel);
    QTest::newRow("five parts") << forged("02:" + uaid + ':' + channel + ":1:2");
    QTest::newRow("client no UUID") << forged("02:nobody:" + channel + ":1");
    QTest::newRow("channel no UUID") << forged("02:" + uaid + ":nothing:1");
    QTest::newRow("sort key no number") << forged("02:" + uaid + ':' + channel + ":soon");
    QTest::newRow("an endpoint's token") << forged(QByteArray(32, '\1'));
}

void TokensTest::cancel_badId_isBadRequest()
{
    QFETCH(const QByteArray, id);
    const HttpReply reply = sender().cancel(server().origin() + "/m/" + id);
    QCOMPARE(reply.status, 400);
    QCOMPARE(reply.errorNumber(), 102);
}

void TokensTest::cors_anyOrigin_isAllowed_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<bool>("known");
    QTest::addColumn<int>("status");
    QTest::newRow("preflight") << QByteArray("OPTIONS") << true << 200;
    QTest::newRow("push") << QByteArray("POST") << true << 201;
    QTest::newRow("push refused") << QByteArray("POST") << false << 404;
}

void TokensTest::cors_anyOrigin_isAllowed()
{
    QFETCH(const QByteArray, method);
    QFETCH(const bool, known);
    QFETCH(const int, status);
    const HttpHeaders headers { { "Origin", "https://app.example" },
                                { "TTL", "0" },
                                { "Access-Control-Request-Method", "POST" },
                                { "Access-Control-Request-Headers", "ttl,x-mine" } };
    const HttpReply reply =
        HttpPeer(server().endpointPort()).request(method, known ? m_path : "/wpush/v1/x", headers);
    QVERIFY2(reply.status == status || (status == 200 && reply.status == 204),
             QByteArray::number(reply.status).constData());
    const QByteArray origin = reply.header("Access-Control-Allow-Origin");
    QVERIFY2(origin == "*" || origin == "https://app.example", origin.constData());
    const QByteArray exposed = reply.header("Access-Control-Expose-Headers").toLower();
    QVERIFY2(exposed.contains("location") && exposed.contains("ttl"), exposed.constData());
    if (method == "OPTIONS") {
        QCOMPARE(reply.header("Access-Control-Max-Age"), "3600");
        const QByteArray allowed = reply.header("Access-Control-Allow-Headers").toLower();
        QVERIFY2(allowed == "*" || allowed.contains("x-mine"), allowed.constData());
        for (const char *name : { "GET", "POST", "PUT", "DELETE" })
            QVERIFY2(reply.header("Access-Control-Allow-Methods").contains(name), name);
    }
}

QTEST_GUILESS_MAIN(TokensTest)
#include "tst_tokens.moc"
