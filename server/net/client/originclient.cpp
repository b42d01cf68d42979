// SPDX-License-Identifier: MPL-2.0
#include "server/net/client/originclient.h"

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

/// An origin and what is under way to it.
struct OriginClient::Server
{
    QByteArray origin;
    QByteArray authority;
    QString name; // empty: the address is known for good
    quint16 port = DefaultPort;
    QList<QHostAddress> addresses;
    bool isLookedUp = false; // right now
    std::size_t links = 0;
    std::vector<Link *> idle; // the one used last at the end, so that those not needed grow old
    std::deque<std::unique_ptr<Exchange>> waiting;

    [[nodiscard]] bool isUnused() const { return links == 0 && waiting.empty() && !isLookedUp; }
    void forgetAddresses()
    {
        if (!name.isEmpty())
            addresses.clear();
    }
};

/// A request and what came of it so far.
struct OriginClient::Exchange
{
    Exchange(OriginClient &by, Server &with, QByteArray bytes, Done call)
        : client(by), server(with), request(std::move(bytes)), done(std::move(call)),
          answer(by.m_limits.answerBytes)
    {
    }
    void expire() { client.expire(*this); }

    OriginClient &client;
    Server &server;
    QByteArray request;
    Done done;
    ResponseReader answer;
    bool isRefused = true; // by every address that was tried
    Link *link = nullptr; // absent: it waits
    Timer timer = Timer::of<&Exchange::expire>(this);
};

/// A connection. Idle it has no more than this.
struct OriginClient::Link
{
    Link(OriginClient &by, Server &to, ConnectionId name) : client(by), server(to), id(name) { }
    void expire() { client.expire(*this); }
    [[nodiscard]] bool isSending() const { return sent < exchange->request.size(); }

    OriginClient &client;
    Server &server;
    ConnectionId id;
    std::optional<SocketStream> stream;
    QList<QHostAddress> untried; // where the server may be instead, until it is connected
    std::unique_ptr<Exchange> exchange; // absent: idle
    qsizetype sent = 0; // of its request
    std::uint32_t interest = EPOLLIN | EPOLLOUT;
    int failure = 0; // errno: why it did not come about
    bool isConnected = false;
    bool wasUsed = false;
    Timer timer = Timer::of<&Link::expire>(this); // of idleness, or of a failure that is to be told
};

OriginClient::OriginClient() : OriginClient(Limits()) { }

OriginClient::OriginClient(const Limits &limits, LookUp lookUp)
    : m_limits(limits), m_lookUp(lookUp ? std::move(lookUp) : NameLookUp::start),
      m_loop([this](std::uint64_t key, std::uint32_t events) {
          if (Link *link = m_links.find(
                  { static_cast<std::uint32_t>(key >> 32), static_cast<std::uint32_t>(key) }))
              ready(*link, events);
      })
{
}

OriginClient::~OriginClient() = default;

