// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/errorcode.h"
#include "core/base/metricnames.h"

#include <QByteArray>

#include <array>
#include <atomic>
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

    /// Adds to a counter, or moves a gauge up or down. Durations are in microseconds.
    void add(Metric metric, std::int64_t by = 1)
    {
        shard().values[index(metric)].fetch_add(by, std::memory_order_relaxed);
    }
    void add(ErrorMetric metric, ErrorCode code)
    {
        shard().errors[index(metric, code)].fetch_add(1, std::memory_order_relaxed);
    }
    /// Makes a value the given one, for those that are measured elsewhere and copied here; such a
    /// value is never added to.
    void set(Metric metric, std::int64_t value)
    {
        m_shards[0].values[index(metric)].store(value, std::memory_order_relaxed);
    }

    [[nodiscard]] std::int64_t value(Metric metric) const;
    [[nodiscard]] std::int64_t value(ErrorMetric metric, ErrorCode code) const;

    /// All of them in Prometheus' text format 0.0.4. Of the values by error code only those that
    /// are not zero.
    [[nodiscard]] QByteArray prometheusText() const;

    static constexpr QByteArrayView ContentType = "text/plain; version=0.0.4; charset=utf-8";

private:
    static constexpr std::size_t ShardCount = 16;

    struct alignas(64) Shard
    {
        std::array<std::atomic<std::int64_t>, MetricCount> values {};
        std::array<std::atomic<std::int64_t>, std::size_t(ErrorMetricCount) * ErrorCodeCount>
            errors {};
    };

    static std::size_t index(Metric metric) { return static_cast<std::size_t>(metric); }
    static std::size_t index(ErrorMetric metric, ErrorCode code)
    {
        return static_cast<std::size_t>(metric) * ErrorCodeCount + static_cast<std::size_t>(code);
    }
    /// The calling thread's shard.
    Shard &shard();

    std::array<Shard, ShardCount> m_shards;
};

} // namespace Carillon
