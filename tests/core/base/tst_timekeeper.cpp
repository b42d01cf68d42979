// SPDX-License-Identifier: MPL-2.0
#include "core/base/timekeeper.h"

#include <QTest>

using namespace Carillon;
using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::microseconds;

Q_DECLARE_METATYPE(Carillon::WallTrust)
Q_DECLARE_METATYPE(std::chrono::microseconds)

namespace {

const WallTime Noon = wallFromSeconds(1'700'000'000);
constexpr WallTime NoEarliest {};

/// A machine that has been on for 5 h at noon. `on`: how long this start of it lasts by then.
ClockReading reading(microseconds afterNoon, microseconds error = 0s, bool isSynchronized = false,
                     std::int64_t boot = 1, microseconds onAtNoon = 5h)
{
    return { Noon + afterNoon + error, onAtNoon + afterNoon, boot, isSynchronized };
}

/// What a run left that ended at noon and had a right clock.
ClockMark markAtNoon()
{
    return { Time(Noon.time_since_epoch()), Noon, 5h, 1, Time(Noon.time_since_epoch()) - days(3) };
}

Time timeOf(const TimeKeeper &keeper, const ClockReading &now)
{
    return Time(keeper.offset() + now.sinceBoot);
}

Time right(microseconds afterNoon)
{
    return Time(Noon.time_since_epoch() + afterNoon);
}

} // namespace

class TimeKeeperTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void withoutAMark_beginsAtTheWallTime();
    void inOneBoot_timeIsWhatWasMeasured_data();
    void inOneBoot_timeIsWhatWasMeasured();
    void afterABoot_offTimeIsBelievedOrNot_data();
    void afterABoot_offTimeIsBelievedOrNot();
    void steps_moveNothing();
    void trust_data();
    void trust();
    void trust_comesWithAGrace_ofAnEvenClock();
    void trust_looksAtThisVeryReading();
    void justBooted_mayBeBehind_untilSettled();
    void beforeTheProgramWasBuilt_isDoubtful();
    void changes_areToldOnce();
    void lateSynchronization_leapsOnce();
    void clockThatWasAhead_isLeftBehind();
    void leapOfAnother_isFollowed();
};

void TimeKeeperTest::withoutAMark_beginsAtTheWallTime()
{
    const TimeKeeper keeper(reading(0s), std::nullopt, NoEarliest);
    QVERIFY(timeOf(keeper, reading(3h)) == right(3h));
    QCOMPARE(keeper.trust(reading(3h)), WallTrust::Trusted);
    QVERIFY(keeper.mark(5h).knownSince == right(0s));
}

void TimeKeeperTest::inOneBoot_timeIsWhatWasMeasured_data()
{
    QTest::addColumn<microseconds>("error");
    QTest::newRow("right") << microseconds(0s);
    QTest::newRow("-400 d") << microseconds(-days(400));
    QTest::newRow("-1 min") << microseconds(-1min);
    QTest::newRow("+1 h") << microseconds(1h);
    QTest::newRow("+61 d") << microseconds(days(61));
    QTest::newRow("1970") << microseconds(-Noon.time_since_epoch());
}

void TimeKeeperTest::inOneBoot_timeIsWhatWasMeasured()
{
    QFETCH(const microseconds, error);
    for (const bool isSynchronized : { false, true }) {
        const ClockReading start = reading(days(2), error, isSynchronized);
        const TimeKeeper keeper(start, markAtNoon(), NoEarliest);
        QVERIFY(timeOf(keeper, start) == right(days(2)));
        QVERIFY(keeper.mark(start.sinceBoot).knownSince == markAtNoon().knownSince);
    }
}

void TimeKeeperTest::afterABoot_offTimeIsBelievedOrNot_data()
{
    QTest::addColumn<microseconds>("off");
    QTest::addColumn<microseconds>("error");
    QTest::addColumn<bool>("isSynchronized");
    QTest::addColumn<microseconds>("believed");
    const auto row = [](const char *name, microseconds off, microseconds error, bool isSynchronized,
                        microseconds believed) {
        QTest::newRow(name) << off << error << isSynchronized << believed;
    };
    row("short", 10min, 0s, false, 10min);
    row("an hour", 1h, 0s, false, 1h);
    row("more than an hour", 2h, 0s, false, 0s);
    row("more than an hour, synchronized", 2h, 0s, true, 2h);
    row("long, synchronized", days(70), 0s, true, days(70));
    row("far ahead", 10min, days(61), false, 0s);
    row("behind", 10min, -days(2), false, 0s);
    row("behind, and says synchronized", 10min, -days(2), true, 0s);
    row("clock that stood still", days(3), -days(3), false, 0s);
}

