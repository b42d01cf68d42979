// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/net/http/httpmessage.h"
#include "server/net/websocketconnection.h"
#include "server/net/websocketsession.h"

#include <QByteArray>

#include <memory>
#include <optional>

namespace Carillon {

/// Accepts WebSockets on a listener. One object per worker. Thread: that worker's.
class WebSocketService
{
public:
    virtual ~WebSocketService() = default;
    /// The subprotocol to select if the client offers it; empty: none.
    [[nodiscard]] virtual QByteArray subprotocol() const = 0;
    /// The response that refuses the upgrade; absent: the upgrade is accepted.
    [[nodiscard]] virtual std::optional<HttpResponse> refusal(const HttpRequest &) { return {}; }
    /// A connection whose upgrade is complete. The transport maps RFC violations to close codes
    /// 1002, 1003 (binary), 1007 and 1009 itself.
    [[nodiscard]] virtual std::unique_ptr<WebSocketSession> opened(WebSocketConnection &connection,
                                                                   const HttpRequest &head) = 0;
};

} // namespace Carillon
