// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/ids.h"
#include "core/message/notification.h"
#include "core/protocol/broadcast.h"

#include <QByteArray>
#include <QByteArrayView>

namespace Carillon {

// What the server says, each as the text of one WebSocket message (protocol.md §2).
// Pure functions. Thread: any.

/// "broadcasts" contains what changed, and "errors" with the unknown ids. It is present even if it
/// is empty.
[[nodiscard]] QByteArray helloAnswer(const Uaid &uaid, const BroadcastChanges &broadcasts = {});

/// A refusal has the text that autopush sends in place of an endpoint (protocol.md §2.3).
[[nodiscard]] QByteArray registerAnswer(const ChannelId &channelId, int status,
                                        QByteArrayView endpoint);

[[nodiscard]] QByteArray unregisterAnswer(const ChannelId &channelId, int status);

/// "data" and "headers" are left out when the notification has no body.
[[nodiscard]] QByteArray notificationMessage(const Notification &notification, const MessageId &id);

[[nodiscard]] QByteArray broadcastMessage(const BroadcastChanges &broadcasts);

/// The answer to a ping.
[[nodiscard]] QByteArray pong();

} // namespace Carillon
