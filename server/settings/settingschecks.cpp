// SPDX-License-Identifier: MPL-2.0
#include "server/settings/settingschecks.h"

#include "server/net/unixsocket.h"
#include "server/settings/adminsockets.h"
#include "server/settings/settingkinds.h"
#include "server/settings/topology.h"

#include <QDir>

#include <algorithm>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

const QString IsDefault = u"default"_s;

bool hasWildcard(const Addresses &addresses)
{
    return std::ranges::any_of(addresses, [](const QHostAddress &address) {
        return address == QHostAddress(QHostAddress::AnyIPv4)
            || address == QHostAddress(QHostAddress::AnyIPv6);
    });
}

struct PublicListener
{
    QString setting;
    QHostAddress address;
};

std::vector<PublicListener> publicListeners(const Settings &settings)
{
    const Topology topology(settings);
    std::vector<PublicListener> listeners;
    const auto add = [&](const QString &setting, const Addresses &addresses) {
        const auto found = std::ranges::find_if_not(addresses, &QHostAddress::isLoopback);
        if (found != addresses.end())
            listeners.push_back({ setting, *found });
    };
    if (topology.holdsClients()) {
        add(u"connect.host"_s, settings.connect.host);
        add(u"router.host"_s, settings.router.host);
    }
    if (topology.takesPushes())
        add(u"endpoint.host"_s, settings.endpoint.host);
    return listeners;
}

QStringList checkTransport(const LoadedSettings &loaded)
{
    if (isBuiltIn(loaded.settings.transport))
        return {};
    const QString name = u"transport"_s;
    return { complaint(name,
                       { u"this program was built without transport \"qt\""_s,
                         u"set transport = \"native\", or build with the CMake option "
                         "CARILLON_QT_TRANSPORT=ON"_s },
                       loaded.origins.value(name)) };
}

QStringList checkPublic(const LoadedSettings &loaded)
{
    QStringList problems;
    const Settings &settings = loaded.settings;
    for (const auto &[name, address] : publicListeners(settings)) {
        const QString where = loaded.origins.value(name);
        const QString shown = address.toString();
        if (settings.dev)
            problems << complaint(name,
                                  { shown
                                        + u" can be reached from other machines, but dev is for "
                                          "loopback only"_s,
                                    u"remove one of the two"_s },
                                  where);
        if (settings.transport == TransportKind::Qt && !settings.allowInsecureTransport)
            problems << complaint(
                name,
                { shown
                      + u" can be reached from other machines, and transport \"qt\" is not safe "
                        "for that"_s,
                  u"set transport = \"native\", listen on 127.0.0.1 behind a reverse proxy, or set "
                  "allow_insecure_transport = true"_s },
                where);
        if (settings.keys.cryptoKeys.empty())
            problems << complaint(
                u"keys.crypto_keys"_s,
                { u"there are no keys, and %1 = %2 can be reached from other machines"_s.arg(name,
                                                                                             shown),
                  u"make keys with `carillon keygen --out keys.toml`, and add `--config "
                  "keys.toml`"_s });
    }
    problems.removeDuplicates();
    return problems;
}

QStringList checkUrls(const LoadedSettings &loaded)
{
    QStringList problems;
    const Settings &settings = loaded.settings;
    if (settings.endpoint.url.isEmpty() && hasWildcard(settings.endpoint.host))
        problems << complaint(
            u"endpoint.url"_s,
            { u"it is not set, and endpoint.host is not a single address"_s,
              u"set it to the URL that senders use, such as https://push.example.com"_s });
    if (Topology(settings).holdsClients() && settings.router.url.isEmpty()
        && hasWildcard(settings.router.host))
        problems << complaint(u"router.url"_s,
                              { u"it is not set, and router.host is not a single address"_s,
                                u"set it to the URL that other nodes use, such as "
                                "http://node1:8081"_s });
    return problems;
}

