// SPDX-License-Identifier: MPL-2.0
#include "server/connect/connectservice.h"

#include "server/connect/clientsession.h"
#include "server/net/transport.h"
#include "server/net/worker.h"
#include "server/routing/ratelimits.h"

#include <cmath>

namespace Carillon {
namespace {

constexpr qsizetype MaxInterned = 256;
constexpr qsizetype MaxUserAgentBytes = 256;

} // namespace

ConnectService::ConnectService(Dependencies dependencies, const Fernet &keys,
                               ConnectSettings settings)
    : m_deps(dependencies), m_settings(std::move(settings)), m_messageIds(keys), m_tokens(keys),
      m_keys(keys), m_context { m_messageIds, dependencies.clock, m_settings.client, {} }
{
}

void ConnectService::setTransport(Transport &transport, Timers &timers)
{
    m_transport = &transport;
    m_timers = &timers;
    m_pings.setTimers(timers);
}

void ConnectService::setBroadcasts(BroadcastVersions versions)
{
    m_context.broadcasts = std::move(versions);
}

void ConnectService::setKeys(const Fernet &keys)
{
    m_messageIds = MessageIds(keys);
    m_tokens = EndpointTokens(keys);
    m_keys = keys;
}

void ConnectService::closeAll(ErrorCode why)
{
    m_transport->forEachSession(
        [why](WebSocketSession &session) { static_cast<ClientSession &>(session).close(why); });
}

void ConnectService::closeSome(double share, ErrorCode why)
{
    int clients = 0;
    m_transport->forEachSession([&clients](WebSocketSession &) { ++clients; });
    int left = static_cast<int>(std::ceil(clients * share));
    m_transport->forEachSession([&left, why](WebSocketSession &session) {
        if (left-- > 0)
            static_cast<ClientSession &>(session).close(why);
    });
}

QByteArray ConnectService::subprotocol() const
{
    return QByteArrayLiteral("push-notification");
}

std::optional<HttpResponse> ConnectService::refusal(const HttpRequest &head)
{
    if (head.path != "/")
        return HttpResponse { .status = 404, .headers = {}, .body = {} };
    if (!m_isAccepting)
        return HttpResponse { .status = httpStatus(ErrorCode::Draining),
                              .headers = { { "Retry-After", "30" } },
                              .body = {} };
    const RateLimits::Wait wait = m_deps.rateLimits.ofAddress(head.peer);
    if (!wait)
        return std::nullopt;
    return HttpResponse { .status = httpStatus(ErrorCode::RateLimited),
                          .headers = { { "Retry-After",
                                         QByteArray::number(qlonglong(wait->count())) } },
                          .body = {} };
}

std::unique_ptr<WebSocketSession> ConnectService::opened(WebSocketConnection &connection,
                                                         const HttpRequest &head)
{
    return std::make_unique<ClientSession>(*this, connection, head);
}

ClientSession *ConnectService::session(ConnectionId connection)
{
    return static_cast<ClientSession *>(m_transport->session(connection));
}

QByteArray ConnectService::interned(QByteArrayView userAgent)
{
    QByteArray text = userAgent.first(std::min(userAgent.size(), MaxUserAgentBytes)).toByteArray();
    const auto known = m_userAgents.constFind(text);
    if (known != m_userAgents.constEnd())
        return *known;
    if (m_userAgents.size() == MaxInterned)
        m_userAgents.clear();
    m_userAgents.insert(text);
    return text;
}

/// The same in every process and after a restart, and not to be chosen from outside.
Uaid ConnectService::newUaidAt(std::uint64_t holder) const
{
    if (holder == 0)
        return newUaid();
    const Sha256Digest tag = m_keys.tag(0, "address:" + QByteArray::number(qulonglong { holder }));
    return newUaid(UaidPrefix { tag[0], tag[1] });
}

QByteArray ConnectService::endpointUrl(const EndpointToken &token) const
{
    const QByteArrayView path =
        token.version() == ApiVersion::V1 ? QByteArrayView("/wpush/v1/") : "/wpush/v2/";
    return m_settings.endpointOrigin + path.toByteArray()
        + m_tokens.make(token, m_deps.clock.wall());
}

void ConnectService::onWorker(Task task)
{
    if (m_deps.worker.isCurrent())
        task();
    else
        m_deps.worker.post(std::move(task));
}

void ConnectService::push(ConnectionId connection, Notification message, PushDone done,
                          UniqueFunction<void(Notification, PushDone)> notHere)
{
    onWorker([this, connection, message = std::move(message), done = std::move(done),
              notHere = std::move(notHere)]() mutable {
        ClientSession *const client = session(connection);
        if (client && client->isIdentified() && client->isClient(message.uaid))
            client->push(std::move(message), std::move(done));
        else
            notHere(std::move(message), std::move(done));
    });
}

void ConnectService::handOver(ConnectionId connection, NodeMessage message,
                              UniqueFunction<void(bool)> done)
{
    onWorker([this, connection, message = std::move(message), done = std::move(done)]() mutable {
        ClientSession *const client = session(connection);
        const bool isClient = client && client->isClient(message.notification.uaid);
        if (isClient && !client->isIdentified() && message.notification.ttl.count() > 0)
            client->tellOfMessages();
        done(isClient && client->isIdentified() && client->handOver(message));
    });
}

void ConnectService::checkStorage(ConnectionId connection, Uaid uaid, SortKey from)
{
    // Posted also on the own worker: the caller may be in the middle of another client's event.
    m_deps.worker.post([this, connection, uaid, from] {
        ClientSession *const client = session(connection);
        if (!client || !client->isClient(uaid))
            return;
        if (client->isIdentified())
            client->checkStorage(from);
        else
            client->tellOfMessages();
    });
}

void ConnectService::succeed(ConnectionId connection, Uaid uaid, ClientAddress predecessor)
{
    m_successions.try_emplace(connection);
    predecessor.port->closeReplaced(predecessor.connection, uaid, [this, connection, uaid] {
        m_deps.worker.post([this, connection, uaid] { predecessorGone(connection, uaid); });
    });
}

bool ConnectService::isSucceeding(ConnectionId connection) const
{
    return m_successions.contains(connection);
}

void ConnectService::predecessorGone(ConnectionId connection, Uaid uaid)
{
    auto succession = m_successions.extract(connection);
    ClientSession *const client = session(connection);
    if (client && client->isClient(uaid))
        client->claim();
    else
        m_deps.registry.remove(uaid, { this, connection });
    for (Task &then : succession.mapped())
        then();
}

void ConnectService::closeReplaced(ConnectionId connection, Uaid uaid, Task done)
{
    m_deps.worker.post([this, connection, uaid, done = std::move(done)]() mutable {
        const ClientSession *const client = session(connection);
        if (client && client->isClient(uaid))
            readAndClose(connection);
        afterPredecessor(connection, std::move(done));
    });
}

void ConnectService::closeOlder(ConnectionId connection, Uaid uaid, std::int64_t connectedAt,
                                Task done)
{
    m_deps.worker.post([this, connection, uaid, connectedAt, done = std::move(done)]() mutable {
        ClientSession *const client = session(connection);
        if (client && client->isClient(uaid) && client->isReplaced(connectedAt))
            readAndClose(connection);
        afterPredecessor(connection, std::move(done));
    });
}

void ConnectService::readAndClose(ConnectionId connection)
{
    if (ClientSession *const client = session(connection))
        client->hearLastWords();
    m_transport->readNow(connection); // acks that came before it was replaced count
    if (ClientSession *const client = session(connection))
        client->close(ErrorCode::Ghost);
}

/// Now, unless the connection itself still waits for the one that it replaced.
void ConnectService::afterPredecessor(ConnectionId connection, Task done)
{
    const auto succession = m_successions.find(connection);
    if (succession != m_successions.end())
        succession->second.push_back(std::move(done));
    else
        done();
}

void ConnectService::review(ConnectionId connection, ClientNews news)
{
    m_deps.worker.post([this, connection, news = std::move(news)] {
        ClientSession *const client = session(connection);
        if (client && client->isIdentified() && client->isClient(news.uaid))
            client->review(news);
    });
}

void ConnectService::describe(std::vector<ConnectionId> connections,
                              UniqueFunction<void(std::vector<ClientSnapshot>)> done)
{
    m_deps.worker.post(
        [this, connections = std::move(connections), done = std::move(done)]() mutable {
            std::vector<ClientSnapshot> snapshots;
            for (const ConnectionId connection : connections) {
                const ClientSession *const client = session(connection);
                if (auto snapshot = client ? client->snapshot() : std::nullopt)
                    snapshots.push_back(std::move(*snapshot));
            }
            done(std::move(snapshots));
        });
}

void ConnectService::disconnect(ConnectionId connection, Uaid uaid, ErrorCode why,
                                UniqueFunction<void(bool)> done)
{
    m_deps.worker.post([this, connection, uaid, why, done = std::move(done)]() mutable {
        ClientSession *const client = session(connection);
        const bool isClient = client && client->isClient(uaid);
        if (isClient)
            client->close(why);
        done(isClient);
    });
}

void ConnectService::ping(ConnectionId connection, Uaid uaid, Pings::Done done)
{
    m_deps.worker.post([this, connection, uaid, done = std::move(done)]() mutable {
        ClientSession *const client = session(connection);
        if (!client || !client->isClient(uaid)) {
            done(std::nullopt);
            return;
        }
        if (m_pings.add(connection, std::move(done)))
            client->ping();
    });
}

} // namespace Carillon
