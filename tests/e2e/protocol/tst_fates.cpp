// SPDX-License-Identifier: MPL-2.0
#include "tests/support/protocoltest.h"
#include "tests/support/vapidkey.h"

#include <QDateTime>
#include <QJsonDocument>
#include <QProcess>
#include <QTest>

#include <functional>

using namespace Carillon::Testing;
using namespace Qt::StringLiterals;

namespace {

/// 32 hex digits as a UUID is written.
QByteArray dashed(QByteArray id)
{
    for (const int at : { 20, 16, 12, 8 })
        id.insert(at, '-');
    return id;
}

} // namespace

// A day of messages that meet different fates, each of which `carillon why` names from the endpoint
// URL alone.
class FatesTest : public ProtocolTest
{
    Q_OBJECT
public:
    FatesTest()
        : ProtocolTest({ { "storage.max_messages", "3" }, { "storage.on_full", "drop-oldest" } })
    {
    }

    using Happen = void (FatesTest::*)();

private Q_SLOTS:
    void init();
    void message_hasItsFateNamed_data();
    void message_hasItsFateNamed();
    void whatIsInHand_leadsToTheMessage();
    void idOfTwoThings_listsThem();
    void nonsense_isBadInput();

private:
    /// What `carillon why` says.
    struct Answer
    {
        int exitCode = -1;
        QJsonObject json;
        QByteArray errors;
    };

    // What happens to the message.
    void arrives();
    void arrivesLater();
    void waits();
    void losesItsConnection();
    void isInFlight();
    void isNotUrgentEnough();
    void isNotDecrypted();
    void isNotDelivered();
    void isNacked();
    void expires();
    void hasNoTime();
    void isDisplaced();
    void isWithdrawn();
    void isReplaced();
    void isUnsubscribed();
    void losesItsPermission();
    void isTooLarge();
    void hasNoTtl();
    void isSignedByAnother();
    void isNotSigned();
    void isExpiredToken();
    void isNeverSent();
    void isForAnotherServer();

    [[nodiscard]] Answer why(const QByteArray &subject);
    QByteArray push(PushParts parts = {});
    void connectAgain(const QJsonObject &extra = {});
    [[nodiscard]] PushParts signedParts(const QByteArray &authorization);
    [[nodiscard]] QByteArray url() { return server().origin() + m_path; }

    std::unique_ptr<PushClient> m_client;
    VapidKey m_key;
    QByteArray m_channel;
    QByteArray m_path;
};

Q_DECLARE_METATYPE(FatesTest::Happen)

void FatesTest::init()
{
    m_client = std::make_unique<PushClient>(server());
    m_client->hello();
    m_channel = randomChannel();
    m_path = m_client->subscribe(m_channel);
    QVERIFY(!m_path.isEmpty());
}

FatesTest::Answer FatesTest::why(const QByteArray &subject)
{
    QProcess command;
    command.start(qEnvironmentVariable("CARILLON_BIN"),
                  { u"why"_s, u"--json"_s, u"--socket"_s, server().adminSocket(),
                    QString::fromLatin1(subject) });
    if (!command.waitForFinished(int(Patience.count())))
        return {};
    return { command.exitCode(), QJsonDocument::fromJson(command.readAllStandardOutput()).object(),
             command.readAllStandardError() };
}

/// Gives Location; null unless it was answered 201.
QByteArray FatesTest::push(PushParts parts)
{
    const HttpReply reply = sender().push(m_path, parts);
    return reply.status == 201 ? reply.header("Location") : QByteArray();
}

void FatesTest::connectAgain(const QJsonObject &extra)
{
    const QByteArray uaid = m_client->uaid();
    m_client = std::make_unique<PushClient>(server());
    m_client->hello(uaid, extra);
    QCOMPARE(m_client->uaid(), uaid);
}

PushParts FatesTest::signedParts(const QByteArray &authorization)
{
    m_path = m_client->subscribe(m_channel, m_key.publicKey());
    PushParts parts;
    parts.authorization = authorization;
    return parts;
}

void FatesTest::arrives()
{
    QVERIFY(!push().isEmpty());
    m_client->acknowledge(m_client->notification());
    QVERIFY(m_client->barrier());
}

void FatesTest::arrivesLater()
{
    m_client->leave();
    QVERIFY(!push().isEmpty());
    connectAgain();
    m_client->acknowledge(m_client->notification());
    QVERIFY(m_client->barrier());
}

void FatesTest::waits()
{
    m_client->leave();
    QVERIFY(!push().isEmpty());
}

void FatesTest::losesItsConnection()
{
    QVERIFY(!push().isEmpty());
    QVERIFY(!m_client->notification().isEmpty());
    m_client->leave();
}

