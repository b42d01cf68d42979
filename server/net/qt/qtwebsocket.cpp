// SPDX-License-Identifier: MPL-2.0
#include "server/net/qt/qtwebsocket.h"

#include <QWebSocket>

namespace Carillon {

namespace {

/// RFC 6455 §5.5: 125 bytes, two of them the code; cut between characters.
QString closeReason(QByteArrayView reason)
{
    qsizetype size = std::min<qsizetype>(reason.size(), 123);
    while (size > 0 && size < reason.size() && (reason[size] & 0xc0) == 0x80)
        --size;
    return QString::fromUtf8(reason.first(size));
}

} // namespace

QtWebSocket::QtWebSocket(ConnectionId id, std::uint64_t limitKey, QWebSocket *socket,
                         LingeringSocket *peer, const TransportLimits &limits)
    : m_id(id), m_limitKey(limitKey), m_socket(socket), m_peer(peer),
      m_outputLimit(limits.webSocketOutputBytes)
{
    m_socket->setParent(nullptr);
    const auto most = static_cast<quint64>(limits.webSocketMessageBytes);
    m_socket->setMaxAllowedIncomingFrameSize(most);
    m_socket->setMaxAllowedIncomingMessageSize(most);
    connect(socket, &QWebSocket::textMessageReceived, this, &QtWebSocket::onText);
    connect(socket, &QWebSocket::binaryFrameReceived, this, [this] {
        close(closeCode(ErrorCode::BinaryMessage), errorName(ErrorCode::BinaryMessage));
    });
    connect(socket, &QWebSocket::pong, this, &QtWebSocket::onPong);
    connect(socket, &QWebSocket::aboutToClose, this, &QtWebSocket::onClosing);
    connect(socket, &QWebSocket::bytesWritten, this, &QtWebSocket::onWritten);
    // QWebSocket answers pings and tells nobody. It reads in a queued call of its own; ours comes
    // after it and takes bytes that brought neither message nor pong for one.
    connect(peer, &QIODevice::readyRead, this, &QtWebSocket::onInput, Qt::QueuedConnection);
}

QtWebSocket::~QtWebSocket()
{
    // QWebSocket says that it is about to close when it is destroyed.
    m_socket->disconnect(this);
}

void QtWebSocket::open(WebSocketService &service, const HttpRequest &head)
{
    m_session = service.opened(*this, head);
}

void QtWebSocket::sendText(const QByteArray &text)
{
    if (m_closing)
        return;
    m_awaitsDrain = true;
    m_socket->sendTextMessage(QString::fromUtf8(text));
    if (pendingBytes() > m_outputLimit)
        close(closeCode(ErrorCode::SlowReader), errorName(ErrorCode::SlowReader));
}

void QtWebSocket::sendPing()
{
    if (!m_closing)
        m_socket->ping();
}

void QtWebSocket::close(int code, QByteArrayView reason)
{
    if (m_closing)
        return;
    m_closing = true;
    m_socket->close(static_cast<QWebSocketProtocol::CloseCode>(code), closeReason(reason));
}

std::int64_t QtWebSocket::pendingBytes() const
{
    return m_peer ? m_peer->bytesToWrite() : 0;
}

OutputProgress QtWebSocket::progress() const
{
    if (!m_peer)
        return {};
    OutputProgress progress = outputProgress(static_cast<int>(m_peer->socketDescriptor()));
    progress.waiting += pendingBytes();
    return progress;
}

PeerFacts QtWebSocket::peer() const
{
    if (!m_peer)
        return {};
    return peerFacts(static_cast<int>(m_peer->socketDescriptor()), m_limitKey);
}

void QtWebSocket::onText(const QString &text)
{
    m_heard = true;
    if (!m_closing && m_session)
        m_session->textReceived(text.toUtf8());
}

void QtWebSocket::onPong()
{
    m_heard = true;
    if (!m_closing && m_session)
        m_session->pongReceived();
}

void QtWebSocket::onInput()
{
    if (!std::exchange(m_heard, false) && !m_closing && m_session)
        m_session->pongReceived();
}

void QtWebSocket::onWritten()
{
    if (!m_awaitsDrain || pendingBytes() > 0)
        return;
    m_awaitsDrain = false;
    if (!m_closing && m_session)
        m_session->drained();
}

void QtWebSocket::onClosing()
{
    // After our own close() the session hears of the end of TCP; the peer's Close frame, or ours
    // about a violation of its, is the end by itself: nothing can be sent any more.
    if (!std::exchange(m_closing, true))
        finish();
}

void QtWebSocket::ended()
{
    m_closing = true;
    finish();
}

void QtWebSocket::finish()
{
    const std::unique_ptr<WebSocketSession> session = std::move(m_session);
    if (session)
        session->closed();
}

} // namespace Carillon
