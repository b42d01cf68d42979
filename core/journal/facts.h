// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/errorcode.h"
#include "core/base/ids.h"
#include "core/message/notification.h"
#include "core/message/removedmessage.h"
#include "core/protocol/broadcast.h"

#include <QByteArrayView>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <variant>

namespace Carillon {

/// A client's connection within this process.
struct ConnectionName
{
    int worker = 0;
    std::uint32_t slot = 0;
    std::uint32_t generation = 0;
    bool operator==(const ConnectionName &) const = default;
};

// What happens to messages, clients and their connections: one type for each fact. Facts refer to
// what their emitter has at hand and are valid only while they are recorded. They carry neither the
// time nor the node: a listener that keeps facts knows both.
namespace Fact {

// Requests of senders.

/// A request for a push was received. Nothing of it has been checked.
struct PushReceived
{
    QByteArrayView address;
};
/// A push was answered with an error. Fields that had not been read by then are null or empty.
struct PushRefused
{
    /// Which rule it is, where the error has several.
    enum class Rule : std::uint8_t {
        OnlyOne,
        AddressRate,
        SubscriptionRate,
        SenderRate,
        SenderBlocked, ///< by an administrator
    };
    ErrorCode why;
    Rule rule = Rule::OnlyOne;
    const Uaid *uaid = nullptr;
    const ChannelId *channelId = nullptr;
    QByteArrayView senderKeyHash = {};
    /// The sub of the sender's verified token.
    QByteArrayView senderSubject = {};
    /// What was wanted and what came, in words (UTF-8). It contains no token, key or body.
    QByteArrayView reason = {};
    /// Whether it was found valid before (MessageReceived).
    bool wasReceived = false;
    /// Notification::reliabilityId
    QByteArrayView reliabilityId = {};
};
/// A push was answered 201.
struct PushAccepted
{
    const Uaid &uaid;
    const ChannelId &channelId;
    SortKey sortKey;
    /// The message's id, as in Location.
    QByteArrayView id;
    QByteArrayView senderKeyHash = {};
    QByteArrayView senderSubject = {};
    /// Of the body.
    std::int64_t size = 0;
    /// As answered.
    std::chrono::seconds ttl {};
    Urgency urgency = Urgency::Normal;
    bool hasTopic = false;
    /// Since the request was received; absent: not known.
    std::optional<std::chrono::microseconds> after = {};
};

// Messages. From the moment that they have one, the sort key says which message it is among those
// of its client; the id says it too, and is what clients call it.

/// A push was found valid. Its message has no sort key yet.
struct MessageReceived
{
    const Notification &message;
};
/// A message was committed to storage.
struct MessageStored
{
    const Notification &message;
    /// It was sent to its client before.
    bool wasSent = false;
};
/// Stored messages were read for their client. Not all of them are necessarily sent.
struct MessagesRetrieved
{
    const Uaid &uaid;
    std::span<const Notification> messages;
};
/// A message was written to the client's connection.
struct MessageSent
{
    enum class Source : std::uint8_t {
        Direct, ///< as it came from its sender
        Storage,
        OtherNode, ///< as another process handed it over
    };
    const Notification &message;
    QByteArrayView id;
    Source source;
    /// Since the message was accepted, or, if another process has done so, since it was stored;
    /// absent: not known.
    std::optional<std::chrono::microseconds> after = {};
};
/// The client acknowledged a message. The id may be that of a message sent on an earlier
/// connection, or of no message.
struct MessageAcknowledged
{
    const Uaid &uaid;
    const ChannelId &channelId;
    QByteArrayView id;
    /// AckUpdate::code
    int code;
    /// Absent: the id does not say it, or is that of no message of this client.
    std::optional<SortKey> sortKey = {};
    /// Since it was sent on this connection; absent: it was not, or was acknowledged before.
    std::optional<std::chrono::microseconds> after = {};
    /// Whether it was sent on this connection, and this is its first answer.
    bool wasInFlight = false;
    /// Notification::reliabilityId, if it was.
    QByteArrayView reliabilityId = {};
};
/// The client refused a message (nack). It stays stored.
struct MessageRefused
{
    const Uaid &uaid;
    QByteArrayView id;
    /// Nack::code
    int code;
    // Of the message; absent: it was not in flight on this connection.
    const ChannelId *channelId = nullptr;
    std::optional<SortKey> sortKey = {};
};
/// A message that was sent waits again: its connection has ended before the client answered, or the
/// client has refused it. If it is not stored, it is lost.
struct MessageReturned
{
    const Uaid &uaid;
    const ChannelId &channelId;
    SortKey sortKey;
    bool isStored;
    /// Notification::reliabilityId
    QByteArrayView reliabilityId = {};
};
/// A message has removed the stored one of its topic.
struct MessageReplaced
{
    const Notification &by;
    const RemovedMessage &message;
};
/// A stored message was removed to make room for another one (storage.on_full = "drop-oldest").
struct MessageDisplaced
{
    const Notification &by;
    const RemovedMessage &message;
};
/// A message was accepted and will not be delivered.
struct MessageDropped
{
    enum class Reason : std::uint8_t {
        TtlZero, ///< it could not be sent at once
    };
    const Notification &message;
    Reason reason;
};
/// The process that holds the client's connection is asked to take the message.
struct MessageOffered
{
    const Notification &message;
    const NodeId &node;
};
/// The process that holds the client's connection was asked to take the message, and has answered.
struct MessageHandedOver
{
    enum class Outcome : std::uint8_t {
        Taken,
        NotHere, ///< the client is not connected there
        Failed, ///< no answer, or none of use; or the node is too far behind to be asked
    };
    const Notification &message;
    const NodeId &node;
    Outcome outcome;
    /// false: it was not even asked.
    bool wasOffered = true;
};
/// The sender has withdrawn a message (DELETE).
struct MessageCancelled
{
    const Uaid &uaid;
    const ChannelId &channelId;
    QByteArrayView id;
    SortKey sortKey {};
};
/// Stored messages were removed because their TTL had ended.
struct MessagesExpired
{
    std::span<const RemovedMessage> messages;
};
/// An administrator has removed a stored message.
struct MessagePurged
{
    const Uaid &uaid;
    const ChannelId &channelId;
    SortKey sortKey;
};

// Clients and their connections.

struct ConnectionOpened
{
    ConnectionName connection;
    QByteArrayView address;
    QByteArrayView userAgent;
};
/// TCP has ended.
struct ConnectionClosed
{
    ConnectionName connection;
};
/// A hello is answered.
struct ClientGreeted
{
    ConnectionName connection;
    const Uaid &uaid;
    /// Its UAID was made for this connection.
    bool isNew;
    /// ClientRecord::connectedAt
    std::int64_t connectedAt;
    std::span<const ChannelId> channels;
    std::span<const Broadcast> broadcasts;
    QByteArrayView userAgent = {};
};
/// The client is no longer served on this connection.
struct ClientLeft
{
    ConnectionName connection;
    /// Null: it has not said hello.
    const Uaid *uaid = nullptr;
    /// Why the server has closed the connection; absent: the client or the network has ended it.
    std::optional<ErrorCode> why = {};
    /// Since its hello; absent: it was not answered.
    std::optional<std::chrono::milliseconds> after = {};
};
struct ChannelRegistered
{
    const Uaid &uaid;
    const ChannelId &channelId;
    QByteArrayView keyHash;
};
struct RegisterRefused
{
    const Uaid &uaid;
    const ChannelId &channelId;
    ErrorCode why;
};
/// The client asks for it to be removed.
struct UnregisterReceived
{
    const Uaid &uaid;
    const ChannelId &channelId;
    /// Unregister::code
    int code;
};
/// An administrator has removed a subscription with its messages.
struct ChannelPurged
{
    const Uaid &uaid;
    const ChannelId &channelId;
};
/// A ping as a message of the protocol.
struct PingReceived
{
    const Uaid &uaid;
};
/// New versions of broadcasts were sent instead of a ping.
struct BroadcastSent
{
    const Uaid &uaid;
};
/// The client is forgotten because too many messages were stored for it.
struct ClientReset
{
    const Uaid &uaid;
};
/// Its record did not name this process, and does again.
struct ClientReclaimed
{
    const Uaid &uaid;
};
/// Clients were removed because they were not seen for their lifetime.
struct ClientsExpired
{
    std::span<const Uaid> uaids;
};
/// An administrator has removed a client with all that it has.
struct ClientPurged
{
    const Uaid &uaid;
};

} // namespace Fact

using AnyFact = std::variant<
    Fact::PushReceived, Fact::PushRefused, Fact::PushAccepted, Fact::MessageReceived,
    Fact::MessageStored, Fact::MessagesRetrieved, Fact::MessageSent, Fact::MessageAcknowledged,
    Fact::MessageRefused, Fact::MessageReturned, Fact::MessageReplaced, Fact::MessageDisplaced,
    Fact::MessageDropped, Fact::MessageOffered, Fact::MessageHandedOver, Fact::MessageCancelled,
    Fact::MessagesExpired, Fact::MessagePurged, Fact::ConnectionOpened, Fact::ConnectionClosed,
    Fact::ClientGreeted, Fact::ClientLeft, Fact::ChannelRegistered, Fact::RegisterRefused,
    Fact::UnregisterReceived, Fact::ChannelPurged, Fact::PingReceived, Fact::BroadcastSent,
    Fact::ClientReset, Fact::ClientReclaimed, Fact::ClientsExpired, Fact::ClientPurged>;

} // namespace Carillon
