// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArrayView>

namespace Carillon {

/// Receives the events of a WebSocket. Created by a WebSocketService, owned by the transport.
/// Thread: its worker's.
class WebSocketSession
{
public:
    virtual ~WebSocketSession() = default;
    virtual void textReceived(QByteArrayView text) = 0;
    /// A ping or pong frame arrived.
    virtual void pongReceived() = 0;
    /// pendingBytes() has become 0 again.
    virtual void drained() = 0;
    /// The TCP connection ended, the peer closed, or the transport is being destroyed. The last
    /// call; the session is destroyed after it.
    virtual void closed() = 0;
};

} // namespace Carillon
