// SPDX-License-Identifier: MPL-2.0
#include "core/reliability/messagestate.h"
#include "tests/contract/storage/rawdatabase.h"
#include "tests/support/protocoltest.h"
#include "tests/support/vapidkey.h"

#include <QDateTime>
#include <QJsonDocument>
#include <QProcess>
#include <QTest>
#include <QUuid>

using namespace Carillon::Testing;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

/// The value of a series in /metrics of the process that holds the clients; -1: not there.
double metric(TestServer &server, const QByteArray &series)
{
    const HttpReply reply = HttpPeer(server.routerPort()).get("/metrics");
    for (const QByteArray &line : reply.body.split('\n')) {
        if (line.startsWith(series + ' '))
            return line.mid(series.size() + 1).toDouble();
    }
    return -1;
}

/// What is recorded of tracked messages, as the database has it.
class Records
{
public:
    explicit Records(TestServer &server) : m_database(server.filePath(u"carillon.db"_s)) { }

    /// "received stored", …
    [[nodiscard]] QByteArray timeline(const QByteArray &id)
    {
        const QByteArray numbers = m_database.text(
            "SELECT group_concat(state, ' ') FROM (SELECT e.state FROM reliability_event e "
            "JOIN reliability_message m ON m.message = e.message WHERE m.id = CAST('"
            + id + "' AS BLOB) ORDER BY e.at, e.state)");
        if (numbers.isEmpty())
            return {};
        QByteArrayList names;
        for (const QByteArray &number : numbers.split(' '))
            names << Carillon::stateName(static_cast<Carillon::MessageState>(number.toInt()))
                         .toByteArray();
        return names.join(' ');
    }
    [[nodiscard]] qint64 messages()
    {
        return m_database.number("SELECT count(*) FROM reliability_message");
    }
    [[nodiscard]] qint64 counted()
    {
        return m_database.number("SELECT sum(n) FROM reliability_count");
    }
    [[nodiscard]] qint64 counted(Carillon::MessageState state)
    {
        return m_database
            .text("SELECT n FROM reliability_count WHERE state = "
                  + QByteArray::number(static_cast<int>(state)))
            .toLongLong();
    }
    [[nodiscard]] Carillon::RawDatabase &database() { return m_database; }

private:
    Carillon::RawDatabase m_database;
};

/// What `carillon report` prints, and how it exits.
struct Printed
{
    int exitCode = -1;
    QByteArray output;
};

/// dsn: empty: that of the server.
Printed report(TestServer &server, const QStringList &arguments, const QString &dsn = {})
{
    const QString db = dsn.isEmpty() ? u"sqlite:"_s + server.filePath(u"carillon.db"_s) : dsn;
    QProcess process;
    process.start(qEnvironmentVariable("CARILLON_BIN"),
                  QStringList { u"report"_s, u"--db"_s, db } + arguments);
    if (!process.waitForFinished(Patience.count()))
        return {};
    return { process.exitCode(), process.readAllStandardOutput() };
}

QByteArray newId()
{
    return QUuid::createUuid().toByteArray(QUuid::WithoutBraces);
}

} // namespace

