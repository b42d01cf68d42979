// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/journal/event.h"
#include "core/storage/storagebrowser.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace Carillon {

/// What has become of one push, as far as the history and the storage tell.
struct MessageFate
{
    enum class State : std::uint8_t {
        Refused, ///< the sender got an error
        Accepted, ///< 201, and nothing more is known
        Waiting, ///< stored
        InFlight, ///< sent, not acknowledged, and its connection is still open
        Delivered,
        NotDecrypted, ///< ack code 101
        NotDelivered, ///< ack code 102
        Nacked, ///< refused by the client, stored, and sent again on the next connection
        Expired,
        Replaced, ///< by a message of the same topic
        TtlZero, ///< dropped, because it could not be sent at once
        Overflowed, ///< dropped, because the client's queue was full
        Cancelled, ///< by its sender
        Purged, ///< by an administrator
        Unregistered, ///< its subscription was removed
        ClientGone, ///< its client was removed
        ClientReset, ///< its client was forgotten, because too much was stored for it
    };

    State state = State::Accepted;
    /// When the push was received.
    Time received;
    /// When it came into this state.
    Time since;
    /// Absent: refused.
    std::optional<SortKey> sortKey {};
    std::optional<ChannelId> channelId {};
    /// Absent: not known, or without end.
    std::optional<Time> expires {};
    std::optional<std::int64_t> size {};
    std::optional<std::chrono::seconds> ttl {};
    std::optional<SenderMark> sender {};
    /// Refused: why.
    std::optional<ErrorCode> error {};
    EventDetail detail = EventDetail::None;
    /// Refused: what was wanted and what came; may be empty.
    QByteArray reason {};
    /// Nacked, Unregistered: the client's code.
    std::optional<int> code {};
    /// Replaced: the message that took its place.
    std::optional<SortKey> by {};
    /// How often it was written to a connection.
    int attempts = 0;
};

/// "delivered", "waiting", …, as the admin API names it.
[[nodiscard]] QByteArrayView fateName(MessageFate::State state);

/// Whether the message may still be delivered.
[[nodiscard]] bool isOpen(MessageFate::State state);

/// What a look-up knows of a client's messages.
struct MessageTrace
{
    /// Of one client, in the order of their ids. Those of other clients must not be here.
    std::span<const Event> events;
    /// Of the client or one of its channels, also expired ones.
    std::span<const StoredMessage> stored;
    /// Whether `stored` is all that is stored for the messages in question. If it is not, a message
    /// that is missing there may still be stored.
    bool isStoredComplete = true;
    Time now;
};

/// The fates of all pushes that `trace` tells of, the newest first.
[[nodiscard]] std::vector<MessageFate> messageFates(const MessageTrace &trace);

} // namespace Carillon
