// SPDX-License-Identifier: MPL-2.0
#include "tests/support/protocoltest.h"
#include "tests/support/vapidkey.h"

#include <QFile>
#include <QJsonDocument>
#include <QSaveFile>
#include <QTest>

using namespace Carillon::Testing;
using namespace Qt::StringLiterals;

namespace {

constexpr qint64 Day = 86'400;
/// Back to 1970, or close to it.
constexpr qint64 Epoch = -1'700'000'000;

/// A server on a machine whose clock the test sets.
class WrongClock
{
public:
    WrongClock()
    {
        m_server.setEnvironment(u"LD_PRELOAD"_s, qEnvironmentVariable("CARILLON_WRONGCLOCK"));
        m_server.setEnvironment(u"WRONGCLOCK"_s, path());
        m_server.setEnvironment(u"ASAN_OPTIONS"_s, // the runtime wants to be loaded first
                                qEnvironmentVariable("ASAN_OPTIONS")
                                    + u":verify_asan_link_order=0"_s);
        set(0);
    }

    TestServer &server() { return m_server; }
    void set(qint64 wall, bool isSynchronized = false)
    {
        QSaveFile file(path());
        if (!file.open(QIODevice::WriteOnly))
            qFatal("the clock cannot be set");
        file.write(QByteArray::number(wall) + ' ' + QByteArray::number(m_sinceBoot) + ' '
                   + (isSynchronized ? "1 " : "0 ") + m_boot + '\n');
        if (!file.commit())
            qFatal("the clock cannot be set");
    }
    /// From the next set() on.
    void reboot()
    {
        m_boot = "bbbbbbbb-bbbb-4bbb-bbbb-bbbbbbbbbbbb";
        m_sinceBoot += 1;
    }
    [[nodiscard]] QJsonObject clockOf(quint16 port) const
    {
        return QJsonDocument::fromJson(HttpPeer(port).get("/health").body)
            .object()["clock"_L1]
            .toObject();
    }

private:
    [[nodiscard]] QString path() const { return m_server.filePath(u"clock"_s); }

    TestServer m_server;
    QByteArray m_boot = "aaaaaaaa-aaaa-4aaa-aaaa-aaaaaaaaaaaa";
    qint64 m_sinceBoot = 0;
};

QByteArray vapid(const QByteArray &token, const VapidKey &key)
{
    return "vapid t=" + token + ",k=" + key.publicKey();
}

} // namespace

/// What a wrong clock does to clients, messages and tokens: as little as can be.
class ClockTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void steppedWhileRunning_destroysNothing_data();
    void steppedWhileRunning_destroysNothing();
    void wrongFromTheStart_destroysNothing_data();
    void wrongFromTheStart_destroysNothing();
    void lateSynchronization_expiresWhatIsOld();
    void newDatabase_earlierThanTheProgram_isDoubted();
    void notSynchronized_withARightClock_isSilent();
};

