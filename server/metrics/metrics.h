// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/metrics/metricssnapshot.h"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

namespace Carillon {

/// The numbers of one process, kept in shards so that threads that count at the same time do not
/// share a cache line. Thread: any, for every function; a sum taken meanwhile is a little old.
class Metrics
{
public:
    Metrics() = default;
    Metrics(const Metrics &) = delete;
    Metrics &operator=(const Metrics &) = delete;

    /// For carillon_build_info. Called before other threads use it.
    void setBuild(BuildInfo build) { m_build = std::move(build); }

    /// Adds to a counter, or moves a gauge up or down. Durations are in microseconds.
    void add(Metric metric, std::int64_t by = 1)
    {
        shard().values[index(metric)].fetch_add(by, std::memory_order_relaxed);
    }
    void add(ErrorMetric metric, ErrorCode code)
    {
        shard().errors[index(metric, code)].fetch_add(1, std::memory_order_relaxed);
    }
    void observe(HistogramMetric metric, std::int64_t value)
    {
        shard().histograms[index(metric)].observe(histogramBounds(metric), value);
    }
    void observe(HistogramMetric metric, std::chrono::microseconds duration)
    {
        observe(metric, duration.count());
    }
    /// Makes a value the given one, for those that are measured elsewhere and copied here; such a
    /// value is never added to.
    void set(Metric metric, std::int64_t value)
    {
        m_shards[0].values[index(metric)].store(value, std::memory_order_relaxed);
    }
    void set(HistogramMetric metric, const HistogramValue &value)
    {
        m_shards[0].histograms[index(metric)].set(value);
    }

    [[nodiscard]] std::int64_t value(Metric metric) const;
    [[nodiscard]] std::int64_t value(ErrorMetric metric, ErrorCode code) const;
    [[nodiscard]] HistogramValue value(HistogramMetric metric) const;
    [[nodiscard]] MetricsSnapshot snapshot() const;

private:
    static constexpr std::size_t ShardCount = 16;

    struct alignas(64) Shard
    {
        std::array<std::atomic<std::int64_t>, MetricCount> values {};
        std::array<std::atomic<std::int64_t>, std::size_t(ErrorMetricCount) * ErrorCodeCount>
            errors {};
        std::array<Histogram, HistogramMetricCount> histograms {};
    };

    static std::size_t index(Metric metric) { return static_cast<std::size_t>(metric); }
    static std::size_t index(HistogramMetric metric) { return static_cast<std::size_t>(metric); }
    static std::size_t index(ErrorMetric metric, ErrorCode code)
    {
        return static_cast<std::size_t>(metric) * ErrorCodeCount + static_cast<std::size_t>(code);
    }
    /// The calling thread's shard.
    Shard &shard();

    std::array<Shard, ShardCount> m_shards;
    BuildInfo m_build;
};

} // namespace Carillon