void TimeKeeperTest::afterABoot_offTimeIsBelievedOrNot()
{
    QFETCH(const microseconds, off);
    QFETCH(const microseconds, error);
    QFETCH(const bool, isSynchronized);
    QFETCH(const microseconds, believed);
    const ClockReading start = reading(off, error, isSynchronized, 2, 20s - off);
    const TimeKeeper keeper(start, markAtNoon(), NoEarliest);
    QCOMPARE((timeOf(keeper, start) - right(believed)).count(), 1);
    QVERIFY(keeper.mark(start.sinceBoot).knownSince == timeOf(keeper, start));
}

void TimeKeeperTest::steps_moveNothing()
{
    TimeKeeper keeper(reading(0s), markAtNoon(), NoEarliest);
    for (const microseconds error : { -days(400), days(61), days(5 * 365), days(0) }) {
        keeper.look(reading(1h, error));
        QVERIFY(timeOf(keeper, reading(1h)) == right(1h));
        QVERIFY(!keeper.dueLeap());
    }
}

void TimeKeeperTest::trust_data()
{
    QTest::addColumn<microseconds>("error");
    QTest::addColumn<bool>("isSynchronized");
    QTest::addColumn<WallTrust>("expected");
    QTest::newRow("right") << microseconds(0s) << false << WallTrust::Trusted;
    QTest::newRow("59 min ahead") << microseconds(59min) << false << WallTrust::Trusted;
    QTest::newRow("59 min behind") << microseconds(-59min) << false << WallTrust::Trusted;
    QTest::newRow("61 min ahead") << microseconds(61min) << false << WallTrust::Doubtful;
    QTest::newRow("61 min behind") << microseconds(-61min) << false << WallTrust::Doubtful;
    QTest::newRow("61 d behind, synchronized")
        << microseconds(-days(61)) << true << WallTrust::Trusted;
}

void TimeKeeperTest::trust()
{
    QFETCH(const microseconds, error);
    QFETCH(const bool, isSynchronized);
    QFETCH(const WallTrust, expected);
    const TimeKeeper keeper(reading(0s), markAtNoon(), NoEarliest);
    QCOMPARE(keeper.trust(reading(1s, error, isSynchronized)), expected);
}

void TimeKeeperTest::trust_comesWithAGrace_ofAnEvenClock()
{
    TimeKeeper keeper(reading(0s, days(61)), markAtNoon(), NoEarliest);
    keeper.look(reading(12h, days(61)));
    QCOMPARE(keeper.trust(reading(23h, days(61))), WallTrust::Doubtful);
    QVERIFY(!keeper.dueLeap());
    keeper.look(reading(24h, days(61)));
    QCOMPARE(keeper.trust(reading(24h, days(61))), WallTrust::Trusted);
    QVERIFY(keeper.dueLeap());
    // A step begins the grace anew.
    keeper.look(reading(25h, days(30)));
    QCOMPARE(keeper.trust(reading(25h, days(30))), WallTrust::Doubtful);
    QVERIFY(!keeper.dueLeap());
    QCOMPARE(keeper.trust(reading(48h, days(30))), WallTrust::Doubtful);
    QCOMPARE(keeper.trust(reading(49h, days(30))), WallTrust::Trusted);
}

void TimeKeeperTest::trust_looksAtThisVeryReading()
{
    TimeKeeper keeper(reading(0s), markAtNoon(), NoEarliest);
    keeper.look(reading(30h));
    QCOMPARE(keeper.trust(reading(30h)), WallTrust::Trusted);
    QCOMPARE(keeper.trust(reading(30h, -days(61))), WallTrust::Doubtful);
}

