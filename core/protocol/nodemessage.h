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
//   sortKey, urgency, reliability_id     Carillon's own; autopush's nodes send none of them

/// A message as it came from another node.
struct NodeMessage
{
    /// Its uaid is that of the path, its sortKey 0 if the sender gave none.
    Notification notification;
    /// As the sender calls it; empty if it gave none.
    MessageId version;
};

[[nodiscard]] QByteArray toNodeJson(const Notification &notification);
/// Error BadRequest: not such an object.
[[nodiscard]] Result<NodeMessage> fromNodeJson(const Uaid &uaid, QByteArrayView json);

} // namespace Carillon
