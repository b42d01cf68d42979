// SPDX-License-Identifier: MPL-2.0
#include "server/commands/terminal/figures.h"

#include <QTest>

using namespace Carillon;
using namespace Qt::StringLiterals;

class TestFigures : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void numbers_areGroupedAndRounded()
    {
        QCOMPARE(numberText(104'311), u"104,311"_s);
        QCOMPARE(numberText(0), u"0"_s);
        QCOMPARE(numberText(0.256), u"0.26"_s);
        QCOMPARE(numberText(12.34), u"12.3"_s);
        QCOMPARE(numberText(812.4), u"812"_s);
    }

    void bytes_haveAUnit()
    {
        QCOMPARE(bytesText(0), u"0 B"_s);
        QCOMPARE(bytesText(9'999), u"9,999 B"_s);
        QCOMPARE(bytesText(10'000), u"10.0 kB"_s);
        QCOMPARE(bytesText(48'200'000), u"48.2 MB"_s);
        QCOMPARE(bytesText(999'000'000'000'000), u"999 TB"_s);
    }

    void latencies_haveAUnit()
    {
        QCOMPARE(latencyText(0.32), u"320 µs"_s);
        QCOMPARE(latencyText(41), u"41 ms"_s);
        QCOMPARE(latencyText(1'500), u"1.50 s"_s);
    }

    void times_areSeenFromTheServersClock()
    {
        const QDateTime now = QDateTime::fromString(u"2026-11-28T15:00:00Z"_s, Qt::ISODate);
        QCOMPARE(relativeText(now.addSecs(-12), now), u"12 s ago"_s);
        QCOMPARE(relativeText(now.addSecs(-180), now), u"3 min ago"_s);
        QCOMPARE(relativeText(now.addSecs(-5 * 3600), now), u"5 h ago"_s);
        QCOMPARE(relativeText(now.addDays(-9), now), u"9 d ago"_s);
        QCOMPARE(relativeText(now.addSecs(300), now), u"in 5 min"_s);
        QCOMPARE(relativeText(now, now), u"now"_s);
        QCOMPARE(absoluteText(now), u"2026-11-28T15:00:00Z"_s);
    }
};

QTEST_GUILESS_MAIN(TestFigures)
#include "tst_figures.moc"
