// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"
#include "server/net/http/httphead.h"

#include <QByteArray>

namespace Carillon {

/// Whether a head asks for an upgrade to WebSocket, validly or not.
[[nodiscard]] bool asksForWebSocket(const RequestHead &head);
/// Checks such a head by RFC 6455 §4.2.1: UpgradeRequired for a version other than 13, BadRequest
/// for every other fault.
[[nodiscard]] Result<void> judgeHandshake(const RequestHead &head);
/// The 101 response to such a head. It selects the subprotocol if the client offers it, and never
/// an extension.
[[nodiscard]] QByteArray acceptHandshake(const RequestHead &head, QByteArrayView subprotocol);
/// Adds the fields of RFC 6455 §4.4 to the response to a refused handshake.
[[nodiscard]] HttpResponse withWebSocketVersion(HttpResponse response);

} // namespace Carillon
