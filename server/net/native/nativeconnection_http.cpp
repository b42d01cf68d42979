// SPDX-License-Identifier: MPL-2.0
#include "server/net/epollloop.h"
#include "server/net/http/httpwriter.h"
#include "server/net/listenerpolicy.h"
#include "server/net/native/nativeconnection.h"
#include "server/net/protocolfaults.h"
#include "server/net/unixsocket.h"
#include "server/net/websocket/websockethandshake.h"

// A NativeConnection as an HTTP server: requests, answers and the way to a WebSocket.
namespace Carillon {

void NativeConnection::takeRequests(std::span<char> bytes)
{
    RequestReader fresh(m_context.limits.head);
    RequestReader &reader = m_requestReader ? *m_requestReader : fresh;
    if (reader.isFresh() && !m_stream.isTls() && beginsTls(toView(bytes))) {
        judgeTls(bytes);
        return;
    }
    const bool wasIdle = reader.isIdle();
    const std::uint32_t first = m_request;
    for (int i = 0; m_state == State::Request && !bytes.empty(); ++i) {
        if (i == InputsPerTurn) {
            resumeSoon();
            break;
        }
        takeRequest(reader, bytes);
    }
    if (m_state != State::Request || reader.isFresh()) {
        m_requestReader.reset();
    } else {
        if ((wasIdle || m_request != first) && !reader.isIdle() && !reader.isInBody())
            startTimer(m_context.limits.headTimeout);
        if (!m_requestReader)
            m_requestReader = std::make_unique<RequestReader>(std::move(fresh));
    }
    if (bytes.empty() || m_state == State::Ending)
        return;
    if (m_state == State::WebSocket || m_state == State::Closing)
        takeFrames(bytes);
    else
        m_waiting = toView(bytes).toByteArray();
}

void NativeConnection::takeRequest(RequestReader &reader, std::span<char> &bytes)
{
    QByteArrayView rest = toView(bytes);
    const Result<RequestReader::Progress> progress = reader.read(rest);
    bytes = bytes.last(static_cast<std::size_t>(rest.size()));
    if (!progress) {
        refuse(reader.head().request, progress.error());
        return;
    }
    switch (*progress) {
    case RequestReader::Progress::More:
        break;
    case RequestReader::Progress::Head:
        begin(reader, bytes.empty());
        break;
    case RequestReader::Progress::Request:
        dispatch(reader);
        break;
    }
}

void NativeConnection::begin(RequestReader &reader, bool isBodyAwaited)
{
    RequestHead &head = reader.head();
    namePeer(head.request);
    m_isHead = head.request.method == "HEAD";
    m_last = m_last || !head.keepAlive;
    if (m_context.listener.webSocket && asksForWebSocket(head)) {
        upgrade(reader.takeHead());
        return;
    }
    const Result<void> fits = reader.readBody(m_context.listener.http->bodyLimit(head.request));
    if (!fits) {
        refuse(head.request, fits.error());
    } else if (head.framing == BodyFraming::None) {
        dispatch(reader);
    } else {
        if (head.expectsContinue && isBodyAwaited)
            send(QByteArrayLiteral("HTTP/1.1 100 Continue\r\n\r\n"));
        startTimer(m_context.limits.bodyTimeout);
    }
}

void NativeConnection::dispatch(RequestReader &reader)
{
    m_timer.cancel();
    m_state = State::Answering;
    m_context.listener.http->handle(reader.takeRequest(),
                                    HttpResponder(m_context.sink, m_id, m_request));
}

void NativeConnection::refuse(HttpRequest &head, ErrorCode why)
{
    m_last = true;
    m_isHead = head.method == "HEAD";
    namePeer(head);
    write(m_context.listener.http->refuse(head, why));
}

void NativeConnection::judgeTls(std::span<char> bytes)
{
    const TlsServer *const offered = m_context.listener.offeredTls;
    if (!offered || m_request > 0) {
        refuseTls();
        return;
    }
    m_stream.startTls(*offered, bytes);
    readInput();
}

/// The peer would understand no response.
void NativeConnection::refuseTls()
{
    if (ProtocolFaults *const faults = m_context.listener.faults)
        faults->add(ProtocolFaults::Fault::TlsOnPlain, m_context.listener.name, m_peer);
    m_last = true;
    end();
}

/// The wording is nginx's, which people search for.
void NativeConnection::refusePlain()
{
    if (ProtocolFaults *const faults = m_context.listener.faults)
        faults->add(ProtocolFaults::Fault::PlainOnTls, m_context.listener.name, m_peer);
    m_last = true;
    write({ .status = 400,
            .headers = { { "Content-Type", "text/plain" } },
            .body = "The plain HTTP request was sent to HTTPS port\n" });
}

void NativeConnection::namePeer(HttpRequest &head) const
{
    if (m_context.listener.isLocal) {
        head.credentials = peerCredentials(m_stream.descriptor());
        return;
    }
    const ListenerPolicy *const policy = m_context.listener.policy;
    head.peer = policy ? policy->clientOf(m_peer, head) : m_peer;
}

void NativeConnection::respond(std::uint32_t request, const HttpResponse &response)
{
    if (request == m_request)
        respond(response);
}

void NativeConnection::respond(const HttpResponse &response)
{
    if (m_state == State::Answering)
        write(response);
}

void NativeConnection::write(const HttpResponse &response)
{
    m_state = State::Writing;
    send(serializeResponse(
        response, { .withoutBody = m_isHead, .close = m_last, .date = m_context.loop.date() }));
    if (m_output)
        startTimer(m_context.limits.idleTimeout);
    else
        onWritten();
}

void NativeConnection::onWritten()
{
    if (m_last) {
        end();
    } else {
        ++m_request;
        m_state = State::Request;
        startTimer(m_context.limits.idleTimeout);
        resumeIfAnyWaits();
    }
    updateInterest();
}

void NativeConnection::upgrade(const RequestHead &head)
{
    WebSocketService &service = *m_context.listener.webSocket;
    if (const Result<void> judged = judgeHandshake(head); !judged) {
        HttpResponse response = m_context.listener.http->refuse(head.request, judged.error());
        if (judged.error() == ErrorCode::UpgradeRequired)
            response = withWebSocketVersion(std::move(response));
        refuseUpgrade(response);
        return;
    }
    if (const std::optional<HttpResponse> refusal = service.refusal(head.request)) {
        refuseUpgrade(*refusal);
        return;
    }
    if (m_isStopped || !takesPlace(head.request)) {
        const auto why = m_isStopped ? ErrorCode::Draining : ErrorCode::TooManyConnections;
        refuseUpgrade(m_context.listener.http->refuse(head.request, why));
        return;
    }
    m_timer.cancel();
    m_peer = {};
    m_state = State::WebSocket;
    send(acceptHandshake(head, service.subprotocol()));
    m_session = service.opened(*this, head.request);
}

void NativeConnection::refuseUpgrade(const HttpResponse &response)
{
    m_last = true;
    write(response);
}

/// Counts the connection for the client's address, which a trusted proxy has named only now.
bool NativeConnection::takesPlace(const HttpRequest &head)
{
    const ListenerPolicy *const policy = m_context.listener.policy;
    return !policy
        || policy->admits(m_ticket, IpAddress::parse(head.peer).value_or(IpAddress::unnamed()));
}

} // namespace Carillon
