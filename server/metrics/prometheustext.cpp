// SPDX-License-Identifier: MPL-2.0
#include "server/metrics/prometheustext.h"

#include <QList>

#include <algorithm>

namespace Carillon {
namespace {

constexpr QByteArrayView Total = "_total";

QByteArrayView typeName(MetricKind kind)
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

/// As OpenMetrics wants the bounds of buckets, and Prometheus 3 rewrites them: "1.0", not "1".
QByteArray boundText(MetricUnit unit, std::int64_t bound)
{
    QByteArray text = unit == MetricUnit::Seconds
        ? QByteArray::number(static_cast<double>(bound) / 1e6, 'f', 6)
        : QByteArray::number(qlonglong { bound }) + ".0";
    while (text.endsWith('0') && !text.endsWith(".0"))
        text.chop(1);
    return text;
}

QByteArray labelsOf(ErrorMetric metric, ErrorCode code)
{
    QByteArray labels = "error=\"" + errorName(code).toByteArray() + '"';
    switch (metric) {
    case ErrorMetric::PushesRefused: {
        labels += ",status=\"" + QByteArray::number(httpStatus(code)) + '"';
        const auto number = autopushErrno(code);
        labels += ",errno=\"" + (number ? QByteArray::number(*number) : QByteArray()) + '"';
        return labels;
    }
    case ErrorMetric::Closes:
        labels += ",code=\"" + QByteArray::number(closeCode(code)) + '"';
        return labels;
    }
    Q_UNREACHABLE();
}

class Writer
{
public:
    explicit Writer(MetricsFormat format) : m_format(format) { m_text.reserve(32 * 1024); }

    void head(const MetricInfo &info)
    {
        if (info.name == m_previous)
            return;
        m_previous = info.name;
        const bool isOpen = m_format == MetricsFormat::OpenMetrics;
        // OpenMetrics names the family, not its samples.
        QByteArrayView family = info.name;
        if (isOpen && family.endsWith(Total))
            family.chop(Total.size());
        m_text.append("# HELP ").append(family).append(' ').append(info.help).append('\n');
        m_text.append("# TYPE ").append(family).append(' ').append(typeName(info.kind));
        m_text.append('\n');
        const MetricUnit unit = info.unit();
        if (isOpen && unit != MetricUnit::None) {
            m_text.append("# UNIT ").append(family);
            m_text.append(unit == MetricUnit::Seconds ? " seconds\n" : " bytes\n");
        }
    }

    void build(const BuildInfo &build)
    {
        const bool isOpen = m_format == MetricsFormat::OpenMetrics;
        const QByteArrayView family = isOpen ? "carillon_build" : "carillon_build_info";
        m_text.append("# HELP ").append(family).append(
            " Always 1; the labels are the versions of the program and its libraries\n");
        m_text.append("# TYPE ").append(family).append(isOpen ? " info\n" : " gauge\n");
        m_text.append("carillon_build_info{version=\"" CARILLON_VERSION "\",qt=\"");
        m_text.append(build.qt).append("\",sqlite=\"").append(build.sqlite).append("\"} 1\n");
    }

    void value(const MetricInfo &info, QByteArrayView labels, std::int64_t value)
    {
        sample(info.name, {}, labels, {});
        number(info.unit(), value);
    }

    void histogram(HistogramMetric metric, const HistogramValue &value)
    {
        const MetricInfo info = metricInfo(metric);
        const auto bounds = histogramBounds(metric);
        std::int64_t count = 0;
        for (std::size_t i = 0; i <= bounds.size(); ++i) {
            count += value.counts[i];
            const QByteArray bound =
                i < bounds.size() ? boundText(info.unit(), bounds[i]) : QByteArray("+Inf");
            sample(info.name, "_bucket", info.label, "le=\"" + bound + '"');
            number(MetricUnit::None, count);
        }
        sample(info.name, "_sum", info.label, {});
        number(info.unit(), value.sum);
        sample(info.name, "_count", info.label, {});
        number(MetricUnit::None, count);
    }

