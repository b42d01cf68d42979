// SPDX-License-Identifier: MPL-2.0
#include "server/app/server.h"

#include "core/base/log.h"
#include "core/storage/memorystorage.h"
#include "server/app/certificatewatch.h"
#include "server/app/clockwatch.h"
#include "server/app/drain.h"
#include "server/app/preflight.h"
#include "server/app/routes.h"
#include "server/connect/megaphone.h"
#include "server/dev/devtls.h"
#include "server/housekeeping/janitor.h"
#include "server/housekeeping/recordwatch.h"
#include "server/housekeeping/renewal.h"
#include "server/net/listensocket.h"
#include "server/net/native/nativetransport.h"
#include "server/net/qt/qttransport.h"
#include "server/net/tls/trust.h"
#include "server/nodes/nodeclient.h"
#include "server/routing/dispatcher.h"
#include "server/settings/keystore.h"
#include "server/storage/sqlite/databaseinspection.h"
#include "server/storage/sqlite/sqliteschema.h"
#include "server/storage/sqlite/sqlitestorage.h"

#include <unistd.h>

namespace Carillon {
namespace {

using namespace std::chrono_literals;

constexpr auto StatsInterval = 1s;
/// A port that is free on one address may be taken on the next.
constexpr int FreePortTries = 16;

QList<QByteArray> revealed(const std::vector<Secret> &secrets)
{
    QList<QByteArray> keys;
    for (const Secret &secret : secrets)
        keys.append(secret.reveal());
    return keys;
}

NodeSignature nodeSignature(const Settings &settings)
{
    return { settings.keys.clusterSecret.reveal(), revealed(settings.keys.cryptoKeys) };
}

/// Whoever configures a secret has nodes that sign; without one, autopush's are let in, but only
/// where the listener itself is on loopback: behind another address a proxy of this machine would
/// lend strangers its own.
NodeGate nodeGate(const Settings &settings)
{
    const bool takesUnsigned =
        settings.keys.clusterSecret.isEmpty() && isLoopbackOnly(settings.router.host);
    return { nodeSignature(settings),
             takesUnsigned ? NodeGate::Unsigned::FromLoopback : NodeGate::Unsigned::Refused };
}

/// A port that is free on all addresses, where 0 asks for any; fails if another server listens on
/// it.
Result<quint16, QString> takePort(const Addresses &addresses, quint16 port)
{
    for (int tries = 1;; ++tries) {
        quint16 taken = port;
        if (port == 0) {
            const Result<int, QString> socket = openListeningSocket(addresses.front(), 0);
            if (!socket)
                return Unexpected(socket.error());
            taken = localPort(*socket);
            ::close(*socket);
        }
        const Result<void, QString> free = probePort(addresses, taken);
        if (free)
            return taken;
        if (port != 0 || tries == FreePortTries)
            return Unexpected(free.error());
    }
}

ConnectSettings connectSettings(const Settings &settings)
{
    const bool resets = settings.storage.queue.onFull == OnFull::Reset;
    return { .node = NodeId(settings.router.url),
             .endpointOrigin = settings.endpoint.url,
             .openHandshakeTimeout = settings.connect.openHandshakeTimeout,
             .autoPingInterval = settings.connect.autoPingInterval,
             .autoPingTimeout = settings.connect.autoPingTimeout,
             .maxChannels = settings.connect.maxChannels,
             .client = { .window = settings.storage.window,
                         .minPingInterval = settings.connect.minPingInterval,
                         .resetAfter = resets ? settings.storage.queue.maxMessages : 0 },
             .sharesRecords = settings.role == Role::Connect,
             .reportInFlight = settings.storage.queue.onFull == OnFull::DropOldest };
}

std::unique_ptr<Transport> makeTransport(Timers &timers, const Settings &settings)
{
    switch (settings.transport) {
    case TransportKind::Native:
        return std::make_unique<NativeTransport>(timers, settings.limits);
    case TransportKind::Qt:
        break;
    }
    return std::make_unique<QtTransport>(
        timers, settings.limits,
        QtTransportOptions { .allowInsecureTransport = settings.allowInsecureTransport });
}

} // namespace

Result<std::unique_ptr<Server>, QString>
Server::start(Settings settings, const std::vector<ActivatedSocket> &sockets, ServerClock &clock)
{
    const Result<Fernet, QString> keys = Fernet::fromKeys(revealed(settings.keys.cryptoKeys));
    if (!keys)
        return Unexpected(QStringLiteral("keys.crypto_keys: ") + keys.error());
    std::unique_ptr<Server> server(new Server(std::move(settings), sockets, clock));
    if (auto started = server->startTls(); !started)
        return Unexpected(started.error());
    if (auto taken = server->takePorts(); !taken)
        return Unexpected(taken.error());
    if (auto opened = server->openStorage(); !opened)
        return Unexpected(opened.error());
    if (auto started = server->startWorkers(*keys); !started)
        return Unexpected(started.error());
    server->startHousekeeping();
    return server;
}

Server::Server(Settings settings, std::vector<ActivatedSocket> sockets, ServerClock &clock)
    : m_settings(std::move(settings)), m_sockets(std::move(sockets)), m_clock(clock),
      m_admission(m_settings, m_metrics, m_clock),
      m_protocolFaults([this](Metric metric, std::int64_t by) { m_metrics.add(metric, by); })
{
}

/// The descriptors of inherited sockets.
std::vector<int> Server::inherited(ListenerName listener) const
{
    std::vector<int> descriptors;
    for (const ActivatedSocket &socket : m_sockets) {
        if (socket.listener == listener)
            descriptors.push_back(socket.descriptor);
    }
    return descriptors;
}

Server::~Server()
{
    m_megaphone.reset();
    m_stations.stop([this](Worker &worker) {
        if (m_nodeClient)
            m_nodeClient->close(worker);
    });
    // What is queued gets written; answers to it reach nobody any more.
    m_storage.reset();
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
            qCWarning(lcApp).noquote() << "senders cannot speak TLS:" << offered.error();
    }
    if (tls.certificate.isEmpty())
        return {};
    auto watch = CertificateWatch::open(m_settings, m_metrics, m_clock);
    if (!watch)
        return Unexpected(watch.error());
    m_certificate = std::move(*watch);
    return {};
}

