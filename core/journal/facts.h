// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/errorcode.h"
#include "core/base/ids.h"
#include "core/message/notification.h"
#include "core/protocol/broadcast.h"

#include <QByteArrayView>

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
    ErrorCode why;
    const Uaid *uaid = nullptr;
    const ChannelId *channelId = nullptr;
    QByteArrayView senderKeyHash = {};
};
/// A push was answered 201.
struct PushAccepted
{
    const Uaid &uaid;
    const ChannelId &channelId;
    SortKey sortKey;
    /// The message's id, as in Location.
    QByteArrayView id;
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
};
/// The client refused a message (nack). It stays stored.
struct MessageRefused
{
    const Uaid &uaid;
    QByteArrayView id;
    /// Nack::code
    int code;
};
/// A message that is not stored itself has removed the stored one of its topic.
struct MessageReplaced
{
    const Notification &by;
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
/// The process that holds the client's connection was asked to take the message.
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
};
/// The sender has withdrawn a message (DELETE).
struct MessageCancelled
{
    const Uaid &uaid;
    const ChannelId &channelId;
    QByteArrayView id;
};
/// `count` stored messages were removed because their TTL had ended.
struct MessagesExpired
{
    int count;
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
};
/// The client is no longer served on this connection.
struct ClientLeft
{
    ConnectionName connection;
    /// Null: it has not said hello.
    const Uaid *uaid = nullptr;
    /// Why the server has closed the connection; absent: the client or the network has ended it.
    std::optional<ErrorCode> why = {};
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
/// `count` clients were removed because they were not seen for their lifetime.
struct ClientsExpired
{
    int count;
};

} // namespace Fact

using AnyFact = std::variant<
    Fact::PushReceived, Fact::PushRefused, Fact::PushAccepted, Fact::MessageReceived,
    Fact::MessageStored, Fact::MessagesRetrieved, Fact::MessageSent, Fact::MessageAcknowledged,
    Fact::MessageRefused, Fact::MessageReplaced, Fact::MessageDropped, Fact::MessageHandedOver,
    Fact::MessageCancelled, Fact::MessagesExpired, Fact::ConnectionOpened, Fact::ConnectionClosed,
    Fact::ClientGreeted, Fact::ClientLeft, Fact::ChannelRegistered, Fact::RegisterRefused,
    Fact::UnregisterReceived, Fact::PingReceived, Fact::BroadcastSent, Fact::ClientReset,
    Fact::ClientReclaimed, Fact::ClientsExpired>;

} // namespace Carillon
