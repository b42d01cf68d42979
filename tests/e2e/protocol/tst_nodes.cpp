// SPDX-License-Identifier: MPL-2.0
#include "tests/support/fernetforger.h"
#include "tests/support/protocoltest.h"

#include <QCryptographicHash>
#include <QDateTime>
#include <QJsonDocument>
#include <QMessageAuthenticationCode>
#include <QTest>

using namespace Carillon::Testing;
using namespace Qt::StringLiterals;

namespace {

constexpr char Channel[] = "3d1c8f1e-7c5b-4a6e-9f0a-5b1d2c3e4f60";

/// A hand-over as autopush's endpoint writes it; `change` makes it another.
QByteArray handOver(const QByteArray &channel, const QByteArray &version,
                    const QJsonObject &change = {})
{
    QJsonObject message { { u"channelID"_s, QString::fromLatin1(channel) },
                          { u"version"_s, QString::fromLatin1(version) },
                          { u"ttl"_s, 60 },
                          { u"topic"_s, QJsonValue() },
                          { u"timestamp"_s, QDateTime::currentSecsSinceEpoch() },
                          { u"data"_s, u"aGFuZGVkIG92ZXI"_s },
                          { u"headers"_s, QJsonObject { { u"encoding"_s, u"aes128gcm"_s } } } };
    for (auto it = change.begin(); it != change.end(); ++it) {
        if (it.value().isUndefined())
            message.remove(it.key());
        else
            message.insert(it.key(), it.value());
    }
    return QJsonDocument(message).toJson(QJsonDocument::Compact);
}

/// What a node that knows the secret adds to a PUT without a body.
HttpHeaders signature(const QByteArray &secret, const QByteArray &path)
{
    const QByteArray seconds = QByteArray::number(QDateTime::currentSecsSinceEpoch());
    const QByteArray said = "PUT\n" + path + '\n' + seconds + '\n'
        + QCryptographicHash::hash({}, QCryptographicHash::Sha256);
    const QByteArray code =
        QMessageAuthenticationCode::hash(said, secret, QCryptographicHash::Sha256)
            .toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
    return { { "X-Carillon-Signature", "t=" + seconds + ",s=" + code } };
}

} // namespace

// protocol.md §7: what other processes, and whoever reaches the router listener, may say.
class NodesTest : public ProtocolTest
{
    Q_OBJECT
public:
    NodesTest() : ProtocolTest({ { "keys.crypto_keys", Key } }) { }

private Q_SLOTS:
    void init();
    void notif_clientHere_isTold_data();
    void notif_clientHere_isTold();
    void notif_clientNotHere_isNotFound();
    void notif_badUaid_isBadRequest_data();
    void notif_badUaid_isBadRequest();
    void push_clientHere_isSent();
    void push_underAutopushsOwnId_isSentBehindOthers();
    void push_clientNotHere_isNotFound();
    void push_badBody_isRefused_data();
    void push_badBody_isRefused();
    void badSignature_isUnauthorized_data();
    void badSignature_isUnauthorized();
    void ghost_closesOlderConnectionsOnly_whereItIsSigned();
    void clusterSecret_unsignedIsUnauthorized();
    void clusterSecret_changed_countsFromSighupOn();

private:
    [[nodiscard]] HttpReply put(const QByteArray &path, const QByteArray &body = {},
                                const HttpHeaders &headers = {})
    {
        return HttpPeer(server().routerPort()).request("PUT", path, headers, body);
    }

    static inline const QByteArray Key = randomFernetKey();
    std::unique_ptr<PushClient> m_client;
    QByteArray m_path;
};

void NodesTest::init()
{
    m_client = std::make_unique<PushClient>(server());
    m_client->hello();
    m_path = m_client->subscribe(Channel);
    QVERIFY(!m_path.isEmpty());
}

void NodesTest::notif_clientHere_isTold_data()
{
    QTest::addColumn<bool>("dashed");
    QTest::newRow("as on the WebSocket") << false;
    QTest::newRow("dashed") << true;
}

void NodesTest::notif_clientHere_isTold()
{
    QFETCH(const bool, dashed);
    QByteArray uaid = m_client->uaid();
    if (dashed) {
        for (const int at : { 20, 16, 12, 8 })
            uaid.insert(at, '-');
    }
    server().remember(uaid);
    QCOMPARE(put("/notif/" + uaid).status, 200);
    QCOMPARE(drain(*m_client, m_path), QList<QJsonObject>()); // there was nothing to read
}

