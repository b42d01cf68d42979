// SPDX-License-Identifier: MPL-2.0
#include "server/commands/commands.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "server/app/banner.h"
#include "server/app/capacity.h"
#include "server/app/kernelclock.h"
#include "server/app/preflight.h"
#include "server/app/readyfd.h"
#include "server/app/server.h"
#include "server/app/servicenotifier.h"
#include "server/app/signals.h"
#include "server/dev/devauthority.h"
#include "server/logging/processlog.h"
#include "server/settings/keystore.h"
#include "server/settings/reload.h"
#include "server/settings/settingsloader.h"
#include "server/settings/topology.h"

#include <QCoreApplication>
#include <QFile>

#include <cstdio>
#include <optional>

#include <sys/resource.h>
#include <unistd.h>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

/// Every connection takes a descriptor, so the soft limit becomes the hard one.
void raiseDescriptorLimit()
{
    rlimit limit {};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max)
        return;
    limit.rlim_cur = limit.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &limit) == 0)
        qCDebug(lcApp) << "descriptor limit raised to" << limit.rlim_max;
}

/// "connect 127.0.0.1:8080, …", for `systemctl status`.
QByteArray listenersOf(const Settings &settings)
{
    QByteArrayList all;
    const auto add = [&all](const char *name, const auto &listener) {
        for (const QHostAddress &host : listener.host)
            all << name + QByteArray(" ") + host.toString().toLatin1() + ' '
                    + QByteArray::number(listener.port);
    };
    const Topology topology(settings);
    if (topology.holdsClients())
        add("connect", settings.connect);
    if (topology.takesPushes())
        add("endpoint", settings.endpoint);
    if (topology.holdsClients())
        add("router", settings.router);
    if (settings.admin.port != 0)
        add("admin", settings.admin);
    if (!settings.admin.socket.isEmpty())
        all << "admin " + QFile::encodeName(settings.admin.socket);
    return all.join(", ");
}

/// A person reads a terminal line by line; a log has one line for all.
void warn(const QStringList &warnings)
{
    if (::isatty(STDERR_FILENO) == 1) {
        for (const QString &warning : warnings)
            qCWarning(lcApp).noquote() << warning;
    } else if (!warnings.isEmpty()) {
        qCWarning(lcApp).noquote() << warnings.join(u". "_s);
    }
}

/// The line that says that the server is there.
void announce(const Server &server, const KeysProvided &keys)
{
    const Settings &settings = server.settings();
    const QString devAuthority =
        server.hasDevTls() ? DevAuthority::certificateFile(settings.state.dir) : QString();
    QString text = u"carillon %1 serves on %2, with room for %3 connections"_s.arg(
        QStringLiteral(CARILLON_VERSION), QString::fromLatin1(listenersOf(settings)),
        QString::number(connectionsInAll(settings)));
    if (keys.made)
        text += u"; keys were made in %1: back this file up"_s.arg(keys.path);
    if (!devAuthority.isEmpty())
        text += u"; senders can use TLS if they trust %1"_s.arg(devAuthority);
    qCInfo(lcApp).noquote() << text;
    if (::isatty(STDOUT_FILENO) == 1) {
        std::fputs(banner(settings, keys, devAuthority).constData(), stdout);
        std::fflush(stdout);
    }
}

/// The sockets that were passed must be those of listeners that this role has.
QStringList unwantedSockets(const Settings &settings, const std::vector<ActivatedSocket> &sockets)
{
    const Topology topology(settings);
    QStringList problems;
    for (const ActivatedSocket &socket : sockets) {
        if (!topology.hasListener(socket.listener))
            problems << u"systemd passed a socket for port %1, but this role has no such "
                        "listener; remove its unit from Sockets="_s.arg(socket.port);
    }
    return problems;
}

/// What a running server can change, at SIGHUP.
void reload(Server &server, ProcessLog &log, const Settings &running, const SettingsSource &source)
{
    Result<LoadedSettings, QStringList> loaded = loadSettings(source);
    if (!loaded) {
        qCWarning(lcApp).noquote() << "not reloaded:" << loaded.error().join(u"; ");
        return;
    }
    if (const auto keys = provideKeys(loaded->settings); !keys) {
        qCWarning(lcApp).noquote() << "not reloaded:" << keys.error();
        return;
    }
    log.apply(loaded->settings.log);
    if (const auto reloaded = server.reload(*loaded); !reloaded)
        qCWarning(lcApp).noquote() << "not reloaded:" << reloaded.error();
    else
        qCInfo(lcApp) << "reloaded keys, certificate, limits and log levels";
    warn(doubtsOfConnections(loaded->settings));
    if (const QStringList names = needRestart(running, loaded->settings); !names.isEmpty())
        qCWarning(lcApp).noquote() << "these changes require a restart:" << names.join(u", "_s);
}

