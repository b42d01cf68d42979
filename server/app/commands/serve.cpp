// SPDX-License-Identifier: MPL-2.0
#include "server/app/commands/commands.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "server/app/keystore.h"
#include "server/app/logging.h"
#include "server/app/server.h"
#include "server/app/servicenotifier.h"
#include "server/app/settingsloader.h"
#include "server/app/signals.h"

#include <QCoreApplication>

#include <cstdio>

#include <csignal>
#include <sys/resource.h>

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
        qCInfo(lcApp) << "descriptor limit raised to" << limit.rlim_max;
}

void ignoreSignalsThatAreErrors()
{
    // A peer that left and a file that may not grow are answers of a call, not reasons to die.
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
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
    if (hasConnectRole(settings))
        add("connect", settings.connect);
    if (hasEndpointRole(settings))
        add("endpoint", settings.endpoint);
    if (hasConnectRole(settings))
        add("router", settings.router);
    return all.join(", ");
}

/// What to do next, for somebody who has just started it by hand.
void printWelcome(const Settings &settings, const KeysProvided &keys)
{
    QByteArray text;
    if (hasConnectRole(settings))
        text += "Browsers connect to   " + webSocketUrl(settings)
            + "   (Firefox: dom.push.serverURL)\n";
    if (hasEndpointRole(settings))
        text += "Senders push to       " + settings.endpoint.url + "/wpush/...\n";
    if (settings.storage.dsn.backend == StorageBackend::Sqlite)
        text += "Messages are kept in  " + settings.storage.dsn.path.toLocal8Bit() + '\n';
    if (!keys.path.isEmpty())
        text += "The keys are in       " + keys.path.toLocal8Bit()
            + (keys.made ? "   (made just now: back this file up)\n" : "\n");
    if (settings.dev && hasEndpointRole(settings))
        text += "Try it                " + settings.endpoint.url
            + "/   (`carillon firefox` opens it in a Firefox set up for this server)\n";
    else
        text += "Try it                carillon listen   and, in another terminal, carillon send\n";
    std::fputs(text.constData(), stdout);
    std::fflush(stdout);
}

/// The sockets that were passed must be those of listeners that this role has.
QStringList unwantedSockets(const Settings &settings, const std::vector<ActivatedSocket> &sockets)
{
    QStringList problems;
    for (const ActivatedSocket &socket : sockets) {
        const bool isWanted = socket.listener == ListenerName::Endpoint ? hasEndpointRole(settings)
                                                                        : hasConnectRole(settings);
        if (!isWanted)
            problems << u"systemd passes a socket for port %1, and this role has no such listener; "
                        "take the unit out of Sockets="_s.arg(socket.port);
    }
    return problems;
}

/// What a running server can change, at SIGHUP.
void reload(Server &server, const SettingsSource &source)
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
    startLogging(loaded->settings.log);
    if (const auto reloaded = server.reload(loaded->settings); !reloaded)
        qCWarning(lcApp).noquote() << "not reloaded:" << reloaded.error();
    else
        qCInfo(lcApp) << "reloaded keys, certificate, limits and log levels";
}

ExitCode serve(const Invocation &invocation)
{
    const Result<std::vector<ActivatedSocket>, QString> sockets = takeActivatedSockets();
    if (!sockets) {
        printError(sockets.error());
        return ExitCode::Usage;
    }
    SettingsSource source = invocation.settings;
    source.sockets = settingsOf(*sockets);
    Result<LoadedSettings, QStringList> loaded = loadSettings(source);
    const QStringList problems =
        loaded ? unwantedSockets(loaded->settings, *sockets) : loaded.error();
    for (const QString &problem : problems)
        printError(problem);
    if (!problems.isEmpty())
        return ExitCode::Usage;
    startLogging(loaded->settings.log);
    for (const QString &warning : loaded->warnings)
        qCWarning(lcApp).noquote() << warning;
    const Result<KeysProvided, QString> keys = provideKeys(loaded->settings);
    if (!keys) {
        printError(keys.error());
        return ExitCode::Failure;
    }
    ignoreSignalsThatAreErrors();
    raiseDescriptorLimit();

    // Whoever sees a port open may send signals at once. They are heard in the event loop, when
    // both of these are there.
    Server *running = nullptr;
    ServiceNotifier *manager = nullptr;
    const Signals watched(
        [&] {
            qCInfo(lcApp) << "stopping";
            manager->stopping();
            running->drain();
        },
        [&] {
            manager->reloading();
            reload(*running, source);
            manager->reloaded();
        });

    static const SystemClock clock;
    Result<std::unique_ptr<Server>, QString> server =
        Server::start(loaded->settings, *sockets, clock);
    if (!server) {
        printError(server.error());
        return ExitCode::Failure;
    }

    QObject::connect(server->get(), &Server::stopped, QCoreApplication::instance(),
                     &QCoreApplication::quit);
    running = server->get();
    ServiceNotifier notifier([running](Task alive) { running->probe(std::move(alive)); });
    manager = &notifier;
    printWelcome((*server)->settings(), *keys);
    qCInfo(lcApp).noquote() << "carillon" << CARILLON_VERSION << "serves";
    notifier.ready("serves on " + listenersOf((*server)->settings()));
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
        .summary = u"runs the push server"_s,
        .description =
            u"Serves browsers, phones and senders until SIGTERM or Ctrl-C. Without any setting it\n"
            "listens on this machine only and keeps its keys and messages in the state directory.\n"
            "SIGHUP makes it read its keys, certificate, limits and log levels again; a "
            "certificate\n"
            "also when its file changes."_s,
        .options = {},
        .example = u"carillon serve --dev\n"
                   "carillon serve --config /etc/carillon.toml"_s,
        .takesSettings = true,
        .run = serve,
    };
}

} // namespace Carillon