void NodesTest::notif_clientNotHere_isNotFound()
{
    QCOMPARE(put("/notif/0123456789abcdef0123456789abcdef").status, 404);
    m_client->sendFrame(Opcode::Close, {});
    QVERIFY(m_client->waitForTcpEnd());
    // The server may take a moment after the end of TCP.
    QTRY_COMPARE_WITH_TIMEOUT(put("/notif/" + m_client->uaid()).status, 404, 20'000);
}

void NodesTest::notif_badUaid_isBadRequest_data()
{
    QTest::addColumn<QByteArray>("uaid");
    QTest::newRow("no UUID") << QByteArray("nobody");
    QTest::newRow("too short") << QByteArray("0123456789abcdef");
    QTest::newRow("too long") << QByteArray(4'000, 'a');
}

void NodesTest::notif_badUaid_isBadRequest()
{
    QFETCH(const QByteArray, uaid);
    QCOMPARE(put("/notif/" + uaid).status, 400);
    QCOMPARE(put("/push/" + uaid, handOver(Channel, "v")).status, 400);
}

void NodesTest::push_clientHere_isSent()
{
    QCOMPARE(put("/push/" + m_client->uaid(), handOver(Channel, "made by autopush")).status, 200);
    const QJsonObject notification = m_client->notification();
    QCOMPARE(bodyOf(notification), "handed over");
    QCOMPARE(text(notification, "channelID"), Channel);
    QCOMPARE(text(notification, "version"), "made by autopush");
    QCOMPARE(text(notification.value(u"headers"_s).toObject(), "encoding"), "aes128gcm");
    m_client->acknowledge(notification);
    QVERIFY(m_client->barrier());
}

// Its sort key is in milliseconds.
void NodesTest::push_underAutopushsOwnId_isSentBehindOthers()
{
    QCOMPARE(sender().pushText(m_path, "ours").status, 201);
    const QJsonObject ours = m_client->notification();
    QCOMPARE(bodyOf(ours), "ours");
    m_client->acknowledge(ours);
    const QByteArray id =
        forgeFernet(Key,
                    "02:" + m_client->uaid() + ':' + QByteArray(Channel).replace('-', "") + ':'
                        + QByteArray::number(QDateTime::currentMSecsSinceEpoch()));
    QCOMPARE(put("/push/" + m_client->uaid(), handOver(Channel, id)).status, 200);
    const QJsonObject theirs = m_client->notification();
    QCOMPARE(bodyOf(theirs), "handed over");
    QCOMPARE(text(theirs, "version"), id);
    m_client->acknowledge(theirs);
    QVERIFY(m_client->barrier());
}

void NodesTest::push_clientNotHere_isNotFound()
{
    QCOMPARE(put("/push/0123456789abcdef0123456789abcdef", handOver(Channel, "v")).status, 404);
}

void NodesTest::push_badBody_isRefused_data()
{
    QTest::addColumn<QByteArray>("body");
    const auto row = [](const char *name, const QJsonObject &change) {
        QTest::newRow(name) << handOver(Channel, "v", change);
    };
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("no JSON") << QByteArray("push");
    QTest::newRow("array") << QByteArray("[]");
    QTest::newRow("1,000 deep") << QByteArray(1000, '[') + QByteArray(1000, ']');
    QTest::newRow("not UTF-8") << handOver(Channel, "v").replace("\"v\"", "\"\xFF\"");
    QTest::newRow("garbage behind") << handOver(Channel, "v") + "x";
    QTest::newRow("nothing in it") << QByteArray("{}");
    row("channelID a number", { { u"channelID"_s, 1 } });
    row("channelID no UUID", { { u"channelID"_s, u"x"_s } });
    row("version a number", { { u"version"_s, 1 } });
    row("ttl a string", { { u"ttl"_s, u"60"_s } });
    row("ttl negative", { { u"ttl"_s, -1 } });
    row("ttl past all bounds", { { u"ttl"_s, 9e18 } });
    row("timestamp past all bounds", { { u"timestamp"_s, 9e18 } });
    row("timestamp a string", { { u"timestamp"_s, u"now"_s } });
    row("data a number", { { u"data"_s, 1 } });
    row("data no base64", { { u"data"_s, u"*"_s } });
    row("headers an array", { { u"headers"_s, QJsonArray() } });
    row("encoding unknown", { { u"headers"_s, QJsonObject { { u"encoding"_s, u"gzip"_s } } } });
}

void NodesTest::push_badBody_isRefused()
{
    QFETCH(const QByteArray, body);
    QCOMPARE(put("/push/" + m_client->uaid(), body).status, 400);
    QCOMPARE(drain(*m_client, m_path), QList<QJsonObject>());
}

void NodesTest::badSignature_isUnauthorized_data()
{
    QTest::addColumn<QByteArray>("signature");
    const QByteArray now = QByteArray::number(QDateTime::currentSecsSinceEpoch());
    QTest::newRow("empty") << QByteArray("");
    QTest::newRow("nonsense") << QByteArray("please");
    QTest::newRow("of another secret") << "t=" + now + ",s=" + QByteArray(43, 'A');
    QTest::newRow("no time") << "s=" + QByteArray(43, 'A');
    QTest::newRow("no signature") << "t=" + now;
}

void NodesTest::badSignature_isUnauthorized()
{
    // Even where unsigned requests are taken: who signs means to be checked.
    QFETCH(const QByteArray, signature);
    const HttpHeaders headers { { "X-Carillon-Signature", signature } };
    QCOMPARE(put("/notif/" + m_client->uaid(), {}, headers).status, 401);
    QCOMPARE(put("/push/" + m_client->uaid(), handOver(Channel, "v"), headers).status, 401);
    QCOMPARE(drain(*m_client, m_path), QList<QJsonObject>());
}

void NodesTest::ghost_closesOlderConnectionsOnly_whereItIsSigned()
{
    const QByteArray secret = randomText(32);
    TestServer own({ { "keys.cluster_secret", secret } });
    own.remember(secret);
    QVERIFY2(own.start(), own.log().constData());
    PushClient client(own);
    client.hello();
    QVERIFY(!client.subscribe(randomChannel()).isEmpty());
    HttpPeer router(own.routerPort());
    const auto ghost = [&](const QByteArray &uaid, const QByteArray &connectedAt) {
        const QByteArray path = "/ghost/" + uaid + '/' + connectedAt;
        return router.request("PUT", path, signature(secret, path)).status;
    };
    const QByteArray later = QByteArray::number(QDateTime::currentMSecsSinceEpoch() + 60'000);
    QCOMPARE(ghost("nobody", later), 400);
    for (const char *bad : { "0", "-1", "soon", "99999999999999999999" })
        QCOMPARE(ghost(client.uaid(), bad), 400);
    QCOMPARE(ghost("0123456789abcdef0123456789abcdef", later), 404);
    QCOMPARE(ghost(client.uaid(), "1"), 200); // before it began
    QVERIFY(client.barrier());
    QCOMPARE(ghost(client.uaid(), later), 200);
    QVERIFY(client.waitForClose() > 0);
    QCOMPARE(client.closeReason(), "Ghost");

    // Unlike what autopush's nodes ask, not from loopback either.
    QCOMPARE(put("/ghost/" + m_client->uaid() + '/' + later).status, 401);
    QVERIFY(m_client->barrier());
}

void NodesTest::clusterSecret_unsignedIsUnauthorized()
{
    const QByteArray secret = randomText(32);
    TestServer own({ { "keys.cluster_secret", secret } });
    own.remember(secret);
    QVERIFY2(own.start(), own.log().constData());
    PushClient client(own);
    client.hello();
    const QByteArray path = client.subscribe(randomChannel());
    HttpPeer router(own.routerPort());
    QCOMPARE(router.request("PUT", "/notif/" + client.uaid()).status, 401);
    QCOMPARE(router.request("PUT", "/push/" + client.uaid(), {}, handOver(Channel, "v")).status,
             401);
    QCOMPARE(router.request("PUT", "/notif/nobody").status, 401); // nothing is told to strangers

    // Its own processes do sign.
    QCOMPARE(Sender(own).pushText(path, "signed and delivered").status, 201);
    QCOMPARE(bodyOf(client.notification()), "signed and delivered");
    QCOMPARE(own.leaks(), QByteArrayList());
}

void NodesTest::clusterSecret_changed_countsFromSighupOn()
{
    const QByteArray before = randomText(32);
    const QByteArray after = randomText(32);
    TestServer own;
    own.remember(before);
    own.remember(after);
    const QString file = own.filePath(u"secret"_s);
    writeFile(file, before);
    own.set("keys.cluster_secret_file", file.toUtf8());
    QVERIFY2(own.start(), own.log().constData());
    PushClient client(own);
    client.hello();
    const QByteArray endpoint = client.subscribe(randomChannel());
    const QByteArray path = "/notif/" + client.uaid();
    HttpPeer router(own.routerPort());
    const auto statusFor = [&](const QByteArray &secret) {
        return router.request("PUT", path, signature(secret, path)).status;
    };
    QCOMPARE(statusFor(before), 200);
    QCOMPARE(statusFor(after), 401);

    writeFile(file, after);
    own.hangUp();
    QTRY_COMPARE(statusFor(after), 200);
    QTRY_COMPARE(statusFor(before), 401); // another worker may still take it a moment
    // TTL 0 arrives only where a hand-over is signed as the other process wants it.
    Sender sender(own);
    const auto arrives = [&] {
        PushParts parts;
        parts.ttl = "0";
        return sender.push(endpoint, parts).status == 201
            && !client.next(std::chrono::seconds(1)).isEmpty(); // it comes behind the 201
    };
    QTRY_VERIFY_WITH_TIMEOUT(arrives(), 20'000);
    QCOMPARE(own.leaks(), QByteArrayList());
}

QTEST_GUILESS_MAIN(NodesTest)
#include "tst_nodes.moc"
