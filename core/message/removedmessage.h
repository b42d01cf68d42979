// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/message/notification.h"

#include <QByteArray>

#include <cstdint>

namespace Carillon {

/// What is left of a message that storage has removed of its own accord.
struct RemovedMessage
{
    enum class Why : std::uint8_t {
        Expired, ///< its TTL had ended
        Replaced, ///< by a message of the same topic
        Displaced, ///< by a message for which there was no room (OnFull::DropOldest)
    };
    Why why = Why::Expired;
    Uaid uaid;
    ChannelId channelId;
    SortKey sortKey {};
    /// As in Notification.
    QByteArray senderKeyHash = {};
    QByteArray reliabilityId = {};
};

[[nodiscard]] inline RemovedMessage removed(const Notification &message, RemovedMessage::Why why)
{
    return { why,
             message.uaid,
             message.channelId,
             message.sortKey,
             message.senderKeyHash,
             message.reliabilityId };
}

} // namespace Carillon
