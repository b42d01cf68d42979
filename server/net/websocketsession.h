// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArrayView>

namespace Carillon {

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

} // namespace Carillon