Result<void, QString> Server::takePorts()
{
    struct Wanted
    {
        bool needed;
        ListenerName name;
        Addresses &host;
        quint16 &port;
        QByteArray *url;
    };
    const bool connects = hasConnectRole(m_settings);
    for (const Wanted &each :
         { Wanted { connects, ListenerName::Connect, m_settings.connect.host,
                    m_settings.connect.port, nullptr },
           Wanted { connects, ListenerName::Router, m_settings.router.host, m_settings.router.port,
                    &m_settings.router.url },
           Wanted { hasEndpointRole(m_settings), ListenerName::Endpoint, m_settings.endpoint.host,
                    m_settings.endpoint.port, &m_settings.endpoint.url } }) {
        if (!each.needed)
            continue;
        if (inherited(each.name).empty()) {
            if (leaveOutMissing(each.host))
                qCInfo(lcApp) << "this machine has no IPv6; localhost is 127.0.0.1 only";
            const Result<quint16, QString> port = takePort(each.host, each.port);
            if (!port)
                return Unexpected(port.error());
            each.port = *port;
        }
        if (each.url && each.url->isEmpty())
            *each.url = httpOrigin(m_settings, each.name);
    }
    return {};
}

Result<void, QString> Server::openStorage()
{
    const Settings::Storage &wanted = m_settings.storage;
    switch (wanted.dsn.backend) {
    case StorageBackend::Memory:
        m_storage = std::make_unique<MemoryStorage>(
            m_clock,
            MemoryOptions { .limits = wanted.queue, .clientLifetime = wanted.clientLifetime });
        return {};
    case StorageBackend::Sqlite:
        break;
    }
    if (const auto made = makeDatabaseFile(wanted.dsn.path); !made)
        return Unexpected(made.error());
    auto lock = DatabaseLock::take(wanted.dsn.path, databaseUse(m_settings));
    if (!lock)
        return Unexpected(lock.error());
    m_databaseLock = std::move(*lock);
    SqliteOptions options;
    options.path = wanted.dsn.path;
    options.sync = wanted.fullSync ? SqliteOptions::Sync::Full : SqliteOptions::Sync::Normal;
    options.limits = wanted.queue;
    options.space = { wanted.maxDatabaseBytes, wanted.minFreeDisk };
    options.ackWait = wanted.ackWait;
    options.walLimit = wanted.walLimit;
    options.clientLifetime = wanted.clientLifetime;
    options.keptClock = &m_clock;
    options.keys = fingerprints(m_settings.keys);
    options.acceptNewKeys = m_settings.keys.acceptNew;
    options.sortKeys = m_settings.role == Role::All ? SortKeyOrigin::GivenWhenQueued
                                                    : SortKeyOrigin::GivenInTransaction;
    auto opened = SqliteStorage::open(options, m_clock);
    if (!opened)
        return Unexpected(opened.error());
    m_sqlite = opened->get();
    m_storage = std::move(*opened);
    return {};
}

