// SPDX-License-Identifier: MPL-2.0
#include "server/storage/sqlite/sqlitestorage.h"
#include "tests/contract/storage/storageuser.h"
#include "tests/support/machineclock.h"

#include <QTemporaryDir>
#include <QTest>

using namespace Carillon;
using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::microseconds;

Q_DECLARE_METATYPE(std::chrono::microseconds)

namespace {

const WallTime Noon = wallFromSeconds(1'700'000'000);
constexpr days Lifetime { 60 };

enum class Presence { Away, Connected, SaysHello };
enum class Correction { WhileRunning, WithARestart };
enum class Fault { SameBoot, AnotherBoot };

} // namespace

Q_DECLARE_METATYPE(Presence)
Q_DECLARE_METATYPE(Correction)
Q_DECLARE_METATYPE(Fault)

/// Server time over restarts of the process and of the machine, and what expires by it, whatever
/// the system's clock says.
class SqliteClockTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void wrongClock_destroysNothing_data();
    void wrongClock_destroysNothing();
    void newDatabase_underAWrongClock_data();
    void newDatabase_underAWrongClock();
    void lateSynchronization_expiresWhatIsOld_keepsWhatIsNew();
    void messageOnItsWayDuringALeap_isRedated();
    void otherProcess_joinsInTheLeap();
    void killedProcess_goesOnExactly();
    void databaseWithoutAClock_neverGoesBehindItsKeys();
    void unseenClient_expiresByElapsedTime();

private:
    /// A process over the database.
    struct Run
    {
        explicit Run(const MachineClock &machine) : clock(machine) { }

        ServerClock clock;
        std::unique_ptr<SqliteStorage> storage; // stops before its clock
    };

    [[nodiscard]] std::unique_ptr<Run> start(SortKeyOrigin keys = SortKeyOrigin::GivenWhenQueued);
    /// What the server does every second and every minute.
    static void upkeep(Run &run);
    static void store(Run &run, const Notification &message);
    [[nodiscard]] Notification message(const Run &run, const QByteArray &body) const;
    static void claim(Run &run, Uaid uaid);
    [[nodiscard]] static bool isThere(Run &run, Uaid uaid);

    std::unique_ptr<QTemporaryDir> m_directory;
    std::unique_ptr<MachineClock> m_machine;
    std::unique_ptr<Run> m_run;
    Uaid m_uaid;
    ChannelId m_channel;
};

void SqliteClockTest::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    QVERIFY(m_directory->isValid());
    m_machine = std::make_unique<MachineClock>(Noon);
    m_uaid = newUaid();
    m_channel = ChannelId::fromRaw(newUaid().raw());
}

void SqliteClockTest::cleanup()
{
    m_run.reset();
}

std::unique_ptr<SqliteClockTest::Run> SqliteClockTest::start(SortKeyOrigin keys)
{
    auto run = std::make_unique<Run>(*m_machine);
    SqliteOptions options;
    options.path = m_directory->filePath(QStringLiteral("carillon.sqlite"));
    options.fullSync = false;
    options.clientLifetime = Lifetime;
    options.sortKeys = keys;
    options.keptClock = &run->clock;
    auto opened = SqliteStorage::open(options, run->clock);
    if (!opened)
        qFatal("%s", qPrintable(opened.error()));
    run->storage = std::move(*opened);
    run->clock.look();
    return run;
}

void SqliteClockTest::upkeep(Run &run)
{
    run.clock.look();
    Awaited<void> kept;
    run.storage->keepClock(kept.completion());
    QVERIFY(kept.wait());
    QVERIFY(StorageUser(*run.storage).removeExpired(100));
}

Notification SqliteClockTest::message(const Run &run, const QByteArray &body) const
{
    Notification made;
    made.uaid = m_uaid;
    made.channelId = m_channel;
    made.ttl = days(1);
    made.accepted = run.clock.now();
    made.body = body;
    return made;
}

void SqliteClockTest::store(Run &run, const Notification &message)
{
    QVERIFY(StorageUser(*run.storage).store(message));
}

void SqliteClockTest::claim(Run &run, Uaid uaid)
{
    const auto claimed =
        StorageUser(*run.storage).claim(uaid, { .node = NodeId("http://node"), .userAgent = {} });
    QVERIFY(claimed && *claimed);
}

bool SqliteClockTest::isThere(Run &run, Uaid uaid)
{
    const auto client = StorageUser(*run.storage).findClient(uaid);
    return client && *client;
}

