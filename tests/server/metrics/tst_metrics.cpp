// SPDX-License-Identifier: MPL-2.0
#include "server/metrics/metrics.h"

#include <QRegularExpression>
#include <QSet>
#include <QTest>

#include <algorithm>
#include <functional>
#include <thread>
#include <vector>

using namespace Carillon;

class MetricsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void names_followPrometheusRules();
    void series_areUnique();
    void sameName_isAdjacentWithOneHelp();
    void unit_isInTheName();
    void counts_fromManyThreads_addUp();
    void gauge_fallsOnAnotherThread();
    void set_replacesTheValue();
    void bounds_riseAndFit();
    void observe_countsInTheBucketThatEndsAtTheBound();
    void observe_fromManyThreads_addsUp();
    void set_replacesAHistogram();
    void snapshot_hasEverything();
};

void MetricsTest::names_followPrometheusRules()
{
    // process_ is the prefix of all client libraries, autopush_reliability the name of autopush.
    static const QRegularExpression name(QStringLiteral("^(carillon|process|autopush)_[a-z_]+$"));
    static const QRegularExpression label(QStringLiteral("^[a-z_]+=\"[a-z0-9_]+\"$"));
    for (int i = 0; i < MetricCount; ++i) {
        const MetricInfo info = metricInfo(static_cast<Metric>(i));
        QVERIFY2(name.match(QString::fromLatin1(info.name)).hasMatch(), info.name.data());
        QCOMPARE(info.name.endsWith("_total"), info.kind == MetricKind::Counter);
        if (!info.label.isEmpty())
            QVERIFY2(label.match(QString::fromLatin1(info.label)).hasMatch(), info.label.data());
        QVERIFY(!info.help.isEmpty() && !info.help.contains('\n') && !info.help.contains('\\'));
    }
}

void MetricsTest::series_areUnique()
{
    QSet<QByteArray> seen;
    for (int i = 0; i < MetricCount; ++i) {
        const MetricInfo info = metricInfo(static_cast<Metric>(i));
        const QByteArray series = info.name.toByteArray() + '{' + info.label.toByteArray() + '}';
        QVERIFY2(!seen.contains(series), series.constData());
        seen.insert(series);
    }
}

void MetricsTest::sameName_isAdjacentWithOneHelp()
{
    QSet<QByteArray> names;
    MetricInfo previous {};
    for (int i = 0; i < MetricCount; ++i) {
        const MetricInfo info = metricInfo(static_cast<Metric>(i));
        if (info.name == previous.name) {
            QCOMPARE(info.help, previous.help);
            QCOMPARE(info.kind, previous.kind);
            QVERIFY(!info.label.isEmpty() && !previous.label.isEmpty());
        } else {
            QVERIFY2(!names.contains(info.name.toByteArray()), info.name.data());
            names.insert(info.name.toByteArray());
        }
        previous = info;
    }
}

void MetricsTest::unit_isInTheName()
{
    QCOMPARE(metricInfo(Metric::ProcessCpu).unit(), MetricUnit::Seconds); // before _total
    QCOMPARE(metricInfo(Metric::ClockAhead).unit(), MetricUnit::Seconds);
    QCOMPARE(metricInfo(Metric::NotificationBytesDirect).unit(), MetricUnit::Bytes);
    QCOMPARE(metricInfo(HistogramMetric::PushBodySize).unit(), MetricUnit::Bytes);
    QCOMPARE(metricInfo(Metric::Pings).unit(), MetricUnit::None);
}

