// SPDX-License-Identifier: MPL-2.0
#include "server/net/nativetransport.h"

#include "core/base/log.h"
#include "server/net/listensocket.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace Carillon {

namespace {

/// Connections taken in one turn of the loop, so that those that are open get their turn too.
constexpr int AcceptsPerTurn = 64;
/// How long accepting pauses for want of descriptors.
constexpr std::chrono::milliseconds StarvedPause { 200 };
/// The slot that no connection has: such a key names a port.
constexpr std::uint32_t PortSlot = 0xffff'ffff;

QByteArray addressText(const sockaddr_storage &storage)
{
    std::array<char, INET6_ADDRSTRLEN> text {};
    if (storage.ss_family == AF_INET6) {
        const auto *const in6 = reinterpret_cast<const sockaddr_in6 *>(&storage);
        const bool isMapped = IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr);
        ::inet_ntop(isMapped ? AF_INET : AF_INET6, in6->sin6_addr.s6_addr + (isMapped ? 12 : 0),
                    text.data(), text.size());
    } else {
        ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in *>(&storage)->sin_addr,
                    text.data(), text.size());
    }
    return text.data();
}

bool isStarved(int error)
{
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

} // namespace

/// One listening socket and what its connections live on.
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
    /// Those who wait stay in the backlog meanwhile.
    void pause()
    {
        context.loop.change(fd, key, 0);
        context.timers.start(resumption, StarvedPause);
    }
    void resume() { context.loop.change(fd, key, EPOLLIN); }

    Listener listener;
    std::uint64_t key;
    int fd;
    NativeContext context;
    Timer resumption = Timer::of<&Port::resume>(this);
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
    else if (NativeConnection *connection = m_connections.find(id))
        connection->ready(events);
}

void NativeTransport::accept(Port &port)
{
    for (int i = 0; i < AcceptsPerTurn && port.fd >= 0; ++i) {
        sockaddr_storage peer {};
        socklen_t size = sizeof peer;
        const int descriptor = ::accept4(port.fd, reinterpret_cast<sockaddr *>(&peer), &size,
                                         SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor >= 0) {
            adopt(port, descriptor, addressText(peer));
            continue;
        }
        if (errno == EAGAIN)
            return;
        if (isStarved(errno)) {
            qCWarning(lcNet, "Listener %ls cannot accept: %s. Trying again soon.",
                      qUtf16Printable(port.listener.name), std::strerror(errno));
            port.pause();
            return;
        }
        // Whatever else is of that one connection, which ended before it was accepted.
    }
}

void NativeTransport::adopt(Port &port, int descriptor, QByteArray peer)
{
    const ConnectionId id = m_connections.reserve();
    auto connection =
        std::make_unique<NativeConnection>(port.context, id, descriptor, std::move(peer));
    if (m_loop.watch(descriptor, NativeConnection::key(id), NativeConnection::FirstEvents))
        m_connections.insert(id, std::move(connection));
}

void NativeTransport::stopListening()
{
    Q_ASSERT(isCurrent());
    for (const std::unique_ptr<Port> &port : m_ports)
        port->close();
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

void NativeTransport::respond(ConnectionId connection, std::uint32_t request, HttpResponse response)
{
    if (isCurrent()) {
        if (NativeConnection *found = m_connections.find(connection))
            found->respond(request, response);
        return;
    }
    bool isFirst = false;
    {
        const std::lock_guard lock(m_answersMutex);
        isFirst = m_answers.empty();
        m_answers.push_back({ connection, request, std::move(response) });
    }
    // One wake-up for all that come before it is heard.
    if (isFirst)
        m_mailbox.post([this] { takeAnswers(); });
}

void NativeTransport::takeAnswers()
{
    std::vector<Answer> answers;
    {
        const std::lock_guard lock(m_answersMutex);
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
