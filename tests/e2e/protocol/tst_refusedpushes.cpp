// SPDX-License-Identifier: MPL-2.0
#include "tests/support/protocoltest.h"
#include "tests/support/vapidkey.h"

#include <QDateTime>
#include <QTest>

using namespace Carillon::Testing;

namespace {

QByteArray inSeconds(qint64 seconds)
{
    return QByteArray::number(QDateTime::currentSecsSinceEpoch() + seconds);
}

/// The lines of a log that tell of a refused push.
QByteArrayList refusals(const QByteArray &log)
{
    QByteArrayList lines = log.split('\n');
    lines.removeIf([](const QByteArray &line) { return !line.contains("push refused with"); });
    return lines;
}

/// What a row pushes, for a subscription with this key at this origin.
using MakeParts = PushParts (*)(const VapidKey &key, const QByteArray &origin);

PushParts withAuthorization(const QByteArray &value)
{
    PushParts parts;
    parts.authorization = value;
    return parts;
}

PushParts withToken(const VapidKey &key, const QByteArray &token)
{
    return withAuthorization("vapid t=" + token + ", k=" + key.publicKey());
}

/// A token for this origin with an exp as given.
PushParts expiring(const VapidKey &key, const QByteArray &origin, const QByteArray &exp)
{
    return withToken(key, key.token(R"({"aud":")" + origin + R"(","exp":)" + exp + '}'));
}

PushParts good(const VapidKey &key, const QByteArray &origin)
{
    return withAuthorization(key.authorization(origin));
}

} // namespace

Q_DECLARE_METATYPE(MakeParts)

/// A developer reads in the log why a push was refused: what was wanted, and what came.
class RefusedPushesTest : public ProtocolTest
{
    Q_OBJECT
private Q_SLOTS:
    void reason_isInTheLog_data();
    void reason_isInTheLog();
    void endpointOfAnotherServer_isNamedAsSuch();
    void bodyThatIsNotEvenRead_isInTheLog();
    void withoutDebugLogs_nothingIsSaid();
};

