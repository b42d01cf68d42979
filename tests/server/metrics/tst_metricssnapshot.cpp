// SPDX-License-Identifier: MPL-2.0
#include "server/metrics/metrics.h"

#include <QTest>

using namespace Carillon;
using namespace std::chrono_literals;

class MetricsSnapshotTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void rates_areOfTheTimeBetween();
    void rate_ofTimesIsInSeconds();
    void rate_withoutTimeIsZero();
    void quantile_isInterpolatedInItsBucket();
    void quantile_isOfTheTimeBetween();
    void quantile_aboveAllBounds_isTheLast();
    void quantile_ofNothing_isAbsent();
};

void MetricsSnapshotTest::rates_areOfTheTimeBetween()
{
    Metrics metrics;
    metrics.add(Metric::PushesAccepted, 100);
    metrics.add(ErrorMetric::PushesRefused, ErrorCode::NoSuchUser);
    const MetricsSnapshot earlier = metrics.snapshot();
    metrics.add(Metric::PushesAccepted, 30);
    metrics.add(ErrorMetric::PushesRefused, ErrorCode::NoSuchUser);
    metrics.add(ErrorMetric::PushesRefused, ErrorCode::BodyTooLarge);
    MetricsSnapshot later = metrics.snapshot();
    later.at = earlier.at + 2s;
    const MetricsChange change(earlier, later);
    QCOMPARE(change.of(Metric::PushesAccepted), 30);
    QCOMPARE(change.perSecond(Metric::PushesAccepted), 15.0);
    QCOMPARE(change.perSecond(ErrorMetric::PushesRefused, ErrorCode::NoSuchUser), 0.5);
    QCOMPARE(change.perSecond(ErrorMetric::PushesRefused), 1.0);
}

void MetricsSnapshotTest::rate_ofTimesIsInSeconds()
{
    MetricsSnapshot earlier;
    MetricsSnapshot later;
    later.at = earlier.at + 4s;
    later.values[static_cast<std::size_t>(Metric::ProcessCpu)] = 2'000'000;
    QCOMPARE(MetricsChange(earlier, later).perSecond(Metric::ProcessCpu), 0.5);
}

void MetricsSnapshotTest::rate_withoutTimeIsZero()
{
    MetricsSnapshot earlier;
    MetricsSnapshot later;
    later.values[static_cast<std::size_t>(Metric::Pings)] = 5;
    QCOMPARE(MetricsChange(earlier, later).perSecond(Metric::Pings), 0.0);
}

void MetricsSnapshotTest::quantile_isInterpolatedInItsBucket()
{
    Metrics metrics;
    for (int i = 0; i < 90; ++i)
        metrics.observe(HistogramMetric::PushDuration, 400us); // 250 µs to 500 µs
    for (int i = 0; i < 10; ++i)
        metrics.observe(HistogramMetric::PushDuration, 80ms); // 50 ms to 100 ms
    const HistogramValue value = metrics.value(HistogramMetric::PushDuration);
    QCOMPARE(quantile(HistogramMetric::PushDuration, value, 0.45), 0.000375);
    QCOMPARE(quantile(HistogramMetric::PushDuration, value, 0.95), 0.075);
    QCOMPARE(quantile(HistogramMetric::PushDuration, value, 1), 0.1);
}

void MetricsSnapshotTest::quantile_isOfTheTimeBetween()
{
    Metrics metrics;
    metrics.observe(HistogramMetric::PushBodySize, 5'000);
    const MetricsSnapshot earlier = metrics.snapshot();
    metrics.observe(HistogramMetric::PushBodySize, 100);
    const MetricsSnapshot later = metrics.snapshot();
    QCOMPARE(MetricsChange(earlier, later).quantile(HistogramMetric::PushBodySize, 1), 128.0);
}

void MetricsSnapshotTest::quantile_aboveAllBounds_isTheLast()
{
    Metrics metrics;
    metrics.observe(HistogramMetric::PushDuration, 60s);
    QCOMPARE(
        quantile(HistogramMetric::PushDuration, metrics.value(HistogramMetric::PushDuration), 0.5),
        10.0);
}

void MetricsSnapshotTest::quantile_ofNothing_isAbsent()
{
    QVERIFY(!quantile(HistogramMetric::PushDuration, {}, 0.5));
}

QTEST_APPLESS_MAIN(MetricsSnapshotTest)
#include "tst_metricssnapshot.moc"
