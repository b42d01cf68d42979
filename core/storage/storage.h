// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/base/uniquefunction.h"
#include "core/message/notification.h"
#include "core/message/removedmessage.h"

#include <QByteArray>

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace Carillon {

class StorageBrowser;

/// Receives the outcome of a storage call, exactly once. It may run on any thread, and before the
/// call returns, so it must only pass the outcome to the thread that needs it.
template<typename T> using Completion = UniqueFunction<void(Result<T>)>;

/// The record of a client.
struct ClientRecord
{
    Uaid uaid;
    /// "webpush", or the bridge that delivers to it.
    QByteArray routerType = QByteArrayLiteral("webpush");
    /// JSON of the bridge; empty for webpush.
    QByteArray routerData;
    /// The process that holds its connection. May be outdated; empty if there is known to be none.
    NodeId node;
    /// Milliseconds since 1970 of the newest connection; strictly increasing per client.
    std::int64_t connectedAt = 0;
    Time lastSeen;
    Time expires;
    QByteArray userAgent;
    /// In no particular order.
    std::vector<ChannelId> channels;
    /// Set by claimClient(). false: no message was stored for it at that time.
    bool mayHaveMessages = true;
    /// Set by claimClient(): the node that the record named before.
    NodeId previousNode;
};

/// Whether a claim updates a client's expiry. Not if the change is less than a sixtieth of the
/// lifetime (a day of 60), because that does not justify a write to the index of expiries. The
/// expiry gets earlier only if a longer lifetime was in force when the client was last seen.
[[nodiscard]] inline bool wantsRenewal(const ClientRecord &record, Time fresh,
                                       std::chrono::seconds lifetime)
{
    const bool hadLongerLifetime = record.expires - record.lastSeen > lifetime;
    return hadLongerLifetime || fresh - record.expires >= lifetime / 60;
}

/// The claim of a client by a process, and what the process knows of the connection.
struct Claim
{
    NodeId node;
    QByteArray userAgent;
    /// For addChannel(): when the connection began; also connectedAt of a client that it creates.
    /// 0: not known; a new client gets the current time. claimClient() assigns its own.
    std::int64_t connectedAt = 0;
};

/// The outcome of storing a message.
struct StoreOutcome
{
    enum class State {
        Stored, ///< committed
        Acknowledged, ///< its client acknowledged it first; nothing was written
    };
    State state = State::Stored;
    SortKey sortKey {};
    /// The client's connection when the message was committed, as in ClientRecord; not known if it
    /// was acknowledged.
    NodeId node;
    std::int64_t connectedAt = 0;
    /// The newest of the messages that were stored for the client before this one; 0: there was
    /// none, or the client is not connected.
    SortKey predecessor {};
    /// What was removed for this message. Of one that was acknowledged first, at most the message
    /// that it replaces.
    std::vector<RemovedMessage> removed = {};
};

/// What a sender needs of a client's record, without its channels.
struct Route
{
    QByteArray routerType;
    NodeId node;
    std::int64_t connectedAt = 0;
    /// Whether the asked channel is registered.
    bool hasChannel = false;
};

/// What the record of a connected client contains that its connection may not know.
struct ClientNews
{
    Uaid uaid;
    NodeId node;
    std::int64_t connectedAt = 0;
    /// The newest message that is stored for it; 0: none is.
    SortKey newest {};
};

/// Which stored messages to read. The order is always by sort key.
struct FetchRequest
{
    enum class Which {
        All,
        Topics, ///< only those with a topic
        Plain, ///< only those without
    };
    Uaid uaid;
    Which which = Which::All;
    /// Only messages with a greater key.
    SortKey after {};
    /// Maximum number of messages, and of bytes of their bodies; the first message is read whatever
    /// its size.
    int limit = 128;
    std::int64_t maxBytes = 1 << 20;
    /// Messages of lower urgency stay stored and are skipped.
    Urgency minimumUrgency = Urgency::VeryLow;
};

struct FetchPage
{
    std::vector<Notification> messages;
    /// Whether more of the asked kind are stored after these.
    bool more = false;
};

/// What to do when a client's queue is over its limit (design.md §3.8).
enum class OnFull {
    Refuse, ///< the insert fails with QueueFull
    DropOldest, ///< lowest urgency first, then oldest, of the pushed channel, never one in flight
    Reset, ///< no number is too large; the drain forgets a client with too many (autopush's
           ///< msg_limit). Bytes are refused, and a message counts with ResetOverhead more
};

/// Limits of what a client may have stored. A message counts as storedSize(). Messages that have
/// expired, or are replaced by the new one, do not count.
struct QueueLimits
{
    int maxMessages = 1000;
    std::int64_t maxBytes = 8 << 20;
    OnFull onFull = OnFull::Refuse;
    /// Limit for all clients of a group (UaidPrefix) together, whatever onFull is; 0: no limit.
    /// Above it, inserts fail with QueueFull and new channels with RateLimited. Expired messages
    /// count until they are removed.
    std::int64_t maxGroupBytes = std::int64_t { 1 } << 30;

    /// Overhead with which a message counts where the number of messages is not limited.
    static constexpr std::int64_t ResetOverhead = 256;

    [[nodiscard]] bool allow(std::int64_t messages, std::int64_t bytes) const
    {
        return onFull == OnFull::Reset ? bytes + messages * ResetOverhead <= maxBytes
                                       : messages <= maxMessages && bytes <= maxBytes;
    }
};

/// The size with which a client, a channel and, in addition to its storedSize(), a message count in
/// a group: about the size of their rows (sql/sqlite/schema/0004_client_group.sql).
inline constexpr std::int64_t ClientRowBytes = 512;
inline constexpr std::int64_t ChannelRowBytes = 256;
inline constexpr std::int64_t MessageRowBytes = 256;

/// The size with which a message counts in QueueLimits: everything whose length the sender chooses.
[[nodiscard]] inline std::int64_t storedSize(const Notification &message)
{
    return message.body.size() + message.encryption.size() + message.cryptoKey.size();
}

/// What removeExpired() removes.
enum class Expired { Messages, MessagesAndClients };

/// What one call of removeExpired() removed.
struct ExpiredRows
{
    /// Messages whose TTL had ended.
    std::vector<RemovedMessage> messages;
    /// Clients that were not seen for their lifetime.
    std::vector<Uaid> clients;
    /// Rows in all: those of a client, its channels and its messages count too.
    int rows = 0;
};

/// Clients, channels and messages that outlive the process.
///
/// Thread: all functions may be called from any thread; none waits for a disk, or for a lock that
/// is held during disk access. Order: calls for one UAID take effect in the order of the calls. A
/// read (find…, fetch) sees everything that was *completed* before it was called, and may see calls
/// that are not completed yet. Errors of every call: StorageUnavailable if the storage failed or
/// its queue is full; a failed call has no effect. A client that was not seen for its lifetime
/// exists until removeExpired() removes it; an expired message does not. The destructor, with no
/// call running, carries out the writes that were requested; then it completes every open call with
/// StorageUnavailable.
class Storage
{
public:
    Storage() = default;
    virtual ~Storage() = default;
    Storage(const Storage &) = delete;
    Storage &operator=(const Storage &) = delete;

    // Clients.

    /// Reads a client; nullopt: there is certainly none.
    virtual void findClient(Uaid uaid, Completion<std::optional<ClientRecord>> done) = 0;

    /// Reads what a sender needs to know of a client; nullopt: there is none.
    virtual void findRoute(Uaid uaid, ChannelId channel, Completion<std::optional<Route>> done) = 0;

    /// Claims a client for a connection: sets node, user agent, last seen, the expiry if it needs
    /// an update (wantsRenewal()), and connectedAt = max(now in ms, stored + 1). Writes only if
    /// connectedAt is still the value read, and tries again once. Returns the updated record;
    /// nullopt: there is none, and none was created. A call that loses both races gets Ghost.
    virtual void claimClient(Uaid uaid, Claim claim,
                             Completion<std::optional<ClientRecord>> done) = 0;

    /// Clears the client's node if connectedAt is still the given one. Returns whether it did.
    virtual void releaseClient(Uaid uaid, std::int64_t connectedAt, Completion<bool> done) = 0;

    /// Sets the node of a client again if connectedAt is still the given one. Returns whether it
    /// did.
    virtual void reclaimClient(Uaid uaid, NodeId node, std::int64_t connectedAt,
                               Completion<bool> done) = 0;

    /// Returns those of the given clients whose record names a node other than the given one, and
    /// those for which messages are stored. Skips unknown clients. Callers pass some hundred at a
    /// time.
    virtual void findNews(NodeId node, std::vector<Uaid> uaids,
                          Completion<std::vector<ClientNews>> done) = 0;

    /// Updates last seen and the expiry of clients that stay connected. Skips unknown clients.
    /// Later writes wait for all of them, so callers pass some hundred at a time.
    virtual void renewClients(std::vector<Uaid> uaids, Completion<void> done) = 0;

    /// Removes a client with its channels and messages. Returns whether there was one.
    virtual void removeClient(Uaid uaid, Completion<bool> done) = 0;

    // Channels.

    /// Registers a channel, and creates the client with this claim if there is none. A channel that
    /// exists already is not an error; its key hash is replaced by the given one. keyHash: SHA-256
    /// of the VAPID public key, or empty. Errors: TooManyChannels: the client has maxChannels
    /// others; StorageFull: there is no room for a new channel; RateLimited: its group is over its
    /// limit; Ghost: a connection that began after claim.connectedAt (unless that is 0) has claimed
    /// the client.
    virtual void addChannel(Uaid uaid, Claim claim, ChannelId channel, QByteArray keyHash,
                            int maxChannels, Completion<void> done) = 0;

    /// Unregisters a channel and removes its messages. Returns whether it existed.
    virtual void removeChannel(Uaid uaid, ChannelId channel, Completion<bool> done) = 0;

    // Messages.

    /// Stores a message in one transaction, if its client and channel exist and the queue limits
    /// allow it. With a topic it replaces the message of the same client, channel and topic.
    /// Assigns the sort key (message.sortKey is ignored): unique for each UAID, increasing in the
    /// order in which messages become visible, never less than a key assigned before. Errors:
    /// NoSuchUser (UserDeleted to a caller that has just found it), NoSuchSubscription, StorageFull
    /// (no room for anything new, for any client), QueueFull. inFlight: keys of messages that
    /// OnFull::DropOldest must not drop.
    virtual void store(Notification message, std::vector<SortKey> inFlight,
                       Completion<StoreOutcome> done) = 0;
    /// The same for a client with no messages in flight.
    void store(Notification message, Completion<StoreOutcome> done)
    {
        store(std::move(message), {}, std::move(done));
    }

    /// As store(), for a message that its caller sends to the client at the same time, under the
    /// returned sort key: if removeAcknowledged() or removeMessage() is called for that key before
    /// the write has begun, nothing is written, except for the removal of the message that it
    /// replaces, and the outcome is Acknowledged. If it is called during the write, the message is
    /// deleted afterwards; if that write fails, the outcome is Acknowledged too. nullopt: the
    /// message must not be sent now, because a store() or a change of this client or its channels
    /// is still pending, or because the message cannot be accepted. It is then stored as by
    /// store(), and the client gets it by a fetch after completion. Only for storages that assign
    /// keys in this process (one process owns client and write).
    [[nodiscard]] virtual std::optional<SortKey>
    storeWhileSending(Notification message, std::vector<SortKey> inFlight,
                      Completion<StoreOutcome> done) = 0;

    /// A new odd key for a message that is never stored.
    [[nodiscard]] virtual SortKey transientKey() = 0;

    /// The client's connection has ended: messages that storeWhileSending() holds back for their
    /// acks are written. Every other call for the UAID, except for the removal of one message and
    /// the reads, also writes them first.
    virtual void endWait(Uaid uaid) = 0;

    /// Reads stored messages that have not expired. Messages whose removal was requested before
    /// this call are left out.
    virtual void fetch(FetchRequest request, Completion<FetchPage> done) = 0;

    /// Removes a message; an unknown one is not an error. Returns whether it existed (also if it
    /// was never written, see storeWhileSending()).
    virtual void removeMessage(Uaid uaid, ChannelId channel, SortKey key,
                               Completion<bool> done) = 0;

    /// As removeMessage(), for a message that its client has acknowledged. Nobody waits for that,
    /// so a storage may carry it out a little later, together with other writes: at the latest with
    /// the next call for the UAID that writes, and when the storage is destroyed.
    virtual void removeAcknowledged(Uaid uaid, ChannelId channel, SortKey key,
                                    Completion<bool> done)
    {
        removeMessage(uaid, channel, key, std::move(done));
    }

    /// Removes the message of this topic if isMeant returns true for its sort key (or is empty).
    /// isMeant may run on a thread of the storage.
    virtual void removeTopic(Uaid uaid, ChannelId channel, QByteArray topic,
                             std::function<bool(SortKey)> isMeant, Completion<bool> done) = 0;

    // Housekeeping.

    /// Removes at most limit expired messages, and perhaps clients unseen for their lifetime, each
    /// with all that it has. Fewer rows than limit: nothing is left to do (or another process is
    /// about it).
    virtual void removeExpired(int limit, Expired which, Completion<ExpiredRows> done) = 0;

    /// Whether storage can take a write at this moment.
    virtual void check(Completion<void> done) = 0;

    /// Lists and look-ups for administrators (storagebrowser.h).
    [[nodiscard]] virtual StorageBrowser &browser() = 0;
};

} // namespace Carillon
