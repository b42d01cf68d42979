// SPDX-License-Identifier: MPL-2.0
#include "server/app/server.h"

#include "core/base/log.h"
#include "server/admin/lookup.h"
#include "server/admin/reliabilityresource.h"
#include "server/app/browsingresources.h"
#include "server/app/capacity.h"
#include "server/app/certificatewatch.h"
#include "server/app/drain.h"
#include "server/app/routes.h"
#include "server/app/transports.h"
#include "server/dev/devtls.h"
#include "server/history/serverhistory.h"
#include "server/logging/processlog.h"
#include "server/metrics/statsdsender.h"
#include "server/net/tls/trust.h"
#include "server/nodes/nodeclient.h"
#include "server/routing/dispatcher.h"
#include "server/settings/reload.h"

namespace Carillon {
namespace {

NodeSignature nodeSignature(const Settings &settings)
{
    return { settings.keys.clusterSecret.reveal(), revealAll(settings.keys.cryptoKeys) };
}

NodeGate nodeGate(const Settings &settings)
{
    return { nodeSignature(settings),
             Topology(settings).requiresSignatures() ? NodeGate::Unsigned::Refused
                                                     : NodeGate::Unsigned::FromLoopback };
}

ConnectSettings connectSettings(const Settings &settings)
{
    ClientLimits limits = settings.clients;
    if (settings.storage.limits.onFull == OnFull::Reset)
        limits.resetAfter = settings.storage.limits.maxMessages;
    return { .node = NodeId(settings.router.url),
             .endpointOrigin = settings.endpoint.url,
             .options = settings.connect,
             .client = limits,
             .sharesRecords = Topology(settings).sharesStorage(),
             .reportInFlight = settings.storage.limits.onFull == OnFull::DropOldest };
}

} // namespace

Result<std::unique_ptr<Server>, QString> Server::start(LoadedSettings loaded,
                                                       const std::vector<ActivatedSocket> &sockets,
                                                       ServerClock &clock, ProcessLog &log)
{
    const Result<Fernet, QString> keys =
        Fernet::fromKeys(revealAll(loaded.settings.keys.cryptoKeys));
    if (!keys)
        return Unexpected(QStringLiteral("keys.crypto_keys: ") + keys.error());
    std::unique_ptr<Server> server(new Server(std::move(loaded), sockets, clock, log));
    if (auto started = server->startTls(); !started)
        return Unexpected(started.error());
    if (auto taken = server->m_ports.take(server->m_settings); !taken)
        return Unexpected(taken.error());
    auto storage = ServerStorage::open(server->m_settings, clock);
    if (!storage)
        return Unexpected(storage.error());
    server->m_storage = std::move(*storage);
    server->startHistory();
    if (auto started = server->startWorkers(*keys); !started)
        return Unexpected(started.error());
    // At once: until it has looked at the clock, figures say nothing of it.
    server->startHousekeeping();
    if (auto started = server->startAdmin(*keys); !started)
        return Unexpected(started.error());
    return server;
}

Server::Server(LoadedSettings loaded, std::vector<ActivatedSocket> sockets, ServerClock &clock,
               ProcessLog &log)
    : m_loaded(std::move(loaded)), m_topology(m_settings), m_ports(std::move(sockets)),
      m_clock(clock), m_log(log), m_tracker(clock), m_limits(m_settings, m_metrics, m_clock),
      m_protocolFaults([this](Metric metric, std::int64_t by) { m_metrics.add(metric, by); })
{
    m_metrics.setBuild({ .qt = qVersion(), .sqlite = sqliteVersion() });
}

Server::~Server()
{
    if (m_housekeeping)
        m_housekeeping->stop();
    if (m_browsing)
        m_browsing->stop();
    if (m_admin)
        m_admin->stop();
    m_stations.stop([this](Worker &worker) {
        if (m_nodeClient)
            m_nodeClient->close(worker);
    });
    if (m_reliability)
        m_reliability->stop();
    // Queued writes are done; their answers have no receiver any more.
    m_storage.close();
    m_statsd.reset(); // nothing changes any more
}

Result<void, QString> Server::startTls()
{
    const Settings::Tls &tls = m_settings.tls;
    if (!tls.ca.isEmpty()) {
        if (const auto trusted = trustAlso(tls.ca); !trusted)
            return Unexpected(QStringLiteral("tls.ca: ") + trusted.error());
    }
    if (offersDevTls(m_settings)) {
        auto offered = DevTls::open(m_settings, m_clock);
        if (offered)
            m_devTls = std::move(*offered);
        else
            qCWarning(lcApp).noquote() << "TLS is not available to senders:" << offered.error();
    }
    if (tls.certificate.isEmpty())
        return {};
    auto watch = CertificateWatch::open(m_settings, m_metrics, m_clock);
    if (!watch)
        return Unexpected(watch.error());
    m_certificate = std::move(*watch);
    return {};
}

/// Before anything is recorded.
void Server::startHistory()
{
    if (m_topology.takesPushes())
        m_journal.addListener(m_senderBook);
    if (m_settings.history.events == 0)
        return;
    m_history = std::make_unique<ServerHistory>(m_settings.history,
                                                revealAll(m_settings.keys.cryptoKeys), m_clock);
    m_journal.addListener(m_history->recorder());
}

Result<void, QString> Server::startWorkers(const Fernet &keys)
{
    m_journal.addListener(m_tracker);
    m_stations.start(workerCount(m_settings));
    if (m_topology.hasOtherProcesses()) {
        m_nodeClient = std::make_unique<NodeClient>(m_stations.workers(), m_storage.storage(),
                                                    nodeSignature(m_settings), m_journal);
    }
    m_errors.emplace(errorPagesUrl(m_settings));
    // Where clients cannot connect none is here, whatever the router listener's address.
    const NodeId self = m_topology.holdsClients() ? NodeId(m_settings.router.url) : NodeId();
    m_dispatcher = std::make_unique<Dispatcher>(
        Dispatcher::Ways { m_storage.storage(), m_registry, m_nodeClient.get() }, self, m_journal);

    for (const std::unique_ptr<Station> &station : m_stations.all()) {
        Worker &worker = station->worker;
        if (m_topology.holdsClients()) {
            station->connect = std::make_unique<ConnectService>(
                ConnectService::Dependencies { worker, m_storage.storage(), m_registry, m_journal,
                                               m_clock, m_limits.rateLimits(), m_nodeClient.get() },
                keys, connectSettings(m_settings));
            station->nodes =
                std::make_unique<NodeService>(worker, *m_dispatcher, m_storage.storage(), m_clock,
                                              *m_errors, nodeGate(m_settings), keys);
        }
        if (m_topology.takesPushes()) {
            station->endpoint = std::make_unique<PushEndpoint>(
                PushEndpoint::Dependencies { worker, *m_dispatcher, m_storage.storage(), m_journal,
                                             m_metrics, m_clock, m_limits.rateLimits(),
                                             m_senderRules, *m_errors },
                keys,
                EndpointSettings { .origin = m_settings.endpoint.url,
                                   .moreOrigins =
                                       m_devTls ? devOrigins(m_settings) : QByteArrayList(),
                                   .options = m_settings.endpoint,
                                   .tracked = { m_settings.reliability.trackingKeys,
                                                m_settings.reliability.trackAll } });
        }
        station->operations = std::make_unique<Operations>(
            worker, m_operations, m_storage.storage(), m_metrics, *m_errors);
        addRoutes(*station, m_settings, *m_errors, m_requestLog);
    }
    m_housekeeping.emplace(Housekeeping::Dependencies { m_storage.storage(), m_registry, m_clock,
                                                        m_journal, m_metrics, m_mainMailbox });
    startMegaphone();
    for (const std::unique_ptr<Station> &station : m_stations.all()) {
        Worker &worker = station->worker;
        Result<void, QString> listening;
        worker.runAndWait([&] { listening = listen(*station); });
        if (!listening)
            return listening;
    }
    return {};
}

void Server::startLookup(const Fernet &keys)
{
    m_lookup = std::make_unique<Lookup>(
        Lookup::Dependencies {
            .storage = m_storage.storage().browser(),
            .clock = m_clock,
            .history = m_history.get(),
            .node = NodeId(m_settings.router.url),
            .origin = m_settings.endpoint.url,
            .findLive =
                [this](Uaid uaid, UniqueFunction<void(std::optional<LiveConnection>)> found) {
                    findLive(uaid, std::move(found));
                },
            .findSender =
                [this](const QByteArray &keyHash) { return m_browsing->findSender(keyHash); },
            .senders = [this] { return m_browsing->senders(); } },
        keys);
    addLookup(m_admin->api(), *m_lookup);
}

/// Thread: any.
void Server::findLive(Uaid uaid, UniqueFunction<void(std::optional<LiveConnection>)> found)
{
    const std::optional<ClientAddress> address = m_registry.find(uaid);
    if (!address) {
        found(std::nullopt);
        return;
    }
    address->port->describe(
        { address->connection },
        [this, found = std::move(found)](std::vector<ClientSnapshot> snapshots) mutable {
            if (snapshots.empty())
                found(std::nullopt);
            else
                found(LiveConnection { .since = m_clock.now() - snapshots.front().connected,
                                       .inFlight = snapshots.front().inFlight });
        });
}

Result<void, QString> Server::startAdmin(const Fernet &keys)
{
    const NodeControl control {
        .drain =
            [this](std::chrono::milliseconds period) {
                m_operations.isOutOfService = true; // also before the main thread knows
                m_mainMailbox.post([this, period] { m_nodeDrain.start(period); });
            },
        .resume =
            [this] {
                if (m_operations.draining)
                    return false;
                m_mainMailbox.post([this] { m_nodeDrain.resume(); });
                return true;
            },
    };
    m_admin =
        std::make_unique<AdminStation>(m_loaded, keys,
                                       AdminStation::Dependencies { .storage = m_storage.storage(),
                                                                    .store = m_storage.adminStore(),
                                                                    .history = m_history.get(),
                                                                    .log = m_log.ring(),
                                                                    .logLevels = m_log.levels(),
                                                                    .metrics = m_metrics,
                                                                    .clock = m_clock,
                                                                    .operations = m_operations,
                                                                    .node = control });
    m_browsing = std::make_unique<BrowsingResources>(
        BrowsingResources::Dependencies {
            .api = m_admin->api(),
            .worker = m_admin->worker(),
            .storage = m_storage.storage(),
            .store = m_storage.adminStore(),
            .registry = m_registry,
            .dispatcher = *m_dispatcher,
            .journal = m_journal,
            .clock = m_clock,
            .senderBook = m_senderBook,
            .senderRules = m_senderRules,
            .self = m_topology.holdsClients() ? NodeId(m_settings.router.url) : NodeId() },
        keys);
    m_browsing->startRules(m_topology.takesPushes() && m_topology.sharesStorage());
    startLookup(keys);
    addReliability(m_admin->api(), m_storage.timelines(), m_tracker.counts(), m_clock);
    return m_admin->listen(
        m_loaded, m_ports,
        { .name = {},
          .tls = speaksTls(m_settings, ListenerName::Admin) ? &m_certificate->tls() : nullptr,
          .policy = m_limits.policy(ListenerName::Admin),
          .faults = &m_protocolFaults });
}

/// Before anybody is served: the first hello is told what the megaphone says.
void Server::startMegaphone()
{
    const MegaphoneOptions &wanted = m_settings.megaphone;
    if (!m_topology.holdsClients() || wanted.apiUrl.isEmpty())
        return;
    m_housekeeping->startMegaphone(
        wanted, m_stations.all().front()->worker,
        [this](const BroadcastVersions &versions) { m_stations.setBroadcasts(versions); });
}

/// Thread: the station's worker.
Result<void, QString> Server::listen(Station &station)
{
    station.timers = std::make_unique<Timers>();
    station.transport = makeTransport(*station.timers, m_settings);
    const auto listen = [&](ListenerName name, const Addresses &addresses, Listener listener) {
        listener.faults = &m_protocolFaults;
        listener.tls = speaksTls(m_settings, name) ? &m_certificate->tls() : nullptr;
        listener.policy = m_limits.policy(name);
        return m_ports.listen(*station.transport, name, addresses, std::move(listener));
    };
    if (station.connect) {
        station.connect->setTransport(*station.transport, *station.timers);
        CARILLON_TRY_VOID(listen(ListenerName::Connect, m_settings.connect.host,
                                 { .name = QStringLiteral("connect"),
                                   .port = m_settings.connect.port,
                                   .http = &station.connectRoutes,
                                   .webSocket = station.connect.get() }));
        CARILLON_TRY_VOID(listen(ListenerName::Router, m_settings.router.host,
                                 { .name = QStringLiteral("router"),
                                   .port = m_settings.router.port,
                                   .http = &station.routerRoutes }));
    }
    if (station.endpoint) {
        CARILLON_TRY_VOID(listen(ListenerName::Endpoint, m_settings.endpoint.host,
                                 { .name = QStringLiteral("endpoint"),
                                   .port = m_settings.endpoint.port,
                                   .http = &station.endpointRoutes,
                                   .offeredTls = m_devTls ? &m_devTls->tls() : nullptr }));
    }
    return {};
}

void Server::startHousekeeping()
{
    Housekeeping::Duties duties {
        .clientLifetime = m_settings.storage.clientLifetime,
        .renewsClients = m_topology.holdsClients(),
        .keepClock = [this] { m_storage.keepClock(); },
        .publishFigures =
            [this] {
                m_storage.publishStats(m_metrics);
                publishHandshakes();
                m_processFigures.publish();
                if (m_history)
                    m_history->publishStats(m_metrics);
            },
    };
    if (m_topology.holdsClients() && m_topology.sharesStorage())
        duties.sharesRecordsAs = NodeId(m_settings.router.url);
    m_housekeeping->start(duties);
    if (!m_settings.statsd.host.isEmpty())
        m_statsd = std::make_unique<StatsdSender>(m_settings.statsd, m_metrics);
    m_reliability.emplace(m_tracker, m_storage.timelines(), m_clock, m_metrics,
                          m_settings.reliability.retention);
    m_reliability->start();
}

void Server::publishHandshakes()
{
    TlsHandshakes all;
    const auto add = [&all](const TlsServer &tls) {
        const TlsHandshakes some = tls.handshakes();
        all.full += some.full;
        all.resumed += some.resumed;
        all.failed += some.failed;
    };
    if (m_certificate)
        add(m_certificate->tls());
    if (m_devTls)
        add(m_devTls->tls());
    m_metrics.set(Metric::TlsHandshakesFull, all.full);
    m_metrics.set(Metric::TlsHandshakesResumed, all.resumed);
    m_metrics.set(Metric::TlsHandshakesFailed, all.failed);
}

Result<void, QString> Server::reload(const LoadedSettings &loaded)
{
    const Settings &settings = loaded.settings;
    const Result<Fernet, QString> keys = Fernet::fromKeys(revealAll(settings.keys.cryptoKeys));
    if (!keys)
        return Unexpected(QStringLiteral("keys.crypto_keys: ") + keys.error());
    CARILLON_TRY_VOID(m_storage.remember(settings.keys));
    m_stations.setKeys(*keys, nodeGate(settings));
    m_admin->worker().post([this, keys = *keys] { m_lookup->setKeys(keys); });
    m_browsing->setKeys(*keys);
    if (m_nodeClient)
        m_nodeClient->setSignature(nodeSignature(settings));
    m_settings.keys = settings.keys;
    m_settings.connections = settings.connections;
    m_settings.rateLimits = settings.rateLimits;
    m_limits.apply(m_settings);
    if (m_certificate && !settings.tls.certificate.isEmpty()) {
        m_settings.tls.certificate = settings.tls.certificate;
        m_settings.tls.key = settings.tls.key;
        m_certificate->reload();
    }
    m_settings.log = settings.log;
    const QStringList unchanged = needRestart(m_settings, settings);
    for (auto origin = loaded.origins.cbegin(); origin != loaded.origins.cend(); ++origin) {
        if (!unchanged.contains(origin.key()))
            m_loaded.origins[origin.key()] = origin.value();
    }
    m_admin->reload(m_loaded, *keys);
    return {};
}

void Server::probe(Task alive)
{
    m_stations.probe(m_mainMailbox, std::move(alive));
}

void Server::drain()
{
    if (m_operations.draining.exchange(true))
        return;
    m_housekeeping->stop();
    m_drain = std::make_unique<Drain>(
        m_clock, m_settings.drainPeriod,
        Drain::Steps {
            .finishStorageBy = [this](Instant deadline) { m_storage.finishBy(deadline); },
            .stopServing =
                [this] {
                    m_stations.stopServing();
                    if (m_nodeClient)
                        m_nodeClient->drain();
                },
            .openWork =
                [this] {
                    const int deliveries =
                        m_nodeClient ? m_nodeClient->open() + m_nodeClient->untold() : 0;
                    return m_stations.openWork() + deliveries;
                },
            .refuseOpenRequests =
                [this] {
                    m_stations.answerOpenRequests(
                        m_errors->response(ErrorCode::StorageUnavailable));
                } });
    connect(m_drain.get(), &Drain::finished, this, &Server::stopped);
    m_drain->start();
}

} // namespace Carillon