void FatesTest::isInFlight()
{
    QVERIFY(!push().isEmpty());
    QVERIFY(!m_client->notification().isEmpty());
}

void FatesTest::isNotUrgentEnough()
{
    connectAgain({ { u"urgency"_s, u"high"_s } });
    PushParts parts;
    parts.urgency = "low";
    QVERIFY(!push(parts).isEmpty());
}

void FatesTest::isNotDecrypted()
{
    QVERIFY(!push().isEmpty());
    m_client->acknowledge(m_client->notification(), 101);
    QVERIFY(m_client->barrier());
}

void FatesTest::isNotDelivered()
{
    QVERIFY(!push().isEmpty());
    m_client->acknowledge(m_client->notification(), 102);
    QVERIFY(m_client->barrier());
}

void FatesTest::isNacked()
{
    QVERIFY(!push().isEmpty());
    const QJsonObject notification = m_client->notification();
    m_client->sendJson({ { u"messageType"_s, u"nack"_s },
                         { u"version"_s, notification.value(u"version"_s) },
                         { u"code"_s, 301 } });
    QVERIFY(m_client->barrier());
}

void FatesTest::expires()
{
    m_client->leave();
    PushParts parts;
    parts.ttl = "1";
    QVERIFY(!push(parts).isEmpty());
    const qint64 expired = QDateTime::currentMSecsSinceEpoch() + 1'100;
    QTRY_VERIFY(QDateTime::currentMSecsSinceEpoch() > expired);
}

void FatesTest::hasNoTime()
{
    m_client->leave();
    PushParts parts;
    parts.ttl = "0";
    QVERIFY(!push(parts).isEmpty());
}

void FatesTest::isDisplaced()
{
    m_client->leave();
    const QByteArray first = push();
    for (int i = 0; i < 3; ++i)
        QVERIFY(!push().isEmpty());
    m_path = first.mid(server().origin().size());
}

void FatesTest::isWithdrawn()
{
    m_client->leave();
    QCOMPARE(sender().cancel(push()).status, 204);
}

void FatesTest::isReplaced()
{
    m_client->leave();
    PushParts parts;
    parts.topic = "score";
    QVERIFY(!push(parts).isEmpty());
    QVERIFY(!push(parts).isEmpty());
}

void FatesTest::isUnsubscribed()
{
    QCOMPARE(m_client->unregister(m_channel), 200);
    QCOMPARE(sender().push(m_path).status, 410);
}

void FatesTest::losesItsPermission()
{
    m_client->sendJson({ { u"messageType"_s, u"unregister"_s },
                         { u"channelID"_s, QString::fromLatin1(m_channel) },
                         { u"code"_s, 202 } });
    QVERIFY(m_client->barrier());
}