void ClockTest::steppedWhileRunning_destroysNothing_data()
{
    QTest::addColumn<qint64>("error");
    QTest::addColumn<bool>("isDoubtful");
    QTest::newRow("-400 d") << -400 * Day << true;
    QTest::newRow("-61 d") << -61 * Day << true;
    QTest::newRow("-2 d") << -2 * Day << true;
    QTest::newRow("+1 h") << qint64 { 3'590 } << false;
    QTest::newRow("+61 d") << 61 * Day << true;
    QTest::newRow("+5 y") << 5 * 365 * Day << true;
    QTest::newRow("1970") << Epoch << true;
}

void ClockTest::steppedWhileRunning_destroysNothing()
{
    QFETCH(const qint64, error);
    QFETCH(const bool, isDoubtful);
    WrongClock machine;
    TestServer &server = machine.server();
    QVERIFY2(server.start(), server.log().constData());
    Sender sender(server);
    PushClient connected(server);
    PushClient away(server);
    connected.hello();
    away.hello();
    const QByteArray path = connected.subscribe(randomChannel());
    const QByteArray awayPath = away.subscribe(randomChannel());
    QVERIFY(!path.isEmpty() && !awayPath.isEmpty());
    away.sendFrame(Opcode::Close, {});
    QVERIFY(away.waitForTcpEnd());
    PushParts lasting;
    lasting.ttl = "86400";
    lasting.body = "before";
    QCOMPARE(sender.push(awayPath, lasting).status, 201);

    machine.set(error);
    // Also before anybody has looked at the clock.
    const VapidKey key;
    PushParts signedByTheRightClock = lasting;
    signedByTheRightClock.authorization = key.authorization(server.origin());
    const HttpReply judged = sender.push(path, signedByTheRightClock);
    if (isDoubtful) {
        QCOMPARE(judged.status, 503);
        QCOMPARE(judged.errorName(), "ClockNotTrusted");
        QVERIFY(judged.header("Retry-After").toInt() > 0);
        QTRY_COMPARE_WITH_TIMEOUT(machine.clockOf(server.connectPort())["trusted"_L1].toBool(true),
                                  false, 20'000);
        // Housekeeping looks at the clock now and then; the figures above are of the moment.
        const int doubting = server.layout() == TestServer::Layout::Apart ? 2 : 1;
        QTRY_COMPARE_WITH_TIMEOUT(server.log().count("the system clock cannot be trusted"),
                                  doubting, 20'000);
    } else {
        QCOMPARE(judged.status, 201);
        QCOMPARE(takeBodies(connected, 1), QByteArrayList { "before" });
    }
    PushParts forged = lasting;
    forged.authorization = vapid(key.tokenFor(server.origin()), VapidKey());
    QCOMPARE(sender.push(path, forged).status, 401);
    lasting.body = "during";
    QCOMPARE(sender.push(path, lasting).status, 201);
    QCOMPARE(takeBodies(connected, 1), QByteArrayList { "during" });
    QCOMPARE(sender.push(awayPath, lasting).status, 201);
    {
        PushClient hello(server);
        hello.hello(connected.uaid());
        QCOMPARE(hello.uaid(), connected.uaid());
        QVERIFY(hello.barrier());
    }

    machine.set(0);
    QTRY_COMPARE_WITH_TIMEOUT(machine.clockOf(server.connectPort())["trusted"_L1].toBool(), true,
                              20'000);
    QCOMPARE(sender.push(path, signedByTheRightClock).status, 201);
    PushClient back(server);
    back.hello(away.uaid());
    QCOMPARE(back.uaid(), away.uaid());
    QCOMPARE(takeBodies(back, 2), (QByteArrayList { "before", "during" }));
    const int processes = server.layout() == TestServer::Layout::Apart ? 2 : 1;
    QCOMPARE(server.log().count("the system clock cannot be trusted"), isDoubtful ? processes : 0);
}

void ClockTest::wrongFromTheStart_destroysNothing_data()
{
    QTest::addColumn<qint64>("error");
    QTest::addColumn<bool>("reboots");
    for (const auto &[name, error] : { std::pair("-400 d", -400 * Day), std::pair("-2 d", -2 * Day),
                                       std::pair("+61 d", 61 * Day), std::pair("1970", Epoch) }) {
        QTest::addRow("%s, machine started anew", name) << error << true;
        if (error == 61 * Day)
            QTest::addRow("%s, server started anew", name) << error << false;
    }
}

void ClockTest::wrongFromTheStart_destroysNothing()
{
    QFETCH(const qint64, error);
    QFETCH(const bool, reboots);
    WrongClock machine;
    TestServer &server = machine.server();
    QVERIFY2(server.start(), server.log().constData());
    Sender sender(server);
    PushClient away(server);
    PushClient known(server);
    away.hello();
    known.hello();
    const QByteArray awayPath = away.subscribe(randomChannel());
    QVERIFY(!known.subscribe(randomChannel()).isEmpty());
    away.sendFrame(Opcode::Close, {});
    known.sendFrame(Opcode::Close, {});
    QVERIFY(away.waitForTcpEnd() && known.waitForTcpEnd());
    PushParts lasting;
    lasting.ttl = "86400";
    lasting.body = "before";
    QCOMPARE(sender.push(awayPath, lasting).status, 201);
    server.terminate();
    QVERIFY(server.waitForEnd());

    if (reboots)
        machine.reboot();
    machine.set(error);
    QVERIFY2(server.start(), server.log().constData());
    QTRY_COMPARE_WITH_TIMEOUT(machine.clockOf(server.endpointPort())["trusted"_L1].toBool(true),
                              false, 20'000);
    PushClient saysHello(server);
    saysHello.hello(known.uaid());
    QCOMPARE(saysHello.uaid(), known.uaid());
    lasting.body = "during";
    QCOMPARE(sender.push(awayPath, lasting).status, 201);
    const VapidKey key;
    lasting.authorization = key.authorization(server.origin());
    QCOMPARE(sender.push(awayPath, lasting).status, 503);
    server.kill();

    machine.set(0, true);
    QVERIFY2(server.start(), server.log().constData());
    for (PushClient *client : { &away, &known }) {
        PushClient back(server);
        back.hello(client->uaid());
        QCOMPARE(back.uaid(), client->uaid());
        if (client == &away)
            QCOMPARE(takeBodies(back, 2), (QByteArrayList { "before", "during" }));
    }
}

void ClockTest::lateSynchronization_expiresWhatIsOld()
{
    WrongClock machine;
    TestServer &server = machine.server();
    QVERIFY2(server.start(), server.log().constData());
    Sender sender(server);
    PushClient away(server);
    away.hello();
    const QByteArray path = away.subscribe(randomChannel());
    away.sendFrame(Opcode::Close, {});
    QVERIFY(away.waitForTcpEnd());
    PushParts daily;
    daily.ttl = "86400";
    daily.body = "before";
    QCOMPARE(sender.push(path, daily).status, 201);
    server.terminate();
    QVERIFY(server.waitForEnd());

    // Off for two days.
    machine.reboot();
    machine.set(2 * Day);
    QVERIFY2(server.start(), server.log().constData());
    daily.body = "after";
    QCOMPARE(sender.push(path, daily).status, 201);
    machine.set(2 * Day, true);
    QTRY_COMPARE_WITH_TIMEOUT(machine.clockOf(server.endpointPort())["ahead"_L1].toInt(-1), 0,
                              20'000);
    if (server.layout() == TestServer::Layout::Apart) {
        QTRY_COMPARE_WITH_TIMEOUT(machine.clockOf(server.connectPort())["ahead"_L1].toInt(-1), 0,
                                  20'000);
    }
    PushClient back(server);
    back.hello(away.uaid());
    QCOMPARE(back.uaid(), away.uaid());
    QCOMPARE(takeBodies(back, 1), QByteArrayList { "after" });
    QVERIFY(back.takeWaiting().isEmpty());
}

void ClockTest::newDatabase_earlierThanTheProgram_isDoubted()
{
    WrongClock machine;
    machine.set(Epoch);
    TestServer &server = machine.server();
    QVERIFY2(server.start(), server.log().constData());
    PushClient client(server);
    client.hello();
    const QByteArray path = client.subscribe(randomChannel());
    const VapidKey key;
    PushParts signedByTheRightClock;
    signedByTheRightClock.authorization = key.authorization(server.origin());
    QCOMPARE(Sender(server).push(path, signedByTheRightClock).errorName(), "ClockNotTrusted");
    QTRY_VERIFY2(server.log().contains("it is earlier than this program was built"),
                 server.log().constData());
}

void ClockTest::notSynchronized_withARightClock_isSilent()
{
    WrongClock machine;
    TestServer &server = machine.server();
    for (int starts = 0; starts < 2; ++starts) {
        QVERIFY2(server.start(), server.log().constData());
        const VapidKey key;
        Sender sender(server);
        PushClient client(server);
        client.hello();
        const QByteArray path = client.subscribe(randomChannel());
        PushParts late;
        late.authorization = vapid(key.tokenFor(server.origin(), -3'600), key);
        QCOMPARE(sender.push(path, late).errorName(), "VapidExpired");
        late.authorization = vapid(key.tokenFor(server.origin(), 2 * Day), key);
        QCOMPARE(sender.push(path, late).errorName(), "VapidExpiryTooFar");
        server.terminate();
        QVERIFY(server.waitForEnd());
    }
    QVERIFY2(!server.log().contains("system clock"), server.log().constData());
}

QTEST_GUILESS_MAIN(ClockTest)
#include "tst_clock.moc"
