// SPDX-License-Identifier: MPL-2.0
#include "server/app/drain.h"

#include "tests/support/manualclock.h"

#include <QSignalSpy>
#include <QTest>

#include <memory>
#include <optional>

using namespace Carillon;
using namespace std::chrono_literals;

class DrainTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void start_boundsStorageWithinThePeriod_thenStopsServing();
    void nothingIsOpen_finishesAndRefusesNobody();
    void workEnds_finishes();
    void workDoesNotEnd_isRefusedBeforeTheEnd();
    void refusedWorkIsAnswered_finishes();
    void withoutAPeriod_finishesAtOnce();

private:
    void drain(std::chrono::milliseconds period);

    ManualClock m_clock { Time() };
    QStringList m_steps; // in the order in which they were taken
    std::optional<Instant> m_storageDeadline;
    int m_open = 0;
    bool m_refusalEndsWork = false;
    std::unique_ptr<Drain> m_drain;
    std::unique_ptr<QSignalSpy> m_finished;
};

void DrainTest::init()
{
    m_steps.clear();
    m_storageDeadline.reset();
    m_open = 0;
    m_refusalEndsWork = false;
}

void DrainTest::drain(std::chrono::milliseconds period)
{
    m_drain = std::make_unique<Drain>(
        m_clock, period,
        Drain::Steps { .finishStorageBy =
                           [this](Instant deadline) {
                               m_steps << QStringLiteral("storage");
                               m_storageDeadline = deadline;
                           },
                       .stopServing = [this] { m_steps << QStringLiteral("stop"); },
                       .openWork = [this] { return m_open; },
                       .refuseOpenRequests =
                           [this] {
                               m_steps << QStringLiteral("refuse");
                               if (m_refusalEndsWork)
                                   m_open = 0;
                           } });
    connect(m_drain.get(), &Drain::finished, this,
            [this] { m_steps << QStringLiteral("finished"); });
    m_finished = std::make_unique<QSignalSpy>(m_drain.get(), &Drain::finished);
    m_drain->start();
}

void DrainTest::start_boundsStorageWithinThePeriod_thenStopsServing()
{
    drain(1h);
    QCOMPARE(m_steps, QStringList({ QStringLiteral("storage"), QStringLiteral("stop") }));
    QVERIFY(m_storageDeadline > m_clock.steadyNow() + 30min);
    QVERIFY(m_storageDeadline < m_clock.steadyNow() + 1h); // its callers can still be answered
}

void DrainTest::nothingIsOpen_finishesAndRefusesNobody()
{
    drain(1h);
    QTRY_COMPARE(m_finished->count(), 1);
    QVERIFY(!m_steps.contains(QStringLiteral("refuse")));
}

void DrainTest::workEnds_finishes()
{
    m_open = 1;
    drain(1h);
    QTest::qWait(100); // some checks
    QCOMPARE(m_finished->count(), 0);
    m_open = 0;
    QTRY_COMPARE(m_finished->count(), 1);
    QVERIFY(!m_steps.contains(QStringLiteral("refuse")));
}

void DrainTest::workDoesNotEnd_isRefusedBeforeTheEnd()
{
    m_open = 1;
    drain(400ms);
    QTRY_COMPARE(m_finished->count(), 1);
    QCOMPARE(m_steps,
             QStringList({ QStringLiteral("storage"), QStringLiteral("stop"),
                           QStringLiteral("refuse"), QStringLiteral("finished") }));
    QTest::qWait(100); // no check or timer comes later
    QCOMPARE(m_finished->count(), 1);
}

void DrainTest::refusedWorkIsAnswered_finishes()
{
    m_open = 1;
    m_refusalEndsWork = true;
    drain(2s);
    QTRY_COMPARE(m_finished->count(), 1);
    QCOMPARE(m_steps.mid(2), QStringList({ QStringLiteral("refuse"), QStringLiteral("finished") }));
}

void DrainTest::withoutAPeriod_finishesAtOnce()
{
    m_open = 1;
    drain(0ms);
    QTRY_COMPARE(m_finished->count(), 1);
}

QTEST_GUILESS_MAIN(DrainTest)
#include "tst_drain.moc"
