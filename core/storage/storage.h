// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/base/uniquefunction.h"
#include "core/message/notification.h"

#include <QByteArray>

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace Carillon {

/// Takes the outcome of a storage call, exactly once. It may run on any thread, also before the
/// call returns, so it must only hand over to the thread that cares.
template<typename T> using Completion = UniqueFunction<void(Result<T>)>;

/// What storage knows of a user agent.
struct ClientRecord
{
    Uaid uaid;
    /// "webpush", or the bridge that reaches it.
    QByteArray routerType = QByteArrayLiteral("webpush");
    /// JSON of the bridge; empty for webpush.
    QByteArray routerData;
    /// The process that holds its connection; may be stale, empty when known to be gone.
    NodeId node;
    /// Milliseconds since 1970 of the newest connection; strictly increasing per client.
    std::int64_t connectedAt = 0;
    Time lastSeen;
    Time expires;
    QByteArray userAgent;
    /// In no particular order.
    std::vector<ChannelId> channels;
    /// Of claimClient(): false: no message was stored for it at that instant.
    bool mayHaveMessages = true;
    /// Of claimClient(): the node that the record named before.
    NodeId previousNode;
};

/// Whether a claim moves a client's expiry to the fresh one. Not if it would move by less than a
/// sixtieth of the lifetime, a day of 60: that is worth no write in the index of expiries. It gets
/// shorter only where a longer lifetime was in force when the client was last seen.
[[nodiscard]] inline bool wantsRenewal(const ClientRecord &record, Time fresh,
                                       std::chrono::seconds lifetime)
{
    const bool hadLongerLifetime = record.expires - record.lastSeen > lifetime;
    return hadLongerLifetime || fresh - record.expires >= lifetime / 60;
}

/// Who claims a client: the process and what it knows of the connection.
struct Claim
{
    NodeId node;
    QByteArray userAgent;
    /// Of addChannel(): when the connection began, and connectedAt of a client that it makes; 0:
    /// not known, and the time. claimClient() gives its own.
    std::int64_t connectedAt = 0;
};

/// How a message came to rest.
struct StoreOutcome
{
    enum class State {
        Stored, ///< committed
        Acknowledged, ///< its client acknowledged it first; nothing was written
    };
    State state = State::Stored;
    SortKey sortKey {};
    /// Where the client was connected when the message was committed, as ClientRecord has it; not
    /// known of an acknowledged one.
    NodeId node;
    std::int64_t connectedAt = 0;
    /// The newest of the messages that were stored for the client before this one; 0: none was, or
    /// nobody is connected who would want to know.
    SortKey predecessor {};
};

/// What a client's record says to a sender, without its channels.
struct Route
{
    QByteArray routerType;
    NodeId node;
    std::int64_t connectedAt = 0;
    /// Whether the asked channel is registered.
    bool hasChannel = false;
};

/// What the record of a connected client says that its connection may not know.
struct ClientNews
{
    Uaid uaid;
    NodeId node;
    std::int64_t connectedAt = 0;
    /// The newest message that is stored for it; 0: none is.
    SortKey newest {};
};

/// Which stored messages to read. Order is by sort key in all of them.
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
    /// At most so many messages and, but for the first, so many bytes of bodies.
    int limit = 128;
    std::int64_t maxBytes = 1 << 20;
    /// Messages below it stay stored and are passed over.
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

/// What a client may have stored at most. A message counts with storedSize(); one that has expired
/// or is replaced by the new one does not count.
struct QueueLimits
{
    int maxMessages = 1000;
    std::int64_t maxBytes = 8 << 20;
    OnFull onFull = OnFull::Refuse;
    /// Of all clients of a group (UaidPrefix) together, whatever onFull says; 0: no limit. Beyond
    /// it inserts fail with QueueFull and new channels with RateLimited. What has expired counts
    /// until it is removed.
    std::int64_t maxGroupBytes = std::int64_t { 1 } << 30;

    /// What a message takes beside its bytes where their number has no bound.
    static constexpr std::int64_t ResetOverhead = 256;

    [[nodiscard]] bool allow(std::int64_t messages, std::int64_t bytes) const
    {
        return onFull == OnFull::Reset ? bytes + messages * ResetOverhead <= maxBytes
                                       : messages <= maxMessages && bytes <= maxBytes;
    }
};

/// With what a client, a channel and, besides its storedSize(), a message count in a group: about
/// the room that their rows take (sql/sqlite/schema/0004_client_group.sql).
inline constexpr std::int64_t ClientRowBytes = 512;
inline constexpr std::int64_t ChannelRowBytes = 256;
inline constexpr std::int64_t MessageRowBytes = 256;

/// Bytes with which a message counts in QueueLimits: all that a sender can make long.
[[nodiscard]] inline std::int64_t storedSize(const Notification &message)
{
    return message.body.size() + message.encryption.size() + message.cryptoKey.size();
}

/// What removeExpired() removes.
enum class Expired { Messages, MessagesAndClients };

/// What one call of removeExpired() removed.
struct ExpiredCounts
{
    /// Messages whose TTL had ended.
    int messages = 0;
    /// Clients that were not seen for their lifetime.
    int clients = 0;
    /// Rows in all: those of a client, its channels and its messages count too.
    int rows = 0;
};

/// Clients, channels and messages that outlive the process.
///
/// Thread: all functions from any thread; none waits for a disk or a lock held over one.
/// Order: what is asked for one UAID takes effect in the order asked. A read (find…, fetch) sees
/// all that was *completed* before it was asked, and may see what was asked and is not.
/// Errors of every call: StorageUnavailable when the storage failed or its queue is full; nothing
/// of a failed call has taken effect. A client that was not seen for its lifetime is there until
/// removeExpired() takes it; an expired message is not. At destruction, with no call running, what
/// was asked to be written is written; then every call still open is completed with
/// StorageUnavailable.
class Storage
{
public:
    Storage() = default;
    virtual ~Storage() = default;
    Storage(const Storage &) = delete;
    Storage &operator=(const Storage &) = delete;

    // Clients.

    /// Reads a client; nullopt: there is definitely none.
    virtual void findClient(Uaid uaid, Completion<std::optional<ClientRecord>> done) = 0;

    /// Reads what a sender needs to know of a client; nullopt: there is none.
    virtual void findRoute(Uaid uaid, ChannelId channel, Completion<std::optional<Route>> done) = 0;

    /// A connection takes the client over: node, user agent, last seen, an expiry that is fresh
    /// enough (wantsRenewal()), and connectedAt = max(now in ms, stored + 1), written only if
    /// connectedAt is still the value read; tried again once. Gives the record as it now is;
    /// nullopt: there is none and none was made. The loser of two races gets Ghost.
    virtual void claimClient(Uaid uaid, Claim claim,
                             Completion<std::optional<ClientRecord>> done) = 0;

    /// Clears the client's node if connectedAt is still the given one. Gives whether it did.
    virtual void releaseClient(Uaid uaid, std::int64_t connectedAt, Completion<bool> done) = 0;

    /// Names the node of a client again if connectedAt is still the given one. Gives whether it
    /// did.
    virtual void reclaimClient(Uaid uaid, NodeId node, std::int64_t connectedAt,
                               Completion<bool> done) = 0;

    /// Of these clients, those whose record names another node than the given one and those for
    /// whom messages are stored. Unknown ones are passed over. Callers give some hundred at a time.
    virtual void findNews(NodeId node, std::vector<Uaid> uaids,
                          Completion<std::vector<ClientNews>> done) = 0;

    /// Renews last seen and expiry of clients that stay connected. Unknown ones are passed over.
    /// Writes behind it wait for all of them: callers give some hundred at a time.
    virtual void renewClients(std::vector<Uaid> uaids, Completion<void> done) = 0;

    /// Forgets a client with its channels and messages. Gives whether there was one.
    virtual void removeClient(Uaid uaid, Completion<bool> done) = 0;

    // Channels.

    /// Registers a channel; makes the client with this claim if there is none. A channel that is
    /// there already is not an error (its key hash becomes the given one). keyHash: SHA-256 of the
    /// VAPID public key, or empty. Errors: TooManyChannels: the client has maxChannels others;
    /// StorageFull: there is no room for a channel that is new; RateLimited: its group has none;
    /// Ghost: a connection that began after claim.connectedAt (unless that is 0) has claimed the
    /// client.
    virtual void addChannel(Uaid uaid, Claim claim, ChannelId channel, QByteArray keyHash,
                            int maxChannels, Completion<void> done) = 0;

    /// Unregisters a channel and removes its messages. Gives whether it was there.
    virtual void removeChannel(Uaid uaid, ChannelId channel, Completion<bool> done) = 0;

    // Messages.

    /// Stores a message, if its client and channel exist and the queue limits allow, in one
    /// transaction. With a topic it replaces the message of the same client, channel and topic.
    /// The sort key is given here (message.sortKey is ignored): unique per UAID, increasing in
    /// the order in which messages become visible, never less than one given before.
    /// Errors: NoSuchUser (UserDeleted to a caller that has just found it), NoSuchSubscription,
    /// StorageFull (no room for anything new, for whomever), QueueFull.
    /// inFlight: keys that OnFull::DropOldest must spare.
    virtual void store(Notification message, std::vector<SortKey> inFlight,
                       Completion<StoreOutcome> done) = 0;
    /// The same for a client that nothing is in flight to.
    void store(Notification message, Completion<StoreOutcome> done)
    {
        store(std::move(message), {}, std::move(done));
    }

    /// As store(), for a message that its caller sends to the client at the same time, under the
    /// returned sort key: if removeMessage() of that key comes before the write began, nothing is
    /// written, but for the removal of the message that it replaces, and the outcome is
    /// Acknowledged. Removed while its write runs, it is deleted after it; should that write fail,
    /// the outcome is Acknowledged too. nullopt: it must not be sent now, because a store() or a
    /// change of this client or its channels is still on its way, or the message can not be taken;
    /// it is stored as by store(), and the client learns of it by a fetch after its completion.
    /// Only for storages that give keys in this process (one process owns client and write).
    [[nodiscard]] virtual std::optional<SortKey>
    storeWhileSending(Notification message, std::vector<SortKey> inFlight,
                      Completion<StoreOutcome> done) = 0;

    /// A fresh odd key for a message that is never stored.
    [[nodiscard]] virtual SortKey transientKey() = 0;

    /// The client's connection ended: what storeWhileSending() holds back for its ack is written.
    /// Every other call for the UAID but removeMessage() and the reads does the same first.
    virtual void endWait(Uaid uaid) = 0;

    /// Reads stored messages that have not expired. A message whose removal was asked before this
    /// call is not among them.
    virtual void fetch(FetchRequest request, Completion<FetchPage> done) = 0;

    /// Removes one message for good; unknown ones are no error. Gives whether it was there (also if
    /// its write was spared, see storeWhileSending()).
    virtual void removeMessage(Uaid uaid, ChannelId channel, SortKey key,
                               Completion<bool> done) = 0;

    /// Removes the message of this topic if isMeant says so of its sort key (or isMeant is empty).
    /// isMeant may run on a thread of the storage.
    virtual void removeTopic(Uaid uaid, ChannelId channel, QByteArray topic,
                             std::function<bool(SortKey)> isMeant, Completion<bool> done) = 0;

    // Housekeeping.

    /// Removes at most limit expired messages, and perhaps clients unseen for their lifetime, each
    /// with all that it has. Fewer rows than limit: nothing is left to do (or another process is
    /// about it).
    virtual void removeExpired(int limit, Expired which, Completion<ExpiredCounts> done) = 0;

    /// Whether storage can take a write at this moment.
    virtual void check(Completion<void> done) = 0;
};

} // namespace Carillon
