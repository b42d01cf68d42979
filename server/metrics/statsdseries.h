// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/errorcode.h"
#include "core/base/metricnames.h"

#include <QByteArrayView>

#include <cstdint>
#include <span>
#include <variant>

namespace Carillon {

/// A number that autopush's daemons send to StatsD, and the metric here that it is taken from.
struct StatsdSeries
{
    enum class Daemon : std::uint8_t { Connect, Endpoint };
    /// How a change is sent.
    enum class Kind : std::uint8_t {
        Count,
        Milliseconds, ///< of a histogram: a timing for each of its buckets
        Seconds, ///< as a timing, too, which is what autopush does
    };
    struct OfError
    {
        ErrorMetric metric;
        ErrorCode code;
    };
    /// The sum of what a histogram has observed.
    struct SumOf
    {
        HistogramMetric metric;
    };

    Daemon daemon;
    Kind kind;
    QByteArrayView name;
    /// "key:value", or empty.
    QByteArrayView tag;
    std::variant<Metric, OfError, SumOf, HistogramMetric> source;
};

/// All of them. Several rows may have the same name and tag: their counts are added.
[[nodiscard]] std::span<const StatsdSeries> statsdSeries();

} // namespace Carillon
