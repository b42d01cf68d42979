// SPDX-License-Identifier: MPL-2.0
#include "server/app/adminstation.h"

#include "core/base/log.h"
#include "server/admin/auditresource.h"
#include "server/admin/configresource.h"
#include "server/admin/historyresource.h"
#include "server/admin/liveresource.h"
#include "server/admin/logsresource.h"
#include "server/admin/openapi.h"
#include "server/admin/statsresource.h"
#include "server/admin/statusresource.h"
#include "server/app/operations.h"
#include "server/app/ports.h"
#include "server/net/native/nativetransport.h"
#include "server/settings/adminsockets.h"
#include "server/settings/settingstext.h"
#include "server/settings/topology.h"

#include <QFile>

#include <algorithm>
#include <array>

#include <grp.h>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

constexpr std::chrono::seconds Second { 1 };

std::optional<std::uint32_t> groupNamed(const QString &name)
{
    group entry {};
    group *found = nullptr;
    std::array<char, 16'384> buffer {};
    if (::getgrnam_r(QFile::encodeName(name).constData(), &entry, buffer.data(), buffer.size(),
                     &found)
            != 0
        || !found)
        return std::nullopt;
    return found->gr_gid;
}

AdminAccess::Options accessOptions(const Settings &settings)
{
    return { .group =
                 settings.admin.group.isEmpty() ? std::nullopt : groupNamed(settings.admin.group),
             .groupRole = settings.admin.groupRole,
             .isLoopbackOnly =
                 isLoopbackOnly(settings.admin.host) && settings.trustedProxies.empty() };
}

ServerFacts factsOf(const LoadedSettings &loaded, const Clock &clock)
{
    const Settings &settings = loaded.settings;
    const Topology topology(settings);
    ServerFacts facts;
    facts.version = QStringLiteral(CARILLON_VERSION);
    facts.build =
        u"%1, Qt %2"_s.arg(QStringLiteral("GCC " __VERSION__), QString::fromLatin1(qVersion()));
    if (topology.holdsClients())
        facts.roles << u"connect"_s;
    if (topology.takesPushes())
        facts.roles << u"endpoint"_s;
    facts.transport = settings.transport == TransportKind::Qt ? u"qt"_s : u"native"_s;
    facts.storage =
        settings.storage.dsn.backend == StorageBackend::Sqlite ? u"sqlite"_s : u"memory"_s;
    facts.started = clock.wall();
    facts.startedAt = clock.steadyNow();
    facts.warnings = loaded.warnings;
    return facts;
}

} // namespace

AdminStation::AdminStation(const LoadedSettings &loaded, const Fernet &keys,
                           const Dependencies &dependencies)
    : m_with(dependencies), m_sharesTokens(Topology(loaded.settings).sharesStorage()),
      m_facts(factsOf(loaded, dependencies.clock)), m_messageIds(keys),
      m_access(accessOptions(loaded.settings), dependencies.clock),
      m_stats(dependencies.metrics, dependencies.clock), m_live({ .access = m_access,
                                                                  .stats = m_stats,
                                                                  .history = dependencies.history,
                                                                  .log = dependencies.log,
                                                                  .clock = dependencies.clock }),
      m_worker(u"admin"_s), m_service({ .worker = m_worker,
                                        .api = m_api,
                                        .access = m_access,
                                        .store = dependencies.store,
                                        .clock = dependencies.clock }),
      m_tokens { m_worker, dependencies.store, m_access.tokens(), dependencies.clock }
{
    m_facts.isDraining = [&operations = dependencies.operations] {
        return operations.draining || operations.isOutOfService;
    };
    addStatus(m_api, m_facts, m_with.storage, m_with.metrics, m_with.clock);
    addConfiguration(m_api, m_configuration);
    addNodes(m_api, m_facts, m_stats, m_with.node);
    addStats(m_api, m_stats);
    addHistory(m_api, m_with.history, m_messageIds);
    addLogs(m_api, m_with.log, m_with.logLevels);
    addTokens(m_api, m_tokens);
    addAudit(m_api, m_with.store);
    addLive(m_api);
    addDescription(m_api);
}

AdminStation::~AdminStation()
{
    Q_ASSERT(m_isStopped);
}