// docs/reliability.md, path by path.
class ReliabilityTest : public ProtocolTest
{
    Q_OBJECT
public:
    ReliabilityTest() : ProtocolTest({ { "reliability.tracking_keys", tracked().publicKey() } }) { }

private Q_SLOTS:
    void connectedClient_getsIt_data();
    void connectedClient_getsIt();
    void offlineClient_getsItLater();
    void clientThatLeavesWithoutAnAck_getsItAgain();
    void refusedByTheClient_waitsForItsNextConnection();
    void ttlZero_forAnAbsentClient_isExpired();
    void ttlZero_forAConnectedClient_isDelivered();
    void channelThatIsGone_isErrored();
    void otherSenders_leaveNoRecord();
    void oddIdOfASender_isReplaced();
    void metrics_haveStates();
    void report_tellsOfTheDay();
    void report_refusesBadArguments_data();
    void report_refusesBadArguments();
    void ttlThatEnds_isExpired();
    void brokenTables_refuseNoPush();
    void killedServer_losesNoCount();

private:
    static const VapidKey &tracked()
    {
        static const VapidKey key;
        return key;
    }
    static PushParts parts(TestServer &server, const QByteArray &id, const QByteArray &ttl = "60")
    {
        PushParts parts;
        parts.ttl = ttl;
        parts.authorization = tracked().authorization(server.origin());
        parts.more = { { "X-MessageId", id } };
        return parts;
    }
    /// The way to a connected client, up to what its ack says.
    [[nodiscard]] QByteArray direct(const QByteArray &end) const
    {
        return (m_isApart ? "received stored int_transmitted int_accepted transmitted accepted "
                          : "received transmitted accepted ")
            + end;
    }

    const bool m_isApart = qgetenv("CARILLON_LAYOUT") == "apart";
};

void ReliabilityTest::connectedClient_getsIt_data()
{
    QTest::addColumn<int>("code");
    QTest::addColumn<QByteArray>("end");
    QTest::newRow("delivered") << 100 << QByteArray("delivered");
    QTest::newRow("not decrypted") << 101 << QByteArray("decryption_error");
    QTest::newRow("not delivered") << 102 << QByteArray("not_delivered");
}

void ReliabilityTest::connectedClient_getsIt()
{
    QFETCH(const int, code);
    QFETCH(const QByteArray, end);
    Records records(server());
    PushClient client(server());
    client.hello();
    const QByteArray path = client.subscribe(randomChannel(), tracked().publicKey());
    const QByteArray id = newId();
    QCOMPARE(sender().push(path, parts(server(), id)).status, 201);
    const QJsonObject notification = client.notification();
    QCOMPARE(text(notification, "reliability_id"), id);
    client.acknowledge(notification, code);
    QTRY_COMPARE(records.timeline(id), direct(end));
    QCOMPARE(records.counted(), records.messages());
}

void ReliabilityTest::offlineClient_getsItLater()
{
    Records records(server());
    PushClient client(server());
    client.hello();
    const QByteArray path = client.subscribe(randomChannel(), tracked().publicKey());
    const QByteArray uaid = client.uaid();
    client.leave();
    QTRY_COMPARE(sender().push(path, parts(server(), newId(), "0")).status, 201);
    const QByteArray id = newId();
    QCOMPARE(sender().push(path, parts(server(), id)).status, 201);
    QTRY_VERIFY(records.timeline(id).startsWith("received stored"));
    PushClient again(server());
    again.hello(uaid);
    const QJsonObject notification = again.notification();
    QCOMPARE(text(notification, "reliability_id"), id);
    again.acknowledge(notification);
    // The server may not have noticed yet that the client was gone when the push came.
    QTRY_VERIFY(records.timeline(id).endsWith("stored retrieved transmitted accepted delivered"));
}

void ReliabilityTest::clientThatLeavesWithoutAnAck_getsItAgain()
{
    Records records(server());
    PushClient client(server());
    client.hello();
    const QByteArray path = client.subscribe(randomChannel(), tracked().publicKey());
    const QByteArray uaid = client.uaid();
    const QByteArray id = newId();
    QCOMPARE(sender().push(path, parts(server(), id)).status, 201);
    QVERIFY(!client.notification().isEmpty());
    client.leave();
    QTRY_VERIFY(records.timeline(id).endsWith("transmitted stored")
                || records.timeline(id).endsWith("stored transmitted")); // in the same microsecond
    PushClient again(server());
    again.hello(uaid);
    again.acknowledge(again.notification());
    QTRY_VERIFY(records.timeline(id).endsWith(
        "transmitted stored retrieved transmitted accepted delivered"));
}

