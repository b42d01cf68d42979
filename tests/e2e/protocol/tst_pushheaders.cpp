// SPDX-License-Identifier: MPL-2.0
#include "tests/support/protocoltest.h"
#include "tests/support/vapidkey.h"

#include <QJsonDocument>
#include <QTest>

using namespace Carillon::Testing;
using namespace Qt::StringLiterals;

Q_DECLARE_METATYPE(Carillon::Testing::PushParts)

// protocol.md §3.1: the table of header fields, the body, and the order in which faults are found.
class PushHeadersTest : public ProtocolTest
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void goodPush_isCreatedAndDelivered_data();
    void goodPush_isCreatedAndDelivered();
    void badPush_isRefusedByName_data();
    void badPush_isRefusedByName();
    void twoFaults_theGraverIsAnswered_data();
    void twoFaults_theGraverIsAnswered();
    void bodyOverTheLimit_isRefused_data();
    void bodyOverTheLimit_isRefused();
    void legacyEncoding_isPassedOnWithoutQuotesAndPadding();
    void listsInSeveralLines_areOneList();
    void keyInALineOfItsOwn_isFound();
    void noBody_noHeadersArePassedOn_data();
    void noBody_noHeadersArePassedOn();

private:
    PushClient &client() { return *m_client; }

    std::unique_ptr<PushClient> m_client;
    QByteArray m_path;
};

namespace {

constexpr char Dh[] =
    "BNoRDbb84JGm8g5Z5CFxurSqsXWJ11ItfXEWYVLE85Y7CYkDjXsIEc4aqxYaQ1G8BqkXCJ6DPpDrWtdWj_mugHU";

PushParts with(void (*change)(PushParts &))
{
    PushParts parts;
    change(parts);
    return parts;
}

} // namespace

void PushHeadersTest::init()
{
    m_client = std::make_unique<PushClient>(server());
    client().hello();
    m_path = client().subscribe(randomChannel());
    QVERIFY(!m_path.isEmpty());
}

