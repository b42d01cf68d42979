// SPDX-License-Identifier: MPL-2.0
#include "server/app/commands/commands.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "server/app/keystore.h"
#include "server/app/logging.h"
#include "server/app/server.h"
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
        qCInfo(lcApp) << "reloaded keys, certificate and log levels";
}

ExitCode serve(const Invocation &invocation)
{
    const SettingsSource &source = invocation.settings;
    Result<LoadedSettings, QStringList> loaded = loadSettings(source);
    if (!loaded) {
        for (const QString &problem : loaded.error())
            printError(problem);
        return ExitCode::Usage;
    }
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

    static const SystemClock clock;
    Result<std::unique_ptr<Server>, QString> server = Server::start(loaded->settings, clock);
    if (!server) {
        printError(server.error());
        return ExitCode::Failure;
    }
    printWelcome((*server)->settings(), *keys);
    qCInfo(lcApp).noquote() << "carillon" << CARILLON_VERSION << "serves";

    QObject::connect(server->get(), &Server::stopped, QCoreApplication::instance(),
                     &QCoreApplication::quit);
    const Signals watched(
        [&running = **server] {
            qCInfo(lcApp) << "stopping";
            running.drain();
        },
        [&running = **server, &source] { reload(running, source); });
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
            "SIGHUP makes it read its keys, certificate and log levels again; a certificate also "
            "when\n"
            "its file changes."_s,
        .options = {},
        .example = u"carillon serve --dev\n"
                   "carillon serve --config /etc/carillon.toml"_s,
        .takesSettings = true,
        .run = serve,
    };
}

} // namespace Carillon
