// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/net/mailbox.h"
#include "server/net/qt/qtconnection.h"
#include "server/net/slottable.h"
#include "server/net/timers.h"
#include "server/net/transport.h"

#include <memory>
#include <vector>

namespace Carillon {

struct QtTransportOptions
{
    /// Listen on addresses other than loopback.
    bool allowInsecureTransport = false;
};

/// The transport built from QTcpSocket, QHttpServer and QWebSocketServer (design.md §2.2), for
/// development: no TLS, loopback only. Keeps connections alive, one request at a time on each.
/// Owns: listeners, connections, sessions. Thread: as Transport says.
class QtTransport final : public Transport
{
public:
    QtTransport(Timers &timers, const TransportLimits &limits, QtTransportOptions options = {});
    ~QtTransport() override;

    [[nodiscard]] Result<quint16, QString> listen(const Listener &listener) override;
    void stopListening() override;
    void forEachSession(const std::function<void(WebSocketSession &)> &visit) override;
    [[nodiscard]] WebSocketSession *session(ConnectionId connection) override;
    void readNow(ConnectionId) override { }
    [[nodiscard]] int openRequests() const override;
    void answerAll(const HttpResponse &response) override;
    void respond(ConnectionId connection, std::uint32_t request, HttpResponse response) override;

private:
    struct Port;

    void accept(Port &port, int descriptor);
    void completeUpgrades(Port &port);
    void remove(ConnectionId id);

    Timers &m_timers;
    TransportLimits m_limits;
    QtTransportOptions m_options;
    QThread *m_thread;
    std::vector<std::unique_ptr<Port>> m_ports;
    SlotTable<QtConnection> m_connections;
    QObject m_leaving; // parent of ended connections until the event loop deletes them
    Mailbox m_mailbox;
};

} // namespace Carillon
