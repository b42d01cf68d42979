// SPDX-License-Identifier: MPL-2.0
#include "server/net/connectionlimits.h"

#include "core/base/log.h"

#include <limits>

namespace Carillon {

ConnectionLimits::ConnectionLimits(Most most, Count count)
    : m_count(std::move(count)), m_inAll(most.inAll), m_perAddress(most.perAddress)
{
}

void ConnectionLimits::setMost(Most most)
{
    m_inAll = most.inAll;
    m_perAddress = most.perAddress;
}

std::optional<ConnectionTicket> ConnectionLimits::open(Share share)
{
    std::int64_t most = m_inAll.load(std::memory_order_relaxed);
    if (most == 0)
        most = std::numeric_limits<std::int64_t>::max();
    else if (share == Share::MostPlaces)
        most -= std::min((most + 15) / 16, MostKept);
    if (m_open.fetch_add(1, std::memory_order_relaxed) >= most) {
        m_open.fetch_sub(1, std::memory_order_relaxed);
        if (const auto leftOut = m_totalWarnings.pass())
            qCWarning(lcNet,
                      "All %lld connections are in use (limits.connections); new ones wait "
                      "until one ends%s",
                      static_cast<long long>(most), leftOutText(*leftOut).constData());
        return std::nullopt;
    }
    count(Metric::Sockets);
    return ConnectionTicket(*this);
}

void ConnectionLimits::close()
{
    m_open.fetch_sub(1, std::memory_order_relaxed);
    count(Metric::Sockets, -1);
}

void ConnectionLimits::count(Metric metric, std::int64_t by) const
{
    if (m_count)
        m_count(metric, by);
}

ConnectionLimits::Shard &ConnectionLimits::shardOf(std::uint64_t limitKey)
{
    return m_shards[qHash(limitKey, QHashSeed::globalSeed()) % ShardCount];
}

bool ConnectionLimits::takePlace(const IpAddress &address)
{
    const std::int64_t most = m_perAddress.load(std::memory_order_relaxed);
    const std::uint64_t limitKey = address.limitKey();
    {
        Shard &shard = shardOf(limitKey);
        const MutexLock lock(shard.mutex);
        std::int64_t &places = shard.places[limitKey];
        if (most == 0 || places < most) {
            ++places;
            return true;
        }
    }
    count(Metric::ConnectionsRefusedAddress);
    if (const auto leftOut = m_addressWarnings.pass())
        qCWarning(lcNet,
                  "%s has %lld connections, and limits.connections_per_address allows no more. "
                  "If this is the address of a proxy, name it in trusted_proxies.%s",
                  address.toText().constData(), static_cast<long long>(most),
                  leftOutText(*leftOut).constData());
    return false;
}

void ConnectionLimits::releasePlace(std::uint64_t limitKey)
{
    Shard &shard = shardOf(limitKey);
    const MutexLock lock(shard.mutex);
    const auto places = shard.places.find(limitKey);
    if (--*places == 0)
        shard.places.erase(places);
}

std::int64_t ConnectionLimits::descriptorsOfOthers(int workers)
{
    return 128 + std::int64_t { 32 } * workers;
}

std::int64_t ConnectionLimits::placesOf(std::int64_t descriptors, int workers)
{
    return std::max(descriptors - descriptorsOfOthers(workers), descriptors / 2);
}

} // namespace Carillon
