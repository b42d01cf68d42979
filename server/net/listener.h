// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QHostAddress>
#include <QString>

namespace Carillon {

class HttpService;
class ListenerPolicy;
class ProtocolFaults;
class TlsServer;
class WebSocketService;

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
    /// TLS offered besides plain HTTP, to peers that begin with a handshake; absent: such peers are
    /// refused. Only with native.
    const TlsServer *offeredTls = nullptr;
    /// A listening socket that all workers share (systemd's); -1: each opens one of its own.
    int inherited = -1;
    /// It is a Unix socket: requests carry the credentials of their peers. Only with native.
    bool isLocal = false;
    /// Shared by the workers that listen here; absent: there are no limits.
    ListenerPolicy *policy = nullptr;
    /// Told of peers that speak another protocol; may be absent.
    ProtocolFaults *faults = nullptr;
};

} // namespace Carillon
