// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "core/base/errorcode.h"
#include "core/base/ids.h"
#include "core/storage/storage.h"

#include <QByteArray>

#include <optional>
#include <variant>
#include <vector>

namespace Carillon {

// What a client's state machine wants done. It never does it itself: the connection that holds it
// carries the effects out in order (server/connect/clientsession.h).
namespace Effect {

/// One text message to the client.
struct Send
{
    QByteArray text;
    // Of a notification: its message's key and id, and when it was sent.
    std::optional<SortKey> message {};
    QByteArray id {};
    Time sentAt {};
};
struct SendPing
{
};
/// The connection ends for this reason; always the last effect.
struct Close
{
    ErrorCode why;
};
/// Store the channel, then call IdentifiedClient::registered().
struct AddChannel
{
    ChannelId channelId;
    /// SHA-256 of the VAPID public key; empty without one.
    QByteArray keyHash;
};
/// Remove the channel, then call IdentifiedClient::unregistered().
struct RemoveChannel
{
    ChannelId channelId;
};
/// The client acknowledged this message; if it cannot be removed, IdentifiedClient::removalFailed()
/// is to be called.
struct RemoveMessage
{
    ChannelId channelId;
    SortKey sortKey;
};
/// The client acknowledged a message that was not sent on this connection.
struct RemoveNamed
{
    QByteArray version;
};
/// Read storage, then call IdentifiedClient::fetched().
struct Fetch
{
    FetchRequest request;
};
/// Forget the client with all it has.
struct Forget
{
};

} // namespace Effect

using ClientEffect = std::variant<Effect::Send, Effect::SendPing, Effect::Close, Effect::AddChannel,
                                  Effect::RemoveChannel, Effect::RemoveMessage, Effect::RemoveNamed,
                                  Effect::Fetch, Effect::Forget>;
using ClientEffects = std::vector<ClientEffect>;

} // namespace Carillon
