// SPDX-License-Identifier: MPL-2.0
#include "server/net/client/pooledhttpclient.h"

#include "server/net/client/connectsocket.h"
#include "server/net/http/httpwriter.h"
#include "server/net/http/responsereader.h"
#include "server/net/socketstream.h"

#include <QUrl>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <optional>
#include <utility>

#include <sys/epoll.h>

namespace Carillon {

namespace {

constexpr std::uint16_t DefaultPort = 80;

std::uint64_t keyOf(ConnectionId id)
{
    return std::uint64_t { id.slot } << 32 | id.generation;
}

} // namespace

/// An origin, its connections, and the requests waiting for one.
struct PooledHttpClient::Server
{
    QByteArray origin;
    QByteArray authority;
    QString name; // empty: the origin names an address
    quint16 port = DefaultPort;
    QList<QHostAddress> addresses;
    bool isLookedUp = false; // a lookup is in progress
    std::size_t connections = 0;
    std::vector<Connection *> idle; // the one used last at the end, so that surplus ones time out
    std::deque<std::unique_ptr<Exchange>> waiting;

    [[nodiscard]] bool isUnused() const
    {
        return connections == 0 && waiting.empty() && !isLookedUp;
    }
    void forgetAddresses()
    {
        if (!name.isEmpty())
            addresses.clear();
    }
};

/// A request and its response so far.
struct PooledHttpClient::Exchange
{
    Exchange(PooledHttpClient &by, Server &with, QByteArray bytes, Done call)
        : client(by), server(with), request(std::move(bytes)), done(std::move(call)),
          answer(by.m_limits.answerBytes)
    {
    }
    void expire() { client.expire(*this); }

    PooledHttpClient &client;
    Server &server;
    QByteArray request;
    Done done;
    ResponseReader answer;
    bool isRefused = true; // by every address that was tried
    Connection *connection = nullptr; // absent: waiting for one
    Timer timer = Timer::of<&Exchange::expire>(this);
};

/// A connection; idle if it has no exchange.
struct PooledHttpClient::Connection
{
    Connection(PooledHttpClient &by, Server &to, ConnectionId name)
        : client(by), server(to), id(name)
    {
    }
    void expire() { client.expire(*this); }
    [[nodiscard]] bool isSending() const { return sent < exchange->request.size(); }

