// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/net/http/http.h"
#include "server/net/outputprogress.h"

#include <QByteArray>
#include <QByteArrayView>

#include <memory>
#include <optional>

namespace Carillon {

/// The server's end of a WebSocket (RFC 6455), as its session sees it.
/// Owned by the transport. Thread: its worker's.
class WebSocketConnection
{
public:
    virtual ~WebSocketConnection() = default;
    [[nodiscard]] virtual ConnectionId id() const = 0;
    /// Sends a text message; text is UTF-8.
    virtual void sendText(const QByteArray &text) = 0;
    virtual void sendPing() = 0;
    /// Sends a Close frame, then ends TCP within the transport's close time-out whether or not the
    /// peer answers. Nothing is sent or reported after it but WebSocketSession::closed().
    virtual void close(int code, QByteArrayView reason) = 0;
    /// Whether the peer is heard. While it is not, what it says waits with it, but for what has
    /// come already, and so does its end. Without effect with qt, which reads all there is.
    virtual void setReading(bool reads) = 0;
    /// IpAddress::holder() of the client's address; 0: one whom no limit by address meets.
    [[nodiscard]] virtual std::uint64_t holder() const = 0;
    /// Bytes accepted by sendText and not yet taken by the kernel.
    [[nodiscard]] virtual std::int64_t pendingBytes() const = 0;
    /// How far the peer is; pendingBytes() are waiting. Asks the kernel, so not on hot paths.
    [[nodiscard]] virtual OutputProgress progress() const = 0;
};

/// What happens to a WebSocket; made by a WebSocketService, owned by the transport.
/// Thread: its worker's.
class WebSocketSession
{
public:
    virtual ~WebSocketSession() = default;
    virtual void textReceived(QByteArrayView text) = 0;
    /// Any other sign of life: a ping or pong frame.
    virtual void pongReceived() = 0;
    /// pendingBytes() fell to nothing after it was not.
    virtual void drained() = 0;
    /// TCP ended, the peer closed or the transport goes; the last call, the session is destroyed
    /// right after it.
    virtual void closed() = 0;
};

/// Accepts WebSockets on a listener. One object per worker. Thread: that worker's.
class WebSocketService
{
public:
    virtual ~WebSocketService() = default;
    /// The subprotocol to answer when the client offers it; empty: none.
    [[nodiscard]] virtual QByteArray subprotocol() const = 0;
    /// What to answer instead of the upgrade; absent: the client is welcome.
    [[nodiscard]] virtual std::optional<HttpResponse> refusal(const HttpRequest &) { return {}; }
    /// A connection whose upgrade is complete. The transport maps RFC violations to close codes
    /// 1002, 1003 (binary), 1007 and 1009 itself.
    [[nodiscard]] virtual std::unique_ptr<WebSocketSession> opened(WebSocketConnection &connection,
                                                                   const HttpRequest &head) = 0;
};

} // namespace Carillon
