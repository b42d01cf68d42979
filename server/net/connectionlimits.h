// SPDX-License-Identifier: MPL-2.0
#pragma once

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
        Mutex mutex;
        QHash<std::uint64_t, std::int64_t> places CARILLON_GUARDED_BY(mutex);
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
    void releasePlace(std::uint64_t limitKey);
    void close();
    [[nodiscard]] Shard &shardOf(std::uint64_t limitKey);

    Count m_count;
    std::atomic<std::int64_t> m_inAll;
    std::atomic<std::int64_t> m_perAddress;
    std::atomic<std::int64_t> m_open = 0;
    Seldom m_warnsOfAll;
    Seldom m_warnsOfAddress;
    std::array<Shard, ShardCount> m_shards;
};

} // namespace Carillon
