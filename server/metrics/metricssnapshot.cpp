// SPDX-License-Identifier: MPL-2.0
#include "server/metrics/metricssnapshot.h"

namespace Carillon {
namespace {

double inUnit(const MetricInfo &info, double value)
{
    return info.unit() == MetricUnit::Seconds ? value / 1e6 : value;
}

} // namespace

std::int64_t MetricsSnapshot::value(ErrorMetric metric) const
{
    std::int64_t sum = 0;
    for (int code = 0; code < ErrorCodeCount; ++code)
        sum += value(metric, static_cast<ErrorCode>(code));
    return sum;
}

std::optional<double> quantile(HistogramMetric metric, const HistogramValue &value, double part)
{
    const std::int64_t count = value.count();
    if (count <= 0)
        return std::nullopt;
    const auto bounds = histogramBounds(metric);
    const double rank = part * static_cast<double>(count);
    double below = 0;
    double lower = 0;
    for (std::size_t i = 0; i < bounds.size(); ++i) {
        const auto here = static_cast<double>(value.counts[i]);
        const auto upper = static_cast<double>(bounds[i]);
        if (here > 0 && below + here >= rank)
            return inUnit(metricInfo(metric), lower + (upper - lower) * (rank - below) / here);
        below += here;
        lower = upper;
    }
    return inUnit(metricInfo(metric), static_cast<double>(bounds.back()));
}

double MetricsChange::perSecond(double change) const
{
    const double seconds = elapsed().count();
    return seconds > 0 ? change / seconds : 0;
}

double MetricsChange::perSecond(Metric counter) const
{
    return perSecond(inUnit(metricInfo(counter), static_cast<double>(of(counter))));
}

double MetricsChange::perSecond(ErrorMetric metric, ErrorCode code) const
{
    return perSecond(static_cast<double>(of(metric, code)));
}

double MetricsChange::perSecond(ErrorMetric metric) const
{
    return perSecond(static_cast<double>(of(metric)));
}

} // namespace Carillon
