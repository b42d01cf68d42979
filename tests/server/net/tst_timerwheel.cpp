// SPDX-License-Identifier: MPL-2.0
#include "server/net/timers.h"
#include "server/net/timerwheel.h"

#include <QElapsedTimer>
#include <QTest>

#include <functional>
#include <memory>
#include <random>
#include <vector>

using namespace Carillon;
using namespace std::chrono_literals;

namespace {

/// Something that times out, and writes down when.
class Sleeper
{
public:
    explicit Sleeper(const Instant &now) : m_now(now) { }

    Timer timer = Timer::of<&Sleeper::fired>(this);
    std::vector<Instant> firings;
    std::function<void()> then;

private:
    void fired()
    {
        firings.push_back(m_now);
        if (then)
            then();
    }

    const Instant &m_now;
};

} // namespace

class TimerWheelTest final : public QObject
{
    Q_OBJECT

    const Instant m_start { 1'000h };
    Instant m_now = m_start;
    std::unique_ptr<TimerWheel> m_wheel;

    void advanceTo(Instant now)
    {
        m_now = now;
        m_wheel->advance(now);
    }
    /// As a driver does: from one due time to the next.
    void runTo(Instant end)
    {
        for (auto next = m_wheel->next(); next && *next <= end; next = m_wheel->next())
            advanceTo(*next);
        advanceTo(end);
    }

private Q_SLOTS:
    void init()
    {
        m_now = m_start;
        m_wheel = std::make_unique<TimerWheel>(m_start);
    }

    void timer_firesOnce_withinATickAfterItsDeadline_data()
    {
        QTest::addColumn<qint64>("milliseconds");
        for (const qint64 ms :
             { 1LL, 20LL, 21LL, 500LL, 1'279LL, 1'280LL, 1'281LL, 5'000LL, 81'919LL, 81'921LL,
               300'000LL, 5'242'881LL, 36'000'000LL, 335'544'321LL, 1'000'000'000LL }) {
            QTest::newRow(qPrintable(QString::number(ms))) << ms;
        }
    }

    void timer_firesOnce_withinATickAfterItsDeadline()
    {
        QFETCH(qint64, milliseconds);
        // Not at the wheel's start, so that slots and rings are entered askew.
        advanceTo(m_start + 12'345'678ms);
        const Instant deadline = m_now + std::chrono::milliseconds(milliseconds);
        Sleeper sleeper(m_now);
        m_wheel->start(sleeper.timer, deadline);
        QVERIFY(sleeper.timer.isActive());
        runTo(deadline + 1h);
        QCOMPARE(sleeper.firings.size(), 1U);
        QVERIFY(sleeper.firings[0] >= deadline);
        QVERIFY(sleeper.firings[0] <= deadline + TimerWheel::Tick);
        QVERIFY(!sleeper.timer.isActive());
        QVERIFY(!m_wheel->next());
    }

    void deadlineInThePast_firesAtTheNextTick()
    {
        advanceTo(m_start + 1s);
        Sleeper sleeper(m_now);
        m_wheel->start(sleeper.timer, m_start);
        QVERIFY(sleeper.firings.empty());
        advanceTo(m_now + TimerWheel::Tick);
        QCOMPARE(sleeper.firings.size(), 1U);
    }

    void lateAdvance_firesAll_inOrder()
    {
        std::vector<int> order;
        std::vector<std::unique_ptr<Sleeper>> sleepers;
        for (const int seconds : { 90, 1, 4'000, 2, 300 }) {
            sleepers.push_back(std::make_unique<Sleeper>(m_now));
            sleepers.back()->then = [&order, seconds] { order.push_back(seconds); };
            m_wheel->start(sleepers.back()->timer, m_start + std::chrono::seconds(seconds));
        }
        advanceTo(m_start + 2h);
        QCOMPARE(order, (std::vector { 1, 2, 90, 300, 4'000 }));
    }

    void cancelledTimer_doesNotFire()
    {
        Sleeper sleeper(m_now);
        m_wheel->start(sleeper.timer, m_start + 1s);
        sleeper.timer.cancel();
        QVERIFY(!m_wheel->next());
        runTo(m_start + 1min);
        QVERIFY(sleeper.firings.empty());
    }

    void restartedTimer_firesAtItsNewDeadlineOnly()
    {
        Sleeper sleeper(m_now);
        m_wheel->start(sleeper.timer, m_start + 1s);
        m_wheel->start(sleeper.timer, m_start + 10min);
        runTo(m_start + 9min);
        QVERIFY(sleeper.firings.empty());
        runTo(m_start + 11min);
        QCOMPARE(sleeper.firings.size(), 1U);
    }

    void destroyedTimer_cancelsItself()
    {
        auto sleeper = std::make_unique<Sleeper>(m_now);
        m_wheel->start(sleeper->timer, m_start + 1s);
        sleeper.reset();
        QVERIFY(!m_wheel->next());
        runTo(m_start + 1min);
    }

    void callback_mayDestroyItselfAndOthersOfTheSameTick()
    {
        auto first = std::make_unique<Sleeper>(m_now);
        auto second = std::make_unique<Sleeper>(m_now);
        Sleeper third(m_now);
        for (Timer *timer : { &first->timer, &second->timer, &third.timer })
            m_wheel->start(*timer, m_start + 1s);
        first->then = [&] {
            second.reset();
            first.reset();
        };
        runTo(m_start + 2s);
        QVERIFY(!first && !second);
        QCOMPARE(third.firings.size(), 1U);
    }

    void callback_mayStartItsTimerAnew()
    {
        Sleeper sleeper(m_now);
        sleeper.then = [&] { m_wheel->start(sleeper.timer, m_now + 300s); };
        m_wheel->start(sleeper.timer, m_now + 300s);
        runTo(m_start + 1h + 1s);
        // Each round may be late by less than a tick.
        QCOMPARE(sleeper.firings.size(), 12U);
    }

    void wheelBeforeItsTimers_leavesThemInactiveToDestroy()
    {
        Sleeper one(m_now);
        Sleeper other(m_now);
        m_wheel->start(one.timer, m_start + 1s);
        m_wheel->start(other.timer, m_start + 1s);
        m_wheel.reset();
        one.timer.cancel();
        QVERIFY(!one.timer.isActive());
    }

    void manyTimers_startedAndCancelledAtRandom_fireAsTold()
    {
        std::mt19937 random(20'260'731);
        struct Told
        {
            std::unique_ptr<Sleeper> sleeper;
            std::optional<Instant> deadline;
            std::size_t firings = 0;
        };
        std::vector<Told> all(500);
        for (Told &one : all)
            one.sleeper = std::make_unique<Sleeper>(m_now);
        for (int round = 0; round < 2'000; ++round) {
            Told &one = all[random() % all.size()];
            if (random() % 4 == 0) {
                one.sleeper->timer.cancel();
                one.deadline.reset();
            } else {
                const auto wait = std::chrono::milliseconds(random() % (1U << (random() % 24)));
                one.deadline = m_now + wait;
                m_wheel->start(one.sleeper->timer, *one.deadline);
            }
            const Instant before = m_now;
            runTo(m_now + std::chrono::milliseconds(random() % 5'000));
            for (Told &each : all) {
                const bool fired = each.sleeper->firings.size() > each.firings;
                if (fired) {
                    QVERIFY(each.deadline && each.sleeper->firings.back() >= *each.deadline);
                    QVERIFY(each.sleeper->firings.back()
                            <= std::max(*each.deadline, before) + 2 * TimerWheel::Tick);
                    each.firings = each.sleeper->firings.size();
                    each.deadline.reset();
                }
                QVERIFY(!each.deadline || *each.deadline + 2 * TimerWheel::Tick > m_now);
            }
        }
    }

    void timer_isSmall() { QVERIFY(sizeof(Timer) <= 5 * sizeof(void *)); }

    void driver_firesFromTheEventLoop_andThenRests()
    {
        Timers timers;
        Instant now;
        Sleeper soon(now);
        Sleeper later(now);
        QElapsedTimer elapsed;
        elapsed.start();
        timers.start(later.timer, 150ms);
        timers.start(soon.timer, 30ms);
        QTRY_COMPARE(soon.firings.size(), 1U);
        QVERIFY(elapsed.elapsed() >= 30);
        QVERIFY(later.timer.isActive());
        QTRY_COMPARE(later.firings.size(), 1U);
        QVERIFY(elapsed.elapsed() >= 150);
    }
};

QTEST_GUILESS_MAIN(TimerWheelTest)
#include "tst_timerwheel.moc"
