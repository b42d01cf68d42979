// SPDX-License-Identifier: MPL-2.0
#include "core/base/metricnames.h"
#include "server/metrics/statsdseries.h"

#include <QByteArrayList>
#include <QFile>
#include <QRegularExpression>
#include <QSet>
#include <QTest>

#include <algorithm>
#include <vector>

using namespace Carillon;

namespace {

/// A metric with all of its labels' values.
struct Family
{
    MetricInfo info;
    QByteArrayList values; // of the label; empty: it has none
    QByteArrayList statsd; // what StatsD calls it
};

QByteArray kindName(MetricKind kind)
{
    switch (kind) {
    case MetricKind::Counter:
        return "counter";
    case MetricKind::Gauge:
        return "gauge";
    case MetricKind::Histogram:
        return "histogram";
    }
    Q_UNREACHABLE();
}

QByteArray unitName(MetricUnit unit)
{
    switch (unit) {
    case MetricUnit::None:
        return "\u2013";
    case MetricUnit::Seconds:
        return "seconds";
    case MetricUnit::Bytes:
        return "bytes";
    }
    Q_UNREACHABLE();
}

QByteArray statsdName(const StatsdSeries &series)
{
    QByteArray name = '`' + series.name.toByteArray();
    if (!series.tag.isEmpty())
        name += ' ' + series.tag.toByteArray();
    return name + '`';
}

template<typename Source> QByteArrayList statsdNames(const Source &is)
{
    QByteArrayList names;
    for (const StatsdSeries &series : statsdSeries()) {
        if (is(series) && !names.contains(statsdName(series)))
            names << statsdName(series);
    }
    return names;
}

void add(std::vector<Family> &families, const MetricInfo &info, const QByteArrayList &statsd)
{
    if (families.empty() || families.back().info.name != info.name)
        families.push_back({ info, {}, {} });
    Family &family = families.back();
    if (!info.label.isEmpty())
        family.values << info.label.sliced(info.label.indexOf('"') + 1).chopped(1).toByteArray();
    for (const QByteArray &name : statsd) {
        if (!family.statsd.contains(name))
            family.statsd << name;
    }
}

std::vector<Family> allFamilies()
{
    std::vector<Family> families;
    for (int i = 0; i < MetricCount; ++i) {
        const auto metric = static_cast<Metric>(i);
        add(families, metricInfo(metric), statsdNames([metric](const StatsdSeries &series) {
                const auto *source = std::get_if<Metric>(&series.source);
                return source && *source == metric;
            }));
    }
    for (int i = 0; i < ErrorMetricCount; ++i) {
        const auto metric = static_cast<ErrorMetric>(i);
        add(families, metricInfo(metric), statsdNames([metric](const StatsdSeries &series) {
                const auto *source = std::get_if<StatsdSeries::OfError>(&series.source);
                return source && source->metric == metric;
            }));
    }
    for (int i = 0; i < HistogramMetricCount; ++i) {
        const auto metric = static_cast<HistogramMetric>(i);
        add(families, metricInfo(metric), statsdNames([metric](const StatsdSeries &series) {
                const auto *source = std::get_if<HistogramMetric>(&series.source);
                const auto *sum = std::get_if<StatsdSeries::SumOf>(&series.source);
                return (source && *source == metric) || (sum && sum->metric == metric);
            }));
    }
    return families;
}

/// The labels of a family, as the page shows them.
QByteArray labelsOf(const Family &family)
{
    if (family.info.name == metricInfo(ErrorMetric::PushesRefused).name)
        return "`error`, `status`, `errno`";
    if (family.info.name == metricInfo(ErrorMetric::Closes).name)
        return "`error`, `code`";
    if (family.values.isEmpty())
        return "\u2013";
    const QByteArrayView label = family.info.label;
    return '`' + label.first(label.indexOf('=')).toByteArray() + "`: " + family.values.join(", ");
}

QByteArray table()
{
    QByteArray text =
        "| metric | kind | unit | labels | meaning | in StatsD |\n"
        "|---|---|---|---|---|---|\n"
        "| `carillon_build_info` | gauge | \u2013 | `version`, `qt`, `sqlite` | Always "
        "1; the labels are the versions of the program and its libraries | \u2013 |\n";
    for (const Family &family : allFamilies()) {
        text += "| `" + family.info.name.toByteArray() + "` | " + kindName(family.info.kind) + " | "
            + unitName(family.info.unit()) + " | " + labelsOf(family) + " | "
            + family.info.help.toByteArray() + " | "
            + (family.statsd.isEmpty() ? QByteArray("\u2013") : family.statsd.join(", ")) + " |\n";
    }
    return text;
}

} // namespace

