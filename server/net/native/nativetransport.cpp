// SPDX-License-Identifier: MPL-2.0
#include "server/net/native/nativetransport.h"

#include "core/base/log.h"
#include "core/base/logthrottle.h"
#include "server/net/listenerpolicy.h"
#include "server/net/listensocket.h"

#include <cerrno>
#include <cstring>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace Carillon {

namespace {

/// Connections accepted in one turn of the loop, so that open ones get their turn, too.
constexpr int AcceptsPerTurn = 64;
/// How long accepting pauses without descriptors, or when the limit of connections is reached.
constexpr std::chrono::milliseconds StarvedPause { 200 };
/// Longer pauses are checked again, because the rate may have changed by then.
constexpr std::chrono::seconds LongestPause { 1 };
/// A slot that no connection has: the key of a listening socket.
constexpr std::uint32_t PortSlot = 0xffff'ffff;
/// Added to the slot of a Newcomer, to distinguish it from connections.
constexpr std::uint32_t NewcomerBit = 0x8000'0000;

bool isStarved(int error)
{
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

} // namespace

/// A listening socket and what its connections share.
struct NativeTransport::Port
{
    Port(NativeTransport &transport, const Listener &what, int descriptor, std::uint64_t name)
        : listener(what), key(name),
          fd(descriptor), context { transport,          transport,          transport.m_loop,
                                    transport.m_timers, transport.m_limits, listener }
    {
    }
    ~Port() { close(); }
    Port(const Port &) = delete;
    Port &operator=(const Port &) = delete;

    void close()
    {
        resumption.cancel();
        if (fd < 0)
            return;
        context.loop.unwatch(fd); // others may share the socket, so closing is not enough
        ::close(std::exchange(fd, -1));
    }
    /// Stops accepting for a while; new connections wait in the backlog.
    void pause(Metric why, std::chrono::nanoseconds delay = StarvedPause)
    {
        context.loop.change(fd, key, 0);
        context.timers.start(resumption, std::chrono::ceil<std::chrono::milliseconds>(delay));
        if (listener.policy)
            listener.policy->limits().count(why);
    }
    void resume() { context.loop.change(fd, key, EPOLLIN); }

    Listener listener;
    std::uint64_t key;
    int fd;
    NativeContext context;
    LogThrottle starved;
    Timer resumption = Timer::of<&Port::resume>(this);
};

/// A connection of a proxy whose PROXY header is incomplete.
struct NativeTransport::Newcomer
{
    Newcomer(NativeTransport &on, Port &by, ConnectionId name, int descriptor,
             const IpAddress &proxy, ConnectionTicket ticket)
        : transport(on), port(by), id(name), preamble(descriptor, proxy, std::move(ticket))
    {
        on.m_timers.start(timeout, on.m_limits.headTimeout);
    }
    void refuse()
    {
        port.listener.policy->limits().count(Metric::ConnectionsRefusedProxyHeader);
        static_cast<void>(transport.m_newcomers.take(id));
    }

