// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/net/qt/lingeringsocket.h"
#include "server/net/transport.h"

#include <QObject>
#include <QPointer>

#include <memory>

class QWebSocket;

namespace Carillon {

/// A QWebSocket as a WebSocketConnection.
/// Owns: the QWebSocket, the session. Thread: its transport's.
class QtWebSocket final : public QObject, public WebSocketConnection
{
    Q_OBJECT
public:
    QtWebSocket(ConnectionId id, std::uint64_t limitKey, QWebSocket *socket, LingeringSocket *peer,
                const TransportLimits &limits);
    ~QtWebSocket() override;

    /// Opens the session; once, right after construction.
    void open(WebSocketService &service, const HttpRequest &head);
    /// The TCP connection has ended.
    void ended();
    /// Null once the session was told that it is closed.
    [[nodiscard]] WebSocketSession *session() const { return m_session.get(); }

    [[nodiscard]] ConnectionId id() const override { return m_id; }
    void sendText(const QByteArray &text) override;
    void sendPing() override;
    void close(int code, QByteArrayView reason) override;
    void setReading(bool) override { }
    [[nodiscard]] std::uint64_t limitKey() const override { return m_limitKey; }
    [[nodiscard]] std::int64_t pendingBytes() const override;
    [[nodiscard]] OutputProgress progress() const override;
    [[nodiscard]] PeerFacts peer() const override;

private:
    void onText(const QString &text);
    void onPong();
    void onInput();
    void onWritten();
    void onClosing();
    void finish();

    ConnectionId m_id;
    std::uint64_t m_limitKey;
    std::unique_ptr<QWebSocket> m_socket;
    QPointer<LingeringSocket> m_peer;
    std::int64_t m_outputLimit;
    std::unique_ptr<WebSocketSession> m_session;
    bool m_closing = false; // a Close frame was sent or received
    bool m_awaitsDrain = false;
    bool m_heard = false; // a message or pong since the last onInput()
};

} // namespace Carillon
