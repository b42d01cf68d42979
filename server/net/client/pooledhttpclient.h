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

/// Asks a few servers again and again, each named by its origin. Those of `http:` over connections
/// that it keeps on the thread's own loop, with one request at a time on each; others through an
/// HttpClient, whose threads cost ten times as much. Requests that are open when it is destroyed
/// are dropped without their call-back.
/// Owns: its connections, the HttpClient. Thread: one, which has a Qt loop.
class PooledHttpClient
{
public:
    using Done = HttpClient::Done;

    struct Limits
    {
        /// To one server; what is more waits. With a millisecond to it and back that is 8,000
        /// requests a second, about what a thread can do.
        std::size_t connections = 8;
        /// Shorter than most servers', so that few find theirs closed.
        std::chrono::milliseconds idle { 30'000 };
        std::int64_t answerBytes = std::int64_t { 64 } * 1024;
    };

    /// As HostLookup::start().
    using Lookup =
        std::function<void(const QString &name, QObject *parent, HostLookup::Found found)>;

    PooledHttpClient();
    /// lookUp: in place of the system's.
    explicit PooledHttpClient(const Limits &limits, Lookup lookUp = {});
    ~PooledHttpClient();
    PooledHttpClient(const PooledHttpClient &) = delete;
    PooledHttpClient &operator=(const PooledHttpClient &) = delete;

    /// PUT, because it may be done twice: where a kept connection ends without a byte of an answer
    /// (the server may have closed it meanwhile), the request is sent once more over a new one.
    /// origin: "http://host:port". Errors and `done` as HttpClient::send(); the time-out is for
    /// everything from now on. Not to be destroyed in `done`.
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
