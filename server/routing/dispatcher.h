// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "core/storage/storage.h"
#include "server/routing/clientport.h"
#include "server/routing/clientregistry.h"

namespace Carillon {

class Metrics;
class OtherNodes;

/// Where a push goes: the whole policy.
///
///   connected here          to its client; stored meanwhile, or not at all if the ack is faster
///   not here, TTL > 0       into storage; then a word to the process that the record names
///   not here, TTL 0         to the process that the record names, or nowhere
///
/// Owns: nothing. Thread: any; what it was given outlives it.
class Dispatcher
{
public:
    /// self: this process as others reach it. otherNodes: null where no other process can be.
    Dispatcher(Storage &storage, ClientRegistry &registry, OtherNodes *otherNodes, NodeId self,
               Metrics &metrics);

    /// Takes a push whose headers and sender are valid. done gets the key it was taken under, once
    /// the promise of 201 holds (design.md §3.1), or the reason why not; it may run on any thread.
    void push(Notification message, PushDone done);

    /// Why a push to this channel could not be taken apart from its headers: NoSuchUser,
    /// NoSuchSubscription, StorageUnavailable, or nothing. done may run on any thread.
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
    void pushTransient(Notification message, PushDone done);
    void afterStore(Notification message, const StoreOutcome &outcome, PushDone done);
    [[nodiscard]] bool isElsewhere(const NodeId &node) const;

    Storage &m_storage;
    ClientRegistry &m_registry;
    OtherNodes *m_otherNodes;
    NodeId m_self;
    Metrics &m_metrics;
};

} // namespace Carillon
