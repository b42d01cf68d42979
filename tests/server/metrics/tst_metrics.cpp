// SPDX-License-Identifier: MPL-2.0
#include "server/metrics/metrics.h"

#include <QRegularExpression>
#include <QSet>
#include <QTest>

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
    void counts_fromManyThreads_addUp();
    void gauge_fallsOnAnotherThread();
    void set_replacesTheValue();
    void text_everyLineIsWellFormed();
    void text_showsValuesAndLabels();
    void text_durationIsInSeconds();
};

void MetricsTest::names_followPrometheusRules()
{
    static const QRegularExpression name(QStringLiteral("^carillon_[a-z_]+$"));
    static const QRegularExpression label(QStringLiteral("^[a-z_]+=\"[a-z0-9_]+\"$"));
    for (int i = 0; i < MetricCount; ++i) {
        const MetricInfo info = metricInfo(static_cast<Metric>(i));
        QVERIFY2(name.match(QString::fromLatin1(info.name)).hasMatch(), info.name.data());
        QCOMPARE(info.name.endsWith("_total"), info.kind == MetricKind::Counter);
        QCOMPARE(info.name.endsWith("_seconds"), info.kind == MetricKind::Duration);
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

void MetricsTest::text_everyLineIsWellFormed()
{
    Metrics metrics;
    for (int i = 0; i < ErrorCodeCount; ++i) {
        metrics.add(ErrorMetric::Closes, static_cast<ErrorCode>(i));
        metrics.add(ErrorMetric::PushesRefused, static_cast<ErrorCode>(i));
    }
    static const QRegularExpression comment(
        QStringLiteral("^# (HELP carillon_[a-z_]+ .+|TYPE carillon_[a-z_]+ (counter|gauge))$"));
    static const QRegularExpression sample(QStringLiteral(
        R"(^carillon_[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? -?[0-9]+(\.[0-9]{6})?$)"));
    const QByteArray text = metrics.prometheusText();
    QVERIFY(text.endsWith('\n'));
    QSet<QByteArray> heads;
    for (const QByteArray &line : text.chopped(1).split('\n')) {
        const auto &rule = line.startsWith('#') ? comment : sample;
        QVERIFY2(rule.match(QString::fromUtf8(line)).hasMatch(), line.constData());
        QVERIFY2(!heads.contains(line), line.constData());
        heads.insert(line);
    }
}

void MetricsTest::text_showsValuesAndLabels()
{
    Metrics metrics;
    metrics.add(Metric::HellosNew, 2);
    metrics.add(Metric::Connections, 5);
    metrics.add(ErrorMetric::PushesRefused, ErrorCode::NoSuchUser);
    metrics.add(ErrorMetric::PushesRefused, ErrorCode::Internal);
    metrics.add(ErrorMetric::Closes, ErrorCode::UaidReset);
    const QByteArray text = metrics.prometheusText();
    const auto hasLine = [&text](const QByteArray &line) {
        return text.contains('\n' + line + '\n');
    };
    QVERIFY(hasLine("# TYPE carillon_hellos_total counter"));
    QVERIFY(hasLine(R"(carillon_hellos_total{client="new"} 2)"));
    QVERIFY(hasLine(R"(carillon_hellos_total{client="known"} 0)"));
    QVERIFY(hasLine("# TYPE carillon_connections gauge"));
    QVERIFY(hasLine("carillon_connections 5"));
    QVERIFY(
        hasLine(R"(carillon_pushes_refused_total{error="NoSuchUser",status="410",errno="106"} 1)"));
    QVERIFY(hasLine(R"(carillon_pushes_refused_total{error="Internal",status="500",errno=""} 1)"));
    QVERIFY(hasLine(R"(carillon_closes_total{error="UaidReset",code="1000"} 1)"));
    QVERIFY(!text.contains("error=\"Ghost\""));
}

void MetricsTest::text_durationIsInSeconds()
{
    Metrics metrics;
    metrics.set(Metric::StorageLongestWalRestart, 1'500'001);
    QVERIFY(metrics.prometheusText().contains(
        "\ncarillon_storage_longest_wal_restart_seconds 1.500001\n"));
}

QTEST_APPLESS_MAIN(MetricsTest)
#include "tst_metrics.moc"