    PooledHttpClient &client;
    Server &server;
    ConnectionId id;
    std::optional<SocketStream> stream;
    QList<QHostAddress> untried; // further addresses to try, until it is connected
    std::unique_ptr<Exchange> exchange; // absent: idle
    qsizetype sent = 0; // of its request
    std::uint32_t interest = EPOLLIN | EPOLLOUT;
    int failure = 0; // errno of the failed attempt to connect
    bool isConnected = false;
    bool wasUsed = false;
    Timer timer =
        Timer::of<&Connection::expire>(this); // of idleness, or of a failure that is to be told
};

PooledHttpClient::PooledHttpClient() : PooledHttpClient(Limits()) { }

PooledHttpClient::PooledHttpClient(const Limits &limits, Lookup lookUp)
    : m_limits(limits), m_lookup(lookUp ? std::move(lookUp) : HostLookup::start),
      m_loop([this](std::uint64_t key, std::uint32_t events) {
          if (Connection *connection = m_connections.find(
                  { static_cast<std::uint32_t>(key >> 32), static_cast<std::uint32_t>(key) }))
              ready(*connection, events);
      })
{
}

PooledHttpClient::~PooledHttpClient() = default;

void PooledHttpClient::put(const QByteArray &origin, const QByteArray &path,
                           const std::vector<HttpHeader> &headers, const QByteArray &body,
                           std::chrono::milliseconds timeout, Done done)
{
    Server *const server = find(origin);
    if (!server) {
        if (!m_httpsClient) {
            m_httpsClient = std::make_unique<HttpClient>();
            m_httpsClient->setResponseLimit(m_limits.answerBytes);
        }
        m_httpsClient->send("PUT", QUrl(QString::fromUtf8(origin + path)), headers, body, timeout,
                            std::move(done));
        return;
    }
    auto exchange = std::make_unique<Exchange>(
        *this, *server, serializeRequest("PUT", server->authority, path, headers, body),
        std::move(done));
    m_timers.start(exchange->timer, timeout);
    server->waiting.push_back(std::move(exchange));
    advance(*server);
}

/// Null for what is not plain HTTP.
PooledHttpClient::Server *PooledHttpClient::find(const QByteArray &origin)
{
    if (const auto known = m_servers.find(origin); known != m_servers.end())
        return known->second.get();
    const QUrl url(QString::fromUtf8(origin), QUrl::StrictMode);
    const bool isOrigin = url.matches(url.adjusted(QUrl::RemovePath | QUrl::RemoveQuery
                                                   | QUrl::RemoveFragment | QUrl::RemoveUserInfo),
                                      QUrl::None);
    if (!isOrigin || url.scheme() != QLatin1String("http") || url.host().isEmpty())
        return nullptr;
    auto server = std::make_unique<Server>();
    server->origin = origin;
    server->authority = url.authority(QUrl::FullyEncoded).toLatin1();
    server->port = static_cast<quint16>(url.port(DefaultPort));
    if (const QHostAddress address(url.host()); !address.isNull())
        server->addresses = { address };
    else
        server->name = url.host(QUrl::FullyEncoded);
    return m_servers.emplace(origin, std::move(server)).first->second.get();
}

/// Gives connections to those who wait, as far as there are any; forgets a server out of use.
/// Calls nobody back.
void PooledHttpClient::advance(Server &server)
{
    while (!server.waiting.empty()) {
        if (server.idle.empty() && server.connections >= m_limits.connections)
            return;
        if (server.idle.empty() && server.addresses.isEmpty()) {
            lookUp(server);
            return;
        }
        std::unique_ptr<Exchange> next = std::move(server.waiting.front());
        server.waiting.pop_front();
        if (server.idle.empty()) {
            open(server, std::move(next), server.addresses);
            continue;
        }
        Connection &connection = *server.idle.back();
        server.idle.pop_back();
        begin(connection, std::move(next));
    }
    if (server.isUnused())
        m_servers.erase(QByteArray(server.origin));
}

void PooledHttpClient::lookUp(Server &server)
{
    if (std::exchange(server.isLookedUp, true))
        return;
    m_lookup(server.name, &m_timers, [this, origin = server.origin](const auto &addresses) {
        takeAddresses(origin, addresses);
    });
}

void PooledHttpClient::takeAddresses(const QByteArray &origin, const QList<QHostAddress> &addresses)
{
    Server &server = *m_servers.at(origin);
    server.isLookedUp = false;
    server.addresses = addresses;
    std::deque<std::unique_ptr<Exchange>> hopeless;
    if (addresses.isEmpty())
        hopeless.swap(server.waiting);
    advance(server);
    for (std::unique_ptr<Exchange> &exchange : hopeless)
        finish(std::move(exchange), Unexpected(ErrorCode::TryAgainLater));
}

void PooledHttpClient::open(Server &server, std::unique_ptr<Exchange> exchange,
                            QList<QHostAddress> addresses)
{
    const ConnectionId id = m_connections.reserve();
    m_connections.insert(id, std::make_unique<Connection>(*this, server, id));
    ++server.connections;
    Connection &connection = *m_connections.find(id);
    const QHostAddress address = addresses.takeFirst();
    connection.untried = std::move(addresses);
    connection.exchange = std::move(exchange);
    connection.exchange->connection = &connection;
    const int fd = openConnection(address, server.port);
    if (fd >= 0) {
        connection.stream.emplace(fd, nullptr);
        if (m_loop.watch(fd, keyOf(id), connection.interest))
            return;
    } else {
        connection.failure = -fd;
    }
    m_timers.start(connection.timer, std::chrono::milliseconds(0));
}

/// Over a connection that was idle.
void PooledHttpClient::begin(Connection &connection, std::unique_ptr<Exchange> exchange)
{
    connection.timer.cancel();
    connection.exchange = std::move(exchange);
    connection.exchange->connection = &connection;
    connection.sent = 0;
    // Where it fails, an event tells why.
    static_cast<void>(send(connection));
}

void PooledHttpClient::ready(Connection &connection, std::uint32_t events)
{
    if (!connection.exchange) {
        // The server ended it, or speaks without being asked.
        Server &server = connection.server;
        close(connection);
        advance(server);
        return;
    }
    if (!connection.isConnected)
        connection.failure = connectError(connection.stream->descriptor());
    const bool sends = connection.failure == 0 && (!connection.isSending() || send(connection));
    if (!connection.isConnected) {
        if (!sends)
            lose(connection);
        return;
    }
    // Of a server that does not hear us out there may be an answer, too.
    if ((events & ~std::uint32_t { EPOLLOUT }) != 0)
        receive(connection);
}

/// False: the connection takes no more.
bool PooledHttpClient::send(Connection &connection)
{
    while (connection.isSending()) {
        const SocketStream::Transfer transfer = connection.stream->send(
            QByteArrayView(connection.exchange->request).sliced(connection.sent));
        if (transfer.outcome == SocketStream::Outcome::Blocked) {
            setInterest(connection, EPOLLIN | EPOLLOUT);
            return true;
        }
        if (transfer.outcome != SocketStream::Outcome::Moved) {
            setInterest(connection, EPOLLIN);
            return false;
        }
        connection.sent += static_cast<qsizetype>(transfer.size);
        connection.isConnected = true;
        connection.untried.clear();
    }
    setInterest(connection, EPOLLIN);
    return true;
}

void PooledHttpClient::setInterest(Connection &connection, std::uint32_t events)
{
    if (std::exchange(connection.interest, events) != events)
        m_loop.change(connection.stream->descriptor(), keyOf(connection.id), events);
}

void PooledHttpClient::receive(Connection &connection)
{
    const std::span<char> buffer = m_loop.readBuffer();
    const SocketStream::Transfer transfer = connection.stream->receive(buffer);
    switch (transfer.outcome) {
    case SocketStream::Outcome::Moved: {
        QByteArrayView bytes(buffer.data(), static_cast<qsizetype>(transfer.size));
        const Result<bool> isWhole = connection.exchange->answer.read(bytes);
        if (!isWhole)
            fail(connection,
                 isWhole.error() == ErrorCode::BodyTooLarge ? ErrorCode::BodyTooLarge
                                                            : ErrorCode::TryAgainLater);
        else if (*isWhole)
            complete(connection, !bytes.isEmpty());
        break;
    }
    case SocketStream::Outcome::Blocked:
        break;
    case SocketStream::Outcome::Ended:
        if (connection.exchange->answer.end())
            complete(connection, true);
        else
            lose(connection);
        break;
    case SocketStream::Outcome::NotTls: // of listeners only
    case SocketStream::Outcome::Failed:
        lose(connection);
        break;
    }
}

void PooledHttpClient::complete(Connection &connection, bool isLast)
{
    Server &server = connection.server;
    const bool isKept =
        !isLast && !connection.isSending() && connection.exchange->answer.keepsAlive();
    std::unique_ptr<Exchange> exchange = std::move(connection.exchange);
    if (isKept) {
        connection.wasUsed = true;
        server.idle.push_back(&connection);
        m_timers.start(connection.timer, m_limits.idle);
    } else {
        close(connection);
    }
    advance(server);
    HttpClientResponse response = exchange->answer.takeResponse();
    finish(std::move(exchange), std::move(response));
}

/// The connection came to nothing, or ended.
void PooledHttpClient::lose(Connection &connection)
{
    Server &server = connection.server;
    Exchange &exchange = *connection.exchange;
    exchange.isRefused = exchange.isRefused && connection.failure == ECONNREFUSED;
    const bool mayBeElsewhere = !connection.isConnected && !connection.untried.isEmpty();
    // What was lost over a new one would be lost again.
    const bool mayBeRepeated = connection.wasUsed && exchange.answer.isUntouched();
    const QList<QHostAddress> addresses = mayBeElsewhere ? connection.untried
        : mayBeRepeated                                  ? server.addresses
                                                         : QList<QHostAddress>();
    if (addresses.isEmpty()) {
        fail(connection, exchange.isRefused ? ErrorCode::NotFound : ErrorCode::TryAgainLater);
        return;
    }
    std::unique_ptr<Exchange> again = std::move(connection.exchange);
    if (mayBeRepeated)
        again->isRefused = true; // or not: the new connections tell
    close(connection);
    open(server, std::move(again), addresses);
}

void PooledHttpClient::fail(Connection &connection, ErrorCode why)
{
    Server &server = connection.server;
    std::unique_ptr<Exchange> exchange = std::move(connection.exchange);
    if (!connection.isConnected)
        server.forgetAddresses();
    close(connection);
    advance(server);
    finish(std::move(exchange), Unexpected(why));
}

void PooledHttpClient::close(Connection &connection)
{
    std::erase(connection.server.idle, &connection);
    --connection.server.connections;
    static_cast<void>(m_connections.take(connection.id));
}

void PooledHttpClient::expire(Exchange &exchange)
{
    if (exchange.connection) {
        fail(*exchange.connection, ErrorCode::RequestTimeout);
        return;
    }
    Server &server = exchange.server;
    const auto place =
        std::ranges::find(server.waiting, &exchange, &std::unique_ptr<Exchange>::get);
    std::unique_ptr<Exchange> expired = std::move(*place);
    server.waiting.erase(place);
    advance(server);
    finish(std::move(expired), Unexpected(ErrorCode::RequestTimeout));
}

void PooledHttpClient::expire(Connection &connection)
{
    if (connection.exchange) {
        lose(connection);
        return;
    }
    Server &server = connection.server;
    close(connection);
    advance(server);
}

void PooledHttpClient::finish(std::unique_ptr<Exchange> exchange, Result<HttpClientResponse> result)
{
    Done done = std::move(exchange->done);
    exchange.reset();
    done(std::move(result));
}

} // namespace Carillon