QStringList checkTls(const LoadedSettings &loaded)
{
    const Settings &settings = loaded.settings;
    const Settings::Tls &tls = settings.tls;
    QStringList problems;
    const auto complain = [&](const QString &name, QString fault, QString remedy) {
        problems << complaint(name, { std::move(fault), std::move(remedy) },
                              loaded.origins.value(name));
    };
    if (tls.certificate.isEmpty()) {
        const QString remedy = u"set tls.certificate to the certificate's file, or remove this "
                               "setting"_s;
        if (!tls.key.isEmpty())
            complain(u"tls.key"_s, u"there is a key but no certificate"_s, remedy);
        if (tls.listeners != Settings().tls.listeners)
            complain(u"tls.listeners"_s, u"there is no certificate for these listeners"_s, remedy);
        return problems;
    }
    if (settings.transport == TransportKind::Qt)
        complain(u"tls.certificate"_s, u"transport \"qt\" does not support TLS"_s,
                 u"set transport = \"native\", or remove this setting and use a reverse proxy "
                 "for TLS"_s);
    const auto checkUrl = [&](ListenerName listener, const QString &name, const QByteArray &url) {
        if (speaksTls(settings, listener) && url.startsWith("http:"))
            complain(name, u"it begins with http:, but that listener uses TLS"_s,
                     u"change it to https:, or remove the listener from tls.listeners"_s);
    };
    checkUrl(ListenerName::Endpoint, u"endpoint.url"_s, settings.endpoint.url);
    checkUrl(ListenerName::Router, u"router.url"_s, settings.router.url);
    return problems;
}

QStringList checkProxies(const LoadedSettings &loaded)
{
    const Settings &settings = loaded.settings;
    if (!settings.proxyProtocol)
        return {};
    QStringList problems;
    const QString name = u"proxy_protocol"_s;
    const QString where = loaded.origins.value(name);
    if (settings.trustedProxies.empty())
        problems << complaint(name,
                              { u"trusted_proxies is empty, so no PROXY header can be accepted"_s,
                                u"name the proxies in trusted_proxies, or remove this setting"_s },
                              where);
    if (settings.transport == TransportKind::Qt)
        problems << complaint(
            name,
            { u"transport \"qt\" does not read PROXY headers"_s,
              u"set transport = \"native\", or let the proxy send X-Forwarded-For"_s },
            where);
    return problems;
}

QStringList checkAdmin(const LoadedSettings &loaded)
{
    const Settings &settings = loaded.settings;
    const AdminOptions &admin = settings.admin;
    QStringList problems;
    const auto complain = [&](const QString &name, QString fault, QString remedy) {
        problems << complaint(name, { std::move(fault), std::move(remedy) },
                              loaded.origins.value(name));
    };
    if (!admin.isSocketDerived && !QDir::isAbsolutePath(admin.socket))
        complain(u"admin.socket"_s, u"\"%1\" is a relative path"_s.arg(admin.socket),
                 u"give an absolute path"_s);
    else if (!admin.isSocketDerived && !UnixSocket::fits(admin.socket))
        complain(u"admin.socket"_s, u"the path is too long for a socket"_s,
                 u"give a path of at most 107 bytes"_s);
    const auto open = std::ranges::find_if_not(admin.host, &QHostAddress::isLoopback);
    if (open == admin.host.end())
        return problems;
    const QString shown = open->toString();
    if (settings.dev)
        complain(u"admin.host"_s,
                 shown
                     + u" can be reached from other machines, but dev is for "
                       "loopback only"_s,
                 u"remove one of the two"_s);
    else if (!speaksTls(settings, ListenerName::Admin) && settings.trustedProxies.empty())
        complain(u"admin.host"_s,
                 shown
                     + u" can be reached from other machines, and tokens would be sent "
                       "without TLS"_s,
                 u"set tls.certificate and add \"admin\" to tls.listeners, listen on 127.0.0.1, "
                 "or name the reverse proxy in trusted_proxies"_s);
    return problems;
}