/// Compares the table in docs/metrics.md with those of the program.
class MetricsDocsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void page_hasTheTable();
    void everyAlertAndPanel_namesAMetric_data();
    void everyAlertAndPanel_namesAMetric();
    void statsdNames_areOnlyOfMetricsOnThePage();
};

void MetricsDocsTest::page_hasTheTable()
{
    QFile page(QStringLiteral(CARILLON_SOURCE_DIR "/docs/metrics.md"));
    QVERIFY(page.open(QIODevice::ReadOnly));
    const QByteArray text = page.readAll();
    const qsizetype begin = text.indexOf("| metric |");
    qsizetype end = begin;
    while (end >= 0 && text.sliced(end).startsWith('|'))
        end = text.indexOf('\n', end) + 1;
    const QByteArray shown = text.mid(begin, end - begin);
    if (shown == table())
        return;
    QFile wanted(QStringLiteral("metrics-table.txt"));
    QVERIFY(wanted.open(QIODevice::WriteOnly) && wanted.write(table()) > 0);
    const QByteArrayList is = shown.split('\n');
    const QByteArrayList should = table().split('\n');
    const qsizetype rows = std::min(is.size(), should.size());
    for (qsizetype i = 0; i < rows; ++i)
        QCOMPARE(is[i], should[i]);
    QFAIL("the table has rows too few or too many; metrics-table.txt is the right one");
}

void MetricsDocsTest::everyAlertAndPanel_namesAMetric_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<int>("atLeast");
    QTest::newRow("alerts") << QStringLiteral("packaging/prometheus/carillon.rules.yml") << 10;
    QTest::newRow("tests of alerts")
        << QStringLiteral("packaging/prometheus/carillon.rules.test.yml") << 3;
    QTest::newRow("dashboard") << QStringLiteral("packaging/grafana/carillon.json") << 20;
}

void MetricsDocsTest::everyAlertAndPanel_namesAMetric()
{
    QFETCH(const QString, file);
    QFETCH(const int, atLeast);
    QByteArrayList known { "carillon_build_info" };
    for (const Family &family : allFamilies()) {
        const QByteArray name = family.info.name.toByteArray();
        if (family.info.kind == MetricKind::Histogram)
            known << name + "_bucket" << name + "_sum" << name + "_count";
        known << name; // of a histogram, in sentences
    }
    QFile source(QStringLiteral(CARILLON_SOURCE_DIR "/") + file);
    QVERIFY(source.open(QIODevice::ReadOnly));
    static const QRegularExpression name(QStringLiteral("\\b(carillon|process)_[a-z_]+\\b"));
    QSet<QString> seen;
    auto matches = name.globalMatch(QString::fromUtf8(source.readAll()));
    while (matches.hasNext()) {
        const QString match = matches.next().captured();
        QVERIFY2(known.contains(match.toLatin1()), qPrintable(match));
        seen.insert(match);
    }
    QVERIFY2(seen.size() >= atLeast, qPrintable(QString::number(seen.size())));
}

void MetricsDocsTest::statsdNames_areOnlyOfMetricsOnThePage()
{
    QByteArrayList shown;
    for (const Family &family : allFamilies())
        shown += family.statsd;
    for (const StatsdSeries &series : statsdSeries())
        QVERIFY2(shown.contains(statsdName(series)), statsdName(series).constData());
}

QTEST_APPLESS_MAIN(MetricsDocsTest)
#include "tst_metricsdocs.moc"
