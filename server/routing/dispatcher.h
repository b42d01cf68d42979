// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/storage/storage.h"
#include "server/routing/bridge.h"
#include "server/routing/clientport.h"
#include "server/routing/clientregistry.h"

namespace Carillon {

class Journal;
class OtherNodes;

/// Where a push goes: the whole policy. A client is reached in one of four ways, each behind an
/// interface that a room of its own implements:
///
///   connected here          ClientPort     to the client; stored meanwhile, or not at all if the
///                                          ack is faster
///   reached by a bridge     Bridge         to the bridge of the client's router type; never stored
///   connected elsewhere     OtherNodes     TTL > 0: stored first, then handed over to the node
///                                          that the record names; TTL 0: only handed over
///   not connected           Storage        TTL > 0: stored; TTL 0: dropped
///
/// Owns: nothing. Thread: any; what it was given outlives it.
class Dispatcher
{
public:
    /// The interfaces through which clients are reached. The registry has the ports of those that
    /// are connected here.
    struct Ways
    {
        Storage &storage;
        ClientRegistry &registry;
        OtherNodes *otherNodes = nullptr; // null: no other process exists
        Bridges bridges = {};
    };

    /// self: this process as others reach it.
    Dispatcher(Ways ways, NodeId self, Journal &journal);

    /// Takes a push whose headers and sender are valid. done gets the key it was taken under, once
    /// the promise of 201 holds (design.md §3.1), or the reason why not; it may run on any thread.
    void push(Notification message, PushDone done);

    /// Gives the reason, other than its headers, for which a push to this channel would be refused:
    /// NoSuchUser, NoSuchSubscription, StorageUnavailable, or nothing. done may run on any thread.
    void checkSubscription(Uaid uaid, ChannelId channel,
                           UniqueFunction<void(std::optional<ErrorCode>)> done);

    // What other processes say (protocol.md §7).

    /// A message that the sending process has stored (or TTL 0). done: whether a client took it.
    void handOver(NodeMessage message, UniqueFunction<void(bool)> done);
    /// Gives whether the client is connected here and was told to read storage.
    [[nodiscard]] bool checkStorage(const Uaid &uaid);
    /// Another process has the client's newest connection, which began at connectedAt: an older one
    /// is closed. done: once all that it said is in storage; gives whether the client was here.
    void closeOlder(const Uaid &uaid, std::int64_t connectedAt, UniqueFunction<void(bool)> done);

private:
    void pushAbsent(Notification message, PushDone done);
    void pushByRecord(Notification message, PushDone done);
    void pushByBridge(Bridge &bridge, Notification message, PushDone done);
    void forget(const Uaid &uaid, ErrorCode why, PushDone done);
    void pushTransient(Notification message, const Route &route, PushDone done);
    void keep(Notification message, PushDone done);
    void afterStore(Notification message, const StoreOutcome &outcome, PushDone done);
    [[nodiscard]] Bridge *bridgeOf(const Route &route) const;
    [[nodiscard]] bool isElsewhere(const NodeId &node) const;

    Ways m_ways;
    NodeId m_self;
    Journal &m_journal;
};

} // namespace Carillon