void OriginClient::put(const QByteArray &origin, const QByteArray &path,
                       const std::vector<HttpHeader> &headers, const QByteArray &body,
                       std::chrono::milliseconds timeout, Done done)
{
    Server *const server = find(origin);
    if (!server) {
        if (!m_others) {
            m_others = std::make_unique<HttpClient>();
            m_others->setResponseLimit(m_limits.answerBytes);
        }
        m_others->send("PUT", QUrl(QString::fromUtf8(origin + path)), headers, body, timeout,
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
OriginClient::Server *OriginClient::find(const QByteArray &origin)
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
void OriginClient::advance(Server &server)
{
    while (!server.waiting.empty()) {
        if (server.idle.empty() && server.links >= m_limits.connections)
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
        Link &link = *server.idle.back();
        server.idle.pop_back();
        begin(link, std::move(next));
    }
    if (server.isUnused())
        m_servers.erase(QByteArray(server.origin));
}

void OriginClient::lookUp(Server &server)
{
    if (std::exchange(server.isLookedUp, true))
        return;
    m_lookUp(server.name, &m_timers, [this, origin = server.origin](const auto &addresses) {
        takeAddresses(origin, addresses);
    });
}

void OriginClient::takeAddresses(const QByteArray &origin, const QList<QHostAddress> &addresses)
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

void OriginClient::open(Server &server, std::unique_ptr<Exchange> exchange,
                        QList<QHostAddress> addresses)
{
    const ConnectionId id = m_links.reserve();
    m_links.insert(id, std::make_unique<Link>(*this, server, id));
    ++server.links;
    Link &link = *m_links.find(id);
    const QHostAddress address = addresses.takeFirst();
    link.untried = std::move(addresses);
    link.exchange = std::move(exchange);
    link.exchange->link = &link;
    const int fd = openConnection(address, server.port);
    if (fd >= 0) {
        link.stream.emplace(fd, nullptr);
        if (m_loop.watch(fd, keyOf(id), link.interest))
            return;
    } else {
        link.failure = -fd;
    }
    m_timers.start(link.timer, std::chrono::milliseconds(0));
}

/// Over a connection that was idle.
void OriginClient::begin(Link &link, std::unique_ptr<Exchange> exchange)
{
    link.timer.cancel();
    link.exchange = std::move(exchange);
    link.exchange->link = &link;
    link.sent = 0;
    // Where it fails, an event tells why.
    static_cast<void>(send(link));
}

void OriginClient::ready(Link &link, std::uint32_t events)
{
    if (!link.exchange) {
        // The server ended it, or speaks without being asked.
        Server &server = link.server;
        close(link);
        advance(server);
        return;
    }
    if (!link.isConnected)
        link.failure = connectError(link.stream->descriptor());
    const bool sends = link.failure == 0 && (!link.isSending() || send(link));
    if (!link.isConnected) {
        if (!sends)
            lose(link);
        return;
    }
    // Of a server that does not hear us out there may be an answer, too.
    if ((events & ~std::uint32_t { EPOLLOUT }) != 0)
        receive(link);
}

/// False: the connection takes no more.
bool OriginClient::send(Link &link)
{
    while (link.isSending()) {
        const SocketStream::Transfer transfer =
            link.stream->send(QByteArrayView(link.exchange->request).sliced(link.sent));
        if (transfer.outcome == SocketStream::Outcome::Blocked) {
            setInterest(link, EPOLLIN | EPOLLOUT);
            return true;
        }
        if (transfer.outcome != SocketStream::Outcome::Moved) {
            setInterest(link, EPOLLIN);
            return false;
        }
        link.sent += static_cast<qsizetype>(transfer.size);
        link.isConnected = true;
        link.untried.clear();
    }
    setInterest(link, EPOLLIN);
    return true;
}

void OriginClient::setInterest(Link &link, std::uint32_t events)
{
    if (std::exchange(link.interest, events) != events)
        m_loop.change(link.stream->descriptor(), keyOf(link.id), events);
}

void OriginClient::receive(Link &link)
{
    const std::span<char> buffer = m_loop.readBuffer();
    const SocketStream::Transfer transfer = link.stream->receive(buffer);
    switch (transfer.outcome) {
    case SocketStream::Outcome::Moved: {
        QByteArrayView bytes(buffer.data(), static_cast<qsizetype>(transfer.size));
        const Result<bool> isWhole = link.exchange->answer.read(bytes);
        if (!isWhole)
            fail(link,
                 isWhole.error() == ErrorCode::BodyTooLarge ? ErrorCode::BodyTooLarge
                                                            : ErrorCode::TryAgainLater);
        else if (*isWhole)
            complete(link, !bytes.isEmpty());
        break;
    }
    case SocketStream::Outcome::Blocked:
        break;
    case SocketStream::Outcome::Ended:
        if (link.exchange->answer.end())
            complete(link, true);
        else
            lose(link);
        break;
    case SocketStream::Outcome::NotTls: // of listeners only
    case SocketStream::Outcome::Failed:
        lose(link);
        break;
    }
}

void OriginClient::complete(Link &link, bool isLast)
{
    Server &server = link.server;
    const bool isKept = !isLast && !link.isSending() && link.exchange->answer.keepsAlive();
    std::unique_ptr<Exchange> exchange = std::move(link.exchange);
    if (isKept) {
        link.wasUsed = true;
        server.idle.push_back(&link);
        m_timers.start(link.timer, m_limits.idle);
    } else {
        close(link);
    }
    advance(server);
    HttpClientResponse response = exchange->answer.takeResponse();
    finish(std::move(exchange), std::move(response));
}

/// The connection came to nothing, or ended.
void OriginClient::lose(Link &link)
{
    Server &server = link.server;
    Exchange &exchange = *link.exchange;
    exchange.isRefused = exchange.isRefused && link.failure == ECONNREFUSED;
    const bool mayBeElsewhere = !link.isConnected && !link.untried.isEmpty();
    // What was lost over a new one would be lost again.
    const bool mayBeRepeated = link.wasUsed && exchange.answer.isUntouched();
    const QList<QHostAddress> addresses = mayBeElsewhere ? link.untried
        : mayBeRepeated                                  ? server.addresses
                                                         : QList<QHostAddress>();
    if (addresses.isEmpty()) {
        fail(link, exchange.isRefused ? ErrorCode::NotFound : ErrorCode::TryAgainLater);
        return;
    }
    std::unique_ptr<Exchange> again = std::move(link.exchange);
    if (mayBeRepeated)
        again->isRefused = true; // or not: the new connections tell
    close(link);
    open(server, std::move(again), addresses);
}

void OriginClient::fail(Link &link, ErrorCode why)
{
    Server &server = link.server;
    std::unique_ptr<Exchange> exchange = std::move(link.exchange);
    if (!link.isConnected)
        server.forgetAddresses();
    close(link);
    advance(server);
    finish(std::move(exchange), Unexpected(why));
}

void OriginClient::close(Link &link)
{
    std::erase(link.server.idle, &link);
    --link.server.links;
    static_cast<void>(m_links.take(link.id));
}

void OriginClient::expire(Exchange &exchange)
{
    if (exchange.link) {
        fail(*exchange.link, ErrorCode::RequestTimeout);
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

void OriginClient::expire(Link &link)
{
    if (link.exchange) {
        lose(link);
        return;
    }
    Server &server = link.server;
    close(link);
    advance(server);
}

void OriginClient::finish(std::unique_ptr<Exchange> exchange, Result<HttpClientResponse> result)
{
    Done done = std::move(exchange->done);
    exchange.reset();
    done(std::move(result));
}

} // namespace Carillon