void SqliteClockTest::wrongClock_destroysNothing_data()
{
    QTest::addColumn<microseconds>("error");
    QTest::addColumn<Presence>("presence");
    QTest::addColumn<Correction>("correction");
    QTest::addColumn<Fault>("fault");

    const std::pair<const char *, microseconds> errors[] = {
        { "-400 d", -days(400) },
        { "-61 d", -days(61) },
        { "-2 d", -days(2) },
        { "+1 h", 1h },
        { "+61 d", days(61) },
        { "+5 y", days(5 * 365) },
        { "1970", -Noon.time_since_epoch() },
    };
    const std::pair<const char *, Presence> presences[] = { { "away", Presence::Away },
                                                            { "connected", Presence::Connected },
                                                            { "hello", Presence::SaysHello } };
    const std::pair<const char *, Correction> corrections[] = {
        { "running", Correction::WhileRunning }, { "restart", Correction::WithARestart }
    };
    const std::pair<const char *, Fault> faults[] = { { "same boot", Fault::SameBoot },
                                                      { "reboot", Fault::AnotherBoot } };
    for (const auto &[errorName, error] : errors) {
        for (const auto &[presenceName, presence] : presences) {
            for (const auto &[correctionName, correction] : corrections) {
                for (const auto &[faultName, fault] : faults)
                    QTest::addRow("%s, %s, %s, %s", errorName, presenceName, faultName,
                                  correctionName)
                        << error << presence << correction << fault;
            }
        }
    }
}

void SqliteClockTest::wrongClock_destroysNothing()
{
    QFETCH(const microseconds, error);
    QFETCH(const Presence, presence);
    QFETCH(const Correction, correction);
    QFETCH(const Fault, fault);

    m_run = start();
    QVERIFY(StorageUser(*m_run->storage).addChannel(m_uaid, m_channel));
    const Uaid other = newUaid(); // which is not seen again
    QVERIFY(StorageUser(*m_run->storage).addChannel(other, m_channel));
    store(*m_run, message(*m_run, "before"));
    m_machine->run(5min);
    if (fault == Fault::AnotherBoot) {
        m_run.reset();
        m_machine->reboot(10min);
    }

    m_machine->setError(error);
    if (fault == Fault::AnotherBoot)
        m_run = start();
    if (presence == Presence::Connected)
        claim(*m_run, m_uaid);
    upkeep(*m_run);
    m_machine->run(2min);
    if (presence == Presence::SaysHello)
        claim(*m_run, m_uaid);
    if (presence == Presence::Connected)
        QVERIFY(StorageUser(*m_run->storage).renew({ m_uaid }));
    store(*m_run, message(*m_run, "during"));
    m_machine->run(3min);
    upkeep(*m_run);
    const auto route = StorageUser(*m_run->storage).findRoute(m_uaid, m_channel);
    QVERIFY(route && *route && (*route)->hasChannel);

    if (correction == Correction::WithARestart)
        m_run.reset();
    m_machine->setError(0s);
    m_machine->setSynchronized(true);
    if (correction == Correction::WithARestart)
        m_run = start();
    upkeep(*m_run);
    m_machine->run(22h);
    upkeep(*m_run);
    QVERIFY(isThere(*m_run, m_uaid));
    QVERIFY(isThere(*m_run, other));
    QCOMPARE(bodies(StorageUser(*m_run->storage).fetchAll(m_uaid)),
             (QByteArrayList { "before", "during" }));
    // The time to live has passed, and up to an hour that the machine was off and nobody counted.
    m_machine->run(3h);
    upkeep(*m_run);
    QCOMPARE(bodies(StorageUser(*m_run->storage).fetchAll(m_uaid)), QByteArrayList());
    QVERIFY(isThere(*m_run, other));
}

void SqliteClockTest::newDatabase_underAWrongClock_data()
{
    QTest::addColumn<microseconds>("error");
    QTest::newRow("-400 d") << microseconds(-days(400));
    QTest::newRow("-2 d") << microseconds(-days(2));
    QTest::newRow("+61 d") << microseconds(days(61));
    QTest::newRow("1970") << microseconds(-Noon.time_since_epoch());
}

void SqliteClockTest::newDatabase_underAWrongClock()
{
    QFETCH(const microseconds, error);
    m_machine->setError(error);
    m_run = start();
    QVERIFY(StorageUser(*m_run->storage).addChannel(m_uaid, m_channel));
    store(*m_run, message(*m_run, "first"));
    m_machine->run(5min);
    m_run.reset();
    m_run = start();
    store(*m_run, message(*m_run, "second"));

    m_machine->setError(0s);
    m_machine->setSynchronized(true);
    upkeep(*m_run);
    m_machine->run(23h);
    upkeep(*m_run);
    QVERIFY(isThere(*m_run, m_uaid));
    QCOMPARE(bodies(StorageUser(*m_run->storage).fetchAll(m_uaid)),
             (QByteArrayList { "first", "second" }));
    m_machine->run(2h);
    QCOMPARE(bodies(StorageUser(*m_run->storage).fetchAll(m_uaid)), QByteArrayList());
    QVERIFY(m_run->clock.wallTrust() == WallTrust::Trusted);
}

