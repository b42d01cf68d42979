// SPDX-License-Identifier: MPL-2.0
#include "server/metrics/metrics.h"

namespace Carillon {

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

HistogramValue Metrics::value(HistogramMetric metric) const
{
    HistogramValue sum;
    for (const Shard &shard : m_shards)
        shard.histograms[index(metric)].addTo(sum);
    return sum;
}

MetricsSnapshot Metrics::snapshot() const
{
    MetricsSnapshot now;
    now.at = std::chrono::steady_clock::now();
    now.build = m_build;
    for (const Shard &shard : m_shards) {
        for (std::size_t i = 0; i < now.values.size(); ++i)
            now.values[i] += shard.values[i].load(std::memory_order_relaxed);
        for (std::size_t i = 0; i < now.errors.size(); ++i)
            now.errors[i] += shard.errors[i].load(std::memory_order_relaxed);
        for (std::size_t i = 0; i < now.histograms.size(); ++i)
            shard.histograms[i].addTo(now.histograms[i]);
    }
    return now;
}

} // namespace Carillon
