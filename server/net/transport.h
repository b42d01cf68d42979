// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"
#include "server/net/http/http.h"
#include "server/net/websocket/websocket.h"

#include <QHostAddress>
#include <QString>

#include <chrono>
#include <cstdint>
#include <functional>

namespace Carillon {

/// What every listener holds its peers to (design.md §7).
struct TransportLimits
{
    std::int64_t headBytes = 16 * 1024;
    int headerFields = 64;
    std::int64_t webSocketMessageBytes = 64 * 1024;
    /// Output waiting for one WebSocket client above which it is closed as a slow reader.
    std::int64_t webSocketOutputBytes = 4 * 1024 * 1024;
    std::chrono::milliseconds headTimeout { 10'000 };
    std::chrono::milliseconds bodyTimeout { 30'000 };
    std::chrono::milliseconds idleTimeout { 75'000 };
    /// From our Close frame to the end of TCP.
    std::chrono::milliseconds closeTimeout { 2'000 };
    /// After the end of listening, for requests that are on their way.
    std::chrono::milliseconds stopGrace { 50 };
};

class ListenerGate;
class ProtocolFaults;
class TlsServer;

/// One listening address and what it serves. The services outlive the transport.
struct Listener
{
    QString name;
    QHostAddress address {};
    quint16 port = 0;
    HttpService *http = nullptr;
    /// Absent: an upgrade is an ordinary request.
    WebSocketService *webSocket = nullptr;
    /// Absent: plain TCP.
    const TlsServer *tls = nullptr;
    /// Besides plain HTTP, for peers that begin with a TLS handshake; absent: they are refused.
    /// Only native.
    const TlsServer *offeredTls = nullptr;
    /// A listening socket that all workers share (systemd's); -1: each opens one of its own.
    int inherited = -1;
    /// Shared by the workers that listen here; absent: everybody may come in.
    ListenerGate *gate = nullptr;
    /// Hears of peers that speak another protocol; absent: nobody does.
    ProtocolFaults *faults = nullptr;
};

/// How bytes come and go: one per worker, created, used and destroyed on its thread (respond() is
/// for any). Connections never change worker.
class Transport : public ResponseSink
{
public:
    /// Starts to listen with SO_REUSEPORT, so that each worker has a listener of its own, or on the
    /// inherited socket. Port 0 takes a free port. Gives the port. The error is a sentence for the
    /// operator.
    [[nodiscard]] virtual Result<quint16, QString> listen(const Listener &listener) = 0;
    /// No new connections, sessions or, soon, requests; open requests may still be answered.
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
    /// Gives all requests that wait for an answer this one; their own reach nobody any more.
    virtual void answerAll(const HttpResponse &response) = 0;
};

} // namespace Carillon