void SqliteClockTest::lateSynchronization_expiresWhatIsOld_keepsWhatIsNew()
{
    m_run = start();
    const Uaid longUnseen = newUaid();
    QVERIFY(StorageUser(*m_run->storage).addChannel(longUnseen, m_channel));
    m_machine->run(days(55));
    QVERIFY(StorageUser(*m_run->storage).addChannel(m_uaid, m_channel));
    store(*m_run, message(*m_run, "before"));
    m_run.reset();
    m_machine->reboot(days(10));

    m_run = start();
    m_machine->run(1min);
    claim(*m_run, m_uaid);
    store(*m_run, message(*m_run, "after"));
    upkeep(*m_run);
    QCOMPARE(bodies(StorageUser(*m_run->storage).fetchAll(m_uaid)),
             (QByteArrayList { "before", "after" }));
    QVERIFY(isThere(*m_run, longUnseen));

    m_machine->setSynchronized(true);
    upkeep(*m_run); // leaps
    upkeep(*m_run);
    QCOMPARE(bodies(StorageUser(*m_run->storage).fetchAll(m_uaid)), QByteArrayList { "after" });
    QVERIFY(!isThere(*m_run, longUnseen));
    QVERIFY(isThere(*m_run, m_uaid));
    m_machine->run(23h);
    QCOMPARE(bodies(StorageUser(*m_run->storage).fetchAll(m_uaid)), QByteArrayList { "after" });
    m_machine->run(2h);
    QCOMPARE(bodies(StorageUser(*m_run->storage).fetchAll(m_uaid)), QByteArrayList());
    // It is seen as often as its lifetime asks, counted from its last hello.
    m_machine->run(days(58));
    upkeep(*m_run);
    QVERIFY(isThere(*m_run, m_uaid));
    m_machine->run(days(2));
    upkeep(*m_run);
    QVERIFY(!isThere(*m_run, m_uaid));
}

void SqliteClockTest::messageOnItsWayDuringALeap_isRedated()
{
    m_run = start();
    QVERIFY(StorageUser(*m_run->storage).addChannel(m_uaid, m_channel));
    m_run.reset();
    m_machine->reboot(days(10));
    m_run = start();
    const Notification onItsWay = message(*m_run, "on its way");
    m_machine->run(1min);
    m_machine->setSynchronized(true);
    upkeep(*m_run);
    store(*m_run, onItsWay);
    m_machine->run(23h);
    QCOMPARE(bodies(StorageUser(*m_run->storage).fetchAll(m_uaid)),
             QByteArrayList { "on its way" });
}

void SqliteClockTest::otherProcess_joinsInTheLeap()
{
    m_run = start(SortKeyOrigin::GivenInTransaction);
    QVERIFY(StorageUser(*m_run->storage).addChannel(m_uaid, m_channel));
    m_run.reset();
    m_machine->reboot(days(10));
    m_run = start(SortKeyOrigin::GivenInTransaction);
    const auto other = start(SortKeyOrigin::GivenInTransaction);
    QVERIFY(m_run->clock.now() == other->clock.now());
    store(*other, message(*other, "before the leap"));
    m_machine->run(1min);
    const Notification late = message(*other, "dated before it");
    m_machine->setSynchronized(true);
    upkeep(*m_run);
    store(*other, late);
    QVERIFY(m_run->clock.now() == other->clock.now());
    upkeep(*other);
    upkeep(*m_run);
    QVERIFY(m_run->clock.now() == other->clock.now());
    m_machine->run(23h);
    QCOMPARE(bodies(StorageUser(*m_run->storage).fetchAll(m_uaid)),
             (QByteArrayList { "before the leap", "dated before it" }));
}

/// Time since the mark was last written is measured by the kernel, not by the process.
void SqliteClockTest::killedProcess_goesOnExactly()
{
    m_run = start();
    upkeep(*m_run);
    m_machine->run(3h);
    const Time now = m_run->clock.now();
    const auto next = start(); // as if the first were gone: it writes nothing until it stops
    QVERIFY(next->clock.now() == now);
}

void SqliteClockTest::databaseWithoutAClock_neverGoesBehindItsKeys()
{
    SqliteOptions options;
    options.path = m_directory->filePath(QStringLiteral("carillon.sqlite"));
    {
        const ServerClock clock(*m_machine);
        auto opened = SqliteStorage::open(options, clock);
        QVERIFY(opened);
        QVERIFY(StorageUser(**opened).addChannel(m_uaid, m_channel));
        Notification early = message(Run(*m_machine), "early");
        early.accepted = clock.now();
        QVERIFY(StorageUser(**opened).store(early));
    }
    const Time before(m_machine->wall().time_since_epoch());
    m_machine->setError(-days(400));
    m_run = start();
    QVERIFY(m_run->clock.now() >= before - 1s);
    QVERIFY(m_run->clock.wallTrust() == WallTrust::Doubtful);
}

void SqliteClockTest::unseenClient_expiresByElapsedTime()
{
    m_run = start();
    QVERIFY(StorageUser(*m_run->storage).addChannel(m_uaid, m_channel));
    m_machine->run(Lifetime - 1h);
    upkeep(*m_run);
    QVERIFY(isThere(*m_run, m_uaid));
    m_machine->run(1h);
    upkeep(*m_run);
    QVERIFY(!isThere(*m_run, m_uaid));
}

QTEST_GUILESS_MAIN(SqliteClockTest)

#include "sqliteclocktest.moc"
