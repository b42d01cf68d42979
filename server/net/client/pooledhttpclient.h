// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/net/client/hostlookup.h"
#include "server/net/client/httpclient.h"
#include "server/net/epollloop.h"
#include "server/net/slottable.h"
#include "server/net/timers.h"

#include <QByteArray>
#include <QHostAddress>
#include <QList>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

namespace Carillon {

/// An HTTP client for many requests to a few servers, each identified by its origin. For `http:` it
/// keeps a pool of connections to each origin in the thread's own event loop, with one request at a
/// time on each. `https:` origins go through an HttpClient, whose threads make a request ten times
/// as expensive. Requests that are open at its destruction are dropped without a callback.
/// Owns: its connections, the HttpClient. Thread: one, which has a Qt loop.
class PooledHttpClient
{
public:
    using Done = HttpClient::Done;

    struct Limits
    {
        /// To one origin; further requests wait. At a round trip of a millisecond that allows 8,000
        /// requests a second, about as many as a thread can handle.
        std::size_t connections = 8;
        /// Shorter than the keep-alive of most servers, so that they rarely close first.
        std::chrono::milliseconds idle { 30'000 };
        std::int64_t answerBytes = std::int64_t { 64 } * 1024;
    };

    /// As HostLookup::start().
    using Lookup =
        std::function<void(const QString &name, QObject *parent, HostLookup::Found found)>;

    PooledHttpClient();
    /// lookUp: replaces the system's resolver in tests.
    explicit PooledHttpClient(const Limits &limits, Lookup lookUp = {});
    ~PooledHttpClient();
    PooledHttpClient(const PooledHttpClient &) = delete;
    PooledHttpClient &operator=(const PooledHttpClient &) = delete;

    /// Sends a PUT, which may be repeated: if a kept-alive connection ends before the first byte of
    /// the response (the server may have closed it meanwhile), the request is sent once more over a
    /// new one. origin: "http://host:port". Errors and `done` as HttpClient::send(); the time-out
    /// covers everything from now on. The client must not be destroyed in `done`.
    void put(const QByteArray &origin, const QByteArray &path,
             const std::vector<HttpHeader> &headers, const QByteArray &body,
             std::chrono::milliseconds timeout, Done done);

private:
    struct Server;
    struct Exchange;
    struct Connection;

    [[nodiscard]] Server *find(const QByteArray &origin);
    void advance(Server &server);
    void lookUp(Server &server);
    void takeAddresses(const QByteArray &origin, const QList<QHostAddress> &addresses);
    void open(Server &server, std::unique_ptr<Exchange> exchange, QList<QHostAddress> addresses);
    void begin(Connection &connection, std::unique_ptr<Exchange> exchange);

    void ready(Connection &connection, std::uint32_t events);
    [[nodiscard]] bool send(Connection &connection);
    void setInterest(Connection &connection, std::uint32_t events);
    void receive(Connection &connection);
    void complete(Connection &connection, bool isLast);
    void lose(Connection &connection);
    void fail(Connection &connection, ErrorCode why);
    void close(Connection &connection);
    void expire(Exchange &exchange);
    void expire(Connection &connection);
    static void finish(std::unique_ptr<Exchange> exchange, Result<HttpClientResponse> result);

    Limits m_limits;
    Lookup m_lookup;
    Timers m_timers;
    EpollLoop m_loop;
    std::unordered_map<QByteArray, std::unique_ptr<Server>> m_servers; // by origin; while in use
    SlotTable<Connection> m_connections;
    std::unique_ptr<HttpClient> m_httpsClient;
};

} // namespace Carillon
