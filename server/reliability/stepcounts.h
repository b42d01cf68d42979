// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/reliability/transitions.h"

#include <array>
#include <atomic>
#include <cstdint>

namespace Carillon {

/// How often messages took each step, tracked or not, since the process began. Kept in shards so
/// that threads that count at the same time do not share a cache line.
/// Thread: any; a sum taken meanwhile is a little old.
class StepCounts
{
public:
    /// A message begins its way here, received.
    void begin() { add(begun()); }
    void count(Transition step, std::int64_t by = 1) { add(place(step), by); }

    [[nodiscard]] std::int64_t value(Transition step) const { return sum(place(step)); }
    /// How many messages have reached a state.
    [[nodiscard]] std::int64_t value(MessageState state) const;

private:
    static constexpr std::size_t ShardCount = 16;
    static constexpr std::size_t Places = std::size_t { MessageStateCount } * MessageStateCount + 1;
    struct alignas(64) Shard
    {
        std::array<std::atomic<std::int64_t>, Places> values {};
    };

    static constexpr std::size_t begun() { return Places - 1; }
    static constexpr std::size_t place(Transition step)
    {
        return toIndex(step.from) * MessageStateCount + toIndex(step.to);
    }
    void add(std::size_t place, std::int64_t by = 1)
    {
        shard().values[place].fetch_add(by, std::memory_order_relaxed);
    }
    [[nodiscard]] std::int64_t sum(std::size_t place) const;
    /// The calling thread's.
    [[nodiscard]] Shard &shard();

    std::array<Shard, ShardCount> m_shards;
};

} // namespace Carillon
