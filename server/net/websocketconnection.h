// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/net/connectionid.h"
#include "server/net/outputprogress.h"

#include <QByteArray>
#include <QByteArrayView>

#include <cstdint>

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
    /// IpAddress::limitKey() of the client's address; 0: one whom no limit by address meets.
    [[nodiscard]] virtual std::uint64_t limitKey() const = 0;
    /// Bytes accepted by sendText and not yet taken by the kernel.
    [[nodiscard]] virtual std::int64_t pendingBytes() const = 0;
    /// How far the peer is; pendingBytes() are waiting. Asks the kernel, so not on hot paths.
    [[nodiscard]] virtual OutputProgress progress() const = 0;
};

} // namespace Carillon
