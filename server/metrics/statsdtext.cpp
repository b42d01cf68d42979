// SPDX-License-Identifier: MPL-2.0
#include "server/metrics/statsdtext.h"

#include "server/metrics/statsdseries.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace Carillon {
namespace {

/// As autoconnect marks all of its own.
constexpr QByteArrayView ConnectTag = "autoconnect:true";

/// What precedes the value of a line and what follows it: those that have both in common are one.
struct StatsdName
{
    QByteArray name;
    QByteArray tags;
    bool operator<(const StatsdName &other) const
    {
        return std::tie(name, tags) < std::tie(other.name, other.tags);
    }
};

StatsdName nameOf(const StatsdSeries &series, const StatsdOptions &options)
{
    const bool isConnect = series.daemon == StatsdSeries::Daemon::Connect;
    const QByteArray &label = isConnect ? options.connectLabel : options.endpointLabel;
    StatsdName name { label.isEmpty() ? QByteArray() : label + '.', {} };
    name.name += series.name;
    if (!options.tags)
        return name;
    QByteArrayList tags;
    if (!series.tag.isEmpty())
        tags << series.tag.toByteArray();
    if (isConnect)
        tags << ConnectTag.toByteArray();
    if (!tags.isEmpty())
        name.tags = "|#" + tags.join(',');
    return name;
}

std::int64_t countOf(const StatsdSeries &series, const MetricsChange &change)
{
    if (const auto *metric = std::get_if<Metric>(&series.source))
        return change.of(*metric);
    if (const auto *error = std::get_if<StatsdSeries::OfError>(&series.source))
        return change.of(error->metric, error->code);
    if (const auto *sum = std::get_if<StatsdSeries::SumOf>(&series.source))
        return change.of(sum->metric).sum;
    return 0;
}

class PacketWriter
{
public:
    void add(const QByteArray &line)
    {
        if (m_packets.isEmpty() || m_packets.last().size() + 1 + line.size() > StatsdPacketBytes)
            m_packets << line;
        else
            m_packets.last().append('\n').append(line);
    }
    [[nodiscard]] QByteArrayList take() && { return std::move(m_packets); }

private:
    QByteArrayList m_packets;
};

/// Without an exponent, which not every StatsD reads.
QByteArray decimal(double value, int digits)
{
    QByteArray text = QByteArray::number(value, 'f', digits);
    while (text.endsWith('0'))
        text.chop(1);
    if (text.endsWith('.'))
        text.chop(1);
    return text;
}

/// The value that stands for each bucket.
std::array<double, MaxHistogramBounds + 1> bucketValues(std::span<const std::int64_t> bounds,
                                                        const HistogramValue &value)
{
    std::array<double, MaxHistogramBounds + 1> values {};
    double lower = 0;
    double sum = 0;
    for (std::size_t i = 0; i < bounds.size(); ++i) {
        const auto upper = static_cast<double>(bounds[i]);
        values[i] = (lower + upper) / 2;
        lower = upper;
    }
    values[bounds.size()] = lower;
    for (std::size_t i = 0; i <= bounds.size(); ++i)
        sum += values[i] * static_cast<double>(value.counts[i]);
    const double factor = sum > 0 ? static_cast<double>(value.sum) / sum : 1;
    lower = 0;
    for (std::size_t i = 0; i < bounds.size(); ++i) {
        const auto upper = static_cast<double>(bounds[i]);
        values[i] = std::clamp(values[i] * factor, lower, upper);
        lower = upper;
    }
    values[bounds.size()] = std::max(values[bounds.size()] * factor, lower);
    return values;
}

void addTimings(PacketWriter &packets, const StatsdSeries &series, HistogramMetric metric,
                const MetricsChange &change, const StatsdOptions &options)
{
    const HistogramValue value = change.of(metric);
    const auto bounds = histogramBounds(metric);
    const auto values = bucketValues(bounds, value);
    const StatsdName name = nameOf(series, options);
    const double unit = series.kind == StatsdSeries::Kind::Seconds ? 1e6 : 1e3;
    for (std::size_t i = 0; i <= bounds.size(); ++i) {
        const std::int64_t count = value.counts[i];
        if (count <= 0)
            continue;
        QByteArray line = name.name + ':' + decimal(values[i] / unit, 3) + "|ms";
        if (count > 1)
            line += "|@" + decimal(1.0 / static_cast<double>(count), 9);
        packets.add(line + name.tags);
    }
}

} // namespace

QByteArrayList statsdPackets(const MetricsChange &change, const StatsdOptions &options)
{
    PacketWriter packets;
    std::map<StatsdName, std::int64_t> counts;
    for (const StatsdSeries &series : statsdSeries()) {
        if (const auto *histogram = std::get_if<HistogramMetric>(&series.source))
            addTimings(packets, series, *histogram, change, options);
        else
            counts[nameOf(series, options)] += countOf(series, change);
    }
    for (const auto &[name, count] : counts) {
        if (count != 0)
            packets.add(name.name + ':' + QByteArray::number(qlonglong { count }) + "|c"
                        + name.tags);
    }
    return std::move(packets).take();
}

} // namespace Carillon
