// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "core/client/broadcasts.h"
#include "core/client/clienteffect.h"
#include "core/client/unidentifiedclient.h"
#include "core/message/messageid.h"
#include "core/message/notification.h"
#include "core/protocol/clientmessage.h"
#include "core/protocol/nodemessage.h"

#include <optional>
#include <vector>

namespace Carillon {

/// What the state machine holds clients to.
struct ClientLimits
{
    /// Unacknowledged messages in flight, and bytes of their bodies.
    int window = 128;
    std::int64_t windowBytes = 1 << 20;
    /// Pings of the application oftener than this are excessive.
    std::chrono::milliseconds minPingInterval { 45'000 };
    /// Stored messages sent in one drain. When they are acknowledged and one more is stored, the
    /// client is forgotten (OnFull::Reset, autopush's msg_limit). 0: never.
    int resetAfter = 0;
    /// Refused messages that are remembered, so that they do not come again on the connection.
    /// Above that the older half comes again.
    std::size_t keptBack = 1'024;
    /// Acknowledgements, and channels that went, remembered while a read is open. Above that the
    /// read is done again.
    std::size_t whileReading = 256;
};

/// What all clients of a worker share; outlives them.
struct ClientSurroundings
{
    const MessageIds &messageIds;
    const Clock &clock;
    ClientLimits limits;
    BroadcastVersions broadcasts;
};

/// A client after its hello: what it may ask, what is in flight to it, where its backlog stands.
///
/// Pure: every function appends effects for the connection to carry out and never waits.
/// Messages reach it over one of two ways, never both at once (design.md §3.5):
///   Live     nothing is stored that it was not sent; a push goes straight to the client.
///   backlog  it is fed from storage, topics first, until a read finds no more; pushes are stored
///            behind it. A message stored while a read is open rewinds the next read to it, and
///            what was sent already is passed over, so no message is missed or sent twice.
/// While it is unsure whether a channel is there, because a change of it is on its way to storage,
/// pushes to it are stored (storage knows) and nothing of it is sent.
/// Owned by its connection. Thread: that connection's.
class IdentifiedClient
{
public:
    /// connectedAt: as the record has it; 0: there is none yet.
    IdentifiedClient(const ClaimingClient &client, std::vector<ChannelId> channels,
                     std::int64_t connectedAt, ClientSurroundings &surroundings);

    [[nodiscard]] const Uaid &uaid() const { return m_uaid; }
    /// As its record has it, or will.
    [[nodiscard]] std::int64_t connectedAt() const { return m_connectedAt; }
    [[nodiscard]] bool hasChannel(const ChannelId &channel) const;
    /// Whether storage may have a record of it.
    [[nodiscard]] bool isStored() const { return m_isStored; }

    /// Whether something may be stored that it was not sent.
    enum class Backlog : std::uint8_t { None, Possible };
    /// Answers hello and begins to read the backlog.
    void start(const ClaimingClient &client, Backlog backlog, ClientEffects &effects);

    // What the client says, one function per verb of protocol.md §2.

    void handle(ClientMessage message, ClientEffects &effects);

    // What comes of effects.

    /// AddChannel is done; endpoint: the URL to answer, empty on failure.
    void registered(ChannelId channel, Result<void> outcome, QByteArrayView endpoint,
                    ClientEffects &effects);
    void unregistered(ChannelId channel, Result<void> outcome, ClientEffects &effects);
    void fetched(Result<FetchPage> page, ClientEffects &effects);
    /// RemoveMessage failed: the message is still stored, and comes on the next connection.
    void removalFailed(SortKey key, ClientEffects &effects) { keepBack(key, effects); }

    // Pushes.

    enum class Admission {
        NoSuchSubscription, ///< nor is a change on its way that could bring it, or fail
        SendNow, ///< the caller gives it a key and calls sent()
        StoreFirst, ///< the caller stores it, then calls storedBehind()
        Drop, ///< not to be stored and cannot be sent now
    };
    /// How a new push is to be taken. StoreFirst counts as on its way until storedBehind() or
    /// storingFailed().
    [[nodiscard]] Admission admit(const Notification &message);
    /// The caller goes the other way than SendNow: the message is stored first after all.
    void storeInstead() { ++m_storing; }
    /// The admitted message goes out under its sort key; gives the id made from that.
    MessageId sent(const Notification &message, ClientEffects &effects);
    /// A message of this client came into storage without being sent.
    void storedBehind(SortKey key, Urgency urgency, ClientEffects &effects);
    void storingFailed();
    /// Something may be stored from this key on (another process says so).
    void checkStorage(SortKey from, ClientEffects &effects);
    /// Reads what was stored since this connection last knew. newest: the newest that is stored, if
    /// it is known; then nothing is read that need not be.
    void catchUp(std::optional<SortKey> newest, ClientEffects &effects);
    /// A message that another process has stored (or whose TTL is 0) and hands over (protocol.md
    /// §7): sent at once if nothing is before it, else read from storage; once, however often it
    /// is handed over. One before it whose process died between storing and telling is before it.
    /// False: not taken now; if it is stored, it comes when there is room.
    [[nodiscard]] bool handOver(const NodeMessage &handed, ClientEffects &effects);

    // The connection.

    /// Output waits in the connection (true) or has drained (false).
    void setOutputFull(bool full, ClientEffects &effects);
    /// The ping interval has passed: a broadcast if there is news, else a ping. Gives whether a
    /// pong is to be awaited.
    [[nodiscard]] bool pingTick(ClientEffects &effects);

    [[nodiscard]] std::vector<SortKey> keysInFlight() const;

private:
    enum class Feed : std::uint8_t { Topics, Plain, All, Live };
    struct InFlight
    {
        SortKey sortKey;
        ChannelId channelId;
        QByteArray id;
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
    /// What storage has not answered yet, or what the open read may not have seen.
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

    ClientSurroundings &m_surroundings;
    Uaid m_uaid;
    std::int64_t m_connectedAt;
    std::vector<ChannelId> m_channels; // sorted
    std::vector<ChannelChange> m_changes; // few
    BroadcastSubscriptions m_broadcasts;
    Instant m_lastPing {};

    std::vector<InFlight> m_inFlight;
    std::vector<SortKey> m_keptBack; // stored, not to be sent again on this connection; sorted
    std::vector<Settled> m_settledWhileReading; // acknowledged since the open read began
    std::optional<SortKey> m_rewind; // read again from here when the present read is through
    SortKey m_after {}; // cursor of the present feed
    SortKey m_highestSent {};
    SortKey m_knownUpTo {}; // what is stored up to here was sent or will be read
    std::int64_t m_bytesInFlight = 0;
    int m_storing = 0; // messages on their way into storage past this connection
    int m_sentFromStorage = 0; // in the present drain
    Feed m_feed = Feed::Topics;
    Urgency m_minimumUrgency;
    bool m_reading = false;
    bool m_readsAgain = false; // what the open read finds is not trusted
    bool m_isHeldBack = false; // the next message is of a channel that may be gone
    bool m_outputFull = false;
    bool m_isStored;
};

} // namespace Carillon
