// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"
#include "server/net/connectionid.h"
#include "server/net/httpresponder.h"
#include "server/net/httpservice.h"
#include "server/net/listener.h"
#include "server/net/transportlimits.h"
#include "server/net/websocketservice.h"

#include <QString>

#include <functional>

namespace Carillon {

/// Listening sockets and connections of one worker. Created, used and destroyed on its thread;
/// respond() may be called from any. Connections never change worker.
class Transport : public ResponseSink
{
public:
    /// Starts to listen with SO_REUSEPORT, so that each worker has a listener of its own, or on the
    /// inherited socket. Port 0 takes a free port. Gives the port. The error is a sentence for the
    /// operator.
    [[nodiscard]] virtual Result<quint16, QString> listen(const Listener &listener) = 0;
    /// Ends accepting connections and sessions, and soon requests. Open requests may still be
    /// answered.
    virtual void stopListening() = 0;
    /// Calls visit for each open WebSocket session.
    virtual void forEachSession(const std::function<void(WebSocketSession &)> &visit) = 0;
    /// The session of a WebSocket connection; null when it is gone.
    [[nodiscard]] virtual WebSocketSession *session(ConnectionId connection) = 0;
    /// Reports to a session what its peer has sent so far, up to a bound, before this returns; the
    /// session may be gone then. Not from inside a call of the session. Without effect with qt:
    /// QWebSocket reads in queued calls.
    virtual void readNow(ConnectionId connection) = 0;
    /// Requests not yet answered and output not yet written, over all connections.
    [[nodiscard]] virtual int openRequests() const = 0;
    /// Answers all open requests with this response; later answers to them are ignored.
    virtual void answerAll(const HttpResponse &response) = 0;
};

} // namespace Carillon
