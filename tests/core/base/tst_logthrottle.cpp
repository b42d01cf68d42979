// SPDX-License-Identifier: MPL-2.0
#include "core/base/logthrottle.h"

#include <QTest>

using namespace Carillon;
using namespace std::chrono_literals;

class TestLogThrottle : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void first_passes_andTheNextAfterAMinute();
    void pauses_areCountedFromTheLastLine();
    void text_tellsWhatWasLeftOut();
};

void TestLogThrottle::first_passes_andTheNextAfterAMinute()
{
    const Instant start {};
    LogThrottle throttle;
    QCOMPARE(throttle.pass(start), std::optional<std::int64_t>(0));
    QVERIFY(!throttle.pass(start));
    QVERIFY(!throttle.pass(start + 1min - 1ns));
    QCOMPARE(throttle.pass(start + 1min), std::optional<std::int64_t>(2));
}

void TestLogThrottle::pauses_areCountedFromTheLastLine()
{
    const Instant start {};
    LogThrottle throttle;
    QVERIFY(throttle.pass(start));
    QCOMPARE(throttle.pass(start + 5min), std::optional<std::int64_t>(0));
    QVERIFY(!throttle.pass(start + 5min + 59s));
    QCOMPARE(throttle.pass(start + 6min), std::optional<std::int64_t>(1));
}

void TestLogThrottle::text_tellsWhatWasLeftOut()
{
    QCOMPARE(leftOutText(0), QByteArray());
    QCOMPARE(leftOutText(12), QByteArray(" (and 12 more since the last such line)"));
}

QTEST_APPLESS_MAIN(TestLogThrottle)
#include "tst_logthrottle.moc"
