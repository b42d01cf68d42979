// SPDX-License-Identifier: MPL-2.0
#include "core/protocol/servermessage.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace Carillon;

Q_DECLARE_METATYPE(Carillon::BroadcastChanges)
Q_DECLARE_METATYPE(Carillon::Notification)

namespace {

constexpr char Hex[] = "0123456789abcdef0123456789abcdef";
constexpr char Dashed[] = "01234567-89ab-cdef-0123-456789abcdef";

/// What an independent reader makes of a message; empty if it is no JSON object.
QJsonObject readBack(const QByteArray &json)
{
    return QJsonDocument::fromJson(json).object();
}

QByteArray bytesFrom0(int size)
{
    QByteArray bytes(size, Qt::Uninitialized);
    for (int i = 0; i < size; ++i)
        bytes[i] = static_cast<char>(i * 7 + i / 256);
    return bytes;
}

Notification notification(const QByteArray &body = {}, Encoding encoding = Encoding::Aes128Gcm)
{
    Notification n;
    n.channelId = *parseChannelId(Dashed);
    n.topic = "topic";
    n.ttl = std::chrono::seconds(60);
    n.body = body;
    n.encoding = encoding;
    return n;
}

} // namespace

class ServerMessageTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void helloAnswer_readsBack_data();
    void helloAnswer_readsBack();
    void registerAnswer_readsBack_data();
    void registerAnswer_readsBack();
    void unregisterAnswer_readsBack();
    void notification_readsBack_data();
    void notification_readsBack();
    void notification_idOfAnyText_isEscaped();
    void notificationBody_ofEveryLength_isBase64Url();
    void notification_isOneBufferOfExactSize();
    void broadcast_readsBack();
    void pong_isAnEmptyObject();
    void notificationOf4KiB_isWrittenFast();
};

void ServerMessageTest::helloAnswer_readsBack_data()
{
    QTest::addColumn<BroadcastChanges>("broadcasts");
    QTest::addColumn<QJsonObject>("expected");
    QTest::newRow("none") << BroadcastChanges {} << QJsonObject {};
    QTest::newRow("changed") << BroadcastChanges { { { "a/b", "\"1\"" }, { "ä\\", "2" } }, {} }
                             << QJsonObject { { QStringLiteral("a/b"), QStringLiteral("\"1\"") },
                                              { QStringLiteral("ä\\"), QStringLiteral("2") } };
    const QJsonObject errors { { QStringLiteral("x"), QStringLiteral("Broadcast not found") },
                               { QStringLiteral("\n"), QStringLiteral("Broadcast not found") } };
    QTest::newRow("unknown") << BroadcastChanges { {}, { "x", "\n" } }
                             << QJsonObject { { QStringLiteral("errors"), errors } };
    QTest::newRow("both") << BroadcastChanges { { { "a", "1" } }, { "x", "\n" } }
                          << QJsonObject { { QStringLiteral("a"), QStringLiteral("1") },
                                           { QStringLiteral("errors"), errors } };
}

void ServerMessageTest::helloAnswer_readsBack()
{
    QFETCH(const BroadcastChanges, broadcasts);
    QFETCH(const QJsonObject, expected);
    const QJsonObject object { { QStringLiteral("messageType"), QStringLiteral("hello") },
                               { QStringLiteral("uaid"), QString::fromLatin1(Hex) },
                               { QStringLiteral("status"), 200 },
                               { QStringLiteral("use_webpush"), true },
                               { QStringLiteral("broadcasts"), expected } };
    QCOMPARE(readBack(helloAnswer(*parseUaid(Hex), broadcasts)), object);
}

void ServerMessageTest::registerAnswer_readsBack_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("endpoint");
    QTest::newRow("200") << 200 << QByteArray("https://push.example/wpush/v2/gAAAA-_b");
    QTest::newRow("400") << 400 << QByteArray("Failed to generate endpoint");
    QTest::newRow("500") << 500 << QByteArray();
}

void ServerMessageTest::registerAnswer_readsBack()
{
    QFETCH(const int, status);
    QFETCH(const QByteArray, endpoint);
    const QJsonObject object { { QStringLiteral("messageType"), QStringLiteral("register") },
                               { QStringLiteral("channelID"), QString::fromLatin1(Dashed) },
                               { QStringLiteral("status"), status },
                               { QStringLiteral("pushEndpoint"), QString::fromLatin1(endpoint) } };
    QCOMPARE(readBack(registerAnswer(*parseChannelId(Dashed), status, endpoint)), object);
}

void ServerMessageTest::unregisterAnswer_readsBack()
{
    const QJsonObject object { { QStringLiteral("messageType"), QStringLiteral("unregister") },
                               { QStringLiteral("channelID"), QString::fromLatin1(Dashed) },
                               { QStringLiteral("status"), 500 } };
    QCOMPARE(readBack(unregisterAnswer(*parseChannelId(Dashed), 500)), object);
}

