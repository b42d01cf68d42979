// SPDX-License-Identifier: MPL-2.0
#include "server/commands/commands.h"
#include "server/settings/keystore.h"

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

ExitCode keygen(const Invocation &invocation)
{
    if (!invocation.arguments.others().isEmpty()) {
        printError(u"keygen takes no %1; to write a file: --out %1"_s.arg(
            invocation.arguments.others().first()));
        return ExitCode::Usage;
    }
    const QByteArray toml = keysToml(KeySet::generate());
    const auto path = invocation.arguments.value(u"--out"_s);
    if (!path) {
        printLine(QString::fromLatin1(toml.trimmed()));
        return ExitCode::Success;
    }
    const auto made = writeSecretFile(*path, toml);
    if (!made) {
        printError(made.error());
        return ExitCode::Failure;
    }
    if (!*made) {
        printError(u"%1 already exists and is not overwritten: with new keys the "
                   "present subscriptions would become invalid"_s.arg(*path));
        return ExitCode::Failure;
    }
    printLine(u"Wrote %1. Start with it: carillon serve --config %1"_s.arg(*path));
    return ExitCode::Success;
}

} // namespace

Command keygenCommand()
{
    return {
        .name = u"keygen"_s,
        .synopsis = u"[--out FILE]"_s,
        .group = CommandGroup::Server,
        .summary = u"makes the keys that a server on public addresses needs"_s,
        .description =
            u"Makes a crypto key, an auth key and a cluster secret, and prints them as the [keys]\n"
            "table of a configuration file. Keep them: with other keys, all subscriptions become\n"
            "invalid. All nodes of a cluster use the same keys."_s,
        .options = { { u"--out"_s, u"FILE"_s,
                       u"Writes the keys to a new file that only its owner can read, instead of "
                       "printing them."_s } },
        .example = u"carillon keygen --out keys.toml\n"
                   "carillon serve --config keys.toml --config carillon.toml"_s,
        .run = keygen,
    };
}

} // namespace Carillon