    [[nodiscard]] QByteArray text() &&
    {
        if (m_format == MetricsFormat::OpenMetrics)
            m_text.append("# EOF\n");
        return std::move(m_text);
    }

private:
    void sample(QByteArrayView name, QByteArrayView suffix, QByteArrayView labels,
                QByteArrayView lastLabel)
    {
        m_text.append(name).append(suffix);
        if (!labels.isEmpty() || !lastLabel.isEmpty()) {
            m_text.append('{').append(labels);
            if (!labels.isEmpty() && !lastLabel.isEmpty())
                m_text.append(',');
            m_text.append(lastLabel).append('}');
        }
        m_text.append(' ');
    }

    void number(MetricUnit unit, std::int64_t value)
    {
        m_text.append(unit == MetricUnit::Seconds
                          ? QByteArray::number(static_cast<double>(value) / 1e6, 'f', 6)
                          : QByteArray::number(qlonglong { value }));
        m_text.append('\n');
    }

    MetricsFormat m_format;
    QByteArray m_text;
    QByteArrayView m_previous;
};

/// The weight of a media range, 0 to 1; of what cannot be read, 1.
double weightOf(const QList<QByteArray> &parameters)
{
    for (const QByteArray &parameter : parameters) {
        const QByteArray text = parameter.trimmed();
        if (!text.startsWith("q=") && !text.startsWith("Q="))
            continue;
        bool isNumber = false;
        const double weight = text.sliced(2).toDouble(&isNumber);
        return isNumber ? weight : 1;
    }
    return 1;
}

/// Whether the parameters ask for a version of OpenMetrics that is not written here.
bool wantsOtherVersion(const QList<QByteArray> &parameters)
{
    for (const QByteArray &parameter : parameters) {
        const QByteArray text = parameter.trimmed().toLower();
        if (text.startsWith("version="))
            return text != "version=1.0.0" && text != "version=0.0.1";
    }
    return false;
}

} // namespace

MetricsFormat metricsFormat(QByteArrayView accept)
{
    double open = 0;
    double text = 0;
    for (const QByteArray &range : accept.toByteArray().split(',')) {
        QList<QByteArray> parameters = range.split(';');
        const QByteArray type = parameters.takeFirst().trimmed().toLower();
        if (type == "application/openmetrics-text" && !wantsOtherVersion(parameters))
            open = std::max(open, weightOf(parameters));
        else if (type == "text/plain")
            text = std::max(text, weightOf(parameters));
    }
    return open > 0 && open >= text ? MetricsFormat::OpenMetrics : MetricsFormat::Prometheus;
}

QByteArray contentType(MetricsFormat format)
{
    switch (format) {
    case MetricsFormat::Prometheus:
        return "text/plain; version=0.0.4; charset=utf-8";
    case MetricsFormat::OpenMetrics:
        return "application/openmetrics-text; version=1.0.0; charset=utf-8";
    }
    Q_UNREACHABLE();
}

QByteArray prometheusText(const MetricsSnapshot &metrics, MetricsFormat format)
{
    Writer writer(format);
    writer.build(metrics.build);
    for (int i = 0; i < MetricCount; ++i) {
        const auto metric = static_cast<Metric>(i);
        const MetricInfo info = metricInfo(metric);
        writer.head(info);
        writer.value(info, info.label, metrics.value(metric));
    }
    for (int i = 0; i < ErrorMetricCount; ++i) {
        const auto metric = static_cast<ErrorMetric>(i);
        const MetricInfo info = metricInfo(metric);
        writer.head(info);
        for (int j = 0; j < ErrorCodeCount; ++j) {
            const auto code = static_cast<ErrorCode>(j);
            if (const std::int64_t count = metrics.value(metric, code); count != 0)
                writer.value(info, labelsOf(metric, code), count);
        }
    }
    for (int i = 0; i < HistogramMetricCount; ++i) {
        const auto metric = static_cast<HistogramMetric>(i);
        writer.head(metricInfo(metric));
        writer.histogram(metric, metrics.value(metric));
    }
    return std::move(writer).text();
}

} // namespace Carillon
