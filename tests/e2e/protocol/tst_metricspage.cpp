// SPDX-License-Identifier: MPL-2.0
#include "tests/support/protocoltest.h"

#include <QDateTime>
#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QSet>
#include <QTest>

using namespace Carillon::Testing;
using namespace Qt::StringLiterals;

// What a running server has at /metrics, held against metrics.md and Prometheus' own checks.
class MetricsPageTest : public ProtocolTest
{
    Q_OBJECT
private Q_SLOTS:
    void metrics_areThoseOfThePage_data();
    void metrics_areThoseOfThePage();
    void labels_areThoseOfThePage();
    void promtool_findsNoFault();
    void durations_areMeasured();
    void process_isDescribed();

private:
    [[nodiscard]] QByteArray metrics(const QByteArray &accept = "text/plain")
    {
        return HttpPeer(server().routerPort())
            .request("GET", "/metrics", { { "Accept", accept } })
            .body;
    }
    [[nodiscard]] double value(const QByteArray &series)
    {
        for (const QByteArray &line : metrics().split('\n')) {
            if (line.startsWith(series + ' '))
                return line.sliced(series.size() + 1).toDouble();
        }
        return -1;
    }
    /// Cells of the page's rows, by metric: its kind, unit, labels and meaning.
    [[nodiscard]] static QMap<QByteArray, QByteArrayList> page();
    void causeTraffic();
};

QMap<QByteArray, QByteArrayList> MetricsPageTest::page()
{
    QMap<QByteArray, QByteArrayList> rows;
    QFile file(QStringLiteral(CARILLON_METRICS_PAGE));
    if (!file.open(QIODevice::ReadOnly))
        return rows;
    for (const QByteArray &line : file.readAll().split('\n')) {
        QByteArrayList cells = line.split('|');
        if (cells.size() != 8 || !cells[1].trimmed().startsWith("`"))
            continue;
        for (QByteArray &cell : cells)
            cell = cell.trimmed();
        rows.insert(cells[1].sliced(1).chopped(1), cells.mid(2, 4));
    }
    return rows;
}

void MetricsPageTest::causeTraffic()
{
    PushClient client(server());
    client.hello();
    const QByteArray path = client.subscribe(randomChannel());
    QCOMPARE(sender().push(path).status, 201);
    client.acknowledge(client.notification());
    QVERIFY(client.barrier());
    PushParts bad;
    bad.ttl = {};
    QCOMPARE(sender().push(path, bad).status, 400);
    PushClient again(server());
    again.hello(client.uaid());
    QVERIFY(again.barrier());
}

void MetricsPageTest::metrics_areThoseOfThePage_data()
{
    QTest::addColumn<QByteArray>("accept");
    QTest::newRow("Prometheus") << QByteArray("text/plain");
    QTest::newRow("OpenMetrics") << QByteArray("application/openmetrics-text; version=1.0.0");
}

void MetricsPageTest::metrics_areThoseOfThePage()
{
    QFETCH(const QByteArray, accept);
    const bool isOpen = accept != "text/plain";
    static const QRegularExpression comment(QStringLiteral("^# (TYPE|HELP|UNIT) ([a-z_]+) (.+)$"),
                                            QRegularExpression::MultilineOption);
    QMap<QByteArray, QMap<QByteArray, QByteArray>> found;
    auto matches = comment.globalMatch(QString::fromUtf8(metrics(accept)));
    while (matches.hasNext()) {
        const auto match = matches.next();
        found[match.captured(2).toLatin1()][match.captured(1).toLatin1()] =
            match.captured(3).toUtf8();
    }
    QMap<QByteArray, QMap<QByteArray, QByteArray>> wanted;
    const auto rows = page();
    for (const auto &[name, cells] : rows.asKeyValueRange()) {
        QByteArray family = name;
        QByteArray kind = cells[0];
        if (isOpen && family.endsWith("_total"))
            family.chop(6);
        if (isOpen && family.endsWith("_info")) {
            family.chop(5);
            kind = "info";
        }
        wanted[family] = { { "TYPE", kind }, { "HELP", cells[3] } };
        if (isOpen && cells[1] != "\u2013")
            wanted[family]["UNIT"] = cells[1];
    }
    QVERIFY(wanted.size() > 50);
    QCOMPARE(found.keys(), wanted.keys());
    for (const auto &[family, comments] : wanted.asKeyValueRange())
        QVERIFY2(found[family] == comments, family.constData());
}