    NativeTransport &transport;
    Port &port;
    ConnectionId id;
    ProxyPreamble preamble;
    Timer timeout = Timer::of<&Newcomer::refuse>(this);
};

NativeTransport::NativeTransport(Timers &timers, const TransportLimits &limits)
    : m_timers(timers), m_limits(limits), m_thread(std::this_thread::get_id()),
      m_loop([this](std::uint64_t key, std::uint32_t events) { ready(key, events); })
{
}

NativeTransport::~NativeTransport()
{
    Q_ASSERT(isCurrent());
    m_connections.forEach([](NativeConnection &connection) { connection.abandon(); });
}

Result<quint16, QString> NativeTransport::listen(const Listener &listener)
{
    Q_ASSERT(listener.http);
    const Result<int, QString> descriptor = listener.inherited >= 0
        ? shareListeningSocket(listener.inherited)
        : openListeningSocket(listener.address, listener.port);
    if (!descriptor)
        return Unexpected(descriptor.error());
    disableNagle(*descriptor); // what it accepts inherits it
    const auto index = static_cast<std::uint32_t>(m_ports.size());
    const std::uint64_t key = NativeConnection::key({ PortSlot, index });
    auto port = std::make_unique<Port>(*this, listener, *descriptor, key);
    if (!m_loop.watch(port->fd, key, EPOLLIN)) {
        return Unexpected(QStringLiteral("Listener %1: %2.")
                              .arg(listener.name, QString::fromLocal8Bit(std::strerror(errno))));
    }
    m_ports.push_back(std::move(port));
    return localPort(*descriptor);
}

void NativeTransport::ready(std::uint64_t key, std::uint32_t events)
{
    const ConnectionId id { static_cast<std::uint32_t>(key >> 32),
                            static_cast<std::uint32_t>(key) };
    if (id.slot == PortSlot)
        accept(*m_ports[id.generation]);
    else if ((id.slot & NewcomerBit) != 0)
        readProxyHeader({ id.slot & ~NewcomerBit, id.generation });
    else if (NativeConnection *connection = m_connections.find(id))
        connection->ready(events);
}

void NativeTransport::accept(Port &port)
{
    for (int i = 0; i < AcceptsPerTurn && port.fd >= 0; ++i) {
        ConnectionTicket ticket;
        if (!mayAccept(port, ticket))
            return;
        sockaddr_storage peer {};
        socklen_t size = sizeof peer;
        const int descriptor = ::accept4(port.fd, reinterpret_cast<sockaddr *>(&peer), &size,
                                         SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor >= 0) {
            welcome(port, descriptor, IpAddress::fromNative(peer), std::move(ticket));
            continue;
        }
        const int error = errno; // logging has one of its own
        if (error == EAGAIN)
            return;
        if (isStarved(error)) {
            if (const auto leftOut = port.starved.pass())
                qCWarning(lcNet, "Listener %ls cannot accept: %s. Trying again until it can.%s",
                          qUtf16Printable(port.listener.name), std::strerror(error),
                          leftOutText(*leftOut).constData());
            port.pause(Metric::AcceptPausesDescriptors);
            return;
        }
        // Any other error concerns one connection, which ended before it was accepted.
    }
}

/// Counts the next connection if a limit allows it now. Otherwise it waits in the backlog, which
/// costs nothing and does not affect open connections.
bool NativeTransport::mayAccept(Port &port, ConnectionTicket &ticket)
{
    ListenerPolicy *const policy = port.listener.policy;
    if (!policy)
        return true;
    const std::chrono::nanoseconds pause = policy->pause(std::chrono::steady_clock::now());
    if (pause.count() > 0) {
        port.pause(Metric::AcceptPausesRate,
                   std::min<std::chrono::nanoseconds>(pause, LongestPause));
        return false;
    }
    std::optional<ConnectionTicket> place = policy->limits().open(policy->share());
    if (!place) {
        port.pause(Metric::AcceptPausesFull);
        return false;
    }
    ticket = std::move(*place);
    return true;
}

void NativeTransport::welcome(Port &port, int descriptor, const IpAddress &peer,
                              ConnectionTicket ticket)
{
    if (ListenerPolicy *const policy = port.listener.policy) {
        policy->accepted(std::chrono::steady_clock::now());
        if (policy->wantsProxyHeader(peer)) {
            awaitProxyHeader(port, descriptor, peer, std::move(ticket));
            return;
        }
        if (!policy->admits(ticket, peer)) {
            ::close(descriptor);
            return;
        }
    }
    adopt(port, descriptor, peer, std::move(ticket));
}

void NativeTransport::awaitProxyHeader(Port &port, int descriptor, const IpAddress &peer,
                                       ConnectionTicket ticket)
{
    const ConnectionId id = m_newcomers.reserve();
    auto newcomer =
        std::make_unique<Newcomer>(*this, port, id, descriptor, peer, std::move(ticket));
    if (m_loop.watch(descriptor, NativeConnection::key({ id.slot | NewcomerBit, id.generation }),
                     EPOLLIN))
        m_newcomers.insert(id, std::move(newcomer));
}

void NativeTransport::readProxyHeader(ConnectionId id)
{
    Newcomer *const newcomer = m_newcomers.find(id);
    if (!newcomer)
        return;
    ProxyPreamble &preamble = newcomer->preamble;
    const Result<bool> isWhole = preamble.read();
    if (!isWhole) {
        newcomer->refuse();
    } else if (*isWhole) {
        const std::unique_ptr<Newcomer> done = m_newcomers.take(id);
        if (!done->port.listener.policy->admits(preamble.ticket(), preamble.client()))
            return;
        m_loop.unwatch(preamble.descriptor());
        const int descriptor = preamble.release();
        adopt(done->port, descriptor, preamble.client(), std::move(preamble.ticket()));
    }
}

void NativeTransport::adopt(Port &port, int descriptor, const IpAddress &peer,
                            ConnectionTicket ticket)
{
    const ConnectionId id = m_connections.reserve();
    auto connection = std::make_unique<NativeConnection>(port.context, id, descriptor,
                                                         peer.toText(), std::move(ticket));
    if (m_loop.watch(descriptor, NativeConnection::key(id), NativeConnection::FirstEvents))
        m_connections.insert(id, std::move(connection));
}

void NativeTransport::stopListening()
{
    Q_ASSERT(isCurrent());
    for (const std::unique_ptr<Port> &port : m_ports) {
        // Closing resets connections in the backlog, unless others share the socket.
        if (port->listener.inherited < 0)
            accept(*port);
        port->close();
    }
    // Usually their headers have arrived together with a request.
    m_newcomers.forEach([this](const Newcomer &one) { readProxyHeader(one.id); });
    m_newcomers = {};
    m_connections.forEach([](NativeConnection &connection) { connection.stop(); });
}

void NativeTransport::forEachSession(const std::function<void(WebSocketSession &)> &visit)
{
    Q_ASSERT(isCurrent());
    m_connections.forEach([&visit](NativeConnection &connection) {
        if (WebSocketSession *session = connection.session())
            visit(*session);
    });
}

WebSocketSession *NativeTransport::session(ConnectionId connection)
{
    Q_ASSERT(isCurrent());
    const NativeConnection *found = m_connections.find(connection);
    return found ? found->session() : nullptr;
}

void NativeTransport::readNow(ConnectionId connection)
{
    Q_ASSERT(isCurrent());
    if (NativeConnection *found = m_connections.find(connection))
        found->readNow();
}

int NativeTransport::openRequests() const
{
    Q_ASSERT(isCurrent());
    int open = 0;
    m_connections.forEach([&open](const NativeConnection &connection) {
        if (connection.isBusy())
            ++open;
    });
    return open;
}

void NativeTransport::answerAll(const HttpResponse &response)
{
    m_connections.forEach(
        [&response](NativeConnection &connection) { connection.respond(response); });
}

void NativeTransport::respond(ConnectionId connection, std::uint32_t request, HttpResponse response)
{
    if (isCurrent()) {
        if (NativeConnection *found = m_connections.find(connection))
            found->respond(request, response);
        return;
    }
    bool isFirst = false;
    {
        const MutexLock lock(m_answersMutex);
        isFirst = m_answers.empty();
        m_answers.push_back({ connection, request, std::move(response) });
    }
    // One wake-up for all answers queued before it is handled.
    if (isFirst)
        m_mailbox.post([this] { takeAnswers(); });
}

void NativeTransport::takeAnswers()
{
    std::vector<Answer> answers;
    {
        const MutexLock lock(m_answersMutex);
        answers.swap(m_answers);
    }
    for (const Answer &answer : answers) {
        if (NativeConnection *found = m_connections.find(answer.connection))
            found->respond(answer.request, answer.response);
    }
}

void NativeTransport::resumeLater(ConnectionId id)
{
    if (m_resuming.empty())
        m_mailbox.post([this] { resumeAll(); });
    m_resuming.push_back(id);
}

void NativeTransport::resumeAll()
{
    for (const ConnectionId id : std::exchange(m_resuming, {})) {
        if (NativeConnection *connection = m_connections.find(id))
            connection->resume();
    }
}

void NativeTransport::remove(ConnectionId id)
{
    static_cast<void>(m_connections.take(id));
}

} // namespace Carillon
