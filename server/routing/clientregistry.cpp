// SPDX-License-Identifier: MPL-2.0
#include "server/routing/clientregistry.h"

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

} // namespace Carillon
