// SPDX-License-Identifier: MPL-2.0
#include "server/app/certificate.h"
#include "server/app/commands/commands.h"
#include "server/app/settingstext.h"

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

/// What serve would say of the certificate at its start; false: it would not start.
bool checkCertificate(const Settings &settings)
{
    if (settings.tls.certificate.isEmpty())
        return true;
    const auto certificate = loadCertificate(settings.tls);
    if (!certificate) {
        printError(certificate.error());
        return false;
    }
    for (const QString &warning : certificateWarnings(*certificate, settings, SystemClock().now()))
        printError(u"warning: "_s + warning);
    return true;
}

ExitCode run(const Invocation &invocation)
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
    for (const QString &warning : loaded->warnings)
        printError(u"warning: "_s + warning);
    return checkCertificate(loaded->settings) ? ExitCode::Success : ExitCode::Failure;
}

} // namespace

Command checkConfigCommand()
{
    return {
        .name = u"check-config"_s,
        .synopsis = u"[options]"_s,
        .summary = u"shows the settings in force and where each came from, or what is wrong"_s,
        .description =
            u"Reads files, variables and flags as `carillon serve` would, and prints the "
            "settings\nin force with their origin; secrets are hidden. Exit code 1: "
            "something is wrong."_s,
        .options = { { u"--sample"_s, {}, u"Prints a configuration file with all settings."_s },
                     { u"--page"_s, {}, u"Prints docs/configuration.md."_s } },
        .example = u"carillon check-config --config carillon.toml --connect-port 9000"_s,
        .takesSettings = true,
        .run = run,
    };
}

} // namespace Carillon
