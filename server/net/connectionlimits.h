// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/metricnames.h"
#include "core/base/tokenbucket.h"
#include "server/net/ipaddress.h"

#include <QHash>

#include <array>
#include <atomic>
#include <functional>
#include <mutex>
#include <utility>

namespace Carillon {

class ConnectionLimits;

/// The right of one connection to be there, and the place that it takes from its address's.
/// Gives both back at its end. Thread: one at a time.
class ConnectionTicket
{
public:
    ConnectionTicket() = default;
    ConnectionTicket(ConnectionTicket &&other) noexcept
        : m_limits(std::exchange(other.m_limits, nullptr)), m_holder(other.m_holder)
    {
    }
    ConnectionTicket &operator=(ConnectionTicket &&other) noexcept
    {
        std::swap(m_limits, other.m_limits);
        std::swap(m_holder, other.m_holder);
        return *this;
    }
    ~ConnectionTicket();

    /// Takes one of the address's places, in exchange for the one held before; false, and the old
    /// one is kept, when all are taken. Loopback has no end of them; so has everyone where the
    /// listener has no limits.
    [[nodiscard]] bool take(const IpAddress &address);
    /// IpAddress::holder() of that address; 0: none, whom no limit by address meets.
    [[nodiscard]] std::uint64_t holder() const { return m_holder; }

private:
    friend class ConnectionLimits;
    explicit ConnectionTicket(ConnectionLimits &limits) : m_limits(&limits) { }

    ConnectionLimits *m_limits = nullptr;
    std::uint64_t m_holder = 0; // 0: no place is held
};

/// How many connections there may be: in all, and of one address. One for the process; touched when
/// a connection opens and when it ends.
/// Thread: any.
class ConnectionLimits
{
public:
    struct Most
    {
        /// 0: no limit.
        std::int64_t inAll = 0;
        std::int64_t perAddress = 0;
    };
    /// Adds to a metric. Thread: any.
    using Count = std::function<void(Metric, std::int64_t by)>;
    /// Which part of all places a listener's connections may take.
    enum class Share : std::uint8_t {
        MostPlaces, ///< all but a sixteenth, or MostKept if that is less, left for others
        AllPlaces,
    };

    static constexpr std::int64_t MostKept = 512;

    explicit ConnectionLimits(Most most, Count count = {});
    ConnectionLimits(const ConnectionLimits &) = delete;
    ConnectionLimits &operator=(const ConnectionLimits &) = delete;

    void setMost(Most most);
    /// A place for one more connection; absent when all are taken.
    [[nodiscard]] std::optional<ConnectionTicket> open(Share share);
    /// Adds to a metric.
    void count(Metric metric, std::int64_t by = 1) const;

    /// Descriptors that are left for storage, files and other nodes.
    [[nodiscard]] static std::int64_t descriptorsOfOthers(int workers);
    /// Places for connections where so many descriptors may be open: some are left for storage,
    /// files and other nodes.
    [[nodiscard]] static std::int64_t placesOf(std::int64_t descriptors, int workers);

private:
    friend class ConnectionTicket;
    static constexpr std::size_t ShardCount = 16;
    struct alignas(64) Shard
    {
        std::mutex mutex;
        QHash<std::uint64_t, std::int64_t> places; // guarded by mutex
    };

    /// Says yes at most once a minute.
    class Seldom
    {
    public:
        [[nodiscard]] bool isTime();

    private:
        std::atomic<Instant> m_last = Instant();
    };

    [[nodiscard]] bool takePlace(const IpAddress &address);
    void releasePlace(std::uint64_t holder);
    void close();
    [[nodiscard]] Shard &shardOf(std::uint64_t holder);

    Count m_count;
    std::atomic<std::int64_t> m_inAll;
    std::atomic<std::int64_t> m_perAddress;
    std::atomic<std::int64_t> m_open = 0;
    Seldom m_warnsOfAll;
    Seldom m_warnsOfAddress;
    std::array<Shard, ShardCount> m_shards;
};

} // namespace Carillon
