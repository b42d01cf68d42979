// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/net/connectionticket.h"
#include "server/net/http/requestreader.h"
#include "server/net/socketstream.h"
#include "server/net/timer.h"
#include "server/net/timers.h"
#include "server/net/transport.h"
#include "server/net/websocket/websocketframe.h"
#include "server/net/websocket/websocketreader.h"

#include <memory>
#include <optional>

namespace Carillon {

class EpollLoop;

/// The transport that holds a connection, as the connection uses it.
class NativeConnectionOwner
{
public:
    /// Calls resume() of this connection in a later turn of the loop, if it still exists.
    virtual void resumeLater(ConnectionId id) = 0;
    /// Destroys this connection at once.
    virtual void remove(ConnectionId id) = 0;

protected:
    ~NativeConnectionOwner() = default;
};

/// What the connections of one listener share; all of it outlives them.
struct NativeContext
{
    NativeConnectionOwner &owner;
    ResponseSink &sink;
    EpollLoop &loop;
    Timers &timers;
    const TransportLimits &limits;
    const Listener &listener;
};

/// One connection of the native transport: an HTTP server with one request in flight, and a
/// WebSocket after an upgrade. It does not read while a request is being answered or the response
/// is not sent, except for up to 16 KiB that came with the request. It has buffers only while a
/// message is incomplete. WebSocketSession::closed() is called only from the event loop, never
/// within a call of the session. Owns: the descriptor, the session. Thread: its transport's.
class NativeConnection final : public WebSocketConnection
{
public:
    /// The events a new connection is to be watched for.
    static constexpr std::uint32_t FirstEvents = 0x001; // EPOLLIN

    NativeConnection(const NativeContext &context, ConnectionId id, int descriptor, QByteArray peer,
                     ConnectionTicket ticket = {});
    ~NativeConnection() override;

    /// The key under which the loop watches it.
    [[nodiscard]] static std::uint64_t key(ConnectionId id)
    {
        return std::uint64_t { id.slot } << 32 | id.generation;
    }

    // For the transport; each may destroy the connection as its last act.

    /// The descriptor is ready for these epoll events.
    void ready(std::uint32_t events);
    /// Continues with buffered input.
    void resume();
    /// As Transport::readNow().
    void readNow();
    /// Accepts no further requests, except one that has arrived or arrives soon; it and an open one
    /// are still answered. No session begins.
    void stop();
    /// Ends the session while the whole transport still exists.
    void abandon() { lose(); }

    /// As ResponseSink::respond(), on this thread.
    void respond(std::uint32_t request, const HttpResponse &response);
    /// Answers the open request, if there is one.
    void respond(const HttpResponse &response);
    /// A request is not yet answered, or output not yet written.
    [[nodiscard]] bool isBusy() const;
    /// Null once the session was told that it is closed.
    [[nodiscard]] WebSocketSession *session() const { return m_session.get(); }

    // WebSocketConnection
    [[nodiscard]] ConnectionId id() const override { return m_id; }
    void sendText(const QByteArray &text) override;
    void sendPing() override;
    void close(int code, QByteArrayView reason) override;
    void setReading(bool reads) override;
    [[nodiscard]] std::uint64_t limitKey() const override { return m_ticket.limitKey(); }
    [[nodiscard]] std::int64_t pendingBytes() const override;
    [[nodiscard]] OutputProgress progress() const override;
    [[nodiscard]] PeerFacts peer() const override;

private:
    enum class State : std::uint8_t {
        Request, // between requests or within one
        Answering,
        Writing, // an answer
        WebSocket,
        Closing, // our Close frame is sent, the peer's is awaited
        Ending, // lingering close: the last output, FIN, then input is dropped until the peer's FIN
        Gone, // to be removed
    };
    /// Requests or frames handled in one turn, so that other connections get theirs.
    static constexpr int InputsPerTurn = 32;
    /// Output that the kernel has not accepted yet.
    struct Output
    {
        QByteArray bytes;
        qsizetype sent = 0;
        std::optional<QByteArray> pong; // the newest one owed
    };

    // Bytes.
    [[nodiscard]] bool isReading() const;
    /// Returns whether there was input.
    bool readInput();
    void endInput();
    void takeInput(std::span<char> bytes);
    void send(QByteArray bytes);
    void sendFrame(Opcode opcode, QByteArrayView payload);
    void keepUnsent(QByteArray bytes, qsizetype sent);
    void flush();
    void setInterest(std::uint32_t events);
    void updateInterest();
    void settle();
    void resumeIfAnyWaits();
    void resumeSoon();
    void startTimer(std::chrono::milliseconds delay) { m_context.timers.start(m_timer, delay); }
    void onTimeout();
    void end();
    void lose();

    // HTTP.
    /// An incomplete request has arrived.
    [[nodiscard]] bool hasBegunRequest() const;
    void takeRequests(std::span<char> bytes);
    void takeRequest(RequestReader &reader, std::span<char> &bytes);
    void begin(RequestReader &reader, bool isBodyAwaited);
    void upgrade(const RequestHead &head);
    [[nodiscard]] bool takesPlace(const HttpRequest &head);
    void refuseUpgrade(const HttpResponse &response);
    void dispatch(RequestReader &reader);
    void refuse(HttpRequest &head, ErrorCode why);
    void judgeTls(std::span<char> bytes);
    void refuseTls();
    void refusePlain();
    void namePeer(HttpRequest &head) const;
    void write(const HttpResponse &response);
    void onWritten();

    // WebSocket.
    void takeFrames(std::span<char> bytes);
    void takeFrame(const WebSocketInput &input);
    void sendPong(QByteArrayView payload);
    void sendClose(int code, QByteArrayView reason);
    void endSession();

    const NativeContext &m_context;
    ConnectionId m_id;
    ConnectionTicket m_ticket;
    SocketStream m_stream;
    Timer m_timer = Timer::of<&NativeConnection::onTimeout>(this);
    std::unique_ptr<Output> m_output;
    QByteArray m_waiting; // received, not yet parsed
    QByteArray m_peer; // until an upgrade
    std::unique_ptr<RequestReader> m_requestReader; // while a request is incomplete or to come
    std::unique_ptr<WebSocketReader> m_frameReader; // while a frame or message is
    std::unique_ptr<WebSocketSession> m_session;
    std::uint32_t m_request = 0;
    State m_state = State::Request;
    std::uint8_t m_interest = FirstEvents; // the epoll events asked for
    bool m_isHead : 1 = false; // the request's method is HEAD
    bool m_last : 1 = false; // no request after this one
    bool m_isStopped : 1 = false; // stop() was called
    bool m_resumesSoon : 1 = false; // resume() will be called
    bool m_isReadingPaused : 1 = false; // setReading(false) was called
};

} // namespace Carillon