Result<void, QString> Server::startWorkers(const Fernet &keys)
{
    m_stations.start(workerCount(m_settings));
    if (m_settings.role != Role::All) {
        m_nodeClient = std::make_unique<NodeClient>(m_stations.workers(), *m_storage,
                                                    nodeSignature(m_settings), m_metrics);
    }
    // Without the connect role no client is here, whatever the router listener's address.
    const NodeId self = hasConnectRole(m_settings) ? NodeId(m_settings.router.url) : NodeId();
    m_dispatcher =
        std::make_unique<Dispatcher>(*m_storage, m_registry, m_nodeClient.get(), self, m_metrics);

    for (const std::unique_ptr<Station> &station : m_stations.all()) {
        Worker &worker = station->worker;
        if (hasConnectRole(m_settings)) {
            station->connect = std::make_unique<ConnectService>(
                ConnectService::Dependencies { worker, *m_storage, m_registry, m_metrics, m_clock,
                                               m_admission.rateLimits(), m_nodeClient.get() },
                keys, connectSettings(m_settings));
            station->nodes = std::make_unique<NodeService>(worker, *m_dispatcher, *m_storage,
                                                           m_clock, nodeGate(m_settings), keys);
        }
        if (hasEndpointRole(m_settings)) {
            station->endpoint = std::make_unique<PushEndpoint>(
                PushEndpoint::Dependencies { worker, *m_dispatcher, *m_storage, m_metrics, m_clock,
                                             m_admission.rateLimits() },
                keys,
                EndpointSettings { .origin = m_settings.endpoint.url,
                                   .moreOrigins =
                                       m_devTls ? devOrigins(m_settings) : QByteArrayList(),
                                   .maxDataBytes = m_settings.endpoint.maxDataBytes,
                                   .maxTtl = m_settings.endpoint.maxNotificationTtl });
        }
        addRoutes(*station, { m_settings, { m_operations, *m_storage, m_registry, m_metrics } });
    }
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

/// Before anybody is served: the first hello is told what the megaphone says.
void Server::startMegaphone()
{
    const Settings::Connect &wanted = m_settings.connect;
    if (!hasConnectRole(m_settings) || wanted.megaphoneApiUrl.isEmpty())
        return;
    m_megaphone = std::make_unique<Megaphone>(
        wanted.megaphoneApiUrl, wanted.megaphonePollInterval, m_metrics,
        [this](const BroadcastVersions &versions) { m_stations.setBroadcasts(versions); });
    m_megaphone->start(m_stations.all().front()->worker);
}

/// Thread: the station's worker.
Result<void, QString> Server::listen(Station &station)
{
    station.timers = std::make_unique<Timers>();
    station.transport = makeTransport(*station.timers, m_settings);
    std::vector<Listener> listeners;
    // One for each socket that was passed, or else for each address.
    const auto add = [&](const Addresses &addresses, ListenerName name, Listener listener) {
        listener.faults = &m_protocolFaults;
        listener.tls = speaksTls(m_settings, name) ? &m_certificate->tls() : nullptr;
        const std::vector<int> descriptors = inherited(name);
        for (const int descriptor : descriptors) {
            listener.inherited = descriptor;
            listener.address = localAddress(descriptor);
            listeners.push_back(listener);
        }
        for (const QHostAddress &address : descriptors.empty() ? addresses : Addresses()) {
            listener.address = address;
            listeners.push_back(listener);
        }
    };
    if (station.connect) {
        station.connect->setTransport(*station.transport, *station.timers);
        add(m_settings.connect.host, ListenerName::Connect,
            { .name = QStringLiteral("connect"),
              .port = m_settings.connect.port,
              .http = &station.connectRoutes,
              .webSocket = station.connect.get(),
              .gate = m_admission.gate(ListenerName::Connect) });
        add(m_settings.router.host, ListenerName::Router,
            { .name = QStringLiteral("router"),
              .port = m_settings.router.port,
              .http = &station.routerRoutes });
    }
    if (station.endpoint) {
        add(m_settings.endpoint.host, ListenerName::Endpoint,
            { .name = QStringLiteral("endpoint"),
              .port = m_settings.endpoint.port,
              .http = &station.endpointRoutes,
              .offeredTls = m_devTls ? &m_devTls->tls() : nullptr,
              .gate = m_admission.gate(ListenerName::Endpoint) });
    }
    for (const Listener &listener : listeners) {
        const Result<quint16, QString> port = station.transport->listen(listener);
        if (!port)
            return Unexpected(port.error());
    }
    return {};
}

void Server::startHousekeeping()
{
    const std::chrono::seconds lifetime = m_settings.storage.clientLifetime;
    m_clockWatch = std::make_unique<ClockWatch>(m_clock, m_metrics, m_sqlite);
    m_janitor = std::make_unique<Janitor>(*m_storage, m_clock, m_metrics, m_mainMailbox, lifetime);
    m_janitor->start();
    if (m_sqlite) {
        connect(&m_storageStats, &QTimer::timeout, this, &Server::publishStorageStats);
        m_storageStats.start(StatsInterval);
    }
    if (!hasConnectRole(m_settings))
        return;
    m_renewal = std::make_unique<Renewal>(*m_storage, m_registry, m_mainMailbox, lifetime);
    connect(m_janitor.get(), &Janitor::wasSuspended, m_renewal.get(), &Renewal::beginRound);
    m_renewal->start();
    if (m_settings.role != Role::Connect)
        return;
    m_recordWatch = std::make_unique<RecordWatch>(*m_storage, m_registry, m_mainMailbox,
                                                  NodeId(m_settings.router.url));
    m_recordWatch->start();
}

void Server::publishStorageStats()
{
    const SqliteStats stats = m_sqlite->stats();
    const auto count = [this](Metric metric, std::uint64_t value) {
        m_metrics.set(metric, static_cast<std::int64_t>(value));
    };
    count(Metric::StorageBatches, stats.writer.batches);
    count(Metric::StorageBatchItems, stats.writer.writes);
    count(Metric::StorageWritesSpared, stats.queue.cancelled);
    count(Metric::StorageFailures, stats.writer.failedBatches);
    count(Metric::StorageQueue, stats.queue.queued + stats.queue.waitingForAck + stats.queuedReads);
    count(Metric::StorageWalRestarts, stats.writer.walRestarts);
    m_metrics.set(Metric::StorageLongestWalRestart, stats.writer.longestRestart.count());
    m_metrics.set(Metric::StorageBytes, stats.writer.space.bytes);
    m_metrics.set(Metric::StorageFreeDisk, stats.writer.space.freeDisk);
    m_metrics.set(Metric::StorageIsFull, stats.writer.space.isFull ? 1 : 0);
}

Result<void, QString> Server::reload(const Settings &settings)
{
    const Result<Fernet, QString> keys = Fernet::fromKeys(revealed(settings.keys.cryptoKeys));
    if (!keys)
        return Unexpected(QStringLiteral("keys.crypto_keys: ") + keys.error());
    if (m_sqlite) {
        auto remembered = rememberKeys(m_settings.storage.dsn.path, fingerprints(settings.keys));
        if (!remembered)
            return remembered;
    }
    m_stations.setKeys(*keys, nodeGate(settings));
    if (m_nodeClient)
        m_nodeClient->setSignature(nodeSignature(settings));
    m_settings.keys = settings.keys;
    m_settings.connections = settings.connections;
    m_settings.rateLimits = settings.rateLimits;
    m_admission.apply(m_settings);
    if (m_certificate && !settings.tls.certificate.isEmpty()) {
        m_settings.tls.certificate = settings.tls.certificate;
        m_settings.tls.key = settings.tls.key;
        m_certificate->reload();
    }
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
    m_janitor->stop();
    if (m_renewal)
        m_renewal->stop();
    if (m_recordWatch)
        m_recordWatch->stop();
    m_megaphone.reset();
    m_drain = std::make_unique<Drain>(
        m_clock, m_settings.drainPeriod,
        Drain::Steps {
            .finishStorageBy =
                [this](Instant deadline) {
                    if (m_sqlite)
                        m_sqlite->finishBy(deadline);
                },
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
                [this] { m_stations.refuseOpenRequests(ErrorCode::StorageUnavailable); } });
    connect(m_drain.get(), &Drain::finished, this, &Server::stopped);
    m_drain->start();
}

} // namespace Carillon
