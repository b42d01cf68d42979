// SPDX-License-Identifier: MPL-2.0
#include "server/commands/commands.h"
#include "server/settings/keystore.h"

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

ExitCode run(const Invocation &invocation)
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
        printError(u"%1 is there already and stays as it is: new keys would make the old "
                   "subscriptions invalid"_s.arg(*path));
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
        .summary = u"makes the keys that a server on public addresses needs"_s,
        .description =
            u"Makes a crypto key, an auth key and a cluster secret, as the [keys] table of a\n"
            "configuration file. Keep them: with other keys all subscriptions become invalid. All "
            "nodes\nof a cluster have the same."_s,
        .options = { { u"--out"_s, u"FILE"_s,
                       u"Writes a new file that only you may read, instead of printing."_s } },
        .example = u"carillon keygen --out keys.toml\n"
                   "carillon serve --config keys.toml --config carillon.toml"_s,
        .run = run,
    };
}

} // namespace Carillon
