// SPDX-License-Identifier: MPL-2.0
#include "core/protocol/nodemessage.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace Carillon;

Q_DECLARE_METATYPE(Carillon::Notification)

namespace {

constexpr char UaidText[] = "0123456789abcdef0123456789abcdef";
constexpr char ChannelText[] = "01234567-89ab-cdef-0123-456789abcdef";

Notification message(void (*change)(Notification &))
{
    Notification notification;
    notification.uaid = *parseUaid(UaidText);
    notification.channelId = *parseChannelId(ChannelText);
    notification.sortKey = SortKey { 1'700'000'000'000'002 };
    notification.ttl = std::chrono::seconds(60);
    notification.accepted = fromSeconds(1'700'000'000);
    change(notification);
    return notification;
}

/// A good message with this member instead.
QByteArray with(const char *name, const QJsonValue &value)
{
    QJsonObject object { { QStringLiteral("channelID"), QString::fromLatin1(ChannelText) },
                         { QStringLiteral("version"), QStringLiteral("v") },
                         { QStringLiteral("ttl"), 60 },
                         { QStringLiteral("timestamp"), 1'700'000'000 } };
    object.insert(QLatin1StringView(name), value);
    return QJsonDocument(object).toJson();
}

} // namespace

class NodeMessageTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void message_readsBackAsItWas_data();
    void message_readsBackAsItWas();
    void messageOfAutopush_isRead();
    void malformed_isBadRequest_data();
    void malformed_isBadRequest();
};

void NodeMessageTest::message_readsBackAsItWas_data()
{
    QTest::addColumn<Notification>("notification");
    const auto row = [](const char *name, void (*change)(Notification &)) {
        QTest::newRow(name) << message(change);
    };
    row("no body", [](Notification &) {});
    row("TTL 0", [](Notification &n) { n.ttl = {}; });
    row("topic", [](Notification &n) { n.topic = "news"; });
    row("very low", [](Notification &n) { n.urgency = Urgency::VeryLow; });
    row("low", [](Notification &n) { n.urgency = Urgency::Low; });
    row("high", [](Notification &n) { n.urgency = Urgency::High; });
    row("of a marked key", [](Notification &n) { n.idKey = KeyMark { 0xFEDCBA98 }; });
    row("tracked", [](Notification &n) { n.reliabilityId = "\"id\""; });
    row("aes128gcm", [](Notification &n) {
        n.encoding = Encoding::Aes128Gcm;
        n.body = QByteArray("\0\xFF\x80 body", 8);
    });
    row("aesgcm", [](Notification &n) {
        n.encoding = Encoding::AesGcm;
        n.body = QByteArray(4'096, '\xFB');
        n.encryption = "keyid=p256dh;salt=AAAA";
        n.cryptoKey = "dh=BBBB";
    });
}

void NodeMessageTest::message_readsBackAsItWas()
{
    QFETCH(const Notification, notification);
    const SortKey predecessor { 1'700'000'000'000'000 };
    const std::int64_t connectedAt = 1'700'000'000'001;
    const QByteArray json = toNodeJson(
        { .notification = notification, .predecessor = predecessor, .connectedAt = connectedAt });
    QVERIFY(QJsonDocument::fromJson(json).isObject());
    const auto read = fromNodeJson(notification.uaid, json);
    QVERIFY(read);
    QVERIFY(read->notification == notification);
    QVERIFY(read->version.text().isEmpty());
    QCOMPARE(read->predecessor, predecessor);
    QCOMPARE(read->connectedAt, connectedAt);
}

void NodeMessageTest::messageOfAutopush_isRead()
{
    const auto read = fromNodeJson(*parseUaid(UaidText), R"({
        "channelID":"01234567-89ab-cdef-0123-456789abcdef","version":"gAAAA=","ttl":60,"topic":null,
        "timestamp":1700000000,"data":"-_8=","headers":{"encoding":"aes128gcm"},"x":[1]})");
    QVERIFY(read);
    QCOMPARE(read->version.text(), QByteArray("gAAAA="));
    QCOMPARE(toInt(read->notification.sortKey), 0);
    QCOMPARE(toInt(read->predecessor), 0);
    QCOMPARE(read->connectedAt, 0);
    QCOMPARE(read->notification.body, QByteArray("\xFB\xFF"));
    QCOMPARE(read->notification.urgency, Urgency::Normal);
    QVERIFY(read->notification.topic.isEmpty());
    QVERIFY(read->notification.expires() == fromSeconds(1'700'000'060));
}

void NodeMessageTest::malformed_isBadRequest_data()
{
    QTest::addColumn<QByteArray>("json");
    const auto row = [](const char *name, const QByteArray &json) { QTest::newRow(name) << json; };
    const QJsonValue body(QStringLiteral("YWJj"));
    row("nothing", {});
    row("empty", "");
    row("no JSON", "push");
    row("array", "[]");
    row("empty object", "{}");
    row("cut", with("x", 1).trimmed().chopped(1));
    row("garbage behind", with("x", 1) + "x");
    row("not UTF-8", "{\"channelID\":\"\xFF\"}");
    row("2,000 deep", QByteArray(2'000, '[') + QByteArray(2'000, ']'));
    row("no channelID", with("channelID", {}));
    row("channelID a number", with("channelID", 1));
    row("channelID no UUID", with("channelID", QStringLiteral("x")));
    row("neither version nor sort key", with("version", {}));
    row("version a number", with("version", 1));
    row("id key below 0", with("idKey", -1));
    row("id key over 32 bits", with("idKey", qint64(1) << 32));
    row("sort key a string", with("sortKey", QStringLiteral("1")));
    row("sort key a fraction", with("sortKey", 1.5));
    row("predecessor a string", with("predecessor", QStringLiteral("1")));
    row("connectedAt a string", with("connectedAt", QStringLiteral("1")));
    row("ttl a string", with("ttl", QStringLiteral("60")));
    row("ttl negative", with("ttl", -1));
    row("ttl past all bounds", with("ttl", 9e18));
    row("timestamp a string", with("timestamp", QStringLiteral("now")));
    row("timestamp negative", with("timestamp", -1));
    row("timestamp past all bounds", with("timestamp", 9e18));
    row("topic a number", with("topic", 1));
    row("urgency a number", with("urgency", 1));
    row("reliability_id an object", with("reliability_id", QJsonObject()));
    row("data a number", with("data", 1));
    row("data no base64url", with("data", QStringLiteral("a+b")));
    row("data without headers", with("data", body));
}

void NodeMessageTest::malformed_isBadRequest()
{
    QFETCH(const QByteArray, json);
    // A null array has a pointer to "" in Qt; a view of nothing has none.
    const auto read =
        fromNodeJson(*parseUaid(UaidText), json.isNull() ? QByteArrayView() : QByteArrayView(json));
    QVERIFY(!read);
    QCOMPARE(read.error(), ErrorCode::BadRequest);
}

QTEST_APPLESS_MAIN(NodeMessageTest)
#include "tst_nodemessage.moc"
