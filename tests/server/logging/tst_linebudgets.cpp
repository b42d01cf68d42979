// SPDX-License-Identifier: MPL-2.0
#include "server/logging/linebudgets.h"

#include <QTest>

using namespace Carillon;
using namespace std::chrono_literals;

class TestLineBudgets : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void flood_isCutToTheRate_andReportedOnceAMinute()
    {
        LineBudgets budgets;
        Instant now {};
        now += 1h;
        std::int64_t passed = 0;
        std::int64_t leftOut = 0;
        std::int64_t reports = 0;
        // Ten minutes of 100 lines a second.
        for (int i = 0; i < 10 * 60 * 100; ++i, now += 10ms) {
            const LineBudgets::Verdict verdict = budgets.take("carillon.net", now);
            passed += verdict.pass;
            leftOut += verdict.leftOut;
            reports += verdict.leftOut > 0;
        }
        const std::int64_t most = LineBudgets::Lines.burst + 10 * LineBudgets::Lines.count;
        QVERIFY(passed <= most);
        QVERIFY(passed > most - 10);
        QVERIFY(reports >= 9 && reports <= 10);
        QVERIFY(leftOut > 0 && leftOut + passed <= 60'000);
        const LineBudgets::Verdict last = budgets.take("carillon.net", now + 1h);
        QVERIFY(last.pass);
        QCOMPARE(leftOut + last.leftOut + passed, 60'000);
    }

    void categories_haveBudgetsOfTheirOwn()
    {
        LineBudgets budgets;
        const Instant now = Instant {} + 1h;
        for (std::int64_t i = 0; i < LineBudgets::Lines.burst; ++i)
            QVERIFY(budgets.take("carillon.net", now).pass);
        QVERIFY(!budgets.take("carillon.net", now).pass);
        QVERIFY(budgets.take("carillon.app", now).pass);
        const std::string copy = "carillon.net"; // the same name at another place
        QVERIFY(!budgets.take(copy.c_str(), now).pass);
    }
};

QTEST_APPLESS_MAIN(TestLineBudgets)
#include "tst_linebudgets.moc"
