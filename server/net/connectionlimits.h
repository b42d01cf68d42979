// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/logthrottle.h"
#include "core/base/metricnames.h"
#include "core/base/mutex.h"
#include "core/base/tokenbucket.h"
#include "server/net/connectionticket.h"
#include "server/net/ipaddress.h"

#include <QHash>

#include <array>
#include <atomic>
#include <functional>
#include <optional>

namespace Carillon {

/// Limits the number of connections, in total and for each address. One for the process; used only
/// when a connection opens or ends.
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
    /// How much of the total the connections of a listener may use.
    enum class Share : std::uint8_t {
        MostPlaces, ///< all but 1/16, at most MostKept, which is reserved for other listeners
        AllPlaces,
    };

    static constexpr std::int64_t MostKept = 512;

    explicit ConnectionLimits(Most most, Count count = {});
    ConnectionLimits(const ConnectionLimits &) = delete;
    ConnectionLimits &operator=(const ConnectionLimits &) = delete;

    void setMost(Most most);
    /// Counts one more connection; absent if the limit is reached.
    [[nodiscard]] std::optional<ConnectionTicket> open(Share share);
    /// Adds to a metric.
    void count(Metric metric, std::int64_t by = 1) const;

    /// Descriptors reserved for storage, files and connections to other nodes.
    [[nodiscard]] static std::int64_t descriptorsOfOthers(int workers);
    /// The default limit of connections where the process may open so many descriptors.
    [[nodiscard]] static std::int64_t placesOf(std::int64_t descriptors, int workers);

private:
    friend class ConnectionTicket;
    static constexpr std::size_t ShardCount = 16;
    struct alignas(64) Shard
    {
        Mutex mutex;
        QHash<std::uint64_t, std::int64_t> places CARILLON_GUARDED_BY(mutex);
    };

    [[nodiscard]] bool takePlace(const IpAddress &address);
    void releasePlace(std::uint64_t limitKey);
    void close();
    [[nodiscard]] Shard &shardOf(std::uint64_t limitKey);

    Count m_count;
    std::atomic<std::int64_t> m_inAll;
    std::atomic<std::int64_t> m_perAddress;
    std::atomic<std::int64_t> m_open = 0;
    LogThrottle m_totalWarnings;
    LogThrottle m_addressWarnings;
    std::array<Shard, ShardCount> m_shards;
};

} // namespace Carillon
