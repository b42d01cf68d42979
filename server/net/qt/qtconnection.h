// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/net/connectionticket.h"
#include "server/net/http/chunkedbody.h"
#include "server/net/http/httphead.h"
#include "server/net/qt/lingeringsocket.h"
#include "server/net/qt/qtwebsocket.h"
#include "server/net/transport.h"

#include <QObject>
#include <QPointer>

#include <memory>
#include <optional>

class QWebSocketServer;

namespace Carillon {

class QtHttpReader;

/// What the connections of one listener share; all of it outlives them.
struct QtConnectionContext
{
    ResponseSink &sink;
    Timers &timers;
    const TransportLimits &limits;
    const Listener &listener;
    QtHttpReader &reader;
    QWebSocketServer *webSockets; // null: no upgrades here
};

/// One connection of the qt transport. It peeks at heads and bodies and leaves the bytes of a
/// request in the socket's buffer until it is answered. So the next request is not read early, and
/// a peer that half-closed still gets its response. Owns: the socket, and after an upgrade the
/// WebSocket. Thread: its transport's.
class QtConnection final : public QObject
{
    Q_OBJECT
public:
    QtConnection(const QtConnectionContext &context, ConnectionId id, ConnectionTicket ticket);
    ~QtConnection() override;

    /// Takes an accepted descriptor; false, and the descriptor is closed, if Qt rejects it or its
    /// address has too many connections.
    [[nodiscard]] bool adopt(int descriptor);
    [[nodiscard]] ConnectionId id() const { return m_id; }
    /// As ResponseSink::respond(), on this thread.
    void respond(std::uint32_t request, const HttpResponse &response);
    /// Answers the open request, if there is one.
    void respond(const HttpResponse &response);
    /// Takes the WebSocket that QWebSocketServer created from this connection.
    void upgraded(QWebSocket *socket);
    /// Whether this is the connection that was handed over from this address and port.
    [[nodiscard]] bool isUpgrading(const QHostAddress &address, quint16 port) const;
    /// Accepts no further requests; an open one is still answered.
    void stop();
    /// Ends the session, if there is one, because the transport is being destroyed.
    void abandon();
    /// A request is not yet answered or output not yet written.
    [[nodiscard]] bool isBusy() const;
    [[nodiscard]] WebSocketSession *session() const;

Q_SIGNALS:
    /// The TCP connection has ended; the last signal.
    void ended(Carillon::ConnectionId id);

private:
    enum class State : std::uint8_t {
        Head,
        Body,
        Answering,
        Writing,
        Upgrading,
        WebSocket,
        Ending,
    };

    void onReadyRead();
    void onBytesWritten();
    void onDisconnected();
    void onTimeout();
    [[nodiscard]] bool takesPlace(QByteArrayView address);
    void readHead();
    [[nodiscard]] std::int64_t skipEmptyLines();
    void refuseTls();
    void begin(std::int64_t headSize);
    void upgrade();
    void readBody();
    void readChunks();
    void dispatch(const QByteArray &body);
    void refuse(ErrorCode why);
    void namePeer();
    void write(const HttpResponse &response);
    void nextRequest();

    QtConnectionContext m_context;
    ConnectionId m_id;
    ConnectionTicket m_ticket;
    QPointer<LingeringSocket> m_socket; // child
    Timer m_timer = Timer::of<&QtConnection::onTimeout>(this);
    State m_state = State::Head;
    std::uint32_t m_request = 0;
    RequestHead m_head;
    QByteArray m_peer;
    std::int64_t m_headSize = 0;
    std::int64_t m_requestSize = 0; // bytes of this request in the socket's buffer
    std::optional<ChunkedBody> m_chunks;
    bool m_headBegun = false;
    std::int64_t m_skipped = 0; // bytes of empty lines before the request
    bool m_isHead = false; // the request's method is HEAD
    bool m_last = false; // close after this answer
    std::unique_ptr<QtWebSocket> m_webSocket;
};

} // namespace Carillon
