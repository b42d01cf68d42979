// SPDX-License-Identifier: MPL-2.0
#include "server/metrics/metrics.h"

namespace Carillon {
namespace {

void appendHead(QByteArray &text, const MetricInfo &info)
{
    const QByteArrayView type = info.kind == MetricKind::Counter ? "counter" : "gauge";
    text.append("# HELP ").append(info.name).append(' ').append(info.help).append('\n');
    text.append("# TYPE ").append(info.name).append(' ').append(type).append('\n');
}

void appendValue(QByteArray &text, const MetricInfo &info, QByteArrayView labels,
                 std::int64_t value)
{
    text.append(info.name);
    if (!labels.isEmpty())
        text.append('{').append(labels).append('}');
    text.append(' ');
    if (info.kind == MetricKind::Duration)
        text.append(QByteArray::number(static_cast<double>(value) / 1e6, 'f', 6));
    else
        text.append(QByteArray::number(static_cast<qlonglong>(value)));
    text.append('\n');
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

} // namespace

Metrics::Shard &Metrics::shard()
{
    static std::atomic<std::size_t> threads { 0 };
    thread_local const std::size_t mine =
        threads.fetch_add(1, std::memory_order_relaxed) % ShardCount;
    return m_shards[mine];
}

std::int64_t Metrics::value(Metric metric) const
{
    std::int64_t sum = 0;
    for (const Shard &shard : m_shards)
        sum += shard.values[index(metric)].load(std::memory_order_relaxed);
    return sum;
}

std::int64_t Metrics::value(ErrorMetric metric, ErrorCode code) const
{
    std::int64_t sum = 0;
    for (const Shard &shard : m_shards)
        sum += shard.errors[index(metric, code)].load(std::memory_order_relaxed);
    return sum;
}

QByteArray Metrics::prometheusText() const
{
    QByteArray text;
    text.reserve(16 * 1024);
    const MetricInfo build { MetricKind::Gauge, "carillon_build_info", "",
                             "Always 1; the label is the program's version" };
    appendHead(text, build);
    appendValue(text, build, "version=\"" CARILLON_VERSION "\"", 1);

    QByteArrayView previous;
    for (int i = 0; i < MetricCount; ++i) {
        const auto metric = static_cast<Metric>(i);
        const MetricInfo info = metricInfo(metric);
        if (info.name != previous)
            appendHead(text, info);
        appendValue(text, info, info.label, value(metric));
        previous = info.name;
    }
    for (int i = 0; i < ErrorMetricCount; ++i) {
        const auto metric = static_cast<ErrorMetric>(i);
        const MetricInfo info = metricInfo(metric);
        appendHead(text, info);
        for (int j = 0; j < ErrorCodeCount; ++j) {
            const auto code = static_cast<ErrorCode>(j);
            if (const std::int64_t count = value(metric, code); count != 0)
                appendValue(text, info, labelsOf(metric, code), count);
        }
    }
    return text;
}

} // namespace Carillon