void RefusedPushesTest::reason_isInTheLog_data()
{
    QTest::addColumn<MakeParts>("make");
    QTest::addColumn<QByteArrayList>("told"); // ORIGIN stands for the server's
    const auto row = [](const char *name, MakeParts make, QByteArrayList told) {
        QTest::newRow(name) << make << std::move(told);
    };
    row("aud of another server",
        [](const VapidKey &key, const QByteArray &) {
            return withAuthorization(key.authorization("https://push.example.com"));
        },
        { "401 VapidAudience", R"(aud is "https://push.example.com", not "ORIGIN")" });
    row("no aud",
        [](const VapidKey &key, const QByteArray &) {
            return withToken(key, key.token("{\"exp\":" + inSeconds(60) + '}'));
        },
        { "401 VapidAudience", R"(aud is absent, not "ORIGIN")" });
    row("aud of a thousand characters",
        [](const VapidKey &key, const QByteArray &) {
            return withAuthorization(key.authorization("https://" + QByteArray(1'000, 'x')));
        },
        { "401 VapidAudience", "xxx…\", not" });
    row("aud with a line break",
        [](const VapidKey &key, const QByteArray &) {
            return withAuthorization(key.authorization(R"(https://a\npush refused with 200)"));
        },
        { "401 VapidAudience", R"("https://a\npush refused)" });
    row("expired three hours ago",
        [](const VapidKey &key, const QByteArray &origin) {
            return expiring(key, origin, inSeconds(-3 * 3'600 - 60));
        },
        { "401 VapidExpired", "3 hours ago" });
    row("exp two days ahead",
        [](const VapidKey &key, const QByteArray &origin) {
            return expiring(key, origin, inSeconds(49 * 3'600));
        },
        { "401 VapidExpiryTooFar", "2 days ahead; at most 24 hours are allowed" });
    row("exp in milliseconds",
        [](const VapidKey &key, const QByteArray &origin) {
            return expiring(key, origin, inSeconds(60) + "000");
        },
        { "401 VapidExpiryTooFar", "looks like milliseconds" });
    row("exp in quotes",
        [](const VapidKey &key, const QByteArray &origin) {
            return expiring(key, origin, R"("tomorrow")");
        },
        { "401 VapidExpiryMissing", R"(exp is "tomorrow", not a number)" });
    row("sub a list",
        [](const VapidKey &key, const QByteArray &origin) {
            return expiring(key, origin, inSeconds(60) + R"(,"sub":["me"])");
        },
        { "401 VapidSubjectInvalid", R"(sub is ["me"])" });
    row("another algorithm",
        [](const VapidKey &key, const QByteArray &origin) {
            return withToken(key, key.token(R"({"aud":")" + origin + "\"}", R"({"alg":"HS256"})"));
        },
        { "401 VapidAlgorithm", R"(alg is "HS256")" });
    row("another key",
        [](const VapidKey &, const QByteArray &origin) { return good(VapidKey(), origin); },
        { "401 VapidKeyMismatch", "not the one that this subscription was created with" });
    row("key compressed",
        [](const VapidKey &key, const QByteArray &origin) {
            return withAuthorization("vapid t=" + key.tokenFor(origin)
                                     + ", k=" + base64Url("\x02" + key.point().mid(1, 32)));
        },
        { "401 VapidKeyInvalid", "has 33 bytes; a P-256 public key has 65" });
    row("signed by somebody else",
        [](const VapidKey &key, const QByteArray &origin) {
            return withToken(key, VapidKey().tokenFor(origin));
        },
        { "401 VapidSignature", "does not verify with its public key" });
    row("no Authorization", [](const VapidKey &, const QByteArray &) { return PushParts(); },
        { "401 VapidMissing", "needs a VAPID Authorization header" });
    row("key=… of Google's",
        [](const VapidKey &, const QByteArray &) { return withAuthorization("key=AIzaSyD"); },
        { "401 VapidHeaderInvalid", "Authorization" });
    row("another scheme",
        [](const VapidKey &, const QByteArray &) { return withAuthorization("Basic YTpi"); },
        { "401 VapidHeaderInvalid", R"(the scheme of the Authorization header is "Basic")" });
    row("no k",
        [](const VapidKey &key, const QByteArray &origin) {
            return withAuthorization("vapid t=" + key.tokenFor(origin));
        },
        { "401 VapidHeaderInvalid", "lacks t= or k=" });
    row("TTL no number",
        [](const VapidKey &key, const QByteArray &origin) {
            PushParts parts = good(key, origin);
            parts.ttl = "1h";
            return parts;
        },
        { "400 TtlInvalid", R"(TTL is "1h")" });
    row("Topic with a space",
        [](const VapidKey &key, const QByteArray &origin) {
            PushParts parts = good(key, origin);
            parts.topic = "new mail";
            return parts;
        },
        { "400 TopicInvalid", R"(Topic is "new mail")" });
    row("Content-Encoding of the web",
        [](const VapidKey &key, const QByteArray &origin) {
            PushParts parts = good(key, origin);
            parts.encoding = "gzip";
            return parts;
        },
        { "400 EncodingUnknown", R"(Content-Encoding is "gzip")" });
    row("body too long",
        [](const VapidKey &key, const QByteArray &origin) {
            PushParts parts = good(key, origin);
            parts.body = QByteArray(6'000, 'x');
            return parts;
        },
        { "413 BodyTooLarge", "the body has 6000 bytes, and endpoint.max_data_bytes is 5630" });
}

void RefusedPushesTest::reason_isInTheLog()
{
    QFETCH(const MakeParts, make);
    QFETCH(const QByteArrayList, told);
    const VapidKey key;
    PushClient client(server());
    client.hello();
    const QByteArray path = client.subscribe(randomChannel(), key.publicKey());
    const PushParts parts = make(key, server().origin());
    server().remember(path.mid(path.lastIndexOf('/') + 1));
    server().remember(parts.body);
    server().remember(key.publicKey());
    // Of a token its signature, and whatever stands alone where a token is wanted.
    const QByteArray credentials = parts.authorization.split(',').first();
    if (credentials.contains('.'))
        server().remember(credentials.mid(credentials.lastIndexOf('.') + 1));
    else if (credentials.contains("AIza"))
        server().remember("AIza");

    const qsizetype before = refusals(server().log()).size();
    QVERIFY(sender().push(path, parts).status >= 400);
    QTRY_COMPARE(refusals(server().log()).size(), before + 1);
    const QByteArray line = refusals(server().log()).last();
    for (QByteArray words : told) {
        words.replace("ORIGIN", server().origin());
        QVERIFY2(line.contains(words), line.constData());
    }
    QVERIFY2(line.size() < 600, line.constData());
}

void RefusedPushesTest::endpointOfAnotherServer_isNamedAsSuch()
{
    QCOMPARE(sender().push("/wpush/v1/gAAAAABrBL7hOReUW9TBjw7si2rVFxAM", {}).status, 404);
    QTRY_VERIFY(server().log().contains(
        "push refused with 404 InvalidToken: This endpoint was not issued by this server"));
}

void RefusedPushesTest::bodyThatIsNotEvenRead_isInTheLog()
{
    PushClient client(server());
    client.hello();
    PushParts parts;
    parts.body = QByteArray(1'000'000, 'x');
    const qsizetype before = refusals(server().log()).size();
    QCOMPARE(sender().push(client.subscribe(randomChannel()), parts).status, 413);
    QTRY_COMPARE(refusals(server().log()).size(), before + 1);
    QVERIFY(refusals(server().log()).last().contains("the body has 1000000 bytes"));
}

void RefusedPushesTest::withoutDebugLogs_nothingIsSaid()
{
    TestServer quiet({ { "log.level", "info" } });
    QVERIFY2(quiet.start(), quiet.log().constData());
    Sender other(quiet);
    QCOMPARE(other.push("/wpush/v1/gAAAAABrBL7hOReUW9TBjw7si2rVFxAM", {}).status, 404);
    QCOMPARE(refusals(quiet.log()), QByteArrayList());
}

QTEST_GUILESS_MAIN(RefusedPushesTest)
#include "tst_refusedpushes.moc"
