// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "core/client/broadcasts.h"
#include "core/client/clienteffect.h"
#include "core/client/clientlimits.h"
#include "core/client/unidentifiedclient.h"
#include "core/message/messageid.h"
#include "core/message/notification.h"
#include "core/protocol/clientmessage.h"
#include "core/protocol/nodemessage.h"

#include <optional>
#include <vector>

namespace Carillon {

/// What all clients of a worker share. Outlives them.
struct ClientContext
{
    const MessageIds &messageIds;
    const Clock &clock;
    ClientLimits limits;
    BroadcastVersions broadcasts;
};

/// A client after its hello: what it may ask, what is in flight to it, where its backlog stands.
///
/// Pure: every function appends effects for the connection to carry out, and never waits.
///
/// Messages reach the client in one of two ways, never both at once (design.md §3.5). Feed says
/// which, and how far the backlog has been read:
///
///             start()
///                │
///       ┌────────┴─────────────────────┐
///       │ nothing is stored            │ something may be stored
///       │                              ▼
///       │                           Topics     reads messages with a topic
///       │                              │ nothing more
///       │                              ▼
///       │                            Plain     reads the others, from the oldest
///       │           nothing more,      │   │
///       │           no rewind          │   │ nothing more, rewind
///       ▼◄─────────────────────────────┘   ▼
///     Live ──── checkStorage(key) ──────► All ─┐  reads both kinds after a key
///       ▲                                  │ ▲ │ nothing more, rewind
///       └── nothing more, no rewind ───────┘ └─┘
///
///   Live      Nothing is stored that the client was not sent. A push goes straight to it.
///   the rest  The client is fed from storage, and pushes are stored behind what is there. One read
///             is open at a time (m_reading), and none begins while the window or the output is
///             full. A message that is stored behind the cursor meanwhile sets m_rewind: the next
///             read begins there, and passes over what was sent already. So no message is missed
///             or sent twice.
///
/// While a change of a channel is on its way to storage, only storage knows whether the channel
/// exists: pushes to it are stored, and nothing of it is sent (isUnsure()).
///
/// Owned by its connection. Thread: that connection's.
class IdentifiedClient
{
public:
    /// connectedAt: as the record has it; 0: there is none yet.
    IdentifiedClient(const ClaimingClient &client, std::vector<ChannelId> channels,
                     std::int64_t connectedAt, ClientContext &context);

    [[nodiscard]] const Uaid &uaid() const { return m_uaid; }
    /// ClientRecord::connectedAt of this connection.
    [[nodiscard]] std::int64_t connectedAt() const { return m_connectedAt; }
    [[nodiscard]] bool hasChannel(const ChannelId &channel) const;
    /// Whether storage may have a record of it.
    [[nodiscard]] bool isStored() const { return m_isStored; }

    /// Whether messages may be stored that the client was not sent.
    enum class Backlog : std::uint8_t { None, Possible };
    /// Answers hello, and begins to read the backlog if there may be one.
    void start(const ClaimingClient &client, Backlog backlog, ClientEffects &effects);

    // What the client says, one function per verb of protocol.md §2.

    void handle(ClientMessage message, ClientEffects &effects);

    // Results of effects.

    /// AddChannel is done; endpoint: the URL to answer, empty on failure.
    void registered(ChannelId channel, Result<void> outcome, QByteArrayView endpoint,
                    ClientEffects &effects);
    void unregistered(ChannelId channel, Result<void> outcome, ClientEffects &effects);
    void fetched(const Result<FetchPage> &page, ClientEffects &effects);
    /// RemoveMessage failed: the message is still stored, and is sent on the next connection.
    void removalFailed(SortKey key, ClientEffects &effects) { keepBack(key, effects); }

    // Pushes.

    enum class Admission {
        NoSuchSubscription, ///< the channel does not exist, and no register of it is on its way
        SendNow, ///< the caller gives the message a key and calls sent()
        StoreFirst, ///< the caller stores the message, then calls storedBehind()
        Drop, ///< TTL 0, and the client cannot be sent anything now
    };
    /// Decides how a new push is taken. After StoreFirst the message counts as on its way until
    /// storedBehind() or storingFailed().
    [[nodiscard]] Admission admit(const Notification &message);
    /// Turns SendNow into StoreFirst: storage could not give the message a key for sending.
    void storeInstead() { ++m_storing; }
    /// Sends the admitted message under its sort key. Returns the message id made from that key.
    MessageId sent(const Notification &message, ClientEffects &effects);
    /// A message of this client was stored without being sent.
    void storedBehind(SortKey key, Urgency urgency, ClientEffects &effects);
    void storingFailed();
    /// Messages from this key on may be stored that the client was not sent.
    void checkStorage(SortKey from, ClientEffects &effects);
    /// Reads what was stored after the newest message that this connection knows of. newest: the
    /// newest message in storage, if the caller knows it; nothing is read if that is known here.
    void catchUp(std::optional<SortKey> newest, ClientEffects &effects);
    /// Takes a message handed over by another process (protocol.md §7), which has stored it unless
    /// its TTL is 0. It is sent at once if no stored message precedes it; else it is read from
    /// storage in its turn. Handed over repeatedly, it is sent once. If its predecessor is unknown
    /// here, because the process that stored it died before handing it over, storage is read from
    /// the last message that is known. Returns false if the message cannot be taken now: a stored
    /// one is then sent when there is room, one with TTL 0 is not sent.
    [[nodiscard]] bool handOver(const NodeMessage &handed, ClientEffects &effects);

