// SPDX-License-Identifier: MPL-2.0
#include "tests/support/protocoltest.h"
#include "tests/support/vapidkey.h"

#include <QDateTime>
#include <QTest>

using namespace Carillon::Testing;

namespace {

/// What a row makes its headers from.
struct Scene
{
    const VapidKey &key; ///< the subscription's
    QByteArray origin;

    [[nodiscard]] QByteArray in(qint64 seconds) const
    {
        return QByteArray::number(QDateTime::currentSecsSinceEpoch() + seconds);
    }
    /// Claims for the good origin with these others.
    [[nodiscard]] QByteArray claims(const QByteArray &others) const
    {
        return R"({"aud":")" + origin + '"' + (others.isEmpty() ? "" : ",") + others + '}';
    }
    [[nodiscard]] QByteArray vapid(const QByteArray &token) const
    {
        return "vapid t=" + token + ", k=" + key.publicKey();
    }
    /// An Authorization whose token has these claims.
    [[nodiscard]] QByteArray claiming(const QByteArray &others) const
    {
        return vapid(key.token(claims(others)));
    }
    [[nodiscard]] QByteArray forAudience(const QByteArray &audience) const
    {
        return vapid(key.token(R"({"aud":)" + audience + R"(,"exp":)" + in(3'600) + '}'));
    }
    [[nodiscard]] QByteArray goodToken() const { return key.tokenFor(origin); }
    [[nodiscard]] QByteArray withHeader(const QByteArray &header) const
    {
        return vapid(key.token(claims("\"exp\":" + in(3'600)), header));
    }
    /// A good token whose signature is replaced by what `change` makes of the text it signs.
    [[nodiscard]] QByteArray signedBy(QByteArray (*change)(const VapidKey &,
                                                           const QByteArray &)) const
    {
        const QByteArray token = goodToken();
        const QByteArray text = token.left(token.lastIndexOf('.'));
        return vapid(text + '.' + base64Url(change(key, text)));
    }
};

using MakeHeader = QByteArray (*)(const Scene &);

QByteArray standardBase64(const QByteArray &bytes)
{
    return bytes.toBase64();
}

} // namespace

Q_DECLARE_METATYPE(MakeHeader)

// protocol.md §3.2, VAPID and its edges.
class VapidHeaderTest : public ProtocolTest
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void goodAuthorization_isCreated_data();
    void goodAuthorization_isCreated();
    void badAuthorization_isRefusedByName_data();
    void badAuthorization_isRefusedByName();
    void badAuthorization_onVersion1_isRefusedToo();
    void legacyScheme_badCryptoKey_isRefused_data();
    void legacyScheme_badCryptoKey_isRefused();
    void rememberedToken_isNotGoodForAnotherSubscription();

private:
    [[nodiscard]] Scene scene() { return { m_key, server().origin() }; }
    [[nodiscard]] HttpReply push(const QByteArray &path, MakeHeader authorization,
                                 MakeHeader cryptoKey = nullptr);

    VapidKey m_key;
    std::unique_ptr<PushClient> m_client;
    QByteArray m_path;
};

void VapidHeaderTest::init()
{
    m_client = std::make_unique<PushClient>(server());
    m_client->hello();
    m_path = m_client->subscribe(randomChannel(), m_key.publicKey());
    QVERIFY(!m_path.isEmpty());
}

HttpReply VapidHeaderTest::push(const QByteArray &path, MakeHeader authorization,
                                MakeHeader cryptoKey)
{
    PushParts parts;
    if (authorization)
        parts.authorization = authorization(scene());
    if (cryptoKey)
        parts.more = { { "Crypto-Key", cryptoKey(scene()) } };
    return sender().push(path, parts);
}

void VapidHeaderTest::goodAuthorization_isCreated_data()
{
    QTest::addColumn<MakeHeader>("authorization");
    QTest::addColumn<MakeHeader>("cryptoKey");
    const auto row = [](const char *name, MakeHeader authorization,
                        MakeHeader cryptoKey = nullptr) {
        QTest::newRow(name) << authorization << cryptoKey;
    };
    row("vapid", [](const Scene &s) { return s.vapid(s.goodToken()); });
    row("VAPID in capitals",
        [](const Scene &s) { return s.vapid(s.goodToken()).replace("vapid", "VAPID"); });
    row("k before t",
        [](const Scene &s) { return "vapid k=" + s.key.publicKey() + ",t=" + s.goodToken(); });
    row("many spaces", [](const Scene &s) {
        return "vapid   t=" + s.goodToken() + "  ,   k=" + s.key.publicKey() + "  ";
    });
    row("another parameter", [](const Scene &s) { return s.vapid(s.goodToken()) + ", x=y"; });
    row("key with padding", [](const Scene &s) { return s.vapid(s.goodToken()) + '='; });
    row("key in standard base64", [](const Scene &s) {
        return "vapid t=" + s.goodToken() + ", k=" + standardBase64(s.key.point());
    });
    row(
        "WebPush", [](const Scene &s) { return "WebPush " + s.goodToken(); },
        [](const Scene &s) { return "p256ecdsa=" + s.key.publicKey(); });
    row(
        "Bearer", [](const Scene &s) { return "Bearer " + s.goodToken(); },
        [](const Scene &s) { return "p256ecdsa=" + s.key.publicKey(); });
    row(
        "Bearer, key among others by semicolon",
        [](const Scene &s) { return "bearer " + s.goodToken(); },
        [](const Scene &s) { return "keyid=a;p256ecdsa=" + s.key.publicKey() + ";x=y"; });
    row(
        "Bearer, key among others by comma",
        [](const Scene &s) { return "Bearer " + s.goodToken(); },
        [](const Scene &s) { return "keyid=a,p256ecdsa=" + s.key.publicKey() + "=,x=y"; });
    row("no sub", [](const Scene &s) { return s.claiming("\"exp\":" + s.in(60)); });
    row("sub null", [](const Scene &s) { return s.claiming("\"sub\":null,\"exp\":" + s.in(60)); });
    row("sub neither mailto nor https",
        [](const Scene &s) { return s.claiming("\"sub\":\"me\",\"exp\":" + s.in(60)); });
    row("nbf in the future",
        [](const Scene &s) { return s.claiming("\"nbf\":9999999999,\"exp\":" + s.in(60)); });
    row("exp within the leeway", [](const Scene &s) { return s.claiming("\"exp\":" + s.in(-50)); });
    row("exp nearly 24 h ahead",
        [](const Scene &s) { return s.claiming("\"exp\":" + s.in(86'395)); });
    row("unknown claims",
        [](const Scene &s) { return s.claiming(R"("iat":"now","x":[{}],"exp":)" + s.in(60)); });
    row("aud with a slash", [](const Scene &s) { return s.forAudience('"' + s.origin + "/\""); });
    row("header without typ", [](const Scene &s) { return s.withHeader(R"({"alg":"ES256"})"); });
}

void VapidHeaderTest::goodAuthorization_isCreated()
{
    QFETCH(const MakeHeader, authorization);
    QFETCH(const MakeHeader, cryptoKey);
    const HttpReply reply = push(m_path, authorization, cryptoKey);
    QVERIFY2(reply.status == 201, reply.body.constData());
    QVERIFY(!m_client->notification().isEmpty());
}

void VapidHeaderTest::badAuthorization_isRefusedByName_data()
{
    QTest::addColumn<MakeHeader>("authorization");
    QTest::addColumn<QByteArray>("name");
    const auto row = [](const char *name, const char *error, MakeHeader authorization) {
        QTest::newRow(name) << authorization << QByteArray(error);
    };
    row("none", "VapidMissing", nullptr);
    row("empty", "VapidHeaderInvalid", [](const Scene &) { return QByteArray(""); });
    row("Basic", "VapidHeaderInvalid", [](const Scene &) { return QByteArray("Basic YTpi"); });
    row("vapid alone", "VapidHeaderInvalid", [](const Scene &) { return QByteArray("vapid"); });
    row("no t", "VapidHeaderInvalid",
        [](const Scene &s) { return "vapid k=" + s.key.publicKey(); });
    row("no k", "VapidHeaderInvalid", [](const Scene &s) { return "vapid t=" + s.goodToken(); });
    row("t empty", "VapidHeaderInvalid",
        [](const Scene &s) { return "vapid t=, k=" + s.key.publicKey(); });

    row("t no token", "VapidTokenInvalid", [](const Scene &s) { return s.vapid("abc"); });
    row("t of two parts", "VapidTokenInvalid", [](const Scene &s) {
        const QByteArray token = s.goodToken();
        return s.vapid(token.left(token.lastIndexOf('.')));
    });
    row("t of four parts", "VapidTokenInvalid",
        [](const Scene &s) { return s.vapid(s.goodToken() + ".x"); });
    row("claims no JSON", "VapidTokenInvalid",
        [](const Scene &s) { return s.vapid(s.key.token("not json")); });
    row("claims an array", "VapidTokenInvalid",
        [](const Scene &s) { return s.vapid(s.key.token("[]")); });
    row("claims 1,000 deep", "VapidTokenInvalid", [](const Scene &s) {
        return s.vapid(s.key.token(QByteArray(1000, '[') + QByteArray(1000, ']')));
    });
    row("claims not UTF-8", "VapidTokenInvalid",
        [](const Scene &s) { return s.vapid(s.key.token("{\"sub\":\"\xFF\"}")); });
    row("header no JSON", "VapidTokenInvalid", [](const Scene &s) { return s.withHeader("x"); });
    row("token of 9,000 bytes", "VapidTokenInvalid",
        [](const Scene &s) { return s.vapid(s.key.token(QByteArray(6'700, ' '))); });

    row("alg none", "VapidAlgorithm",
        [](const Scene &s) { return s.withHeader(R"({"alg":"none"})"); });
    row("alg none, no signature", "VapidAlgorithm", [](const Scene &s) {
        return s.vapid(base64Url(R"({"alg":"none"})") + '.'
                       + base64Url(s.claims("\"exp\":" + s.in(60))) + '.');
    });
    row("alg HS256", "VapidAlgorithm",
        [](const Scene &s) { return s.withHeader(R"({"typ":"JWT","alg":"HS256"})"); });
    row("alg RS256", "VapidAlgorithm",
        [](const Scene &s) { return s.withHeader(R"({"alg":"RS256"})"); });
    row("alg in lower case", "VapidAlgorithm",
        [](const Scene &s) { return s.withHeader(R"({"alg":"es256"})"); });
    row("alg a number", "VapidAlgorithm",
        [](const Scene &s) { return s.withHeader(R"({"alg":256})"); });
    row("no alg", "VapidAlgorithm",
        [](const Scene &s) { return s.withHeader(R"({"typ":"JWT"})"); });

    row("no aud", "VapidAudience",
        [](const Scene &s) { return s.vapid(s.key.token("{\"exp\":" + s.in(60) + '}')); });
    row("aud of another host", "VapidAudience",
        [](const Scene &s) { return s.forAudience(R"("https://push.example.com")"); });
    row("aud of another port", "VapidAudience",
        [](const Scene &s) { return s.forAudience(R"("http://127.0.0.1:1")"); });
    row("aud https for http", "VapidAudience", [](const Scene &s) {
        return s.forAudience('"' + QByteArray(s.origin).replace("http:", "https:") + '"');
    });
    row("aud with a path", "VapidAudience",
        [](const Scene &s) { return s.forAudience('"' + s.origin + "/wpush\""); });
    row("aud empty", "VapidAudience", [](const Scene &s) { return s.forAudience("\"\""); });
    row("aud a list", "VapidAudience",
        [](const Scene &s) { return s.forAudience("[\"" + s.origin + "\"]"); });
    row("aud a number", "VapidAudience", [](const Scene &s) { return s.forAudience("1"); });

    row("no exp", "VapidExpiryMissing", [](const Scene &s) { return s.claiming(""); });
    row("exp a string", "VapidExpiryMissing",
        [](const Scene &s) { return s.claiming("\"exp\":\"" + s.in(60) + '"'); });
    row("exp null", "VapidExpiryMissing",
        [](const Scene &s) { return s.claiming("\"exp\":null"); });
    row("exp negative", "VapidExpiryMissing",
        [](const Scene &s) { return s.claiming("\"exp\":-1"); });
    row("exp an hour ago", "VapidExpired",
        [](const Scene &s) { return s.claiming("\"exp\":" + s.in(-3'600)); });
    row("exp past the leeway", "VapidExpired",
        [](const Scene &s) { return s.claiming("\"exp\":" + s.in(-62)); });
    row("exp 0", "VapidExpired", [](const Scene &s) { return s.claiming("\"exp\":0"); });
    row("exp 25 h ahead", "VapidExpiryTooFar",
        [](const Scene &s) { return s.claiming("\"exp\":" + s.in(90'000)); });
    row("exp in milliseconds", "VapidExpiryTooFar",
        [](const Scene &s) { return s.claiming("\"exp\":" + s.in(60) + "000"); });
    row("exp of 64 bits", "VapidExpiryTooFar",
        [](const Scene &s) { return s.claiming("\"exp\":18446744073709551615"); });
    row("exp twice", "VapidTokenInvalid",
        [](const Scene &s) { return s.claiming("\"exp\":1,\"exp\":" + s.in(60)); });
    row("sub a number", "VapidSubjectInvalid",
        [](const Scene &s) { return s.claiming("\"sub\":1,\"exp\":" + s.in(60)); });

    row("signature by another key", "VapidSignature",
        [](const Scene &s) { return s.vapid(VapidKey().tokenFor(s.origin)); });
    row("signature of another text", "VapidSignature", [](const Scene &s) {
        return s.signedBy([](const VapidKey &key, const QByteArray &) { return key.sign("x"); });
    });
    row("signature of zeros", "VapidSignature", [](const Scene &s) {
        return s.signedBy(
            [](const VapidKey &, const QByteArray &) { return QByteArray(64, '\0'); });
    });
    row("signature of 63 bytes", "VapidSignature", [](const Scene &s) {
        return s.signedBy(
            [](const VapidKey &key, const QByteArray &text) { return key.sign(text).left(63); });
    });
    row("signature of 65 bytes", "VapidSignature", [](const Scene &s) {
        return s.signedBy(
            [](const VapidKey &key, const QByteArray &text) { return key.sign(text) + '\0'; });
    });
    row("signature in DER", "VapidSignature", [](const Scene &s) {
        return s.signedBy(
            [](const VapidKey &key, const QByteArray &text) { return key.signAsDer(text); });
    });
    row("signature empty", "VapidSignature", [](const Scene &s) {
        return s.signedBy([](const VapidKey &, const QByteArray &) { return QByteArray(); });
    });

    row("key of another", "VapidSignature", [](const Scene &s) {
        return "vapid t=" + s.goodToken() + ", k=" + VapidKey().publicKey();
    });
    row("all of another", "VapidKeyMismatch",
        [](const Scene &s) { return VapidKey().authorization(s.origin); });
    row("key no base64", "VapidKeyInvalid",
        [](const Scene &s) { return "vapid t=" + s.goodToken() + ", k=!!!!"; });
    row("key cut", "VapidKeyInvalid",
        [](const Scene &s) { return s.vapid(s.goodToken()).chopped(4); });
    row("key compressed", "VapidKeyInvalid", [](const Scene &s) {
        return "vapid t=" + s.goodToken() + ", k="
            + base64Url((s.key.point()[64] & 1 ? "\x03" : "\x02") + s.key.point().mid(1, 32));
    });
    row("key not on the curve", "VapidKeyInvalid", [](const Scene &s) {
        return "vapid t=" + s.goodToken() + ", k=" + base64Url('\x04' + QByteArray(64, '\1'));
    });
    row("key in DER", "VapidKeyInvalid", [](const Scene &s) {
        const QByteArray head =
            QByteArray::fromHex("3059301306072a8648ce3d020106082a8648ce3d030107034200");
        return "vapid t=" + s.goodToken() + ", k=" + base64Url(head + s.key.point());
    });
}

void VapidHeaderTest::badAuthorization_isRefusedByName()
{
    QFETCH(const MakeHeader, authorization);
    QFETCH(const QByteArray, name);
    const HttpReply reply = push(m_path, authorization);
    QVERIFY2(reply.errorName() == name, reply.body.constData());
    QCOMPARE(reply.status, 401);
    QCOMPARE(reply.errorNumber(), 109);
    PushParts good;
    good.authorization = m_key.authorization(server().origin());
    QCOMPARE(drain(*m_client, m_path, good), QList<QJsonObject>());
}

void VapidHeaderTest::badAuthorization_onVersion1_isRefusedToo()
{
    const QByteArray path = m_client->subscribe(randomChannel());
    QVERIFY(path.startsWith("/wpush/v1/"));
    QCOMPARE(push(path, [](const Scene &s) { return s.vapid(s.goodToken()); }).status, 201);
    QVERIFY(!m_client->notification().isEmpty());
    QCOMPARE(push(path, [](const Scene &) { return QByteArray("vapid t=a, k=b"); }).status, 401);
    QCOMPARE(
        push(path, [](const Scene &s) { return s.claiming("\"exp\":" + s.in(-3'600)); }).status,
        401);
}

void VapidHeaderTest::legacyScheme_badCryptoKey_isRefused_data()
{
    QTest::addColumn<MakeHeader>("cryptoKey");
    QTest::newRow("none") << MakeHeader(nullptr);
    QTest::newRow("without p256ecdsa")
        << MakeHeader([](const Scene &) { return QByteArray("keyid=a;x=y"); });
    QTest::newRow("no items") << MakeHeader([](const Scene &) { return QByteArray("nonsense"); });
}

void VapidHeaderTest::legacyScheme_badCryptoKey_isRefused()
{
    QFETCH(const MakeHeader, cryptoKey);
    const HttpReply reply = push(
        m_path, [](const Scene &s) { return "WebPush " + s.goodToken(); }, cryptoKey);
    QCOMPARE(reply.status, 400);
    QCOMPARE(reply.errorNumber(), 110);
}

void VapidHeaderTest::rememberedToken_isNotGoodForAnotherSubscription()
{
    PushParts parts;
    parts.authorization = m_key.authorization(server().origin());
    for (int i = 0; i < 3; ++i) {
        QCOMPARE(sender().push(m_path, parts).status, 201);
        QVERIFY(!m_client->notification().isEmpty());
    }
    const VapidKey other;
    const QByteArray otherPath = m_client->subscribe(randomChannel(), other.publicKey());
    const HttpReply reply = sender().push(otherPath, parts);
    QCOMPARE(reply.status, 401);
    QCOMPARE(reply.errorName(), "VapidKeyMismatch");
    // The remembered token with another key in its place.
    const QByteArray token = parts.authorization.mid(8, parts.authorization.indexOf(',') - 8);
    parts.authorization = "vapid t=" + token + ", k=" + other.publicKey();
    QCOMPARE(sender().push(otherPath, parts).errorName(), "VapidSignature");
}

QTEST_GUILESS_MAIN(VapidHeaderTest)
#include "tst_vapidheader.moc"