void FatesTest::isTooLarge()
{
    PushParts parts;
    parts.body = QByteArray(100'000, 'x');
    QCOMPARE(sender().push(m_path, parts).status, 413);
}

void FatesTest::hasNoTtl()
{
    PushParts parts;
    parts.ttl = {};
    QCOMPARE(sender().push(m_path, parts).status, 400);
}

void FatesTest::isSignedByAnother()
{
    const PushParts parts = signedParts(VapidKey().authorization(server().origin()));
    QCOMPARE(sender().push(m_path, parts).status, 401);
}

void FatesTest::isNotSigned()
{
    QCOMPARE(sender().push(m_path, signedParts({})).status, 401);
}

void FatesTest::isExpiredToken()
{
    const QByteArray token = m_key.tokenFor(server().origin(), -3'600);
    const PushParts parts = signedParts("vapid t=" + token + ", k=" + m_key.publicKey());
    QCOMPARE(sender().push(m_path, parts).status, 401);
}

void FatesTest::isNeverSent() { }

void FatesTest::isForAnotherServer()
{
    m_path[m_path.size() - 5] = m_path.at(m_path.size() - 5) == 'A' ? 'B' : 'A';
}

void FatesTest::message_hasItsFateNamed_data()
{
    QTest::addColumn<Happen>("happen");
    QTest::addColumn<QString>("verdict");
    QTest::addColumn<QString>("cause");
    const auto row = [](const char *name, Happen happen, const char *verdict, const char *cause) {
        QTest::newRow(name) << happen << QString::fromLatin1(verdict) << QString::fromLatin1(cause);
    };
    row("delivered", &FatesTest::arrives, "ok", "was delivered: the client acknowledged");
    row("delivered later", &FatesTest::arrivesLater, "ok", "was delivered");
    row("waits", &FatesTest::waits, "waiting", "The client has been offline since");
    row("connection lost", &FatesTest::losesItsConnection, "waiting", "has been waiting since");
    row("in flight", &FatesTest::isInFlight, "waiting", "has not acknowledged it yet");
    row("not urgent", &FatesTest::isNotUrgentEnough, "waiting", "was stored");
    row("not decrypted", &FatesTest::isNotDecrypted, "problem", "could not decrypt it (code 101)");
    row("not delivered", &FatesTest::isNotDelivered, "problem", "(code 102)");
    row("nacked", &FatesTest::isNacked, "problem", "exception (code 301)");
    row("expired", &FatesTest::expires, "problem", "after its TTL of 1 second");
    row("TTL 0", &FatesTest::hasNoTime, "problem", "had TTL 0");
    row("displaced", &FatesTest::isDisplaced, "problem", "queue was full");
    row("withdrawn", &FatesTest::isWithdrawn, "problem", "The sender withdrew");
    row("replaced", &FatesTest::isReplaced, "waiting", "has been waiting since");
    row("unsubscribed", &FatesTest::isUnsubscribed, "problem", "the page or its user unsubscribed");
    row("no permission", &FatesTest::losesItsPermission, "problem", "withdrew the permission");
    row("too large", &FatesTest::isTooLarge, "problem", "413 BodyTooLarge");
    row("no TTL", &FatesTest::hasNoTtl, "problem", "400 TtlMissing");
    row("another key", &FatesTest::isSignedByAnother, "problem", "401 VapidKeyMismatch");
    row("no key", &FatesTest::isNotSigned, "problem", "401 VapidMissing");
    row("token expired", &FatesTest::isExpiredToken, "problem", "401 VapidExpired");
    row("never sent", &FatesTest::isNeverSent, "unknown", "no push for it has arrived");
    row("another server", &FatesTest::isForAnotherServer, "problem", "not made with");
}

void FatesTest::message_hasItsFateNamed()
{
    QFETCH(Happen, happen);
    QFETCH(QString, verdict);
    QFETCH(QString, cause);
    (this->*happen)();
    const Answer answer = why(url());
    const QString summary = answer.json.value(u"summary"_s).toString();
    QVERIFY2(summary.contains(cause), qPrintable(summary + QString::fromUtf8(answer.errors)));
    QCOMPARE(answer.json.value(u"verdict"_s).toString(), verdict);
    QCOMPARE(answer.exitCode, verdict == "ok"_L1 || verdict == "waiting"_L1 ? 0 : 1);
}

void FatesTest::whatIsInHand_leadsToTheMessage()
{
    const PushParts parts = signedParts(m_key.authorization(server().origin()));
    m_client->leave();
    const QByteArray location = push(parts);
    QVERIFY(!location.isEmpty());
    const QByteArray uaid = m_client->uaid();
    for (const QByteArray &subject : { url(), location, location.mid(location.lastIndexOf('/') + 1),
                                       uaid, dashed(uaid), uaid.left(20), m_channel }) {
        const Answer answer = why(subject);
        const QString summary = answer.json.value(u"summary"_s).toString();
        QVERIFY2(summary.contains(u"has been waiting since"_s),
                 qPrintable(QString::fromLatin1(subject) + u": "_s + summary
                            + QString::fromUtf8(answer.errors)));
        QCOMPARE(answer.exitCode, 0);
    }
    const QJsonArray messages = why(url()).json.value(u"messages"_s).toArray();
    const QByteArray number =
        QByteArray::number(messages.first().toObject().value(u"message"_s).toInteger());
    QVERIFY(why(number).json.value(u"summary"_s).toString().contains(u"has been waiting"_s));
    const Answer answer = why(m_key.publicKey());
    QCOMPARE(answer.json.value(u"kind"_s).toString(), u"sender"_s);
    QCOMPARE(answer.exitCode, 0);
}

void FatesTest::idOfTwoThings_listsThem()
{
    PushClient other(server());
    other.hello();
    QVERIFY(!other.subscribe(randomChannel()).isEmpty());
    // Nobody stops a client from calling its channel as another client is called.
    QVERIFY(!m_client->subscribe(dashed(other.uaid())).isEmpty());
    const Answer answer = why(other.uaid());
    QCOMPARE(answer.json.value(u"verdict"_s).toString(), u"ambiguous"_s);
    QCOMPARE(answer.json.value(u"candidates"_s).toArray().size(), 2);
    QCOMPARE(answer.exitCode, 2);
}

void FatesTest::nonsense_isBadInput()
{
    const Answer answer = why("where is it");
    QCOMPARE(answer.exitCode, 2);
    QVERIFY2(answer.errors.contains("not an endpoint URL"), answer.errors.constData());
}

QTEST_GUILESS_MAIN(FatesTest)
#include "tst_fates.moc"