ExitCode serve(const Invocation &invocation)
{
    // Signals may arrive at any time. They are handled in the event loop, when all of these exist.
    Server *running = nullptr;
    ProcessLog *log = nullptr;
    ServiceNotifier *manager = nullptr;
    SettingsSource source = invocation.settings;
    std::optional<Settings> asLoaded;
    const Signals watched(
        [&] {
            qCInfo(lcApp) << "stopping";
            manager->stopping();
            running->drain();
        },
        [&] {
            manager->reloading();
            reload(*running, *log, *asLoaded, source);
            manager->reloaded();
        });
    std::optional<ReadyFd> ready;
    if (const auto text = invocation.arguments.value(u"--ready-fd"_s)) {
        Result<ReadyFd, QString> descriptor = ReadyFd::fromText(*text);
        if (!descriptor) {
            printError(descriptor.error());
            return ExitCode::Usage;
        }
        ready.emplace(std::move(*descriptor));
    }
    const Result<std::vector<ActivatedSocket>, QString> sockets = takeActivatedSockets();
    if (!sockets) {
        printError(sockets.error());
        return ExitCode::Usage;
    }
    source.sockets = settingsOf(*sockets);
    Result<LoadedSettings, QStringList> loaded = loadSettings(source);
    const QStringList problems =
        loaded ? unwantedSockets(loaded->settings, *sockets) : loaded.error();
    for (const QString &problem : problems)
        printError(problem);
    if (!problems.isEmpty())
        return ExitCode::Usage;
    ProcessLog processLog(loaded->settings.log);
    log = &processLog;
    loaded->settings.keys.acceptNew = invocation.arguments.has(u"--accept-new-keys"_s);
    const QStringList obstacles = obstaclesToServe(loaded->settings, *sockets);
    for (const QString &obstacle : obstacles)
        printError(obstacle);
    if (!obstacles.isEmpty())
        return ExitCode::Failure;
    raiseDescriptorLimit();
    asLoaded = loaded->settings;
    const Result<KeysProvided, QString> keys = provideKeys(loaded->settings);
    if (!keys) {
        printError(keys.error());
        return ExitCode::Failure;
    }

    static const KernelClock kernel;
    static ServerClock clock(kernel, earliestWallTime());
    loaded->warnings += doubtsOfServe(loaded->settings, clock.wall());
    warn(loaded->warnings);
    Result<std::unique_ptr<Server>, QString> server =
        Server::start(*loaded, *sockets, clock, processLog);
    if (!server) {
        printError(server.error());
        return ExitCode::Failure;
    }

    QObject::connect(server->get(), &Server::stopped, QCoreApplication::instance(),
                     &QCoreApplication::quit);
    running = server->get();
    ServiceNotifier notifier([running](Task alive) { running->probe(std::move(alive)); });
    manager = &notifier;
    announce(**server, *keys);
    const QByteArray serves = "serves on " + listenersOf((*server)->settings());
    notifier.ready(serves);
    if (ready)
        ready->write(serves);
    QCoreApplication::exec();
    server->reset();
    qCInfo(lcApp) << "stopped";
    return ExitCode::Success;
}

} // namespace

Command serveCommand()
{
    return {
        .name = u"serve"_s,
        .synopsis = u"[--dev] [--role all|connect|endpoint] [--config FILE] [settings]"_s,
        .group = CommandGroup::Server,
        .summary = u"runs the push server"_s,
        .description =
            u"Serves browsers, phones and senders until SIGTERM or Ctrl-C. Without settings it\n"
            "listens on this machine only, and keeps its keys and messages in the state\n"
            "directory. On SIGHUP it reads its keys, certificate, limits and log levels again. It\n"
            "also reads the certificate again when the file changes."_s,
        .options = { { u"--accept-new-keys"_s,
                       {},
                       u"Starts even if the keys of the clients in the database are lost. The "
                       "endpoints of those clients become invalid."_s },
                     { u"--ready-fd"_s, u"N"_s,
                       u"Writes a line to this descriptor when the server serves, and closes "
                       "it."_s } },
        .example = u"carillon serve --dev\n"
                   "carillon serve --config /etc/carillon.toml"_s,
        .takesSettings = true,
        .run = serve,
    };
}

} // namespace Carillon
