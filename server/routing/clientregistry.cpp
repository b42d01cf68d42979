// SPDX-License-Identifier: MPL-2.0
#include "server/routing/clientregistry.h"

#include <algorithm>
#include <utility>

namespace Carillon {

std::optional<ClientAddress> ClientRegistry::find(const Uaid &uaid) const
{
    const Shard &here = shard(uaid);
    const MutexLock lock(here.mutex);
    const auto entry = here.clients.find(uaid);
    if (entry == here.clients.end())
        return std::nullopt;
    return *entry;
}

std::optional<ClientAddress> ClientRegistry::replace(const Uaid &uaid, ClientAddress address)
{
    Shard &here = shard(uaid);
    const MutexLock lock(here.mutex);
    const auto entry = here.clients.find(uaid);
    if (entry == here.clients.end()) {
        here.clients.insert(uaid, address);
        return std::nullopt;
    }
    return std::exchange(*entry, address);
}

void ClientRegistry::remove(const Uaid &uaid, ClientAddress address)
{
    Shard &here = shard(uaid);
    const MutexLock lock(here.mutex);
    const auto entry = here.clients.find(uaid);
    if (entry != here.clients.end() && *entry == address)
        here.clients.erase(entry);
}

qsizetype ClientRegistry::size() const
{
    qsizetype count = 0;
    for (const Shard &each : m_shards) {
        const MutexLock lock(each.mutex);
        count += each.clients.size();
    }
    return count;
}

std::vector<Uaid> ClientRegistry::uaids() const
{
    std::vector<Uaid> all;
    for (const Shard &each : m_shards) {
        const MutexLock lock(each.mutex);
        for (auto entry = each.clients.keyBegin(); entry != each.clients.keyEnd(); ++entry)
            all.push_back(*entry);
    }
    return all;
}

std::vector<ClientRegistry::Entry> ClientRegistry::page(const Uaid &first, const Uaid &last,
                                                        std::size_t limit, bool reverse) const
{
    const auto isBefore = [reverse](const Entry &left, const Entry &right) {
        return reverse ? right.uaid < left.uaid : left.uaid < right.uaid;
    };
    std::vector<Entry> nearest; // a heap: the farthest of them is in front
    nearest.reserve(limit + 1);
    for (const Shard &each : m_shards) {
        const MutexLock lock(each.mutex);
        for (auto client = each.clients.begin(); client != each.clients.end(); ++client) {
            const Entry entry { client.key(), client.value() };
            if (entry.uaid < first || last < entry.uaid
                || (nearest.size() == limit && !isBefore(entry, nearest.front())))
                continue;
            nearest.push_back(entry);
            std::ranges::push_heap(nearest, isBefore);
            if (nearest.size() > limit) {
                std::ranges::pop_heap(nearest, isBefore);
                nearest.pop_back();
            }
        }
    }
    std::ranges::sort_heap(nearest, isBefore);
    return nearest;
}

} // namespace Carillon
