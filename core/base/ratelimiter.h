// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/tokenbucket.h"

#include <QHash>

#include <array>
#include <atomic>
#include <mutex>
#include <optional>

namespace Carillon {

/// A token bucket for each key, in shards. Keys are numbers that nobody outside can choose to be
/// alike: those that are share a bucket. Full buckets are forgotten; while MaxBuckets are not full,
/// keys that have none pass unlimited, so that a flood of keys locks out nobody.
/// Owns: the buckets. Thread: any.
class RateLimiter
{
public:
    static constexpr qsizetype MaxBuckets = 131'072;

    enum class Outcome : std::uint8_t { Passed, Refused, Crowded };
    struct Verdict
    {
        Outcome outcome = Outcome::Passed; // Crowded: passed for want of a bucket
        /// Until the key has a token again, where it was refused.
        std::chrono::nanoseconds wait {};
    };

    explicit RateLimiter(const Rate &rate = {}) { setRate(rate); }

    /// Holds from now on, also for buckets that are there.
    void setRate(const Rate &rate);
    [[nodiscard]] bool isOn() const { return m_interval.load(std::memory_order_relaxed) != 0; }
    /// Precondition: isOn() was true.
    [[nodiscard]] Verdict take(std::uint64_t key, Instant now);
    /// Buckets that are remembered.
    [[nodiscard]] qsizetype size() const;

private:
    static constexpr std::size_t ShardCount = 16;
    static constexpr qsizetype MaxInShard = MaxBuckets / qsizetype(ShardCount);
    static constexpr qsizetype SweepFrom = 64;

    struct alignas(64) Shard
    {
        mutable std::mutex mutex;
        // Guarded by it:
        QHash<std::uint64_t, TokenBucket> buckets;
        qsizetype sweepAt = SweepFrom;
        Instant swept {};
    };

    static void sweep(Shard &shard, Instant now);

    std::array<Shard, ShardCount> m_shards;
    std::atomic<std::int64_t> m_interval = 0; // ns for one token; 0: no limit
    std::atomic<std::int64_t> m_burst = 1;
};

} // namespace Carillon