/// Whether all that clients and senders meet is out of the Internet's reach, so that a proxy must
/// stand in front of it.
bool isBehindProxy(const Settings &settings)
{
    const auto isInside = [](const Addresses &addresses) {
        return std::ranges::all_of(addresses, [](const QHostAddress &host) {
            const auto address = IpAddress::parse(host.toString().toLatin1());
            return address && (address->isLoopback() || address->isPrivate());
        });
    };
    const Topology topology(settings);
    return (!topology.holdsClients() || isInside(settings.connect.host))
        && (!topology.takesPushes() || isInside(settings.endpoint.host));
}

/// Whether both would take connections to the same address.
bool overlap(const Addresses &some, const Addresses &others)
{
    return std::ranges::any_of(some, [&](const QHostAddress &one) {
        return std::ranges::any_of(others, [&](const QHostAddress &other) {
            return SettingKinds::covers(one, other) || SettingKinds::covers(other, one);
        });
    });
}

QStringList checkPorts(const Settings &settings)
{
    struct Used
    {
        QString name;
        const Addresses &addresses;
        quint16 port;
    };
    const Topology topology(settings);
    std::vector<Used> used;
    if (topology.holdsClients()) {
        used.push_back({ u"connect.port"_s, settings.connect.host, settings.connect.port });
        used.push_back({ u"router.port"_s, settings.router.host, settings.router.port });
    }
    if (topology.takesPushes())
        used.push_back({ u"endpoint.port"_s, settings.endpoint.host, settings.endpoint.port });
    if (!settings.admin.isPortDerived)
        used.push_back({ u"admin.port"_s, settings.admin.host, settings.admin.port });
    QStringList problems;
    for (size_t i = 0; i < used.size(); ++i) {
        for (size_t j = 0; j < i; ++j) {
            if (used[i].port != 0 && used[i].port == used[j].port
                && overlap(used[i].addresses, used[j].addresses))
                problems << complaint(
                    used[i].name,
                    { u"%1 is also the value of %2"_s.arg(used[i].port).arg(used[j].name),
                      u"give each listener its own port"_s });
        }
    }
    return problems;
}

QStringList doubtAddresses(const LoadedSettings &loaded)
{
    const Settings &settings = loaded.settings;
    const std::pair<QString, bool> limits[] = {
        { u"rate_limits.address"_s, settings.rateLimits.address.isLimited() },
        { u"rate_limits.registration"_s, settings.rateLimits.registration.isLimited() },
        { u"rate_limits.new_client"_s, settings.rateLimits.newClient.isLimited() },
        { u"limits.connections_per_address"_s, settings.connections.perAddress > 0 },
    };
    QString name; // of the first one that somebody set
    for (const auto &[limit, isOn] : limits) {
        if (name.isEmpty() && isOn && loaded.origins.value(limit) != IsDefault)
            name = limit;
    }
    if (name.isEmpty() || !settings.trustedProxies.empty() || !isBehindProxy(settings))
        return {};
    return { complaint(name,
                       { u"the listeners are on loopback or private addresses, so clients "
                         "probably come through a proxy, which has one address for all of them; "
                         "limits do not apply to loopback"_s,
                         u"name the proxy in trusted_proxies"_s },
                       loaded.origins.value(name)) };
}

QStringList doubtStorage(const LoadedSettings &loaded)
{
    const Settings &settings = loaded.settings;
    if (!Topology(settings).hasOtherProcesses()
        || settings.storage.dsn.backend != StorageBackend::Memory)
        return {};
    const QString name = u"storage.dsn"_s;
    return { complaint(name,
                       { u"memory: is not shared with the process of the other role, so neither "
                         "knows the other's clients"_s,
                         u"set it to the same sqlite:PATH for both processes, or use role = "
                         "\"all\""_s },
                       loaded.origins.value(name)) };
}

} // namespace

