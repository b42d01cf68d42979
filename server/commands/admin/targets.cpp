// SPDX-License-Identifier: MPL-2.0
#include "server/commands/admin/targets.h"

#include "server/commands/admin/findclient.h"
#include "server/commands/terminal/text.h"

namespace Carillon {

using namespace Qt::StringLiterals;

Result<QString, ExitCode> clientOf(AdminSession &session, const Arguments &arguments,
                                   const QString &command)
{
    if (arguments.others().size() != 1)
        return Unexpected(
            reportUsage(u"%1 takes one UAID, or the first digits of it"_s.arg(command)));
    auto uaid = findClient(session.client, arguments.others().first());
    if (!uaid)
        return Unexpected(report(uaid.error()));
    return *std::move(uaid);
}

ExitCode act(AdminSession &session, const QByteArray &method, const QByteArray &path,
             const Outcome &outcome, const QJsonObject &body)
{
    const auto reply = session.client.call(method, path, {}, body);
    if (!reply)
        return report(reply.error());
    if (session.isJson)
        printJson(reply->json);
    else
        printLine(printable(outcome(reply->json)));
    return ExitCode::Success;
}

ExitCode act(AdminSession &session, const QByteArray &method, const QByteArray &path,
             const QString &done, const QJsonObject &body)
{
    return act(
        session, method, path, [&done](const QJsonObject &) { return done; }, body);
}

} // namespace Carillon
