// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/mutex.h"
#include "core/base/tokenbucket.h"

#include <QHash>

#include <array>
#include <atomic>
#include <optional>

namespace Carillon {

/// A token bucket for each key, in shards. Equal keys share a bucket, so outsiders must not be able
/// to choose them. Full buckets are forgotten. While there are MaxBuckets buckets that are not
/// full, keys without a bucket are not limited, so that a flood of keys does not lock anybody out.
/// Owns: the buckets. Thread: any.
class RateLimiter
{
public:
    static constexpr qsizetype MaxBuckets = 131'072;

    enum class Outcome : std::uint8_t { Passed, Refused, Crowded };
    struct Verdict
    {
        Outcome outcome = Outcome::Passed; // Crowded: passed for want of a bucket
        /// If the key was refused: the time until it has a token again.
        std::chrono::nanoseconds wait {};
    };

    explicit RateLimiter(const Rate &rate = {}) { setRate(rate); }

    /// Applies from now on, also to existing buckets.
    void setRate(const Rate &rate);
    [[nodiscard]] bool isOn() const { return m_interval.load(std::memory_order_relaxed) != 0; }
    /// Precondition: isOn() was true.
    [[nodiscard]] Verdict take(std::uint64_t key, Instant now);
    /// Number of buckets that are stored.
    [[nodiscard]] qsizetype size() const;

private:
    static constexpr std::size_t ShardCount = 16;
    static constexpr qsizetype MaxInShard = MaxBuckets / qsizetype(ShardCount);
    static constexpr qsizetype SweepFrom = 64;

    struct alignas(64) Shard
    {
        mutable Mutex mutex;
        QHash<std::uint64_t, TokenBucket> buckets CARILLON_GUARDED_BY(mutex);
        qsizetype sweepAt CARILLON_GUARDED_BY(mutex) = SweepFrom;
        Instant swept CARILLON_GUARDED_BY(mutex) {};
    };

    static void sweep(Shard &shard, Instant now) CARILLON_REQUIRES(shard.mutex);

    std::array<Shard, ShardCount> m_shards;
    std::atomic<std::int64_t> m_interval = 0; // ns for one token; 0: no limit
    std::atomic<std::int64_t> m_burst = 1;
};

} // namespace Carillon