void MetricsTest::counts_fromManyThreads_addUp()
{
    Metrics metrics;
    std::vector<std::thread> threads;
    for (int i = 0; i < 20; ++i) { // more than there are shards
        threads.emplace_back([&metrics] {
            for (int j = 0; j < 1000; ++j) {
                metrics.add(Metric::AcksDelivered);
                metrics.add(ErrorMetric::Closes, ErrorCode::Ghost);
            }
        });
    }
    for (std::thread &thread : threads)
        thread.join();
    QCOMPARE(metrics.value(Metric::AcksDelivered), 20'000);
    QCOMPARE(metrics.value(ErrorMetric::Closes, ErrorCode::Ghost), 20'000);
    QCOMPARE(metrics.value(Metric::AcksOther), 0);
    QCOMPARE(metrics.value(ErrorMetric::PushesRefused, ErrorCode::Ghost), 0);
}

void MetricsTest::gauge_fallsOnAnotherThread()
{
    Metrics metrics;
    metrics.add(Metric::Connections, 3);
    std::thread([&metrics] { metrics.add(Metric::Connections, -2); }).join();
    QCOMPARE(metrics.value(Metric::Connections), 1);
}

void MetricsTest::set_replacesTheValue()
{
    Metrics metrics;
    metrics.set(Metric::StorageQueue, 7);
    std::thread([&metrics] { metrics.set(Metric::StorageQueue, 4); }).join();
    QCOMPARE(metrics.value(Metric::StorageQueue), 4);
}

void MetricsTest::bounds_riseAndFit()
{
    for (int i = 0; i < HistogramMetricCount; ++i) {
        const auto bounds = histogramBounds(static_cast<HistogramMetric>(i));
        QVERIFY(!bounds.empty() && bounds.size() <= MaxHistogramBounds);
        QVERIFY(std::ranges::is_sorted(bounds, std::less_equal<>()));
    }
}

void MetricsTest::observe_countsInTheBucketThatEndsAtTheBound()
{
    Metrics metrics;
    const auto bounds = histogramBounds(HistogramMetric::StorageBatchWrites);
    QCOMPARE(bounds[2], 4);
    for (const std::int64_t writes : { 3, 4, 5, 512, 513 })
        metrics.observe(HistogramMetric::StorageBatchWrites, writes);
    const HistogramValue value = metrics.value(HistogramMetric::StorageBatchWrites);
    QCOMPARE(value.counts[1], 0); // up to 2
    QCOMPARE(value.counts[2], 2); // 3 and 4
    QCOMPARE(value.counts[3], 1); // up to 8
    QCOMPARE(value.counts[bounds.size() - 1], 1);
    QCOMPARE(value.counts[bounds.size()], 1); // above all
    QCOMPARE(value.count(), 5);
    QCOMPARE(value.sum, 3 + 4 + 5 + 512 + 513);
    QCOMPARE(metrics.value(HistogramMetric::StorageBatchDuration).count(), 0);
}

void MetricsTest::observe_fromManyThreads_addsUp()
{
    Metrics metrics;
    std::vector<std::thread> threads;
    for (int i = 0; i < 20; ++i) {
        threads.emplace_back([&metrics] {
            for (int j = 0; j < 1000; ++j)
                metrics.observe(HistogramMetric::AckDuration, std::chrono::milliseconds(2));
        });
    }
    for (std::thread &thread : threads)
        thread.join();
    const HistogramValue value = metrics.value(HistogramMetric::AckDuration);
    QCOMPARE(value.count(), 20'000);
    QCOMPARE(value.sum, 20'000 * std::int64_t { 2'000 });
}

void MetricsTest::set_replacesAHistogram()
{
    Metrics metrics;
    HistogramValue value;
    value.counts[3] = 7;
    value.sum = 40;
    metrics.set(HistogramMetric::StorageBatchWrites, value);
    std::thread([&] { metrics.set(HistogramMetric::StorageBatchWrites, value); }).join();
    QCOMPARE(metrics.value(HistogramMetric::StorageBatchWrites), value);
}

void MetricsTest::snapshot_hasEverything()
{
    Metrics metrics;
    metrics.setBuild({ "6.4.2", "3.40.1" });
    metrics.add(Metric::Pings, 3);
    std::thread([&metrics] { metrics.add(Metric::Pings, 4); }).join();
    metrics.add(ErrorMetric::Closes, ErrorCode::Ghost);
    metrics.add(ErrorMetric::Closes, ErrorCode::PongTimeout);
    metrics.observe(HistogramMetric::PushBodySize, 100);
    const MetricsSnapshot snapshot = metrics.snapshot();
    metrics.add(Metric::Pings);
    QCOMPARE(snapshot.value(Metric::Pings), 7);
    QCOMPARE(snapshot.value(ErrorMetric::Closes, ErrorCode::Ghost), 1);
    QCOMPARE(snapshot.value(ErrorMetric::Closes), 2);
    QCOMPARE(snapshot.value(ErrorMetric::PushesRefused), 0);
    QCOMPARE(snapshot.value(HistogramMetric::PushBodySize).sum, 100);
    QCOMPARE(snapshot.build.qt, "6.4.2");
}

QTEST_APPLESS_MAIN(MetricsTest)
#include "tst_metrics.moc"
