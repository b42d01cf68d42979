// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/net/timers.h"
#include "server/net/transport.h"
#include "server/net/worker.h"

#include <QByteArray>

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>

namespace Carillon::Testing {

/// Makes the transport under test, on its worker's thread.
using TransportFactory =
    std::function<std::unique_ptr<Transport>(Timers &, const TransportLimits &)>;

/// Limits small enough to be met quickly; time-outs stay long unless a test is about them.
[[nodiscard]] TransportLimits testLimits();

/// Values from worker threads, in order. Thread: any.
template<typename T> class Inbox
{
public:
    void put(T value)
    {
        const std::lock_guard lock(m_mutex);
        m_values.push_back(std::move(value));
        m_arrival.notify_all();
    }
    /// The next value; absent when none comes in time.
    [[nodiscard]] std::optional<T> take(std::chrono::milliseconds atMost = Patience)
    {
        std::unique_lock lock(m_mutex);
        if (!m_arrival.wait_for(lock, atMost, [this] { return !m_values.empty(); }))
            return std::nullopt;
        std::optional<T> value = std::move(m_values.front());
        m_values.pop_front();
        return value;
    }
    [[nodiscard]] std::deque<T> all()
    {
        const std::lock_guard lock(m_mutex);
        return m_values;
    }

    static constexpr std::chrono::milliseconds Patience { 10'000 };

private:
    std::mutex m_mutex;
    std::condition_variable m_arrival;
    std::deque<T> m_values; // guarded by m_mutex
};

/// A request that waits for the test to answer it.
struct HeldRequest
{
    HttpRequest request;
    HttpResponder responder;
};

/// Answers at once, with what it was asked, unless the path is /later: then the test answers.
/// Bodies up to BodyLimit, on /large up to LargeLimit.
class ScriptedHttp final : public HttpService
{
public:
    static constexpr std::int64_t BodyLimit = 1'000;
    static constexpr std::int64_t LargeLimit = 1'000'000;

    [[nodiscard]] std::int64_t bodyLimit(const HttpRequest &head) const override;
    void handle(HttpRequest request, HttpResponder responder) override;
    /// The status of `why`, and its name in the field X-Refused.
    [[nodiscard]] HttpResponse refuse(const HttpRequest &head, ErrorCode why) const override;

    Inbox<HttpRequest> seen; // those answered at once
    Inbox<HeldRequest> held;
};

/// Reports what happens to its WebSockets as words: "opened", "text <text>", "pong", "drained",
/// "closed". A text is a command to the session: "say <text>", "fill <bytes>", "ping",
/// "close <code> <reason>", "deaf"; others are only reported.
class ScriptedWebSocket final : public WebSocketService
{
public:
    [[nodiscard]] QByteArray subprotocol() const override { return "push-notification"; }
    [[nodiscard]] std::unique_ptr<WebSocketSession> opened(WebSocketConnection &connection,
                                                           const HttpRequest &head) override;

    /// Whether the word comes; those before it are dropped.
    [[nodiscard]] bool heard(const QByteArray &word);

    Inbox<QByteArray> words;
    Inbox<ConnectionId> ids; // of those opened
    WebSocketConnection *newest = nullptr; // the worker's
};

/// A transport on a worker of its own with one listener.
/// Owns: all of it. Thread: the test's.
class TransportFixture
{
public:
    enum class WebSockets { On, Off };

    explicit TransportFixture(const TransportFactory &factory,
                              const TransportLimits &limits = testLimits(),
                              WebSockets webSockets = WebSockets::On, quint16 port = 0);
    ~TransportFixture();

    [[nodiscard]] quint16 port() const { return m_port; }
    /// Runs a task with the transport on its thread, and waits for it.
    void run(const std::function<void(Transport &)> &task);
    [[nodiscard]] int openRequests();
    [[nodiscard]] int sessions();
    void destroyTransport();

    ScriptedHttp http;
    ScriptedWebSocket webSocket;

private:
    Worker m_worker { 0 };
    std::unique_ptr<Timers> m_timers; // the worker's
    std::unique_ptr<Transport> m_transport; // the worker's
    quint16 m_port = 0;
};

/// A request with Host and Content-Length; each extra header ends with CRLF.
[[nodiscard]] QByteArray request(QByteArrayView method, QByteArrayView target,
                                 QByteArrayView body = {}, QByteArrayView extraHeaders = {});

} // namespace Carillon::Testing
