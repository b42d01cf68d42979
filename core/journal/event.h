// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "core/base/errorcode.h"
#include "core/base/ids.h"
#include "core/message/notification.h"

#include <QByteArray>
#include <QByteArrayView>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

namespace Carillon {

/// What the history says of a push, a message, a subscription or a client. Their names are part of
/// the admin API and of the history file (docs/history.md).
enum class EventKind : std::uint8_t {
    PushRefused,
    PushAccepted, ///< answered 201

    MessageStored,
    MessageSent,
    MessageAcknowledged,
    MessageNacked,
    MessageExpired,
    MessageReplaced,
    MessageDropped, ///< accepted, and removed by a limit
    MessageCancelled, ///< by its sender
    MessageHandedOver, ///< to another node, or not taken by it
    MessagePurged, ///< by an administrator

    ChannelRegistered,
    ChannelRegisterRefused,
    ChannelUnregistered,
    ChannelPurged, ///< by an administrator

    ClientConnected, ///< its hello was answered
    ClientDisconnected,
    ClientReclaimed, ///< its record named another node by mistake
    ClientReset, ///< forgotten because too much was stored for it
    ClientExpired, ///< removed because it was not seen for its lifetime
    ClientPurged, ///< by an administrator
};
inline constexpr int EventKindCount = static_cast<int>(EventKind::ClientPurged) + 1;

/// "push.refused", "message.sent", …
[[nodiscard]] QByteArrayView eventName(EventKind kind);
[[nodiscard]] std::optional<EventKind> parseEventKind(QByteArrayView name);

/// What an event says besides its kind, where a kind has variants.
enum class EventDetail : std::uint8_t {
    None,
    // MessageSent: where the message came from.
    Direct, ///< its sender
    FromStorage,
    FromOtherNode,
    // MessageHandedOver: how it ended.
    Taken,
    NotHere, ///< the client is not connected there
    Failed, ///< no answer, or none of use
    // MessageDropped: by which limit.
    TtlZero, ///< it could not be sent at once
    QueueOverflow, ///< storage.on_full = "drop-oldest"
    // ClientConnected.
    NewClient,
    KnownClient,
    // PushRefused: which rule refused it, where the error has several.
    AddressRate,
    SubscriptionRate,
    SenderRate,
    SenderBlocked,
};
inline constexpr int EventDetailCount = static_cast<int>(EventDetail::SenderBlocked) + 1;

/// "direct", "ttl_zero", …; empty for None.
[[nodiscard]] QByteArrayView detailName(EventDetail detail);
[[nodiscard]] std::optional<EventDetail> parseEventDetail(QByteArrayView name);

/// The first bytes of the SHA-256 of a sender's VAPID public key. Written as 16 lower-case hex
/// digits, with which the whole hash in hex begins.
struct SenderMark
{
    std::array<std::uint8_t, 8> bytes {};
    bool operator==(const SenderMark &) const = default;
};
/// nullopt: keyHash is empty.
[[nodiscard]] std::optional<SenderMark> senderMark(QByteArrayView keyHash);
[[nodiscard]] QByteArray toHex(const SenderMark &sender);
/// Reads at least 16 hex digits, of which the first 16 count.
[[nodiscard]] std::optional<SenderMark> parseSenderMark(QByteArrayView text);

/// One entry of the history. It holds nothing with which one could push, read a message or cancel
/// it: no token, no message id, no body, no key.
struct Event
{
    /// Increases from event to event, and over restarts.
    std::uint64_t id = 0;
    Time time = {};
    EventKind kind = EventKind::PushRefused;
    EventDetail detail = EventDetail::None;
    std::optional<Uaid> uaid = {};
    /// With history.hash_uaids, uaid is a keyed hash.
    bool isUaidHashed = false;
    std::optional<ChannelId> channelId = {};
    /// With uaid and channelId it identifies the message.
    std::optional<SortKey> sortKey = {};
    /// MessageReplaced, MessageDropped: the message that took its place.
    std::optional<SortKey> by = {};
    /// PushRefused, ChannelRegisterRefused, ClientDisconnected (absent: the client or the network
    /// has ended the connection).
    std::optional<ErrorCode> error = {};
    /// The client's own code: MessageAcknowledged, MessageNacked, ChannelUnregistered.
    std::optional<int> code = {};
    std::optional<SenderMark> sender = {};
    /// The sender's sub, perhaps cut.
    QByteArray subject = {};
    /// ClientConnected: the user agent; MessageHandedOver: the node; PushRefused: what was wanted
    /// and what came. Perhaps cut.
    QByteArray text = {};
    // PushAccepted.
    std::optional<std::int64_t> size = {};
    std::optional<std::chrono::seconds> ttl = {};
    std::optional<Urgency> urgency = {};
    bool hasTopic = false;

    bool operator==(const Event &) const = default;
};

} // namespace Carillon
