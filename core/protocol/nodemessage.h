// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/message/notification.h"

#include <QByteArray>
#include <QByteArrayView>

#include <optional>

namespace Carillon {

// What one node hands another as the body of PUT /push/{uaid} (protocol.md §7): a JSON object
//
//   channelID    dashed UUID
//   version      message id; may be absent where sortKey is there
//   ttl          seconds
//   topic        text or null
//   timestamp    seconds since 1970: when the message was accepted
//   data         base64url of the body, absent or null without one
//   headers      { "encoding", "encryption", "crypto_key" }, absent or null without a body
//   sortKey, urgency, reliability_id, predecessor, connectedAt, idKey
//                Carillon's own; autopush's nodes send none of them

/// A message that one node hands over to another.
struct NodeMessage
{
    /// Its uaid is that in the path; its sortKey is 0 if the sending node gave none.
    Notification notification;
    /// The id to send it under; empty: the one made from its sort key.
    MessageId version {};
    /// The newest message that was stored for the client when this one was stored. A connection
    /// that does not know it has missed it. 0: there was none, or it is not known.
    SortKey predecessor {};
    /// ClientRecord::connectedAt when the message was stored. A connection that began later finds
    /// the message in storage, unless it was acknowledged. 0: not known.
    std::int64_t connectedAt = 0;
};

/// Without the version, which follows from the sort key and idKey.
[[nodiscard]] QByteArray toNodeJson(const NodeMessage &message);
/// Error BadRequest: not such an object.
[[nodiscard]] Result<NodeMessage> fromNodeJson(const Uaid &uaid, QByteArrayView json);

} // namespace Carillon
