// SPDX-License-Identifier: MPL-2.0
#include "server/metrics/metrics.h"
#include "server/metrics/prometheustext.h"

#include <QRegularExpression>
#include <QSet>
#include <QTest>

using namespace Carillon;
using namespace std::chrono_literals;

class PrometheusTextTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void format_isWhatAcceptPrefers_data();
    void format_isWhatAcceptPrefers();
    void everyLineIsWellFormed_data();
    void everyLineIsWellFormed();
    void values_haveTheirLabels();
    void secondsAreWrittenAsSuch();
    void buckets_areCumulative();
    void bounds_areWrittenAsOpenMetricsWants();
    void openMetrics_namesFamiliesAndUnits();
    void openMetrics_endsWithEof();
    void build_namesVersions();

private:
    /// Everything that can be shown is.
    static MetricsSnapshot full();
};

MetricsSnapshot PrometheusTextTest::full()
{
    Metrics metrics;
    metrics.setBuild({ "6.4.2", "3.40.1" });
    for (int i = 0; i < ErrorCodeCount; ++i) {
        metrics.add(ErrorMetric::Closes, static_cast<ErrorCode>(i));
        metrics.add(ErrorMetric::PushesRefused, static_cast<ErrorCode>(i));
    }
    for (int i = 0; i < HistogramMetricCount; ++i)
        metrics.observe(static_cast<HistogramMetric>(i), 700);
    return metrics.snapshot();
}

void PrometheusTextTest::format_isWhatAcceptPrefers_data()
{
    QTest::addColumn<QByteArray>("accept");
    QTest::addColumn<bool>("isOpen");
    QTest::newRow("none") << QByteArray() << false;
    QTest::newRow("anything") << QByteArray("*/*") << false;
    QTest::newRow("text") << QByteArray("text/plain") << false;
    QTest::newRow("open") << QByteArray("application/openmetrics-text") << true;
    QTest::newRow("open, case") << QByteArray("Application/OpenMetrics-Text; Q=0.5") << true;
    QTest::newRow("Prometheus 2.42")
        << QByteArray("application/openmetrics-text;version=1.0.0;q=0.5,"
                      "application/openmetrics-text;version=0.0.1;q=0.4,"
                      "text/plain;version=0.0.4;q=0.3,*/*;q=0.2")
        << true;
    QTest::newRow("text preferred")
        << QByteArray("text/plain;q=0.9, application/openmetrics-text;q=0.5") << false;
    QTest::newRow("refused") << QByteArray("application/openmetrics-text;q=0") << false;
    QTest::newRow("another version")
        << QByteArray("application/openmetrics-text;version=2.0.0") << false;
    QTest::newRow("protobuf") << QByteArray("application/vnd.google.protobuf;q=0.9,*/*;q=0.1")
                              << false;
}

void PrometheusTextTest::format_isWhatAcceptPrefers()
{
    QFETCH(const QByteArray, accept);
    QFETCH(const bool, isOpen);
    QCOMPARE(metricsFormat(accept),
             isOpen ? MetricsFormat::OpenMetrics : MetricsFormat::Prometheus);
}

void PrometheusTextTest::everyLineIsWellFormed_data()
{
    QTest::addColumn<MetricsFormat>("format");
    QTest::newRow("Prometheus") << MetricsFormat::Prometheus;
    QTest::newRow("OpenMetrics") << MetricsFormat::OpenMetrics;
}

void PrometheusTextTest::everyLineIsWellFormed()
{
    QFETCH(const MetricsFormat, format);
    static const QRegularExpression comment(
        QStringLiteral("^# (EOF|HELP [a-z_]+ .+|UNIT [a-z_]+_(seconds seconds|bytes bytes)"
                       "|TYPE [a-z_]+ (counter|gauge|histogram|info))$"));
    static const QRegularExpression sample(QStringLiteral(
        R"(^[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? -?[0-9]+(\.[0-9]{6})?$)"));
    const QByteArray text = prometheusText(full(), format);
    QVERIFY(text.endsWith('\n'));
    QSet<QByteArray> seen;
    for (const QByteArray &line : text.chopped(1).split('\n')) {
        const auto &rule = line.startsWith('#') ? comment : sample;
        QVERIFY2(rule.match(QString::fromUtf8(line)).hasMatch(), line.constData());
        QVERIFY2(!seen.contains(line), line.constData());
        seen.insert(line);
    }
}

