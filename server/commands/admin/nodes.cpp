// SPDX-License-Identifier: MPL-2.0
#include "server/commands/admin/confirmation.h"
#include "server/commands/admin/targets.h"
#include "server/commands/commands.h"

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

/// The node that is named, or the one that answers.
Result<QString, AdminFailure> nodeOf(AdminSession &session, const Arguments &arguments)
{
    if (!arguments.others().isEmpty())
        return arguments.others().first();
    CARILLON_TRY(const AdminReply reply, session.client.get("/status"));
    const QJsonValue node = reply.json.value("node"_L1);
    return node.isObject() ? node.toObject().value("id"_L1).toString() : node.toString();
}

ExitCode drain(AdminSession &session, const Arguments &arguments)
{
    if (arguments.others().size() > 1)
        return reportUsage(u"drain takes at most one node"_s);
    const auto node = nodeOf(session, arguments);
    if (!node)
        return report(node.error());
    if (const auto agreed = confirm(
            arguments,
            u"Node %1 accepts no more clients, and closes the connections it has one after the other"_s
                .arg(*node));
        !agreed)
        return agreed.error();
    return act(session, "POST", "/nodes/" + AdminClient::pathPart(*node) + "/drain",
               u"node %1 drains; `carillon resume` ends that"_s.arg(*node));
}

ExitCode resume(AdminSession &session, const Arguments &arguments)
{
    if (arguments.others().size() > 1)
        return reportUsage(u"resume takes at most one node"_s);
    const auto node = nodeOf(session, arguments);
    if (!node)
        return report(node.error());
    return act(session, "POST", "/nodes/" + AdminClient::pathPart(*node) + "/resume",
               u"node %1 accepts clients again"_s.arg(*node));
}

} // namespace

Command drainCommand()
{
    return adminCommand(
        {
            .name = u"drain"_s,
            .synopsis = u"[options] [NODE]"_s,
            .summary = u"lets a server hand its clients over, before maintenance"_s,
            .description =
                u"A node that drains accepts no more clients, closes the connections that it has\n"
                "over a while, and tells load balancers so. Without NODE, the server that answers."_s,
            .options = { yesOption() },
            .example = u"carillon drain --yes"_s,
        },
        drain);
}

Command resumeCommand()
{
    return adminCommand(
        {
            .name = u"resume"_s,
            .synopsis = u"[options] [NODE]"_s,
            .summary = u"ends `carillon drain`"_s,
            .description =
                u"Lets a node that drains accept clients again. Without NODE, the server that\n"
                "answers."_s,
            .example = u"carillon resume"_s,
        },
        resume);
}

} // namespace Carillon
