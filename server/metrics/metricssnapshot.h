// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "core/base/errorcode.h"
#include "core/base/histogram.h"
#include "core/base/metricnames.h"

#include <QByteArray>

#include <array>
#include <cstdint>
#include <optional>

namespace Carillon {

/// What the program was built of, besides its own version.
struct BuildInfo
{
    QByteArray qt;
    QByteArray sqlite;
};

/// All metrics at one moment. Sinks read this: who listens does not change who counts.
/// Times are in microseconds. A value.
struct MetricsSnapshot
{
    Instant at;
    std::array<std::int64_t, MetricCount> values {};
    std::array<std::int64_t, std::size_t(ErrorMetricCount) * ErrorCodeCount> errors {};
    std::array<HistogramValue, HistogramMetricCount> histograms {};
    BuildInfo build;

    [[nodiscard]] std::int64_t value(Metric metric) const
    {
        return values[static_cast<std::size_t>(metric)];
    }
    [[nodiscard]] std::int64_t value(ErrorMetric metric, ErrorCode code) const
    {
        return errors[static_cast<std::size_t>(metric) * ErrorCodeCount
                      + static_cast<std::size_t>(code)];
    }
    /// The sum over all codes.
    [[nodiscard]] std::int64_t value(ErrorMetric metric) const;
    [[nodiscard]] const HistogramValue &value(HistogramMetric metric) const
    {
        return histograms[static_cast<std::size_t>(metric)];
    }
};

/// The value that this part (0 to 1) of the observed values did not exceed, in seconds or bytes as
/// the metric's name says. It is interpolated within its bucket, as Prometheus does, and is at most
/// the last bound. nullopt: nothing was observed.
[[nodiscard]] std::optional<double> quantile(HistogramMetric metric, const HistogramValue &value,
                                             double part);

/// What happened between two snapshots of the same metrics. Refers to both.
class MetricsChange
{
public:
    MetricsChange(const MetricsSnapshot &earlier, const MetricsSnapshot &later)
        : m_earlier(earlier), m_later(later)
    {
    }

    [[nodiscard]] std::chrono::duration<double> elapsed() const
    {
        return m_later.at - m_earlier.at;
    }
    [[nodiscard]] std::int64_t of(Metric counter) const
    {
        return m_later.value(counter) - m_earlier.value(counter);
    }
    [[nodiscard]] std::int64_t of(ErrorMetric metric, ErrorCode code) const
    {
        return m_later.value(metric, code) - m_earlier.value(metric, code);
    }
    [[nodiscard]] std::int64_t of(ErrorMetric metric) const
    {
        return m_later.value(metric) - m_earlier.value(metric);
    }
    [[nodiscard]] HistogramValue of(HistogramMetric metric) const
    {
        return m_later.value(metric).since(m_earlier.value(metric));
    }
    /// Of a counter; 0 where no time has passed. Of times, seconds in a second.
    [[nodiscard]] double perSecond(Metric counter) const;
    [[nodiscard]] double perSecond(ErrorMetric metric, ErrorCode code) const;
    [[nodiscard]] double perSecond(ErrorMetric metric) const;
    [[nodiscard]] std::optional<double> quantile(HistogramMetric metric, double part) const
    {
        return Carillon::quantile(metric, of(metric), part);
    }

private:
    [[nodiscard]] double perSecond(double change) const;

    const MetricsSnapshot &m_earlier;
    const MetricsSnapshot &m_later;
};

} // namespace Carillon
