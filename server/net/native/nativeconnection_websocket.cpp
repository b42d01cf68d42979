// SPDX-License-Identifier: MPL-2.0
// The WebSocket that a NativeConnection is after its upgrade.
#include "server/net/native/nativeconnection.h"

#include "server/net/epollloop.h"

namespace Carillon {

void NativeConnection::takeFrames(std::span<char> bytes)
{
    WebSocketReader fresh(m_context.limits.webSocketMessageBytes);
    WebSocketReader &reader = m_frameReader ? *m_frameReader : fresh;
    for (int i = 0; m_state == State::WebSocket || m_state == State::Closing; ++i) {
        if (!bytes.empty() && (i == InputsPerTurn || !isReading())) {
            m_waiting = toView(bytes).toByteArray();
            resumeSoon();
            break;
        }
        const Result<std::optional<WebSocketInput>> input = reader.next(bytes);
        if (!input) {
            sendClose(closeCode(input.error()), errorName(input.error()));
            break;
        }
        if (!*input)
            break;
        takeFrame(**input);
    }
    if (m_state == State::Ending || m_state == State::Gone || reader.isIdle())
        m_frameReader.reset();
    else if (!m_frameReader)
        m_frameReader = std::make_unique<WebSocketReader>(std::move(fresh));
}

void NativeConnection::takeFrame(const WebSocketInput &input)
{
    const bool isOpen = m_state == State::WebSocket;
    switch (input.opcode) {
    case Opcode::Text:
        if (isOpen)
            m_session->textReceived(input.payload);
        break;
    case Opcode::Ping:
        if (isOpen) {
            sendPong(input.payload);
            m_session->pongReceived();
        }
        break;
    case Opcode::Pong:
        if (isOpen)
            m_session->pongReceived();
        break;
    case Opcode::Close:
        sendClose(input.payload.isEmpty() ? 0
                                          : static_cast<std::uint8_t>(input.payload[0]) << 8
                          | static_cast<std::uint8_t>(input.payload[1]),
                  {});
        break;
    case Opcode::Continuation:
    case Opcode::Binary:
        break; // the reader gives none out
    }
}

/// Our last frame, unless it is out already: the peer said Close or broke the protocol. Nothing
/// can be sent after it, so the session ends now.
void NativeConnection::sendClose(int code, QByteArrayView reason)
{
    if (m_state == State::WebSocket) {
        QByteArray frame;
        appendCloseFrame(frame, code, reason);
        send(std::move(frame));
    }
    end();
    endSession();
}

void NativeConnection::sendPong(QByteArrayView payload)
{
    // RFC 6455 §5.5.3: of several pings only the last needs an answer.
    if (m_output)
        m_output->pong = payload.toByteArray();
    else
        sendFrame(Opcode::Pong, payload);
}

void NativeConnection::endSession()
{
    if (const std::unique_ptr<WebSocketSession> session = std::move(m_session))
        session->closed();
}

void NativeConnection::sendText(const QByteArray &text)
{
    if (m_state != State::WebSocket)
        return;
    sendFrame(Opcode::Text, text);
    if (pendingBytes() > m_context.limits.webSocketOutputBytes)
        close(closeCode(ErrorCode::SlowReader), errorName(ErrorCode::SlowReader));
}

void NativeConnection::sendPing()
{
    if (m_state == State::WebSocket)
        sendFrame(Opcode::Ping, {});
}

void NativeConnection::close(int code, QByteArrayView reason)
{
    if (m_state != State::WebSocket)
        return;
    m_state = State::Closing;
    QByteArray frame;
    appendCloseFrame(frame, code, reason);
    send(std::move(frame));
    startTimer(m_context.limits.closeTimeout);
    setReading(true); // for the peer's
}

void NativeConnection::setReading(bool reads)
{
    if (m_isReadingPaused == !reads)
        return;
    m_isReadingPaused = !reads;
    // EPOLLIN is removed only when input arrives: see updateInterest().
    if (!reads)
        return;
    resumeIfAnyWaits();
    updateInterest();
}

std::int64_t NativeConnection::pendingBytes() const
{
    return m_output ? m_output->bytes.size() - m_output->sent : 0;
}

OutputProgress NativeConnection::progress() const
{
    OutputProgress progress = outputProgress(m_stream.descriptor());
    progress.waiting += pendingBytes();
    return progress;
}

PeerFacts NativeConnection::peer() const
{
    PeerFacts facts = peerFacts(m_stream.descriptor(), limitKey());
    facts.tls = m_stream.tlsVersion();
    return facts;
}

} // namespace Carillon
