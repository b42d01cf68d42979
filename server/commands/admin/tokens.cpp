// SPDX-License-Identifier: MPL-2.0
#include "server/commands/admin/confirmation.h"
#include "server/commands/admin/listing.h"
#include "server/commands/admin/targets.h"
#include "server/commands/commands.h"
#include "server/commands/terminal/text.h"

#include <QFile>

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

Listing tokenListing()
{
    return {
        .path = "/tokens",
        .fields = {
            { u"ID"_s, u"id"_s, FieldKind::Text },
            { u"NAME"_s, u"name"_s, FieldKind::Text },
            { u"ROLE"_s, u"role"_s, FieldKind::Text },
            { u"CREATED"_s, u"created"_s, FieldKind::Moment, 1 },
        },
        .filters = {},
        .nothing = u"no tokens"_s,
    };
}

/// A new file that only its owner can read; the error is a sentence.
Result<void, QString> writeSecret(const QString &path, const QByteArray &line)
{
    const int descriptor =
        ::open(QFile::encodeName(path).constData(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    QFile file;
    if (descriptor < 0
        || !file.open(descriptor, QIODevice::WriteOnly, QFileDevice::AutoCloseHandle))
        return Unexpected(qt_error_string(errno));
    if (file.write(line) != line.size() || !file.flush())
        return Unexpected(file.errorString());
    return {};
}

ExitCode createToken(AdminSession &session, const Arguments &arguments)
{
    const auto name = arguments.value(u"--name"_s);
    if (!name || name->isEmpty())
        return reportUsage(u"token create needs --name, by which the audit log names its user"_s);
    const auto file = arguments.value(u"--out"_s);
    if (file && QFile::exists(*file))
        return report({ .sentence = u"%1 exists; it is not overwritten"_s.arg(*file) });
    const auto reply =
        session.client.call("POST", "/tokens", {},
                            { { u"name"_s, *name },
                              { u"role"_s, arguments.value(u"--role"_s).value_or(u"viewer"_s) } });
    if (!reply)
        return report(reply.error());
    if (session.isJson) {
        printJson(reply->json);
        return ExitCode::Success;
    }
    const QString token = printable(reply->json.value("token"_L1).toString());
    if (!file) {
        printLine(token);
        return ExitCode::Success;
    }
    if (const auto written = writeSecret(*file, token.toUtf8() + '\n'); !written) {
        return report({ .sentence = u"%1 cannot be written: %2; the token is lost, revoke it"_s.arg(
                            *file, written.error()) });
    }
    printLine(
        u"Wrote the token to %1. Use it: carillon status --url https://… --token-file %1"_s.arg(
            *file));
    return ExitCode::Success;
}

ExitCode revokeToken(AdminSession &session, const Arguments &arguments)
{
    if (arguments.others().size() != 2)
        return reportUsage(u"token revoke takes the name or id of one token"_s);
    const QString wanted = arguments.others().at(1);
    const auto list = readList(session.client, "/tokens", {}, 1'000'000);
    if (!list)
        return report(list.error());
    QString id;
    for (const QJsonValue item : list->json.value("items"_L1).toArray()) {
        const QJsonObject token = item.toObject();
        const QString itsId = token.value("id"_L1).toVariant().toString();
        if (token.value("name"_L1).toString() == wanted || (id.isEmpty() && itsId == wanted))
            id = itsId;
    }
    if (id.isEmpty())
        return report({ .sentence = u"there is no token %1; `carillon token list` lists them"_s.arg(
                            wanted) });
    if (const auto agreed = confirm(
            arguments,
            u"This revokes token %1; programs that use it are refused from now on"_s.arg(wanted));
        !agreed)
        return agreed.error();
    return act(session, "DELETE", "/tokens/" + AdminClient::pathPart(id),
               u"token %1 is revoked"_s.arg(printable(wanted)));
}

ExitCode runToken(AdminSession &session, const Arguments &arguments)
{
    const QString word = arguments.others().value(0);
    if (word == "create"_L1 && arguments.others().size() == 1)
        return createToken(session, arguments);
    if (word == "list"_L1 && arguments.others().size() == 1)
        return printListing(tokenListing(), session, arguments);
    if (word == "revoke"_L1)
        return revokeToken(session, arguments);
    return reportUsage(u"token takes create, list, or revoke and the name of a token"_s);
}

} // namespace

Command tokenCommand()
{
    return adminCommand(
        {
            .name = u"token"_s,
            .synopsis = u"create|list|revoke [options] [NAME]"_s,
            .summary = u"makes, lists and revokes the tokens of the admin API"_s,
            .words = { u"create"_s, u"list"_s, u"revoke"_s },
            .description =
                u"Makes a token for programs and people on other machines, lists the tokens, or\n"
                "revokes one. A token is shown only once; the server does not keep it."_s,
            .options = { { u"--name"_s, u"NAME"_s, u"Names the new token."_s },
                         { u"--role"_s,
                           u"ROLE"_s,
                           u"viewer reads, operator also acts (default: viewer)."_s,
                           { u"viewer"_s, u"operator"_s } },
                         { u"--out"_s, u"FILE"_s,
                           u"Writes the new token to a new file that only its owner can read."_s },
                         yesOption() },
            .example = u"carillon token create --name laptop --role operator --out laptop.token\n"
                       "carillon token revoke laptop"_s,
        },
        runToken);
}

} // namespace Carillon