void PushHeadersTest::goodPush_isCreatedAndDelivered_data()
{
    QTest::addColumn<PushParts>("parts");
    QTest::addColumn<QByteArray>("ttl");
    const auto row = [](const char *name, void (*change)(PushParts &), const char *ttl = "60") {
        QTest::newRow(name) << with(change) << QByteArray(ttl);
    };
    row("defaults", [](PushParts &) {});
    row(
        "TTL 0", [](PushParts &p) { p.ttl = "0"; }, "0");
    row(
        "TTL at its cap", [](PushParts &p) { p.ttl = "2592000"; }, "2592000");
    row(
        "TTL above its cap", [](PushParts &p) { p.ttl = "2592001"; }, "2592000");
    row(
        "TTL of twenty digits", [](PushParts &p) { p.ttl = "99999999999999999999"; }, "2592000");
    row("TTL with zeros before", [](PushParts &p) { p.ttl = "0060"; });
    row("Topic", [](PushParts &p) { p.topic = "news"; });
    row("Topic of one letter", [](PushParts &p) { p.topic = "n"; });
    row("Topic of 32 letters", [](PushParts &p) { p.topic = QByteArray(32, 'n'); });
    row("Topic of all kinds of letters", [](PushParts &p) { p.topic = "aZ09-_"; });
    row("Topic with padding", [](PushParts &p) { p.topic = "bmV3cw=="; });
    row("Urgency very-low", [](PushParts &p) { p.urgency = "very-low"; });
    row("Urgency low", [](PushParts &p) { p.urgency = "low"; });
    row("Urgency normal", [](PushParts &p) { p.urgency = "normal"; });
    row("Urgency high", [](PushParts &p) { p.urgency = "high"; });
    row("Urgency unknown", [](PushParts &p) { p.urgency = "urgent"; });
    row("Urgency empty", [](PushParts &p) { p.urgency = ""; });
    row("Encoding in capitals", [](PushParts &p) { p.encoding = "AES128GCM"; });
    row("aes128gcm with p256ecdsa", [](PushParts &p) {
        p.more = { { "Crypto-Key", QByteArray("p256ecdsa=") + Dh } };
    });
    row("aesgcm with salt alone", [](PushParts &p) {
        p.encoding = "aesgcm";
        p.more = { { "Encryption", "salt=AAAAAAAAAAAAAAAAAAAAAA" } };
    });
    row("aesgcm with salt and dh", [](PushParts &p) {
        p.encoding = "aesgcm";
        p.more = { { "Encryption", "keyid=p256dh;salt=AAAAAAAAAAAAAAAAAAAAAA" },
                   { "Crypto-Key", QByteArray("keyid=p256dh;dh=") + Dh } };
    });
    row("body of zeros", [](PushParts &p) { p.body = QByteArray(100, '\0'); });
    row("body of 5,630 bytes", [](PushParts &p) { p.body = QByteArray(5'630, 'b'); });
    row("content type of any kind", [](PushParts &p) {
        p.more = { { "Content-Type", "text/html" } };
    });
    row("name of a field in capitals", [](PushParts &p) {
        p.ttl = {};
        p.more = { { "TTL", "60" }, { "X-UNKNOWN", "x" } };
    });
}

void PushHeadersTest::goodPush_isCreatedAndDelivered()
{
    QFETCH(const PushParts, parts);
    QFETCH(const QByteArray, ttl);
    const HttpReply reply = sender().push(m_path, parts);
    QCOMPARE(reply.status, 201);
    QCOMPARE(reply.header("TTL"), ttl);
    QVERIFY2(reply.header("Location").startsWith(server().origin() + "/m/"),
             reply.header("Location").constData());
    QVERIFY(reply.body.isEmpty());

    const QJsonObject notification = client().notification();
    QCOMPARE(bodyOf(notification), parts.body);
    QCOMPARE(text(notification, "version"),
             reply.header("Location").mid((server().origin() + "/m/").size()));
    // None of these is the client's business.
    for (const char *name : { "ttl", "topic", "timestamp", "urgency", "uaid" })
        QVERIFY2(!notification.contains(QLatin1StringView(name)), name);
}

void PushHeadersTest::badPush_isRefusedByName_data()
{
    QTest::addColumn<PushParts>("parts");
    QTest::addColumn<int>("status");
    QTest::addColumn<int>("number");
    QTest::addColumn<QByteArray>("name");
    const auto row = [](const char *name, int status, int number, const char *error,
                        void (*change)(PushParts &)) {
        QTest::newRow(name) << with(change) << status << number << QByteArray(error);
    };
    row("TTL missing", 400, 111, "TtlMissing", [](PushParts &p) { p.ttl = {}; });
    row("TTL empty", 400, 111, "TtlInvalid", [](PushParts &p) { p.ttl = ""; });
    row("TTL a word", 400, 111, "TtlInvalid", [](PushParts &p) { p.ttl = "forever"; });
    row("TTL a fraction", 400, 111, "TtlInvalid", [](PushParts &p) { p.ttl = "1.5"; });
    row("TTL with a unit", 400, 111, "TtlInvalid", [](PushParts &p) { p.ttl = "60s"; });
    row("TTL in hex", 400, 111, "TtlInvalid", [](PushParts &p) { p.ttl = "0x10"; });
    row("TTL two numbers", 400, 111, "TtlInvalid", [](PushParts &p) { p.ttl = "1 2"; });
    row("TTL a sign alone", 400, 111, "TtlInvalid", [](PushParts &p) { p.ttl = "-"; });
    row("TTL negative", 400, 114, "TtlNegative", [](PushParts &p) { p.ttl = "-1"; });
    row("TTL far below 0", 400, 114, "TtlNegative",
        [](PushParts &p) { p.ttl = "-99999999999999999999"; });
    row("TTL twice", 400, 111, "TtlInvalid", [](PushParts &p) { p.more = { { "TTL", "60" } }; });
    row("Topic twice", 400, 113, "TopicInvalid", [](PushParts &p) {
        p.more = { { "Topic", "a" }, { "topic", "a" } };
    });
    row("Content-Encoding twice", 400, 110, "EncodingUnknown", [](PushParts &p) {
        p.more = { { "Content-Encoding", "aes128gcm" } };
    });
    row("Authorization twice", 401, 109, "VapidHeaderInvalid", [](PushParts &p) {
        const VapidKey key;
        const QByteArray value = key.authorization("http://127.0.0.1");
        p.more = { { "Authorization", value }, { "Authorization", value } };
    });
    row("Topic of 33 letters", 400, 113, "TopicInvalid",
        [](PushParts &p) { p.topic = QByteArray(33, 'n'); });
    row("Topic of 8,000 letters", 400, 113, "TopicInvalid",
        [](PushParts &p) { p.topic = QByteArray(8'000, 'n'); });
    row("Topic with a space", 400, 113, "TopicInvalid", [](PushParts &p) { p.topic = "a b"; });
    row("Topic with a slash", 400, 113, "TopicInvalid", [](PushParts &p) { p.topic = "a/b"; });
    row("Topic with a plus", 400, 113, "TopicInvalid", [](PushParts &p) { p.topic = "a+b"; });
    row("Topic beyond ASCII", 400, 113, "TopicInvalid", [](PushParts &p) { p.topic = "ä"; });
    row("Topic with padding inside", 400, 113, "TopicInvalid",
        [](PushParts &p) { p.topic = "a=b"; });
    row("encoding missing", 400, 110, "EncodingMissing", [](PushParts &p) { p.encoding = {}; });
    row("encoding empty", 400, 110, "EncodingMissing", [](PushParts &p) { p.encoding = ""; });
    row("encoding unknown", 400, 110, "EncodingUnknown",
        [](PushParts &p) { p.encoding = "aes256gcm"; });
    row("encoding gzip", 400, 110, "EncodingUnknown", [](PushParts &p) { p.encoding = "gzip"; });
    row("two encodings", 400, 110, "EncodingUnknown",
        [](PushParts &p) { p.encoding = "aes128gcm, gzip"; });
    row("aes128gcm with salt", 400, 110, "SaltNotAllowed", [](PushParts &p) {
        p.more = { { "Encryption", "salt=AAAAAAAAAAAAAAAAAAAAAA" } };
    });
    row("aes128gcm with dh", 400, 110, "DhNotAllowed", [](PushParts &p) {
        p.more = { { "Crypto-Key", QByteArray("dh=") + Dh } };
    });
    row("aesgcm without Encryption", 400, 110, "SaltMissing", [](PushParts &p) {
        p.encoding = "aesgcm";
        p.more = { { "Crypto-Key", QByteArray("dh=") + Dh } };
    });
    row("aesgcm without salt", 400, 110, "SaltMissing", [](PushParts &p) {
        p.encoding = "aesgcm";
        p.more = { { "Encryption", "keyid=p256dh;rs=4096" } };
    });
    row("aesgcm, salt empty", 400, 110, "SaltInvalid", [](PushParts &p) {
        p.encoding = "aesgcm";
        p.more = { { "Encryption", "salt=" } };
    });
    row("aesgcm, salt in standard base64", 400, 110, "SaltInvalid", [](PushParts &p) {
        p.encoding = "aesgcm";
        p.more = { { "Encryption", "salt=AA+A/AAAAAAAAAAAAAAAAA" } };
    });
    row("aesgcm, Crypto-Key without dh", 400, 110, "DhInvalid", [](PushParts &p) {
        p.encoding = "aesgcm";
        p.more = { { "Encryption", "salt=AAAAAAAAAAAAAAAAAAAAAA" },
                   { "Crypto-Key", "keyid=p256dh" } };
    });
    row("aesgcm, dh no base64", 400, 110, "DhInvalid", [](PushParts &p) {
        p.encoding = "aesgcm";
        p.more = { { "Encryption", "salt=AAAAAAAAAAAAAAAAAAAAAA" }, { "Crypto-Key", "dh=a*b" } };
    });
}

void PushHeadersTest::badPush_isRefusedByName()
{
    QFETCH(const PushParts, parts);
    QFETCH(const int, status);
    QFETCH(const int, number);
    QFETCH(const QByteArray, name);
    const HttpReply reply = sender().push(m_path, parts);
    QCOMPARE(reply.status, status);
    QCOMPARE(reply.errorNumber(), number);
    QCOMPARE(reply.errorName(), name);
    const QJsonObject error = reply.json();
    QCOMPARE(error.value(u"code"_s).toInt(), status);
    QVERIFY(!text(error, "error").isEmpty());
    QVERIFY(!text(error, "message").isEmpty());
    QCOMPARE(error.size(), 5);
    QCOMPARE(reply.header("Content-Type"), "application/json");
    QCOMPARE(drain(client(), m_path), QList<QJsonObject>());
}

void PushHeadersTest::twoFaults_theGraverIsAnswered_data()
{
    QTest::addColumn<QByteArray>("which");
    QTest::addColumn<PushParts>("parts");
    QTest::addColumn<int>("status");
    QTest::addColumn<int>("number");
    const auto row = [](const char *name, const char *which, int status, int number,
                        void (*change)(PushParts &)) {
        QTest::newRow(name) << QByteArray(which) << with(change) << status << number;
    };
    row("version before all", "/wpush/v9/", 404, 102, [](PushParts &p) { p.ttl = {}; });
    row("token before VAPID", "/wpush/v2/", 404, 102, [](PushParts &p) { p.ttl = {}; });
    row("VAPID before token length", "v1 as v2", 401, 109, [](PushParts &p) { p.ttl = {}; });
    row("channel before body size", "unregistered", 410, 106,
        [](PushParts &p) { p.body = QByteArray(5'631, 'b'); });
    row("channel before TTL", "unregistered", 410, 106, [](PushParts &p) { p.ttl = {}; });
    row("channel before Topic", "unregistered", 410, 106, [](PushParts &p) { p.topic = "a b"; });
    row("body size before TTL", "good", 413, 104, [](PushParts &p) {
        p.body = QByteArray(5'631, 'b');
        p.ttl = {};
    });
    row("TTL before encoding", "good", 400, 111, [](PushParts &p) {
        p.ttl = {};
        p.encoding = {};
    });
    row("encoding before sign of TTL", "good", 400, 110, [](PushParts &p) {
        p.ttl = "-1";
        p.encoding = {};
    });
    row("sign of TTL before Topic", "good", 400, 114, [](PushParts &p) {
        p.ttl = "-1";
        p.topic = "a b";
    });
}

void PushHeadersTest::twoFaults_theGraverIsAnswered()
{
    QFETCH(const QByteArray, which);
    QFETCH(const PushParts, parts);
    QFETCH(const int, status);
    QFETCH(const int, number);
    QByteArray path = m_path;
    if (which == "unregistered") {
        const QByteArray channel = randomChannel();
        path = client().subscribe(channel);
        QCOMPARE(client().unregister(channel), 200);
    } else if (which == "v1 as v2") {
        path.replace("/v1/", "/v2/");
    } else if (which != "good") {
        path = which + "nobody-made-this-token";
    }
    const HttpReply reply = sender().push(path, parts);
    QCOMPARE(reply.status, status);
    QCOMPARE(reply.errorNumber(), number);
}

void PushHeadersTest::bodyOverTheLimit_isRefused_data()
{
    QTest::addColumn<int>("size");
    QTest::addColumn<bool>("chunked");
    QTest::newRow("one byte more") << 5'631 << false;
    QTest::newRow("one byte more, chunked") << 5'631 << true;
    QTest::newRow("4 MiB") << (4 << 20) << false;
    QTest::newRow("4 MiB, chunked") << (4 << 20) << true;
}

void PushHeadersTest::bodyOverTheLimit_isRefused()
{
    QFETCH(const int, size);
    QFETCH(const bool, chunked);
    const QByteArray body(size, 'b');
    HttpReply reply;
    if (chunked) {
        HttpPeer peer(server().endpointPort());
        reply = peer.request("POST", m_path,
                             { { "TTL", "60" },
                               { "Content-Encoding", "aes128gcm" },
                               { "Transfer-Encoding", "chunked" } },
                             QByteArray::number(size, 16) + "\r\n" + body + "\r\n0\r\n\r\n");
    } else {
        reply = Sender(server()).pushText(m_path, body);
    }
    QCOMPARE(reply.status, 413);
    QCOMPARE(reply.errorNumber(), 104);
    QCOMPARE(drain(client(), m_path), QList<QJsonObject>());
}

void PushHeadersTest::legacyEncoding_isPassedOnWithoutQuotesAndPadding()
{
    PushParts parts;
    parts.encoding = "aesgcm";
    parts.more = { { "Encryption", "keyid=\"p256dh\";salt=\"AAAAAAAAAAAAAAAAAAAAAA==\"" },
                   { "Crypto-Key", QByteArray("keyid=\"p256dh\";dh=\"") + Dh + "=\"" } };
    QCOMPARE(sender().push(m_path, parts).status, 201);
    const QJsonObject headers = client().notification().value(u"headers"_s).toObject();
    QCOMPARE(text(headers, "encoding"), "aesgcm");
    QCOMPARE(text(headers, "encryption"), "keyid=p256dh;salt=AAAAAAAAAAAAAAAAAAAAAA");
    QCOMPARE(text(headers, "crypto_key"), QByteArray("keyid=p256dh;dh=") + Dh);
    QCOMPARE(headers.size(), 3);
}

void PushHeadersTest::listsInSeveralLines_areOneList()
{
    PushParts parts;
    parts.encoding = "aesgcm";
    parts.more = { { "Encryption", "keyid=p256dh;salt=AAAAAAAAAAAAAAAAAAAAAA" },
                   { "Crypto-Key", "p256ecdsa=BBBB" },
                   { "Encryption", "" },
                   { "crypto-key", QByteArray("keyid=p256dh;dh=") + Dh } };
    QCOMPARE(sender().push(m_path, parts).status, 201);
    const QJsonObject headers = client().notification().value(u"headers"_s).toObject();
    QCOMPARE(text(headers, "encryption"), "keyid=p256dh;salt=AAAAAAAAAAAAAAAAAAAAAA");
    QCOMPARE(text(headers, "crypto_key"), QByteArray("p256ecdsa=BBBB, keyid=p256dh;dh=") + Dh);
}

void PushHeadersTest::keyInALineOfItsOwn_isFound()
{
    const VapidKey key;
    PushParts parts;
    parts.encoding = "aesgcm";
    parts.authorization = "WebPush " + key.tokenFor(server().origin());
    parts.more = { { "Encryption", "salt=AAAAAAAAAAAAAAAAAAAAAA" },
                   { "Crypto-Key", QByteArray("dh=") + Dh },
                   { "Crypto-Key", "p256ecdsa=" + key.publicKey() } };
    const HttpReply reply = sender().push(m_path, parts);
    QVERIFY2(reply.status == 201, reply.body.constData());
}

void PushHeadersTest::noBody_noHeadersArePassedOn_data()
{
    QTest::addColumn<QByteArray>("encoding");
    QTest::newRow("no encoding") << QByteArray();
    QTest::newRow("encoding all the same") << QByteArray("aes128gcm");
    QTest::newRow("unknown encoding") << QByteArray("gzip");
}

void PushHeadersTest::noBody_noHeadersArePassedOn()
{
    QFETCH(const QByteArray, encoding);
    PushParts parts;
    parts.body.clear();
    parts.encoding = encoding;
    QCOMPARE(sender().push(m_path, parts).status, 201);
    const QJsonObject notification = client().notification();
    QVERIFY(!text(notification, "version").isEmpty());
    QVERIFY(!notification.contains(u"data"_s));
    QVERIFY(!notification.contains(u"headers"_s));
}

QTEST_GUILESS_MAIN(PushHeadersTest)
#include "tst_pushheaders.moc"
