// SPDX-License-Identifier: MPL-2.0
#include "core/base/ratelimiter.h"

namespace Carillon {

namespace {

/// A crowded shard is looked through no more often: each look is as long as the shard.
constexpr std::chrono::seconds SweepPause { 1 };

} // namespace

void RateLimiter::setRate(const Rate &rate)
{
    m_burst.store(std::max<std::int64_t>(rate.burst, 1), std::memory_order_relaxed);
    m_interval.store(rate.isLimited() ? rate.interval().count() : 0, std::memory_order_relaxed);
}

RateLimiter::Verdict RateLimiter::take(std::uint64_t key, Instant now)
{
    const std::chrono::nanoseconds interval(m_interval.load(std::memory_order_relaxed));
    const std::int64_t burst = m_burst.load(std::memory_order_relaxed);
    Shard &shard = m_shards[qHash(key, QHashSeed::globalSeed()) % ShardCount];
    const MutexLock lock(shard.mutex);
    auto bucket = shard.buckets.find(key);
    if (bucket == shard.buckets.end()) {
        if (shard.buckets.size() >= shard.sweepAt)
            sweep(shard, now);
        if (shard.buckets.size() >= MaxInShard)
            return { Outcome::Crowded, {} };
        bucket = shard.buckets.insert(key, {});
    }
    const std::chrono::nanoseconds wait = bucket->take(interval, burst, now);
    return { wait.count() > 0 ? Outcome::Refused : Outcome::Passed, wait };
}

/// Drops what is full. The next look comes when the shard has doubled, so its cost is shared by as
/// many keys.
void RateLimiter::sweep(Shard &shard, Instant now)
{
    if (shard.sweepAt == MaxInShard && now - shard.swept < SweepPause)
        return;
    shard.swept = now;
    shard.buckets.removeIf([now](const auto &entry) { return entry.value().isFull(now); });
    shard.sweepAt = std::clamp(2 * shard.buckets.size(), SweepFrom, MaxInShard);
    shard.buckets.squeeze();
}

qsizetype RateLimiter::size() const
{
    qsizetype sum = 0;
    for (const Shard &shard : m_shards) {
        const MutexLock lock(shard.mutex);
        sum += shard.buckets.size();
    }
    return sum;
}

} // namespace Carillon