void ServerMessageTest::notification_readsBack_data()
{
    QTest::addColumn<Notification>("message");
    QTest::addColumn<QJsonObject>("expected");
    const auto row = [](const char *name, const Notification &message, QJsonObject expected) {
        expected.insert(QStringLiteral("messageType"), QStringLiteral("notification"));
        expected.insert(QStringLiteral("channelID"), QString::fromLatin1(Dashed));
        expected.insert(QStringLiteral("version"), QStringLiteral("gAAAAA-_=="));
        QTest::newRow(name) << message << expected;
    };
    const QString data = QStringLiteral("data");
    const QString headers = QStringLiteral("headers");
    const QString encoding = QStringLiteral("encoding");

    row("no body", notification({}, Encoding::None), {});
    row("no body, encoding given all the same", notification({}, Encoding::AesGcm), {});
    row("aes128gcm", notification("\xFB\xFF"),
        { { data, QStringLiteral("-_8") },
          { headers, QJsonObject { { encoding, QStringLiteral("aes128gcm") } } } });

    auto legacy = notification("abc", Encoding::AesGcm);
    legacy.encryption = "salt=\"x\";rs=4096";
    legacy.cryptoKey = "dh=BN-_;p256ecdsa=\xFF";
    row("aesgcm", legacy,
        { { data, QStringLiteral("YWJj") },
          { headers,
            QJsonObject {
                { encoding, QStringLiteral("aesgcm") },
                { QStringLiteral("encryption"), QStringLiteral("salt=\"x\";rs=4096") },
                { QStringLiteral("crypto_key"), QStringLiteral("dh=BN-_;p256ecdsa=\uFFFD") } } } });
    legacy.cryptoKey.clear();
    legacy.encryption = "salt=x";
    row("aesgcm without crypto_key", legacy,
        { { data, QStringLiteral("YWJj") },
          { headers,
            QJsonObject { { encoding, QStringLiteral("aesgcm") },
                          { QStringLiteral("encryption"), QStringLiteral("salt=x") } } } });

    auto tracked = notification({}, Encoding::None);
    tracked.reliabilityId = "id \"1\"";
    row("tracked", tracked, { { QStringLiteral("reliability_id"), QStringLiteral("id \"1\"") } });
    tracked = notification("a");
    tracked.reliabilityId = "1";
    row("tracked with body", tracked,
        { { data, QStringLiteral("YQ") },
          { headers, QJsonObject { { encoding, QStringLiteral("aes128gcm") } } },
          { QStringLiteral("reliability_id"), QStringLiteral("1") } });
}

void ServerMessageTest::notification_readsBack()
{
    QFETCH(const Notification, message);
    QFETCH(const QJsonObject, expected);
    QCOMPARE(readBack(notificationMessage(message, MessageId("gAAAAA-_=="))), expected);
}

void ServerMessageTest::notification_idOfAnyText_isEscaped()
{
    const auto object =
        readBack(notificationMessage(notification("a"), MessageId("v\",\"x\":{\xFF")));
    QCOMPARE(object.value(QStringLiteral("version")).toString(),
             QStringLiteral("v\",\"x\":{\uFFFD"));
    QVERIFY(!object.contains(QStringLiteral("x")));
}

void ServerMessageTest::notificationBody_ofEveryLength_isBase64Url()
{
    for (int size = 1; size < 700; ++size) {
        const QByteArray body = bytesFrom0(size);
        const auto object = readBack(notificationMessage(notification(body), MessageId("v")));
        const auto data = object.value(QStringLiteral("data")).toString().toLatin1();
        QCOMPARE(data,
                 body.toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals));
    }
}

void ServerMessageTest::notification_isOneBufferOfExactSize()
{
    auto message = notification(bytesFrom0(100), Encoding::AesGcm);
    message.encryption = "\"";
    message.cryptoKey = "\xFF";
    message.reliabilityId = "1";
    for (int size : { 0, 1, 2, 3, 4096 }) {
        message.body = bytesFrom0(size);
        const QByteArray json = notificationMessage(message, MessageId("v\n"));
        QCOMPARE(json.capacity(), json.size());
    }
}

void ServerMessageTest::broadcast_readsBack()
{
    const QJsonObject broadcasts { { QStringLiteral("a"), QStringLiteral("2") } };
    const QJsonObject object { { QStringLiteral("messageType"), QStringLiteral("broadcast") },
                               { QStringLiteral("broadcasts"), broadcasts } };
    QCOMPARE(readBack(broadcastMessage({ { { "a", "2" } }, {} })), object);
}

void ServerMessageTest::pong_isAnEmptyObject()
{
    QCOMPARE(pong(), QByteArray("{}"));
}

void ServerMessageTest::notificationOf4KiB_isWrittenFast()
{
    const auto message = notification(bytesFrom0(4096));
    const MessageId id(QByteArray(204, 'g'));
    QBENCHMARK
    {
        const QByteArray json = notificationMessage(message, id);
        QVERIFY(json.size() > 4096);
    }
}

QTEST_APPLESS_MAIN(ServerMessageTest)
#include "tst_servermessage.moc"
