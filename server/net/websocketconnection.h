// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/net/connectionid.h"
#include "server/net/outputprogress.h"
#include "server/net/peerfacts.h"

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
    /// Sends a Close frame, and ends the TCP connection within the transport's close time-out even
    /// if the peer does not answer. After this, only WebSocketSession::closed() is called.
    virtual void close(int code, QByteArrayView reason) = 0;
    /// Starts or stops reading from the socket. While reading is stopped, the peer's data and its
    /// end of the stream wait in the kernel and at the peer, except for data already read. No
    /// effect with qt, which always reads.
    virtual void setReading(bool reads) = 0;
    /// IpAddress::limitKey() of the client's address; 0: limits by address do not apply.
    [[nodiscard]] virtual std::uint64_t limitKey() const = 0;
    /// Bytes accepted by sendText and not yet taken by the kernel.
    [[nodiscard]] virtual std::int64_t pendingBytes() const = 0;
    /// How much of the output the peer has acknowledged; `waiting` includes pendingBytes(). Makes
    /// system calls, so not for hot paths.
    [[nodiscard]] virtual OutputProgress progress() const = 0;
    /// What an administrator is told of the peer. Makes system calls.
    [[nodiscard]] virtual PeerFacts peer() const { return {}; }
};

} // namespace Carillon
