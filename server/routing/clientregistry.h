// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/ids.h"
#include "core/base/mutex.h"
#include "server/net/connectionid.h"

#include <QHash>

#include <array>
#include <optional>
#include <vector>

namespace Carillon {

class ClientPort;

/// Where a connected client is: the port of its worker and its connection there.
struct ClientAddress
{
    ClientPort *port = nullptr; // ports live until all workers have stopped
    ConnectionId connection;
    bool operator==(const ClientAddress &) const = default;
};

/// UAID → connection, the one map of connections that workers share.
/// Thread: any; each shard has a mutex that is held for a look-up only.
class ClientRegistry
{
public:
    [[nodiscard]] std::optional<ClientAddress> find(const Uaid &uaid) const;
    /// Puts a connection in the place of another, which is given back to be closed.
    [[nodiscard]] std::optional<ClientAddress> replace(const Uaid &uaid, ClientAddress address);
    /// Removes the client if this connection is still its newest.
    void remove(const Uaid &uaid, ClientAddress address);
    [[nodiscard]] qsizetype size() const;
    /// All clients that are connected at some moment of the call.
    [[nodiscard]] std::vector<Uaid> uaids() const;

    struct Entry
    {
        Uaid uaid;
        ClientAddress address;
    };
    /// In the order of UAIDs, the first `limit` clients from `first` to `last`; reverse: the last
    /// ones, from the last. Looks at all clients, a shard at a time: some 20 ms for a million.
    [[nodiscard]] std::vector<Entry> page(const Uaid &first, const Uaid &last, std::size_t limit,
                                          bool reverse) const;

private:
    static constexpr std::size_t Shards = 64;
    struct Shard
    {
        mutable Mutex mutex;
        QHash<Uaid, ClientAddress> clients CARILLON_GUARDED_BY(mutex);
    };

    [[nodiscard]] Shard &shard(const Uaid &uaid) { return m_shards[uaid.bytes().back() % Shards]; }
    [[nodiscard]] const Shard &shard(const Uaid &uaid) const
    {
        return m_shards[uaid.bytes().back() % Shards];
    }

    std::array<Shard, Shards> m_shards;
};

} // namespace Carillon
