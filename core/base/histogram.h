// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <span>

namespace Carillon {

/// Most bounds that a histogram has.
inline constexpr std::size_t MaxHistogramBounds = 20;

/// How many of the observed values each bucket of a histogram holds. A bucket ends at its bound,
/// which belongs to it; values above the last bound are in the bucket after it.
struct HistogramValue
{
    std::array<std::int64_t, MaxHistogramBounds + 1> counts {};
    std::int64_t sum = 0;

    [[nodiscard]] std::int64_t count() const
    {
        return std::accumulate(counts.begin(), counts.end(), std::int64_t { 0 });
    }
    /// What was observed since an earlier value of the same histogram.
    [[nodiscard]] HistogramValue since(const HistogramValue &earlier) const
    {
        HistogramValue change;
        std::ranges::transform(counts, earlier.counts, change.counts.begin(), std::minus<>());
        change.sum = sum - earlier.sum;
        return change;
    }
    bool operator==(const HistogramValue &) const = default;
};

/// Counts values in fixed buckets. The caller has the bounds, in rising order, and always gives the
/// same. Thread: any; a value that is read meanwhile may lack what is being added.
class Histogram
{
public:
    void observe(std::span<const std::int64_t> bounds, std::int64_t value)
    {
        const auto bucket =
            static_cast<std::size_t>(std::ranges::lower_bound(bounds, value) - bounds.begin());
        m_counts[bucket].fetch_add(1, std::memory_order_relaxed);
        m_sum.fetch_add(value, std::memory_order_relaxed);
    }
    /// Makes it the given one, for values that are counted elsewhere and copied here.
    void set(const HistogramValue &value)
    {
        for (std::size_t i = 0; i < m_counts.size(); ++i)
            m_counts[i].store(value.counts[i], std::memory_order_relaxed);
        m_sum.store(value.sum, std::memory_order_relaxed);
    }
    void addTo(HistogramValue &value) const
    {
        for (std::size_t i = 0; i < m_counts.size(); ++i)
            value.counts[i] += m_counts[i].load(std::memory_order_relaxed);
        value.sum += m_sum.load(std::memory_order_relaxed);
    }

private:
    std::array<std::atomic<std::int64_t>, MaxHistogramBounds + 1> m_counts {};
    std::atomic<std::int64_t> m_sum = 0;
};

} // namespace Carillon
