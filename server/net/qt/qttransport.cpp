// SPDX-License-Identifier: MPL-2.0
#include "server/net/qt/qttransport.h"

#include "core/base/log.h"
#include "core/base/logthrottle.h"
#include "server/net/listenerpolicy.h"
#include "server/net/listensocket.h"
#include "server/net/qt/qtacceptor.h"
#include "server/net/qt/qthttpreader.h"

#include <QThread>
#include <QWebSocket>
#include <QWebSocketServer>

#include <cstring>

#include <unistd.h>

namespace Carillon {

/// One listening socket and what reads for it.
struct QtTransport::Port
{
    explicit Port(const Listener &what) : listener(what) { }

    void resume() { acceptor->resume(); }

    Listener listener;
    QtAcceptor *acceptor = nullptr; // the reader's
    std::unique_ptr<QtHttpReader> reader;
    std::unique_ptr<QWebSocketServer> webSockets;
    LogThrottle starved;
    Timer resumption = Timer::of<&Port::resume>(this);
};

QtTransport::QtTransport(Timers &timers, const TransportLimits &limits, QtTransportOptions options)
    : m_timers(timers), m_limits(limits), m_options(options), m_thread(QThread::currentThread())
{
}

QtTransport::~QtTransport()
{
    Q_ASSERT(QThread::currentThread() == m_thread);
    // While all of it is still there for what the sessions may do then.
    m_connections.forEach([](QtConnection &connection) { connection.abandon(); });
}

Result<quint16, QString> QtTransport::listen(const Listener &listener)
{
    Q_ASSERT(listener.http && !listener.tls); // the settings see to that
    if (!listener.address.isLoopback() && !m_options.allowInsecureTransport) {
        return Unexpected(
            QStringLiteral(
                "Listener %1: the qt transport serves loopback addresses only, and %2 is "
                "none. Use the native transport, put a proxy in front of 127.0.0.1, or "
                "set allow_insecure_transport.")
                .arg(listener.name, listener.address.toString()));
    }
    const Result<int, QString> descriptor = listener.inherited >= 0
        ? shareListeningSocket(listener.inherited)
        : openListeningSocket(listener.address, listener.port);
    if (!descriptor)
        return Unexpected(descriptor.error());

    auto owned = std::make_unique<Port>(listener);
    Port *port = owned.get();
    auto acceptor = std::make_unique<QtAcceptor>(
        [this, port](int accepted) { accept(*port, accepted); },
        [this, port](int error) {
            if (const auto leftOut = port->starved.pass())
                qCWarning(lcNet, "Listener %ls cannot accept: %s. Trying again until it can.%s",
                          qUtf16Printable(port->listener.name), std::strerror(error),
                          leftOutText(*leftOut).constData());
            m_timers.start(port->resumption, std::chrono::milliseconds(200));
        });
    if (!acceptor->start(*descriptor)) {
        ::close(*descriptor);
        return Unexpected(
            QStringLiteral("Listener %1: %2.").arg(listener.name, acceptor->errorString()));
    }
    port->acceptor = acceptor.release();
    port->reader = std::make_unique<QtHttpReader>(port->acceptor);
    if (listener.webSocket) {
        port->webSockets = std::make_unique<QWebSocketServer>(QStringLiteral("carillon"),
                                                              QWebSocketServer::NonSecureMode);
        port->webSockets->setHandshakeTimeout(-1); // ours runs
        const QByteArray subprotocol = listener.webSocket->subprotocol();
        if (!subprotocol.isEmpty())
            port->webSockets->setSupportedSubprotocols({ QString::fromLatin1(subprotocol) });
        QObject::connect(port->webSockets.get(), &QWebSocketServer::newConnection,
                         port->webSockets.get(), [this, port] { completeUpgrades(*port); });
    }
    m_ports.push_back(std::move(owned));
    return localPort(*descriptor);
}

void QtTransport::accept(Port &port, int descriptor)
{
    ConnectionTicket ticket;
    if (ListenerPolicy *const policy = port.listener.policy) {
        std::optional<ConnectionTicket> place = policy->limits().open(policy->share());
        if (!place) {
            ::close(descriptor);
            return;
        }
        ticket = std::move(*place);
    }
    const ConnectionId id = m_connections.reserve();
    auto connection = std::make_unique<QtConnection>(
        QtConnectionContext { *this, m_timers, m_limits, port.listener, *port.reader,
                              port.webSockets.get() },
        id, std::move(ticket));
    if (!connection->adopt(descriptor))
        return;
    QObject::connect(connection.get(), &QtConnection::ended, &m_leaving,
                     [this](ConnectionId gone) { remove(gone); });
    m_connections.insert(id, std::move(connection));
}

void QtTransport::completeUpgrades(Port &port)
{
    while (QWebSocket *socket = port.webSockets->nextPendingConnection()) {
        QtConnection *found = nullptr;
        m_connections.forEach([&](QtConnection &connection) {
            if (connection.isUpgrading(socket->peerAddress(), socket->peerPort()))
                found = &connection;
        });
        if (found)
            found->upgraded(socket);
        else
            socket->deleteLater(); // it ended between its two halves
    }
}

void QtTransport::remove(ConnectionId id)
{
    // The connection is the sender of the signal that brought us here.
    if (QtConnection *connection = m_connections.take(id).release()) {
        connection->setParent(&m_leaving);
        connection->deleteLater();
    }
}

void QtTransport::stopListening()
{
    Q_ASSERT(QThread::currentThread() == m_thread);
    for (const std::unique_ptr<Port> &port : m_ports) {
        port->resumption.cancel();
        port->acceptor->stop();
    }
    m_connections.forEach([](QtConnection &connection) { connection.stop(); });
}

void QtTransport::forEachSession(const std::function<void(WebSocketSession &)> &visit)
{
    Q_ASSERT(QThread::currentThread() == m_thread);
    m_connections.forEach([&visit](QtConnection &connection) {
        if (WebSocketSession *session = connection.session())
            visit(*session);
    });
}

WebSocketSession *QtTransport::session(ConnectionId connection)
{
    Q_ASSERT(QThread::currentThread() == m_thread);
    const QtConnection *found = m_connections.find(connection);
    return found ? found->session() : nullptr;
}

int QtTransport::openRequests() const
{
    Q_ASSERT(QThread::currentThread() == m_thread);
    int open = 0;
    m_connections.forEach([&open](const QtConnection &connection) {
        if (connection.isBusy())
            ++open;
    });
    return open;
}

void QtTransport::answerAll(const HttpResponse &response)
{
    m_connections.forEach([&response](QtConnection &connection) { connection.respond(response); });
}

void QtTransport::respond(ConnectionId connection, std::uint32_t request, HttpResponse response)
{
    if (QThread::currentThread() != m_thread) {
        m_mailbox.post([this, connection, request, response = std::move(response)]() mutable {
            respond(connection, request, std::move(response));
        });
        return;
    }
    if (QtConnection *found = m_connections.find(connection))
        found->respond(request, response);
}

} // namespace Carillon