void ReliabilityTest::refusedByTheClient_waitsForItsNextConnection()
{
    Records records(server());
    PushClient client(server());
    client.hello();
    const QByteArray path = client.subscribe(randomChannel(), tracked().publicKey());
    const QByteArray id = newId();
    QCOMPARE(sender().push(path, parts(server(), id)).status, 201);
    const QJsonObject notification = client.notification();
    client.sendJson({ { u"messageType"_s, u"nack"_s },
                      { u"version"_s, notification.value(u"version"_s) },
                      { u"code"_s, 302 } });
    QTRY_VERIFY(records.timeline(id).endsWith("transmitted stored"));
}

void ReliabilityTest::ttlZero_forAnAbsentClient_isExpired()
{
    Records records(server());
    PushClient client(server());
    client.hello();
    const QByteArray path = client.subscribe(randomChannel(), tracked().publicKey());
    client.leave();
    // Until the server has noticed that it left.
    const auto push = [&] {
        const QByteArray id = newId();
        return sender().push(path, parts(server(), id, "0")).status == 201 ? id : QByteArray();
    };
    const auto isExpired = [&] {
        const QByteArray id = push();
        return QTest::qWaitFor([&] { return records.timeline(id) == "received expired"; }, 2'000);
    };
    QTRY_VERIFY_WITH_TIMEOUT(isExpired(), 20'000);
}

void ReliabilityTest::ttlZero_forAConnectedClient_isDelivered()
{
    Records records(server());
    PushClient client(server());
    client.hello();
    const QByteArray path = client.subscribe(randomChannel(), tracked().publicKey());
    const QByteArray id = newId();
    QCOMPARE(sender().push(path, parts(server(), id, "0")).status, 201);
    client.acknowledge(client.notification());
    QTRY_COMPARE(records.timeline(id),
                 m_isApart ? "received int_transmitted int_accepted transmitted accepted delivered"
                           : "received transmitted accepted delivered");
    // One that is lost with its connection.
    const QByteArray lost = newId();
    QCOMPARE(sender().push(path, parts(server(), lost, "0")).status, 201);
    QVERIFY(!client.notification().isEmpty());
    client.leave();
    QTRY_VERIFY(records.timeline(lost).endsWith("transmitted errored"));
}

void ReliabilityTest::channelThatIsGone_isErrored()
{
    Records records(server());
    PushClient client(server());
    client.hello();
    const QByteArray channel = randomChannel();
    const QByteArray path = client.subscribe(channel, tracked().publicKey());
    QCOMPARE(client.unregister(channel), 200);
    const QByteArray id = newId();
    QCOMPARE(sender().push(path, parts(server(), id)).status, 410);
    QTRY_COMPARE(records.timeline(id), "received errored");
}

void ReliabilityTest::otherSenders_leaveNoRecord()
{
    Records records(server());
    const qint64 before = records.messages();
    PushClient client(server());
    client.hello();
    const QByteArray id = newId();
    const VapidKey other;
    const QByteArray theirs = client.subscribe(randomChannel(), other.publicKey());
    PushParts signedByOther = parts(server(), id);
    signedByOther.authorization = other.authorization(server().origin());
    QCOMPARE(sender().push(theirs, signedByOther).status, 201);
    QJsonObject notification = client.notification();
    QVERIFY(!notification.contains(u"reliability_id"_s));
    client.acknowledge(notification);
    const QByteArray nobodys = client.subscribe(randomChannel());
    PushParts unsignedParts = parts(server(), id);
    unsignedParts.authorization = {};
    QCOMPARE(sender().push(nobodys, unsignedParts).status, 201);
    notification = client.notification();
    QVERIFY(!notification.contains(u"reliability_id"_s));
    client.acknowledge(notification);
    // Records come in order: what is recorded after theirs would be there after them.
    const QByteArray mine = newId();
    const QByteArray path = client.subscribe(randomChannel(), tracked().publicKey());
    QCOMPARE(sender().push(path, parts(server(), mine)).status, 201);
    client.acknowledge(client.notification());
    QTRY_COMPARE(records.timeline(mine), direct("delivered"));
    QCOMPARE(records.timeline(id), QByteArray());
    QCOMPARE(records.messages(), before + 1);
}

void ReliabilityTest::oddIdOfASender_isReplaced()
{
    PushClient client(server());
    client.hello();
    const QByteArray path = client.subscribe(randomChannel(), tracked().publicKey());
    for (const QByteArray &odd : { QByteArray("a b"), QByteArray(65, 'x'), QByteArray("a/b") }) {
        QCOMPARE(sender().push(path, parts(server(), odd)).status, 201);
        const QJsonObject notification = client.notification();
        const QByteArray id = text(notification, "reliability_id");
        QVERIFY2(!QUuid::fromString(QLatin1StringView(id)).isNull(), id.constData());
        client.acknowledge(notification);
    }
}

void ReliabilityTest::metrics_haveStates()
{
    TestServer own({ { "reliability.tracking_keys", tracked().publicKey() } });
    QVERIFY2(own.start(), own.log().constData());
    PushClient client(own);
    client.hello();
    Sender pushes(own);
    const QByteArray path = client.subscribe(randomChannel(), tracked().publicKey());
    QCOMPARE(pushes.push(path, parts(own, newId())).status, 201);
    client.acknowledge(client.notification());
    // Untracked ones are counted, too.
    const QByteArray plain = client.subscribe(randomChannel());
    QCOMPARE(pushes.push(plain).status, 201);
    client.acknowledge(client.notification());
    QTRY_COMPARE(metric(own, R"(carillon_messages_total{state="delivered"})"), 2.0);
    QTRY_COMPARE(metric(own, R"(autopush_reliability{state="delivered"})"), 1.0);
    QCOMPARE(metric(own, R"(autopush_reliability{state="transmitted"})"), 0.0);
    QCOMPARE(metric(own, "carillon_reliability_anomalies_total"), 0.0);
    QCOMPARE(metric(own, "carillon_reliability_dropped_total"), 0.0);
}

void ReliabilityTest::report_tellsOfTheDay()
{
    Records records(server());
    PushClient client(server());
    client.hello();
    const QByteArray path = client.subscribe(randomChannel(), tracked().publicKey());
    const QByteArray id = newId();
    QCOMPARE(sender().push(path, parts(server(), id)).status, 201);
    client.acknowledge(client.notification());
    QTRY_COMPARE(records.timeline(id), direct("delivered"));

    // The day may have changed since the first test.
    const QDate today = QDateTime::currentDateTimeUtc().date();
    qint64 total = 0;
    qint64 delivered = 0;
    for (const QDate &date : { today.addDays(-1), today }) {
        const Printed json =
            report(server(), { u"--date"_s, date.toString(Qt::ISODate), u"--format=json"_s });
        QCOMPARE(json.exitCode, 0);
        const QJsonObject day = QJsonDocument::fromJson(json.output).object();
        QCOMPARE(text(day, "date"), date.toString(Qt::ISODate).toLatin1());
        total += day.value(u"total"_s).toInteger();
        delivered += day.value(u"delivered"_s).toInteger();
    }
    QCOMPARE(total, records.messages());
    QCOMPARE(delivered, records.counted(Carillon::MessageState::Delivered));

    const Printed markdown = report(server(), {});
    QCOMPARE(markdown.exitCode, 0);
    QVERIFY2(markdown.output.startsWith("# Push reliability, "), markdown.output.constData());
}

void ReliabilityTest::report_refusesBadArguments_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("dsn");
    QTest::addColumn<int>("exitCode");
    QTest::newRow("date") << QStringList { u"--date=2026-02-30"_s } << QString() << 2;
    QTest::newRow("format") << QStringList { u"--format=pdf"_s } << QString() << 2;
    QTest::newRow("memory") << QStringList() << u"memory:"_s << 1;
    QTest::newRow("no database") << QStringList() << u"sqlite:/nowhere/carillon.db"_s << 1;
}

void ReliabilityTest::report_refusesBadArguments()
{
    QFETCH(const QStringList, arguments);
    QFETCH(const QString, dsn);
    QFETCH(const int, exitCode);
    const Printed printed = report(server(), arguments, dsn);
    QCOMPARE(printed.exitCode, exitCode);
    QCOMPARE(printed.output, QByteArray());
}

void ReliabilityTest::ttlThatEnds_isExpired()
{
    TestServer own({ { "reliability.track_all", "true" }, { "storage.client_lifetime", "12s" } });
    QVERIFY2(own.start(), own.log().constData());
    Records records(own);
    PushClient client(own);
    client.hello();
    const QByteArray path = client.subscribe(randomChannel());
    client.leave();
    Sender pushes(own);
    const QByteArray id = newId();
    QCOMPARE(pushes.push(path, parts(own, id, "1")).status, 201);
    QTRY_VERIFY_WITH_TIMEOUT(records.timeline(id).endsWith("stored expired"), 20'000);
}

void ReliabilityTest::brokenTables_refuseNoPush()
{
    TestServer own({ { "reliability.track_all", "true" } });
    QVERIFY2(own.start(), own.log().constData());
    QVERIFY(Records(own).database().run("DROP TABLE reliability_event"));
    PushClient client(own);
    client.hello();
    const QByteArray path = client.subscribe(randomChannel());
    Sender pushes(own);
    const auto push = [&] {
        QCOMPARE(pushes.push(path).status, 201);
        client.acknowledge(client.notification());
    };
    push();
    QTRY_VERIFY(own.log().contains("timelines of tracked messages cannot be written"));
    for (int i = 0; i < 20; ++i)
        push();
    // Each process says it once.
    QTRY_COMPARE(own.log().count("timelines of tracked messages cannot be written"),
                 m_isApart ? 2 : 1);
}

void ReliabilityTest::killedServer_losesNoCount()
{
    TestServer own({ { "reliability.track_all", "true" } });
    QVERIFY2(own.start(), own.log().constData());
    auto client = std::make_unique<PushClient>(own);
    client->hello();
    const QByteArray path = client->subscribe(randomChannel());
    const QByteArray uaid = client->uaid();
    QByteArrayList ids;
    constexpr int Messages = 10;
    {
        Sender pushes(own);
        for (int i = 0; i < Messages; ++i) {
            ids << newId();
            QCOMPARE(pushes.push(path, parts(own, ids.back())).status, 201);
        }
        // Half of them are acknowledged; the rest is in flight.
        for (int i = 0; i < Messages / 2; ++i)
            client->acknowledge(client->notification());
        QVERIFY(client->barrier());
    }
    {
        Records records(own);
        QTRY_COMPARE(records.counted(Carillon::MessageState::Delivered), Messages / 2);
        QTRY_COMPARE(records.counted(), Messages);
    }
    own.kill();
    client.reset();
    QVERIFY2(own.start(), own.log().constData());
    PushClient again(own);
    again.hello(uaid);
    for (int i = 0; i < Messages / 2; ++i)
        again.acknowledge(again.notification());
    Records records(own);
    QTRY_COMPARE(records.counted(Carillon::MessageState::Delivered), Messages);
    QCOMPARE(records.counted(), Messages);
    QCOMPARE(records.messages(), Messages);
    QVERIFY(records.timeline(ids.back()).endsWith("retrieved transmitted accepted delivered"));
    QTRY_VERIFY(metric(own, "carillon_reliability_gaps_total") >= Messages / 2);
    QCOMPARE(metric(own, "carillon_reliability_anomalies_total"), 0);
}

QTEST_GUILESS_MAIN(ReliabilityTest)
#include "tst_reliability.moc"