    // The connection.

    /// Whether the connection's output buffer is full. Nothing is sent while it is.
    void setOutputFull(bool full, ClientEffects &effects);
    /// The ping interval has passed: sends changed broadcasts if there are any, else a ping.
    /// Returns whether a pong is expected.
    [[nodiscard]] bool pingTick(ClientEffects &effects);

    [[nodiscard]] std::vector<SortKey> keysInFlight() const;
    /// A message that was sent on this connection and not answered yet.
    struct SentMessage
    {
        ChannelId channelId;
        SortKey sortKey {};
        Time sentAt {};
        /// Storage has it, unless its ack comes first.
        bool stored = false;
        QByteArray reliabilityId;
    };
    /// By the id that it was sent under.
    [[nodiscard]] std::optional<SentMessage> inFlight(const QByteArray &version) const;
    [[nodiscard]] std::vector<SentMessage> allInFlight() const;

    /// For an administrator.
    struct Figures
    {
        int channels = 0;
        int inFlight = 0;
        std::int64_t bytesInFlight = 0;
        bool isLive = false;
    };
    [[nodiscard]] Figures figures() const
    {
        return { static_cast<int>(m_channels.size()), static_cast<int>(m_inFlight.size()),
                 m_bytesInFlight, m_feed == Feed::Live };
    }

private:
    enum class Feed : std::uint8_t { Topics, Plain, All, Live };
    struct InFlight
    {
        SortKey sortKey;
        ChannelId channelId;
        QByteArray id;
        Time sentAt;
        QByteArray reliabilityId;
        std::int32_t bytes = 0;
        bool stored = false;
    };
    /// An acknowledged message: its key, or its id where that does not say the key.
    struct Settled
    {
        SortKey key {};
        QByteArray id;
        bool operator==(const Settled &) const = default;
    };
    /// A change of a channel that storage has not answered yet, or that the open read may not have
    /// seen.
    struct ChannelChange
    {
        ChannelId channelId;
        enum Kind : std::uint8_t { Coming, Leaving, GoneWhileReading } kind;
        bool operator==(const ChannelChange &) const = default;
    };

    void onRegister(const Register &message, ClientEffects &effects);
    void onUnregister(const Unregister &message, ClientEffects &effects);
    void onAck(const Ack &message, ClientEffects &effects);
    void onNack(const Nack &message, ClientEffects &effects);
    void onPing(ClientEffects &effects);
    void onBroadcastSubscribe(const BroadcastSubscribe &message, ClientEffects &effects);

    [[nodiscard]] bool hasChange(const ChannelChange &change) const;
    void settleChange(const ChannelChange &change);
    [[nodiscard]] bool isUnsure(const ChannelId &channel) const;
    void dropChannel(const ChannelId &channel);
    [[nodiscard]] MessageId idOf(const Notification &message) const;
    void send(const Notification &message, const MessageId &id, bool stored,
              ClientEffects &effects);
    void settle(std::vector<InFlight>::iterator entry);
    void keepBack(SortKey key, ClientEffects &effects);
    void feed(ClientEffects &effects);
    void rewindTo(SortKey key);
    [[nodiscard]] bool hasRoom() const;
    [[nodiscard]] std::vector<InFlight>::iterator findInFlight(const QByteArray &version);
    [[nodiscard]] bool hasStoredInFlight() const;
    [[nodiscard]] bool isDrainOver() const;
    void rememberGone(const ChannelId &channel);
    void readAgain();
    void forgetRead();
    void rememberSettled(const Settled &message);
    void rememberSettled(const QByteArray &version);
    [[nodiscard]] bool wasHandled(SortKey key, const QByteArray &id) const;

    ClientContext &m_context;
    Uaid m_uaid;
    std::int64_t m_connectedAt;
    std::vector<ChannelId> m_channels; // sorted
    std::vector<ChannelChange> m_changes; // few
    BroadcastSubscriptions m_broadcasts;
    Instant m_lastPing {};

    std::vector<InFlight> m_inFlight;
    std::vector<SortKey> m_keptBack; // stored, not sent again on this connection; sorted
    std::vector<Settled> m_settledWhileReading; // acknowledged since the open read began
    std::optional<SortKey> m_rewind; // where the next read begins when this one finds no more
    SortKey m_after {}; // cursor of the present feed
    SortKey m_highestSent {};
    SortKey m_knownUpTo {}; // all that is stored up to here was sent or will be read
    std::int64_t m_bytesInFlight = 0;
    int m_storing = 0; // messages on their way into storage without being sent
    int m_sentFromStorage = 0; // of the present backlog
    Feed m_feed = Feed::Topics;
    Urgency m_minimumUrgency;
    bool m_reading = false;
    bool m_readsAgain = false; // the open read's page is discarded, and the read repeated
    bool m_isHeldBack = false; // the next message's channel is unsure
    bool m_outputFull = false;
    bool m_isStored;
};

} // namespace Carillon
