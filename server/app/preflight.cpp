// SPDX-License-Identifier: MPL-2.0
#include "server/app/preflight.h"

#include "server/app/capacity.h"
#include "server/app/certificate.h"
#include "server/net/connectionlimits.h"
#include "server/net/listensocket.h"
#include "server/settings/keystore.h"
#include "server/storage/sqlite/databaseinspection.h"

#include <QFileInfo>
#include <QSslCertificate>

#include <algorithm>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

/// Fewer places for connections are of no use to anybody.
constexpr std::int64_t FewestPlaces = 16;

int listenerCount(const Settings &settings)
{
    const Topology topology(settings);
    return (topology.holdsClients() ? 2 : 0) + (topology.takesPushes() ? 1 : 0);
}

QStringList checkDescriptors(const Settings &settings)
{
    const int workers = workerCount(settings);
    const std::int64_t needed = ConnectionLimits::descriptorsOfOthers(workers)
        + std::int64_t { listenerCount(settings) } * workers + FewestPlaces;
    const std::int64_t limit = descriptorLimit();
    if (limit >= needed)
        return {};
    return {
        u"The descriptor limit is %1, but a server with %2 workers needs at least %3; raise it "
        "(`ulimit -n`, systemd's LimitNOFILE=) or reduce the number of workers"_s.arg(limit)
            .arg(workers)
            .arg(needed)
    };
}

QStringList checkTlsFiles(const Settings &settings)
{
    QStringList problems;
    const Settings::Tls &tls = settings.tls;
    if (!tls.ca.isEmpty() && QSslCertificate::fromPath(tls.ca).isEmpty())
        problems << u"tls.ca: %1 cannot be read, or contains no PEM certificate"_s.arg(tls.ca);
    if (!tls.certificate.isEmpty()) {
        if (const auto certificate = loadCertificate(tls); !certificate)
            problems << certificate.error();
    }
    return problems;
}

QStringList checkPortsAreFree(const Settings &settings, const std::vector<ActivatedSocket> &sockets)
{
    QStringList problems;
    const auto check = [&](ListenerName name, const auto &listener) {
        if (std::ranges::find(sockets, name, &ActivatedSocket::listener) != sockets.end())
            return;
        Addresses addresses = listener.host;
        leaveOutMissing(addresses);
        if (const auto free = probePort(addresses, listener.port); !free)
            problems << free.error();
    };
    const Topology topology(settings);
    if (topology.holdsClients()) {
        check(ListenerName::Connect, settings.connect);
        check(ListenerName::Router, settings.router);
    }
    if (topology.takesPushes())
        check(ListenerName::Endpoint, settings.endpoint);
    return problems;
}

QStringList checkKeysAndDatabase(Settings settings)
{
    QStringList problems;
    const auto keys = findKeys(settings);
    if (!keys)
        problems << keys.error();
    if (settings.storage.dsn.backend != StorageBackend::Sqlite)
        return problems;
    const QString &path = settings.storage.dsn.path;
    if (const auto unused = DatabaseLock::check(path, databaseUse(settings)); !unused)
        problems << unused.error();
    const auto database = inspectDatabase(path);
    if (!database) {
        // The directory of both may be what is wrong.
        if (!problems.contains(database.error()))
            problems << database.error();
    } else if (keys && !settings.keys.acceptNew) {
        if (keys->made && database->hasClients)
            problems << keysLostMessage(path, u"%1 does not exist"_s.arg(keys->path));
        else if (!keys->made && areKeysLost(*database, fingerprints(settings.keys)))
            problems << keysLostMessage(path,
                                        keys->path.isEmpty()
                                            ? u"keys.crypto_keys contains other keys"_s
                                            : u"%1 contains other keys"_s.arg(keys->path));
    }
    return problems;
}

} // namespace

QStringList obstaclesToServe(const Settings &settings, const std::vector<ActivatedSocket> &sockets)
{
    return checkDescriptors(settings) + checkTlsFiles(settings) + checkKeysAndDatabase(settings)
        + checkPortsAreFree(settings, sockets);
}

QStringList doubtsOfServe(const Settings &settings, WallTime now)
{
    QStringList doubts = doubtsOfConnections(settings);
    if (settings.storage.dsn.backend == StorageBackend::Memory)
        doubts << u"storage.dsn is memory: everything stored is lost when the server stops"_s;
    if (settings.tls.certificate.isEmpty())
        return doubts;
    if (const auto certificate = loadCertificate(settings.tls))
        doubts += certificateWarnings(*certificate, settings, now);
    return doubts;
}

} // namespace Carillon
