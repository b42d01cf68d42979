// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"
#include "server/net/http/httphead.h"

#include <QByteArray>

namespace Carillon {

/// Whether a head asks for a WebSocket, well or badly.
[[nodiscard]] bool asksForWebSocket(const RequestHead &head);
/// Judges such a head by RFC 6455 §4.2.1: UpgradeRequired for another version than 13, BadRequest
/// for everything else that is wrong.
[[nodiscard]] Result<void> judgeHandshake(const RequestHead &head);
/// The 101 that accepts such a head. The subprotocol is named when the client offers it; extensions
/// never are.
[[nodiscard]] QByteArray acceptHandshake(const RequestHead &head, QByteArrayView subprotocol);
/// The service's answer to a refused handshake, with what RFC 6455 §4.4 adds to it.
[[nodiscard]] HttpResponse withWebSocketVersion(HttpResponse response);

} // namespace Carillon