void TimeKeeperTest::justBooted_mayBeBehind_untilSettled()
{
    // Switched off at noon for three days, with a clock that stood still.
    const ClockReading start { Noon + 1s, 20s, 2, false };
    const TimeKeeper keeper(start, markAtNoon(), NoEarliest);
    QCOMPARE(keeper.trust(start), WallTrust::MayBeBehind);
    QCOMPARE(keeper.trust({ Noon + 1s, 20s, 2, true }), WallTrust::Trusted);
    QCOMPARE(keeper.trust({ Noon + 1h, 1h + 20s, 2, false }), WallTrust::Trusted);
}

void TimeKeeperTest::beforeTheProgramWasBuilt_isDoubtful()
{
    const TimeKeeper keeper(reading(0s, -days(61)), std::nullopt, Noon - days(1));
    QCOMPARE(keeper.trust(reading(0s, -days(61))), WallTrust::Doubtful);
    QCOMPARE(keeper.trust(reading(0s, -days(61), true)), WallTrust::Trusted);
}

void TimeKeeperTest::changes_areToldOnce()
{
    TimeKeeper keeper(reading(0s), markAtNoon(), NoEarliest);
    QVERIFY(!keeper.look(reading(1s)).becameDoubtful);
    QVERIFY(keeper.look(reading(2s, 30s)).step == 0s); // NTP corrects
    const ClockChange fault = keeper.look(reading(3s, -days(2)));
    QVERIFY(fault.becameDoubtful);
    QVERIFY(fault.step == -days(2) - 30s);
    const ClockChange same = keeper.look(reading(4s, -days(2)));
    QVERIFY(!same.becameDoubtful && same.step == 0s);
    const ClockChange corrected = keeper.look(reading(5s, 0s, true));
    QVERIFY(corrected.becameTrusted);
    QVERIFY(!keeper.look(reading(6s, 0s, true)).becameTrusted);
}

void TimeKeeperTest::lateSynchronization_leapsOnce()
{
    // Off for ten days; the network comes a minute after the start.
    const ClockReading start { Noon + days(10), 20s, 2, false };
    TimeKeeper keeper(start, markAtNoon(), NoEarliest);
    const ClockReading online { Noon + days(10) + 1min, 80s, 2, true };
    keeper.look(online);
    const auto leap = keeper.dueLeap();
    QVERIFY(leap);
    QVERIFY(leap->by == days(10));
    QCOMPARE((leap->from - right(0s)).count(), 1);
    keeper.leap(*leap);
    QCOMPARE((timeOf(keeper, online) - right(days(10) + 1min)).count(), 1);
    keeper.look(online);
    QVERIFY(!keeper.dueLeap());
    QVERIFY(keeper.mark(80s).knownSince == leap->from + days(10));
}

void TimeKeeperTest::clockThatWasAhead_isLeftBehind()
{
    // The first run had a clock five years ahead, and was believed.
    TimeKeeper keeper(reading(0s, days(1825)), std::nullopt, NoEarliest);
    const Time before = timeOf(keeper, reading(0s));
    keeper.look(reading(1h, 0s, true));
    QVERIFY(timeOf(keeper, reading(1h)) == before + 1h);
    QCOMPARE(keeper.trust(reading(2h)), WallTrust::Trusted);
    QVERIFY(!keeper.dueLeap());
    // The machine is off for a night: that is what is added.
    const ClockReading morning { Noon + 10h, 20s, 2, true };
    const TimeKeeper next(morning, keeper.mark(7h), NoEarliest);
    QCOMPARE((timeOf(next, morning) - before - 10h).count(), 1);
}

void TimeKeeperTest::leapOfAnother_isFollowed()
{
    const ClockReading start { Noon + days(10), 20s, 2, false };
    TimeKeeper one(start, markAtNoon(), NoEarliest);
    TimeKeeper other(start, markAtNoon(), NoEarliest);
    one.look({ start.wall, start.sinceBoot, 2, true });
    QVERIFY(!other.leapTo(one.mark(20s)));
    one.leap(*one.dueLeap());
    const auto leap = other.leapTo(one.mark(50s));
    QVERIFY(leap);
    other.leap(*leap);
    QVERIFY(one.offset() == other.offset());
    QVERIFY(!other.leapTo(one.mark(60s)));
    // Of another start of the machine nothing is known.
    ClockMark foreign = one.mark(70s);
    foreign.boot = 3;
    foreign.time += days(100);
    QVERIFY(!other.leapTo(foreign));
}

QTEST_APPLESS_MAIN(TimeKeeperTest)

#include "tst_timekeeper.moc"
