// SPDX-License-Identifier: MPL-2.0
#include "server/reliability/stepcounts.h"

namespace Carillon {

StepCounts::Shard &StepCounts::shard()
{
    static std::atomic<std::size_t> threads { 0 };
    thread_local const std::size_t mine =
        threads.fetch_add(1, std::memory_order_relaxed) % ShardCount;
    return m_shards[mine];
}

std::int64_t StepCounts::sum(std::size_t place) const
{
    std::int64_t sum = 0;
    for (const Shard &shard : m_shards)
        sum += shard.values[place].load(std::memory_order_relaxed);
    return sum;
}

std::int64_t StepCounts::value(MessageState state) const
{
    std::int64_t all = state == MessageState::Received ? sum(begun()) : 0;
    for (int from = 0; from < MessageStateCount; ++from)
        all += value({ static_cast<MessageState>(from), state });
    return all;
}

} // namespace Carillon