void PrometheusTextTest::values_haveTheirLabels()
{
    Metrics metrics;
    metrics.add(Metric::HellosNew, 2);
    metrics.add(Metric::Connections, 5);
    metrics.add(ErrorMetric::PushesRefused, ErrorCode::NoSuchUser);
    metrics.add(ErrorMetric::PushesRefused, ErrorCode::Internal);
    metrics.add(ErrorMetric::Closes, ErrorCode::UaidReset);
    const QByteArray text = prometheusText(metrics.snapshot(), MetricsFormat::Prometheus);
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

void PrometheusTextTest::secondsAreWrittenAsSuch()
{
    Metrics metrics;
    metrics.set(Metric::StorageLongestWalRestart, 1'500'001);
    metrics.set(Metric::ProcessCpu, 2'000'000);
    const QByteArray text = prometheusText(metrics.snapshot(), MetricsFormat::Prometheus);
    QVERIFY(text.contains("\ncarillon_storage_longest_wal_restart_seconds 1.500001\n"));
    QVERIFY(text.contains("\nprocess_cpu_seconds_total 2.000000\n"));
}

void PrometheusTextTest::buckets_areCumulative()
{
    Metrics metrics;
    for (const auto took : { 200us, 400us, 900us })
        metrics.observe(HistogramMetric::DeliveryStored, took);
    metrics.observe(HistogramMetric::DeliveryStored, std::chrono::days(29));
    const QByteArray text = prometheusText(metrics.snapshot(), MetricsFormat::Prometheus);
    const QByteArray name = R"(carillon_delivery_duration_seconds_bucket{source="stored",le=")";
    QVERIFY(text.contains('\n' + name + "0.00025\"} 1\n"));
    QVERIFY(text.contains('\n' + name + "0.0005\"} 2\n"));
    QVERIFY(text.contains('\n' + name + "0.001\"} 3\n"));
    QVERIFY(text.contains('\n' + name + "2419200.0\"} 3\n"));
    QVERIFY(text.contains('\n' + name + "+Inf\"} 4\n"));
    QVERIFY(text.contains("\ncarillon_delivery_duration_seconds_sum{source=\"stored\"} "
                          "2505600.001500\n"));
    QVERIFY(text.contains("\ncarillon_delivery_duration_seconds_count{source=\"stored\"} 4\n"));
    QVERIFY(text.contains("\ncarillon_delivery_duration_seconds_count{source=\"direct\"} 0\n"));
}

void PrometheusTextTest::bounds_areWrittenAsOpenMetricsWants()
{
    const QByteArray text = prometheusText(full(), MetricsFormat::Prometheus);
    QVERIFY(text.contains("carillon_push_duration_seconds_bucket{le=\"1.0\"}"));
    QVERIFY(text.contains("carillon_push_duration_seconds_bucket{le=\"2.5\"}"));
    QVERIFY(text.contains("carillon_push_duration_seconds_bucket{le=\"10.0\"}"));
    QVERIFY(text.contains("carillon_push_body_bytes_bucket{le=\"0.0\"}"));
    QVERIFY(text.contains("carillon_push_body_bytes_bucket{le=\"4096.0\"}"));
}

void PrometheusTextTest::openMetrics_namesFamiliesAndUnits()
{
    const QByteArray text = prometheusText(full(), MetricsFormat::OpenMetrics);
    QVERIFY(text.contains("\n# TYPE process_cpu_seconds counter\n"));
    QVERIFY(text.contains("\n# UNIT process_cpu_seconds seconds\n"));
    QVERIFY(text.contains("\nprocess_cpu_seconds_total 0.000000\n"));
    QVERIFY(text.contains("\n# UNIT carillon_storage_bytes bytes\n"));
    QVERIFY(text.contains("\n# TYPE carillon_pushes_refused counter\n"));
    QVERIFY(!text.contains("_total counter"));
    const QByteArray plain = prometheusText(full(), MetricsFormat::Prometheus);
    QVERIFY(!plain.contains("# UNIT"));
    QVERIFY(plain.contains("\n# TYPE process_cpu_seconds_total counter\n"));
}

void PrometheusTextTest::openMetrics_endsWithEof()
{
    QVERIFY(prometheusText(full(), MetricsFormat::OpenMetrics).endsWith("\n# EOF\n"));
    QVERIFY(!prometheusText(full(), MetricsFormat::Prometheus).contains("# EOF"));
}

void PrometheusTextTest::build_namesVersions()
{
    const QByteArray sample =
        "carillon_build_info{version=\"" CARILLON_VERSION "\",qt=\"6.4.2\",sqlite=\"3.40.1\"} 1\n";
    QVERIFY(prometheusText(full(), MetricsFormat::OpenMetrics)
                .contains("# TYPE carillon_build info\n" + sample));
    QVERIFY(prometheusText(full(), MetricsFormat::Prometheus)
                .contains("# TYPE carillon_build_info gauge\n" + sample));
}

QTEST_APPLESS_MAIN(PrometheusTextTest)
#include "tst_prometheustext.moc"
