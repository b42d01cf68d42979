// SPDX-License-Identifier: MPL-2.0
#include "server/net/qt/qtconnection.h"

#include "server/net/http/httpwriter.h"
#include "server/net/listenerpolicy.h"
#include "server/net/listensocket.h"
#include "server/net/protocolfaults.h"
#include "server/net/qt/qthttpreader.h"
#include "server/net/websocket/websockethandshake.h"

#include <QWebSocket>
#include <QWebSocketServer>

#include <unistd.h>

namespace Carillon {

namespace {

QByteArray addressText(const QHostAddress &address)
{
    bool isIPv4 = false;
    const quint32 ipv4 = address.toIPv4Address(&isIPv4); // also of ::ffff:a.b.c.d
    QHostAddress plain = isIPv4 ? QHostAddress(ipv4) : address;
    plain.setScopeId({}); // IpAddress knows no zones
    return plain.toString().toLatin1();
}

} // namespace

QtConnection::QtConnection(const QtConnectionContext &context, ConnectionId id,
                           ConnectionTicket ticket)
    : m_context(context), m_id(id), m_ticket(std::move(ticket)),
      m_socket(new LingeringSocket(context.timers, context.limits.closeTimeout, this))
{
}

QtConnection::~QtConnection()
{
    if (m_socket)
        m_socket->disconnect(this);
}

bool QtConnection::adopt(int descriptor)
{
    disableNagle(descriptor);
    m_socket->setReadBufferSize(m_context.limits.head.bytes);
    if (!m_socket->setSocketDescriptor(descriptor)) {
        ::close(descriptor);
        return false;
    }
    m_peer = addressText(m_socket->peerAddress());
    if (!takesPlace(m_peer))
        return false;
    connect(m_socket, &QIODevice::readyRead, this, &QtConnection::onReadyRead);
    connect(m_socket, &QIODevice::bytesWritten, this, &QtConnection::onBytesWritten);
    connect(m_socket, &QAbstractSocket::disconnected, this, &QtConnection::onDisconnected);
    m_context.timers.start(m_timer, m_context.limits.headTimeout);
    return true;
}

bool QtConnection::takesPlace(QByteArrayView address)
{
    const ListenerPolicy *const policy = m_context.listener.policy;
    return !policy
        || policy->admits(m_ticket, IpAddress::parse(address).value_or(IpAddress::unnamed()));
}

void QtConnection::onReadyRead()
{
    if (m_state == State::Head)
        readHead();
    else if (m_state == State::Body)
        readBody();
}

void QtConnection::readHead()
{
    HeadLimits limits = m_context.limits.head;
    limits.bytes -= skipEmptyLines();
    const QByteArray bytes = m_socket->peek(m_context.limits.head.bytes);
    if (bytes.isEmpty() && limits.bytes > 0)
        return;
    if (beginsTls(bytes))
        return refuseTls();
    if (!std::exchange(m_headBegun, true))
        m_context.timers.start(m_timer, m_context.limits.headTimeout);
    m_head = {};
    const auto size = findHead(bytes, limits);
    if (!size || !*size)
        m_head.request.method = methodOf(bytes, m_context.limits.head);
    if (!size)
        return refuse(size.error());
    if (!*size)
        return;
    auto head = parseHead(QByteArrayView(bytes).first(**size), m_context.limits.head);
    if (!head) {
        m_head.request = head.error().request;
        return refuse(head.error().why);
    }
    m_head = std::move(*head);
    begin(**size);
}

/// Drops the empty lines before a request (RFC 9112 §2.2); gives how many bytes it were so far.
std::int64_t QtConnection::skipEmptyLines()
{
    while (m_skipped < m_context.limits.head.bytes && m_socket->peek(2) == "\r\n")
        m_skipped += m_socket->skip(2);
    return m_skipped;
}

/// Nothing that we could say would be understood.
void QtConnection::refuseTls()
{
    if (ProtocolFaults *const faults = m_context.listener.faults)
        faults->add(ProtocolFaults::Fault::TlsOnPlain, m_context.listener.name, m_peer);
    m_state = State::Ending;
    m_timer.cancel();
    m_socket->close();
}

void QtConnection::begin(std::int64_t headSize)
{
    namePeer();
    m_isHead = m_head.request.method == "HEAD";
    m_last = m_last || !m_head.keepAlive;
    m_headSize = headSize;
    m_requestSize = headSize + m_head.contentLength;
    if (m_context.webSockets && asksForWebSocket(m_head))
        return upgrade();
    const std::int64_t limit = m_context.listener.http->bodyLimit(m_head.request);
    if (m_head.contentLength > limit)
        return refuse(ErrorCode::BodyTooLarge);
    if (m_head.framing == BodyFraming::Chunked)
        m_chunks.emplace(limit, m_context.limits.head.bytes);
    if (m_head.expectsContinue && m_socket->bytesAvailable() <= headSize)
        m_socket->write("HTTP/1.1 100 Continue\r\n\r\n");
    m_state = State::Body;
    m_context.timers.start(m_timer, m_context.limits.bodyTimeout);
    m_socket->setReadBufferSize(m_requestSize + (m_chunks ? m_context.limits.head.bytes : 0));
    readBody();
}

void QtConnection::upgrade()
{
    if (const Result<void> judged = judgeHandshake(m_head); !judged) {
        m_last = true;
        HttpResponse response = m_context.listener.http->refuse(m_head.request, judged.error());
        if (judged.error() == ErrorCode::UpgradeRequired)
            response = withWebSocketVersion(std::move(response));
        return write(response);
    }
    if (const auto refusal = m_context.listener.webSocket->refusal(m_head.request)) {
        m_last = true;
        return write(*refusal);
    }
    // A trusted proxy told only now whose connection it is.
    if (!takesPlace(m_head.request.peer))
        return refuse(ErrorCode::TooManyConnections);
    m_state = State::Upgrading;
    disconnect(m_socket, &QIODevice::readyRead, this, nullptr);
    // A frame is read when it is whole: the buffer holds the longest one and its header.
    m_socket->setReadBufferSize(
        std::max(m_context.limits.head.bytes, m_context.limits.webSocketMessageBytes + 16));
    m_context.webSockets->handleConnection(m_socket);
}

bool QtConnection::isUpgrading(const QHostAddress &address, quint16 port) const
{
    return m_state == State::Upgrading && m_socket && m_socket->peerPort() == port
        && m_socket->peerAddress() == address;
}

void QtConnection::upgraded(QWebSocket *socket)
{
    m_timer.cancel();
    m_state = State::WebSocket;
    m_webSocket = std::make_unique<QtWebSocket>(m_id, m_ticket.limitKey(), socket, m_socket,
                                                m_context.limits);
    const RequestHead head = std::exchange(m_head, {});
    m_webSocket->open(*m_context.listener.webSocket, head.request);
}

void QtConnection::readBody()
{
    if (m_chunks)
        return readChunks();
    if (m_socket->bytesAvailable() >= m_requestSize)
        dispatch(m_socket->peek(m_requestSize).sliced(m_headSize));
}

void QtConnection::readChunks()
{
    const QByteArray bytes = m_socket->peek(m_socket->bytesAvailable());
    const Result<std::int64_t> taken = m_chunks->feed(QByteArrayView(bytes).sliced(m_requestSize));
    if (!taken)
        return refuse(taken.error());
    m_requestSize += *taken;
    if (m_chunks->isComplete()) {
        m_socket->setReadBufferSize(m_requestSize);
        dispatch(m_chunks->takeBody());
    } else {
        m_socket->setReadBufferSize(m_requestSize + m_context.limits.head.bytes);
    }
}

void QtConnection::dispatch(const QByteArray &body)
{
    std::optional<QByteArray> read = m_context.reader.read(m_head, body);
    if (!read)
        return refuse(ErrorCode::BadRequest);
    m_timer.cancel();
    m_state = State::Answering;
    HttpRequest request = std::exchange(m_head, {}).request;
    request.body = std::move(*read);
    m_context.listener.http->handle(std::move(request),
                                    HttpResponder(m_context.sink, m_id, m_request));
}

void QtConnection::respond(std::uint32_t request, const HttpResponse &response)
{
    if (request == m_request)
        respond(response);
}

void QtConnection::respond(const HttpResponse &response)
{
    if (m_state == State::Answering)
        write(response);
}

void QtConnection::namePeer()
{
    const ListenerPolicy *const policy = m_context.listener.policy;
    m_head.request.peer = policy ? policy->clientOf(m_peer, m_head.request) : m_peer;
}

void QtConnection::refuse(ErrorCode why)
{
    m_last = true;
    m_isHead = m_head.request.method == "HEAD";
    namePeer();
    write(m_context.listener.http->refuse(m_head.request, why));
}

void QtConnection::write(const HttpResponse &response)
{
    m_state = State::Writing;
    m_context.timers.start(m_timer, m_context.limits.idleTimeout);
    m_socket->write(serializeResponse(
        response,
        { .withoutBody = m_isHead, .close = m_last, .date = httpDate(SystemClock().wall()) }));
}

void QtConnection::onBytesWritten()
{
    if (m_state != State::Writing || m_socket->bytesToWrite() > 0)
        return;
    if (m_last) {
        m_state = State::Ending;
        m_timer.cancel();
        m_socket->close();
    } else {
        nextRequest();
    }
}

void QtConnection::nextRequest()
{
    ++m_request;
    m_chunks.reset();
    m_headBegun = false;
    m_skipped = 0;
    m_state = State::Head;
    m_socket->skip(m_requestSize);
    m_socket->setReadBufferSize(m_context.limits.head.bytes);
    m_context.timers.start(m_timer, m_context.limits.idleTimeout);
    readHead();
}

void QtConnection::stop()
{
    m_last = true;
    if (m_state == State::Head) {
        m_state = State::Ending;
        m_timer.cancel();
        m_socket->close();
    }
}

void QtConnection::abandon()
{
    if (m_webSocket)
        m_webSocket->ended();
}

void QtConnection::onTimeout()
{
    if (m_state == State::Body || (m_state == State::Head && m_headBegun))
        refuse(ErrorCode::RequestTimeout);
    else if (m_socket)
        m_socket->cut();
}

void QtConnection::onDisconnected()
{
    m_state = State::Ending;
    m_timer.cancel();
    if (m_webSocket)
        m_webSocket->ended();
    Q_EMIT ended(m_id);
}

bool QtConnection::isBusy() const
{
    switch (m_state) {
    case State::Body:
    case State::Answering:
    case State::Writing:
        return true;
    case State::WebSocket:
        return m_webSocket->pendingBytes() > 0;
    case State::Head:
    case State::Upgrading:
    case State::Ending:
        break;
    }
    return false;
}

WebSocketSession *QtConnection::session() const
{
    return m_webSocket ? m_webSocket->session() : nullptr;
}

} // namespace Carillon