Result<void, QString> AdminStation::listen(LoadedSettings &loaded, const Ports &ports,
                                           const Listener &tcp)
{
    Settings &settings = loaded.settings;
    if (!settings.admin.group.isEmpty() && !groupNamed(settings.admin.group))
        return Unexpected(
            u"admin.group: this machine has no group \"%1\""_s.arg(settings.admin.group));
    m_facts.node = QString::fromLatin1(
        m_facts.roles.contains(u"connect"_s) ? settings.router.url : settings.endpoint.url);
    Result<void, QString> listening;
    m_worker.runAndWait([&] {
        m_timers = std::make_unique<Timers>();
        m_transport = std::make_unique<NativeTransport>(*m_timers, settings.limits);
        listening = listenLocally(settings.admin, settings.state.dir);
        if (listening)
            listening = listenOnTcp(settings.admin, ports, tcp);
        m_configuration = listingJson(loaded);
        m_live.setTimers(m_timers.get());
        m_timers->start(m_second, Second);
        loadTokens();
    });
    return listening;
}

/// Thread: the admin thread.
Result<void, QString> AdminStation::listenLocally(AdminOptions &options,
                                                  const QString &stateDirectory)
{
    const std::optional<std::uint32_t> group =
        options.group.isEmpty() ? std::nullopt : groupNamed(options.group);
    auto socket = UnixSocket::listen({ options.socket, group });
    // Another server of this user, with a state directory of its own, came first.
    if (!socket && options.isSocketDerived && socket.error().why == UnixSocket::Why::InUse) {
        const QString name = options.socket.section(u'/', -1);
        const QString other = stateDirectory + u'/' + name;
        if (other != options.socket) {
            qCWarning(lcAdmin).noquote() << socket.error().text << "This one takes" << other;
            options.socket = other;
            socket = UnixSocket::listen({ options.socket, group });
        }
    }
    if (!socket) {
        if (!options.isSocketDerived)
            return Unexpected(u"admin.socket: "_s + socket.error().text);
        qCWarning(lcAdmin).noquote()
            << socket.error().text << "Set admin.socket to a path for this server.";
        options.socket.clear();
        return {};
    }
    m_socket = std::move(*socket);
    const auto listening = m_transport->listen({ .name = u"admin"_s,
                                                 .http = &m_service,
                                                 .webSocket = &m_live,
                                                 .inherited = m_socket->descriptor(),
                                                 .isLocal = true });
    return listening ? Result<void, QString>() : Unexpected(listening.error());
}

/// Thread: the admin thread.
Result<void, QString> AdminStation::listenOnTcp(AdminOptions &options, const Ports &ports,
                                                const Listener &tcp)
{
    if (const auto taken = ports.takeAdmin(options); !taken) {
        if (!options.isPortDerived)
            return Unexpected(u"admin.port: "_s + taken.error());
        qCWarning(lcAdmin).noquote()
            << taken.error() << "The admin API is on its socket only; set admin.port to have both.";
        options.port = 0;
        return {};
    }
    Listener listener = tcp;
    listener.webSocket = &m_live;
    listener.name = u"admin"_s;
    listener.port = options.port;
    listener.http = &m_service;
    return ports.listen(*m_transport, ListenerName::Admin, options.host, listener);
}

void AdminStation::reload(const LoadedSettings &loaded, const Fernet &keys)
{
    m_worker.post([this, items = listingJson(loaded), keys] {
        m_configuration = items;
        m_messageIds = MessageIds(keys);
    });
}

void AdminStation::loadTokens()
{
    m_tokens.load([](const Result<std::vector<AdminToken>> &) {}); // the next time, perhaps
}

/// Thread: the admin thread.
void AdminStation::secondPassed()
{
    m_timers->start(m_second, Second);
    m_stats.sample();
    m_live.secondPassed();
    if (m_sharesTokens)
        loadTokens();
}

void AdminStation::stop()
{
    m_isStopped = true;
    m_worker.stop([this] {
        m_live.setTimers(nullptr);
        m_second.cancel();
        m_transport.reset();
        m_timers.reset();
    });
    m_socket.reset();
}

} // namespace Carillon
