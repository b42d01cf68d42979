// SPDX-License-Identifier: MPL-2.0
#include "server/net/native/nativeconnection.h"

#include "server/net/epollloop.h"
#include "server/net/http/httpwriter.h"
#include "server/net/listenerpolicy.h"
#include "server/net/protocolfaults.h"
#include "server/net/websocket/websockethandshake.h"

#include <sys/epoll.h>

namespace Carillon {

namespace {

/// The most reads in readNow(): more than the acks of a client with a full window need.
constexpr int ReadsNow = 64;
/// Sent output is removed from the front of the buffer in pieces of at least this size.
constexpr qsizetype CompactBytes = 256 * 1024;

static_assert(NativeConnection::FirstEvents == EPOLLIN);

} // namespace

NativeConnection::NativeConnection(const NativeContext &context, ConnectionId id, int descriptor,
                                   QByteArray peer, ConnectionTicket ticket)
    : m_context(context), m_id(id), m_ticket(std::move(ticket)),
      m_stream(descriptor, context.listener.tls), m_peer(std::move(peer))
{
    startTimer(context.limits.headTimeout);
}

NativeConnection::~NativeConnection() = default;

// Bytes in.

void NativeConnection::ready(std::uint32_t events)
{
    const bool isBroken = (events & (EPOLLERR | EPOLLHUP)) != 0;
    // Input that arrived before the end is still read, if the state allows reading.
    if (isBroken && !isReading())
        lose();
    if ((events & m_stream.sendEvent()) != 0 && m_state != State::Gone)
        flush();
    if (isReading() && (isBroken || (events & m_stream.receiveEvent()) != 0))
        readInput();
    else if (!isReading())
        setInterest(m_interest & ~std::uint32_t { EPOLLIN });
    settle();
}

bool NativeConnection::isReading() const
{
    switch (m_state) {
    case State::Request:
    case State::Closing:
        return true;
    case State::WebSocket:
        return !m_isReadingPaused;
    case State::Ending:
        return !m_output;
    case State::Answering:
    case State::Writing:
    case State::Gone:
        break;
    }
    return false;
}

bool NativeConnection::readInput()
{
    if (!m_waiting.isEmpty()) {
        QByteArray bytes = std::exchange(m_waiting, {});
        takeInput({ bytes.data(), static_cast<std::size_t>(bytes.size()) });
        if (isReading() && m_stream.hasPending())
            resumeSoon();
        return true;
    }
    std::span<char> buffer = m_context.loop.readBuffer();
    if (m_state == State::Request) {
        const std::int64_t appetite =
            m_requestReader ? m_requestReader->appetite() : m_context.limits.head.bytes;
        buffer = buffer.first(std::min(buffer.size(), static_cast<std::size_t>(appetite)));
    }
    const SocketStream::Transfer transfer = m_stream.receive(buffer);
    switch (transfer.outcome) {
    case SocketStream::Outcome::Moved:
        takeInput(buffer.first(transfer.size));
        if (isReading() && m_stream.hasPending())
            resumeSoon();
        return true;
    case SocketStream::Outcome::Blocked:
        break;
    case SocketStream::Outcome::Ended:
        endInput();
        break;
    case SocketStream::Outcome::Failed:
        lose();
        break;
    case SocketStream::Outcome::NotTls:
        refusePlain();
        break;
    }
    return false;
}

/// The peer sent FIN. It may still read, so pending output is sent first.
void NativeConnection::endInput()
{
    if (hasBegunRequest()) {
        const std::unique_ptr<RequestReader> reader = std::move(m_requestReader);
        refuse(reader->head().request, ErrorCode::BadRequest);
    } else if (m_output && (m_state == State::WebSocket || m_state == State::Closing)) {
        end();
        endSession();
    } else {
        if (!m_output)
            m_stream.finishSending(); // TLS: close_notify is answered with one
        lose();
    }
}

void NativeConnection::takeInput(std::span<char> bytes)
{
    if (m_state == State::Request)
        takeRequests(bytes);
    else if (m_state == State::WebSocket || m_state == State::Closing)
        takeFrames(bytes);
}

void NativeConnection::readNow()
{
    for (int i = 0; i < ReadsNow && m_state == State::WebSocket && isReading() && readInput();
         ++i) { }
    settle();
}

void NativeConnection::resume()
{
    m_resumesSoon = false;
    if (isReading() && (!m_waiting.isEmpty() || m_stream.hasPending()))
        readInput();
    settle();
}

/// No epoll event reports bytes that were already read.
void NativeConnection::resumeIfAnyWaits()
{
    if (!m_waiting.isEmpty() || m_stream.hasPending())
        resumeSoon();
}

void NativeConnection::resumeSoon()
{
    if (!m_resumesSoon)
        m_context.owner.resumeLater(m_id);
    m_resumesSoon = true;
}

// Bytes out.

void NativeConnection::send(QByteArray bytes)
{
    if (m_output) {
        m_output->bytes.append(bytes);
        return;
    }
    const SocketStream::Transfer transfer = m_stream.send(bytes);
    if (transfer.outcome == SocketStream::Outcome::Failed)
        m_stream.cut(); // and the loop will report it
    else
        keepUnsent(std::move(bytes), static_cast<qsizetype>(transfer.size));
}

void NativeConnection::sendFrame(Opcode opcode, QByteArrayView payload)
{
    if (m_output) {
        appendFrame(m_output->bytes, opcode, payload);
        return;
    }
    QByteArray &frame = m_context.loop.writeBuffer();
    appendFrame(frame, opcode, payload);
    const SocketStream::Transfer transfer = m_stream.send(frame);
    const auto sent = static_cast<qsizetype>(transfer.size);
    if (transfer.outcome == SocketStream::Outcome::Failed)
        m_stream.cut();
    else if (sent < frame.size())
        keepUnsent(frame.sliced(sent), 0);
}

void NativeConnection::keepUnsent(QByteArray bytes, qsizetype sent)
{
    if (sent == bytes.size())
        return;
    m_output = std::make_unique<Output>();
    m_output->bytes = std::move(bytes);
    m_output->sent = sent;
    updateInterest();
}

void NativeConnection::flush()
{
    if (m_stream.isFinishing())
        m_stream.finishSending();
    if (!m_output)
        return;
    const SocketStream::Transfer transfer =
        m_stream.send(QByteArrayView(m_output->bytes).sliced(m_output->sent));
    if (transfer.outcome == SocketStream::Outcome::Failed) {
        lose();
        return;
    }
    m_output->sent += static_cast<qsizetype>(transfer.size);
    if (m_output->sent < m_output->bytes.size()) {
        if (m_state == State::Writing && transfer.size > 0)
            startTimer(m_context.limits.idleTimeout); // slow, but it reads
        if (m_output->sent >= CompactBytes && m_output->sent > m_output->bytes.size() / 2) {
            m_output->bytes = m_output->bytes.sliced(m_output->sent);
            m_output->sent = 0;
        }
        return;
    }
    const std::unique_ptr<Output> taken = std::move(m_output);
    if (taken->pong && m_state == State::WebSocket)
        sendFrame(Opcode::Pong, *taken->pong);
    if (m_output)
        return;
    if (m_state == State::Writing)
        onWritten();
    else if (m_state == State::WebSocket)
        m_session->drained();
    else if (m_state == State::Ending)
        m_stream.finishSending();
}

void NativeConnection::setInterest(std::uint32_t events)
{
    if (events == m_interest)
        return;
    m_interest = static_cast<std::uint8_t>(events);
    m_context.loop.change(m_stream.descriptor(), key(m_id), events);
}

void NativeConnection::updateInterest()
{
    // While a request is being answered, EPOLLIN is removed only when input arrives: most responses
    // are faster than the next request.
    std::uint32_t events =
        isReading() ? m_stream.receiveEvent() : m_interest & std::uint32_t { EPOLLIN };
    if (m_output || m_stream.isFinishing())
        events |= m_stream.sendEvent();
    setInterest(events);
}

/// The end of each call from the loop.
void NativeConnection::settle()
{
    if (m_state == State::Gone)
        m_context.owner.remove(m_id);
    else
        updateInterest();
}

// The end.

void NativeConnection::onTimeout()
{
    if (hasBegunRequest()) {
        const std::unique_ptr<RequestReader> reader = std::move(m_requestReader);
        refuse(reader->head().request, ErrorCode::RequestTimeout);
    } else if (m_state == State::Request && m_isStopped) {
        end();
    } else {
        if (!m_output)
            m_stream.finishSending();
        lose();
    }
    settle();
}

/// Lingering close, so that the peer gets the last output: closing with unread input would make the
/// kernel send a reset, which may overtake it.
void NativeConnection::end()
{
    if (m_state != State::Closing)
        startTimer(m_context.limits.closeTimeout);
    m_state = State::Ending;
    m_waiting = {};
    if (!m_output)
        m_stream.finishSending();
}

void NativeConnection::lose()
{
    m_state = State::Gone;
    endSession();
}

void NativeConnection::stop()
{
    m_isStopped = m_last = true;
    // A request that has arrived counts as open, even if it was not read yet.
    if (m_state == State::Request)
        readInput();
    if (m_state == State::Request && !(m_requestReader && m_requestReader->isInBody()))
        startTimer(m_context.limits.stopGrace);
    settle();
}

bool NativeConnection::hasBegunRequest() const
{
    return m_state == State::Request && m_requestReader && !m_requestReader->isIdle();
}

bool NativeConnection::isBusy() const
{
    switch (m_state) {
    case State::Request:
        return m_requestReader && m_requestReader->isInBody();
    case State::Answering:
    case State::Writing:
        return true;
    case State::WebSocket:
    case State::Closing:
    case State::Ending:
        return m_output != nullptr;
    case State::Gone:
        break;
    }
    return false;
}

} // namespace Carillon
