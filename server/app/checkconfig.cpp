// SPDX-License-Identifier: MPL-2.0
#include "core/base/clock.h"
#include "server/app/preflight.h"
#include "server/commands/commands.h"
#include "server/settings/settingstext.h"

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

ExitCode checkConfig(const Invocation &invocation)
{
    if (invocation.arguments.has(u"--sample"_s)) {
        printLine(sampleConfiguration().trimmed());
        return ExitCode::Success;
    }
    if (invocation.arguments.has(u"--page"_s)) {
        printLine(configurationPage().trimmed());
        return ExitCode::Success;
    }
    const auto loaded = loadSettings(invocation.settings);
    if (!loaded) {
        for (const QString &problem : loaded.error())
            printError(problem);
        return ExitCode::Failure;
    }
    printLine(listing(*loaded));
    const bool looksAround = !invocation.arguments.has(u"--settings-only"_s);
    QStringList warnings = loaded->warnings;
    QStringList obstacles;
    if (looksAround) {
        warnings += doubtsOfServe(loaded->settings, SystemClock().wall());
        obstacles = obstaclesToServe(loaded->settings, {});
    }
    for (const QString &warning : warnings)
        printError(u"warning: "_s + warning);
    for (const QString &obstacle : obstacles)
        printError(obstacle);
    return obstacles.isEmpty() ? ExitCode::Success : ExitCode::Failure;
}

} // namespace

Command checkConfigCommand()
{
    return {
        .name = u"check-config"_s,
        .synopsis = u"[options]"_s,
        .group = CommandGroup::Server,
        .summary = u"prints the settings in force and their origin, or what is wrong"_s,
        .description =
            u"Reads files, environment variables and flags as `carillon serve` does, and prints "
            "the\nsettings in force and where each comes from. Secrets are not shown. Then checks "
            "what\ncould keep the server from starting: files, keys, database, ports and file\n"
            "descriptors. It creates nothing. The ports of a running server are reported as in\n"
            "use. The exit code is 1 if something is wrong."_s,
        .options = { { u"--sample"_s, {}, u"Prints a configuration file with all settings."_s },
                     { u"--settings-only"_s,
                       {},
                       u"Checks only the settings, for example before the reload of a running "
                       "server."_s },
                     { u"--page"_s, {}, u"Prints docs/configuration.md."_s } },
        .example = u"carillon check-config --config carillon.toml --connect-port 9000"_s,
        .takesSettings = true,
        .run = checkConfig,
    };
}

} // namespace Carillon