QString stateDirectory(const QMap<QString, QString> &environment)
{
    if (const QString service = environment.value(u"STATE_DIRECTORY"_s); !service.isEmpty())
        return QDir::cleanPath(service.section(u':', 0, 0));
    if (const QString xdg = environment.value(u"XDG_STATE_HOME"_s); QDir::isAbsolutePath(xdg))
        return QDir::cleanPath(xdg + "/carillon"_L1);
    if (const QString home = environment.value(u"HOME"_s);
        QDir::isAbsolutePath(home) && home != "/"_L1)
        return QDir::cleanPath(home + "/.local/state/carillon"_L1);
    return u"/var/lib/carillon"_s;
}

void deriveSettings(LoadedSettings &loaded, const QMap<QString, QString> &environment)
{
    Settings &settings = loaded.settings;
    const auto derive = [&](const QString &name, const QString &from) {
        if (loaded.origins.value(name) == IsDefault)
            loaded.origins[name] = from;
    };
    if (settings.state.dir.isEmpty()) {
        settings.state.dir = stateDirectory(environment);
        derive(u"state.dir"_s, u"this user and machine"_s);
    }
    StorageDsn &dsn = settings.storage.dsn;
    if (dsn.backend == StorageBackend::Sqlite && dsn.path.isEmpty()) {
        dsn.path = settings.state.dir + "/carillon.db"_L1;
        derive(u"storage.dsn"_s, u"state.dir"_s);
    }
    if (settings.tls.key.isEmpty() && !settings.tls.certificate.isEmpty()) {
        settings.tls.key = settings.tls.certificate;
        derive(u"tls.key"_s, u"tls.certificate"_s);
    }
    const auto deriveUrl = [&](ListenerName name, const QString &section, auto &listener) {
        if (!listener.url.isEmpty() || listener.port == 0 || hasWildcard(listener.host))
            return;
        listener.url = httpOrigin(settings, name);
        derive(section + ".url"_L1, u"%1.host, %1.port"_s.arg(section));
    };
    deriveUrl(ListenerName::Endpoint, u"endpoint"_s, settings.endpoint);
    deriveUrl(ListenerName::Router, u"router"_s, settings.router);

    settings.admin.isSocketDerived = settings.admin.socket.isEmpty();
    if (settings.admin.isSocketDerived) {
        const auto [directory, origin] = adminSocketDirectory(environment, settings.state.dir);
        settings.admin.socket = directory + u'/' + adminSocketName(settings.role);
        derive(u"admin.socket"_s, origin);
    }
    settings.admin.isPortDerived = loaded.origins.value(u"admin.port"_s) == IsDefault;
    if (settings.admin.isPortDerived && settings.role == Role::Endpoint) {
        ++settings.admin.port; // beside a process with role connect
        derive(u"admin.port"_s, u"role"_s);
    }

    if (settings.dev && loaded.origins.value(u"log.level"_s) == IsDefault) {
        settings.log.level = LogLevel::Debug;
        loaded.origins[u"log.level"_s] = u"dev"_s;
    }
    if (settings.dev && loaded.origins.value(u"log.requests"_s) == IsDefault) {
        settings.log.requests = true;
        loaded.origins[u"log.requests"_s] = u"dev"_s;
    }
}

QStringList checkSettings(const LoadedSettings &loaded)
{
    return checkTransport(loaded) + checkPublic(loaded) + checkUrls(loaded) + checkTls(loaded)
        + checkProxies(loaded) + checkAdmin(loaded) + checkPorts(loaded.settings);
}

QStringList doubtsOfSettings(const LoadedSettings &loaded)
{
    return doubtAddresses(loaded) + doubtStorage(loaded);
}

bool listensPublicly(const Settings &settings)
{
    return !publicListeners(settings).empty();
}

} // namespace Carillon