void MetricsPageTest::labels_areThoseOfThePage()
{
    causeTraffic();
    const auto rows = page();
    static const QRegularExpression sample(QStringLiteral("^([a-z_]+)(\\{(.*)\\})? "),
                                           QRegularExpression::MultilineOption);
    static const QRegularExpression label(QStringLiteral("([a-z]+)=\"([^\"]*)\""));
    QSet<QByteArray> labelled;
    auto samples = sample.globalMatch(QString::fromUtf8(metrics()));
    while (samples.hasNext()) {
        const auto match = samples.next();
        QByteArray name = match.captured(1).toLatin1();
        for (const QByteArray suffix : { "_bucket", "_sum", "_count" }) {
            if (!rows.contains(name) && name.endsWith(suffix))
                name.chop(suffix.size());
        }
        QVERIFY2(rows.contains(name), name.constData());
        auto labels = label.globalMatch(match.captured(3));
        while (labels.hasNext()) {
            const auto each = labels.next();
            if (each.captured(1) == "le"_L1)
                continue;
            labelled << name;
            QVERIFY2(rows[name][2].contains('`' + each.captured(1).toLatin1() + '`'),
                     qPrintable(match.captured()));
        }
    }
    QVERIFY(labelled.contains("carillon_pushes_refused_total")
            || server().layout() == TestServer::Layout::Apart);
    QVERIFY(labelled.contains("carillon_closes_total"));
}

void MetricsPageTest::promtool_findsNoFault()
{
    causeTraffic();
    QProcess promtool;
    promtool.setProcessChannelMode(QProcess::MergedChannels);
    promtool.start(u"promtool"_s, { u"check"_s, u"metrics"_s });
    QVERIFY2(promtool.waitForStarted(), "promtool is missing: Debian's package prometheus has it");
    promtool.write(metrics());
    promtool.closeWriteChannel();
    QVERIFY(promtool.waitForFinished(int(Patience.count())));
    QCOMPARE(promtool.readAll(), QByteArray());
    QCOMPARE(promtool.exitCode(), 0);
}

void MetricsPageTest::durations_areMeasured()
{
    const double acks = value("carillon_ack_duration_seconds_count");
    const double ended = value("carillon_connection_duration_seconds_count");
    const bool isAll = server().layout() == TestServer::Layout::All;
    const QByteArray delivery = QByteArray("carillon_delivery_duration_seconds_count{source=\"")
        + (isAll ? "direct" : "other_node") + "\"}";
    const double deliveries = value(delivery);
    const double pushes = value("carillon_push_duration_seconds_count");
    const double bodies = value("carillon_push_body_bytes_sum");
    causeTraffic();
    QCOMPARE(value("carillon_ack_duration_seconds_count"), acks + 1);
    QVERIFY(value("carillon_connection_duration_seconds_count") > ended);
    QCOMPARE(value(delivery), deliveries + 1);
    if (isAll) { // else the endpoint's process has them
        QCOMPARE(value("carillon_push_duration_seconds_count"), pushes + 1);
        QCOMPARE(value("carillon_push_body_bytes_sum"), bodies + double(PushParts().body.size()));
    }
    // The storage's are copied once a second.
    QTRY_VERIFY(value("carillon_storage_batch_duration_seconds_count") > 0);
    QVERIFY(value("carillon_storage_batch_writes_sum")
            >= value("carillon_storage_batch_writes_count"));
}

void MetricsPageTest::process_isDescribed()
{
    QTRY_VERIFY(value("process_cpu_seconds_total") > 0);
    QVERIFY(value("process_resident_memory_bytes") > 1'000'000);
    QVERIFY(value("process_virtual_memory_bytes") > value("process_resident_memory_bytes"));
    QVERIFY(value("process_open_fds") > 5);
    QVERIFY(value("process_max_fds") > value("process_open_fds"));
    const auto now = double(QDateTime::currentSecsSinceEpoch());
    const double started = value("process_start_time_seconds");
    QVERIFY2(started > now - 3'600 && started <= now + 1, QByteArray::number(started).constData());
    static const QRegularExpression build(
        QStringLiteral(R"(carillon_build_info\{version="[0-9.]+",qt="6\.[0-9.]+",)"
                       R"(sqlite="3\.[0-9.]+"\} 1)"));
    QVERIFY(build.match(QString::fromUtf8(metrics())).hasMatch());
}

QTEST_GUILESS_MAIN(MetricsPageTest)
#include "tst_metricspage.moc"
