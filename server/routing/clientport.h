// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"
#include "core/base/uniquefunction.h"
#include "core/message/notification.h"
#include "core/protocol/nodemessage.h"
#include "core/storage/storage.h"
#include "server/net/connectionid.h"
#include "server/routing/clientsnapshot.h"

#include <chrono>
#include <optional>
#include <vector>

namespace Carillon {

/// A push that was taken (201).
struct TakenPush
{
    SortKey sortKey {};
    /// Where it was made for the client's frame; else null: it follows from the key.
    MessageId id {};
    /// Where a bridge has changed it.
    std::optional<std::chrono::seconds> ttl {};
};

/// How a push ended for its sender: taken, or why not.
using PushDone = UniqueFunction<void(Result<TakenPush>)>;

/// The connected clients of one worker, as routing knows them. Every function hands over to that
/// worker and returns at once; callbacks run there.
/// Thread: any.
class ClientPort
{
public:
    virtual ~ClientPort() = default;

    /// Gives a push to the client. notHere gets it back if the client is gone or not greeted yet.
    virtual void push(ConnectionId connection, Notification message, PushDone done,
                      UniqueFunction<void(Notification, PushDone)> notHere) = 0;
    /// Gives a message that another process stored. Whether the client took it.
    virtual void handOver(ConnectionId connection, NodeMessage message,
                          UniqueFunction<void(bool)> done) = 0;
    /// Tells the client that messages from this key on were stored for it.
    virtual void checkStorage(ConnectionId connection, Uaid uaid, SortKey from) = 0;
    /// Closes a connection that a newer one of the same client replaces. done runs when its
    /// acknowledgements are with storage and what waited for one is on its way there, also those of
    /// the connections that it has replaced itself.
    virtual void closeReplaced(ConnectionId connection, Uaid uaid, Task done) = 0;
    /// The same if the client's connection began before connectedAt, when one of another process
    /// claimed the client. done runs in any case.
    virtual void closeOlder(ConnectionId connection, Uaid uaid, std::int64_t connectedAt,
                            Task done) = 0;
    /// Compares a connection with what the record of its client says.
    virtual void review(ConnectionId connection, ClientNews news) = 0;

    // What administrators ask for.

    /// Gives what is to be known of those of these connections that exist, in no particular order.
    virtual void describe(std::vector<ConnectionId> connections,
                          UniqueFunction<void(std::vector<ClientSnapshot>)> done) = 0;
    /// Closes the client's connection. Whether there was one.
    virtual void disconnect(ConnectionId connection, Uaid uaid, ErrorCode why,
                            UniqueFunction<void(bool)> done) = 0;
    /// Sends the client a WebSocket ping, and gives the time until its answer; absent: it is gone,
    /// or has not answered within PingPatience. One ping of a connection is measured at a time:
    /// whoever asks meanwhile gets the same answer.
    virtual void ping(ConnectionId connection, Uaid uaid,
                      UniqueFunction<void(std::optional<std::chrono::microseconds>)> done) = 0;
    static constexpr std::chrono::seconds PingPatience { 10 };
};

} // namespace Carillon
