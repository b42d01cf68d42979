// SPDX-License-Identifier: MPL-2.0
#include "core/crypto/base64url.h"
#include "server/commands/commands.h"
#include "server/commands/vapidfile.h"
#include "server/settings/keystore.h"

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

QString publicText(const VapidKey &key)
{
    return QString::fromLatin1(toBase64Url(key.publicKey()));
}

ExitCode makeKey(const Arguments &arguments)
{
    const VapidKey key = VapidKey::generate();
    if (const auto path = arguments.value(u"--out"_s)) {
        const auto made = writeSecretFile(*path, key.toPem());
        if (!made || !*made) {
            printError(made ? *path + u" already exists and is not overwritten"_s : made.error());
            return ExitCode::Failure;
        }
        printLine(u"public  "_s + publicText(key));
        printLine(u"private in "_s + *path);
        return ExitCode::Success;
    }
    if (arguments.has(u"--pem"_s)) {
        printLine(QString::fromLatin1(key.toPem().trimmed()));
        return ExitCode::Success;
    }
    printLine(u"public  "_s + publicText(key));
    printLine(u"private "_s + QString::fromLatin1(key.toBase64()));
    return ExitCode::Success;
}

ExitCode printHeader(const Arguments &arguments)
{
    const auto keyText = arguments.value(u"--key"_s);
    const QUrl endpoint(arguments.value(u"--endpoint"_s).value_or(QString()));
    if (!keyText || endpoint.host().isEmpty()) {
        printError(u"vapid header needs --key FILE and --endpoint URL"_s);
        return ExitCode::Usage;
    }
    const auto key = readVapidKey(*keyText);
    if (!key) {
        printError(key.error());
        return ExitCode::Failure;
    }
    const QByteArray header =
        vapidAuthorization(*key, endpoint, arguments.value(u"--sub"_s).value_or(QString()));
    printLine(u"Authorization: "_s + QString::fromLatin1(header));
    return ExitCode::Success;
}

ExitCode printPublic(const Arguments &arguments)
{
    const auto keyText = arguments.value(u"--key"_s);
    if (!keyText) {
        printError(u"vapid public needs --key FILE"_s);
        return ExitCode::Usage;
    }
    const auto key = readVapidKey(*keyText);
    if (!key) {
        printError(key.error());
        return ExitCode::Failure;
    }
    printLine(publicText(*key));
    return ExitCode::Success;
}

ExitCode vapid(const Invocation &invocation)
{
    const QStringList &others = invocation.arguments.others();
    if (others.isEmpty())
        return makeKey(invocation.arguments);
    if (others == QStringList(u"header"_s))
        return printHeader(invocation.arguments);
    if (others == QStringList(u"public"_s))
        return printPublic(invocation.arguments);
    printError(u"vapid takes header or public, not %1"_s.arg(others.join(u' ')));
    return ExitCode::Usage;
}

} // namespace

Command vapidCommand()
{
    return {
        .name = u"vapid"_s,
        .synopsis = u"[header | public] [options]"_s,
        .group = CommandGroup::Testing,
        .summary = u"makes a sender's key pair (RFC 8292), or a header signed with one"_s,
        .words = { u"header"_s, u"public"_s },
        .description =
            u"Makes a key pair and prints both keys in base64url, the form that browsers and Web\n"
            "Push libraries take. `vapid header` prints an Authorization header that is valid for\n"
            "12 hours. `vapid public` prints the public key of a private key."_s,
        .options = { { u"--out"_s, u"FILE"_s, u"Writes the private key to a new PEM file."_s },
                     { u"--pem"_s, {}, u"Prints the private key as PEM."_s },
                     { u"--key"_s, u"FILE"_s,
                       u"Private key: a PEM file, or the key in base64url."_s },
                     { u"--endpoint"_s, u"URL"_s, u"Endpoint that the header is for."_s },
                     { u"--sub"_s, u"CONTACT"_s,
                       u"Contact of the sender: mailto:you@example.com, or a URL."_s } },
        .example =
            u"carillon vapid --out vapid.pem\n"
            "carillon vapid header --key vapid.pem --endpoint http://127.0.0.1:8082/wpush/v2/…"_s,
        .run = vapid,
    };
}

} // namespace Carillon
