// SPDX-License-Identifier: MPL-2.0
#include "server/commands/admin/documents.h"
#include "server/commands/admin/listing.h"
#include "server/commands/commands.h"

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

/// Answers which are one document are shown alike: what it says first, and its tables below.
ExitCode showStatus(AdminSession &session, const Arguments &arguments)
{
    if (!arguments.others().isEmpty())
        return reportUsage(u"status takes no %1"_s.arg(arguments.others().first()));
    const auto reply = session.client.get("/status");
    if (!reply)
        return report(reply.error());
    if (session.isJson) {
        printJson(reply->json);
        return ExitCode::Success;
    }
    QJsonObject document = reply->json;
    const QJsonArray warnings = document.take("warnings"_L1).toArray();
    std::vector<Fact> facts = allFacts(
        document, { u"version"_s, u"uptime"_s, u"node"_s, u"roles"_s }, session.viewOf(*reply));
    for (const QJsonValue warning : warnings) {
        const QString text = warning.isObject() ? warning.toObject().value("text"_L1).toString()
                                                : warning.toString();
        facts.push_back({ u"warning"_s, { text, Tone::Warning } });
    }
    if (warnings.isEmpty())
        facts.push_back({ u"warnings"_s, { u"none"_s, Tone::Good } });
    printFacts(session, facts);
    return ExitCode::Success;
}

ExitCode showStats(AdminSession &session, const Arguments &arguments)
{
    if (!arguments.others().isEmpty())
        return reportUsage(u"stats takes no %1"_s.arg(arguments.others().first()));
    const auto reply = session.client.get("/stats");
    if (!reply)
        return report(reply.error());
    if (session.isJson)
        printJson(reply->json);
    else
        printFacts(session,
                   allFacts(reply->json, { u"time"_s, u"connections"_s }, session.viewOf(*reply)));
    return ExitCode::Success;
}

ExitCode showQueues(AdminSession &session, const Arguments &arguments)
{
    if (!arguments.others().isEmpty())
        return reportUsage(u"queues takes no %1"_s.arg(arguments.others().first()));
    const auto reply = session.client.get("/queues");
    if (!reply)
        return report(reply.error());
    if (session.isJson) {
        printJson(reply->json);
        return ExitCode::Success;
    }
    static const std::vector<Field> depth {
        { u"CLIENT"_s, u"uaid"_s, FieldKind::Id },
        { u"STORED"_s, u"messages"_s, FieldKind::Number },
        { u"BYTES"_s, u"bytes"_s, FieldKind::Bytes, 1 },
    };
    static const std::vector<Field> senders {
        { u"SENDER"_s, u"key"_s, FieldKind::Id },
        { u"STORED"_s, u"messages"_s, FieldKind::Number },
        { u"BYTES"_s, u"bytes"_s, FieldKind::Bytes, 1 },
    };
    const View view = session.viewOf(*reply);
    printFacts(
        session,
        allFacts(reply->json, { u"clients"_s, u"channels"_s, u"messages"_s, u"bytes"_s }, view));
    printPart(session, u"Clients with the most stored messages"_s,
              tableOf(depth, reply->json.value("deepest"_L1).toArray(), view));
    printPart(session, u"Senders with the most stored messages"_s,
              tableOf(senders, reply->json.value("senders"_L1).toArray(), view));
    return ExitCode::Success;
}

ExitCode showConfiguration(AdminSession &session, const Arguments &arguments)
{
    if (!arguments.others().isEmpty())
        return reportUsage(u"config takes no %1"_s.arg(arguments.others().first()));
    const auto reply = session.client.get("/config");
    if (!reply)
        return report(reply.error());
    if (session.isJson) {
        printJson(reply->json);
        return ExitCode::Success;
    }
    static const std::vector<Field> fields {
        { u"SETTING"_s, u"name"_s, FieldKind::Text },
        { u"VALUE"_s, u"value"_s, FieldKind::Text },
        { u"FROM"_s, u"origin"_s, FieldKind::Text, 1 },
    };
    printTable(session,
               tableOf(fields, reply->json.value("items"_L1).toArray(), session.viewOf(*reply)));
    return ExitCode::Success;
}

} // namespace

Command statusCommand()
{
    return adminCommand(
        {
            .name = u"status"_s,
            .synopsis = u"[options]"_s,
            .summary = u"shows whether a running server is well"_s,
            .description =
                u"Shows version, uptime, storage and warnings of a running server. The exit\n"
                "code is 3 if no server answers."_s,
            .example = u"carillon status"_s,
        },
        showStatus);
}

Command statsCommand()
{
    return adminCommand(
        {
            .name = u"stats"_s,
            .synopsis = u"[options]"_s,
            .summary = u"shows figures of this moment: connections, rates, latencies"_s,
            .description = u"Shows the figures of this moment. `carillon top` shows them live."_s,
            .example = u"carillon stats --json"_s,
        },
        showStats);
}

Command queuesCommand()
{
    return adminCommand(
        {
            .name = u"queues"_s,
            .synopsis = u"[options]"_s,
            .summary = u"shows what is stored, and for whom most of it"_s,
            .description =
                u"Shows figures of all stored messages, the clients for which most are stored,\n"
                "and the senders of most of them."_s,
            .example = u"carillon queues"_s,
        },
        showQueues);
}

Command configCommand()
{
    return adminCommand(
        {
            .name = u"config"_s,
            .synopsis = u"[options]"_s,
            .summary = u"shows the settings of a running server and their origin"_s,
            .description =
                u"Shows the settings with which a server runs, and where each comes from. Secrets "
                u"are\n"
                "not shown. `carillon check-config` shows the settings that files and environment\n"
                "say now."_s,
            .example = u"carillon config | grep storage"_s,
        },
        showConfiguration);
}

Command auditCommand()
{
    return listCommand(
        {
            .name = u"audit"_s,
            .synopsis = u"[options]"_s,
            .summary = u"lists the actions of administrators"_s,
            .description = u"Lists who did what to which target, and what came of it, the newest first."_s,
            .example = u"carillon audit --since 7d"_s,
        },
        {
            .path = "/audit",
            .fields = {
                { u"TIME"_s, u"time"_s, FieldKind::Moment },
                { u"WHO"_s, u"who"_s, FieldKind::Text },
                { u"ACTION"_s, u"action"_s, FieldKind::Text },
                { u"TARGET"_s, u"target"_s, FieldKind::Id, 1 },
                { u"RESULT"_s, u"result"_s, FieldKind::State },
                { u"DETAIL"_s, u"detail"_s, FieldKind::Text, 2 },
            },
            .filters = {
                { { u"--who"_s, u"NAME"_s, u"Lists the actions of root or of token:NAME."_s },
                  u"who"_s },
                { { u"--action"_s, u"NAME"_s, u"Lists actions of this name."_s }, u"action"_s },
                { { u"--since"_s, u"TIME"_s,
                    u"Lists actions since this time, or for this span, such as 7d."_s },
                  u"since"_s, FilterKind::Since },
            },
            .nothing = u"no actions"_s,
        });
}

} // namespace Carillon
