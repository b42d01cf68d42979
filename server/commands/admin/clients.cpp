// SPDX-License-Identifier: MPL-2.0
#include "server/commands/admin/confirmation.h"
#include "server/commands/admin/documents.h"
#include "server/commands/admin/eventline.h"
#include "server/commands/admin/listing.h"
#include "server/commands/admin/targets.h"
#include "server/commands/commands.h"

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

constexpr qint64 RecentEvents = 10;

Listing clientListing()
{
    return {
        .path = "/clients",
        .fields = {
            { u"UAID"_s, u"uaid"_s, FieldKind::Id },
            { u"STATE"_s, u"connected"_s, FieldKind::Presence },
            { u"LAST SEEN"_s, u"last_seen"_s, FieldKind::Moment, 1 },
            { u"STORED"_s, u"messages"_s, FieldKind::Number, 1 },
            { u"BYTES"_s, u"bytes"_s, FieldKind::Bytes, 4 },
            { u"UNACKED"_s, u"unacknowledged"_s, FieldKind::Number, 3 },
            { u"CHANNELS"_s, u"channels"_s, FieldKind::Number, 2 },
            { u"ADDRESS"_s, u"address"_s, FieldKind::Text, 5 },
            { u"NODE"_s, u"node"_s, FieldKind::Text, 7 },
            { u"ROUTER"_s, u"router_type"_s, FieldKind::Text, 8 },
            { u"USER AGENT"_s, u"user_agent"_s, FieldKind::Text, 3 },
        },
        .filters = {
            { { u"--connected"_s, {}, u"Lists clients that are connected."_s },
              u"connected"_s, FilterKind::Yes },
            { { u"--offline"_s, {}, u"Lists clients that are not connected."_s },
              u"connected"_s, FilterKind::No },
            { { u"--stored"_s, {}, u"Lists clients for which messages are stored."_s },
              u"has_messages"_s, FilterKind::Yes },
            { { u"--idle"_s, u"SPAN"_s,
                u"Lists clients not seen for at least this long, such as 30m, 2h or 7d."_s },
              u"idle"_s, FilterKind::Span },
            { { u"--uaid"_s, u"PREFIX"_s, u"Lists clients whose UAID begins with this."_s },
              u"text"_s },
            { { u"--user-agent"_s, u"TEXT"_s, u"Lists clients whose user agent contains this."_s },
              u"user_agent"_s },
            { { u"--node"_s, u"NODE"_s, u"Lists clients of this node."_s }, u"node"_s },
            { { u"--router-type"_s, u"TYPE"_s, u"Lists clients of this router type."_s },
              u"router_type"_s },
        },
        .nothing = u"no clients"_s,
        .sorts = { u"uaid"_s, u"expires"_s, u"messages"_s },
    };
}

ExitCode showClient(AdminSession &session, const Arguments &arguments)
{
    const auto uaid = clientOf(session, arguments, u"client"_s);
    if (!uaid)
        return uaid.error();
    const auto reply = session.client.get("/clients/" + AdminClient::pathPart(*uaid));
    if (!reply)
        return report(reply.error());
    if (session.isJson) {
        printJson(reply->json);
        return ExitCode::Success;
    }
    static const std::vector<Field> channelFields {
        { u"CHANNEL"_s, u"chid"_s, FieldKind::Id },
        { u"SENDER"_s, u"sender"_s, FieldKind::Id, 1 },
        { u"CREATED"_s, u"created"_s, FieldKind::Moment, 2 },
        { u"STORED"_s, u"messages"_s, FieldKind::Number, 1 },
        { u"BYTES"_s, u"bytes"_s, FieldKind::Bytes, 3 },
    };
    const View view = session.viewOf(*reply);
    printFacts(
        session,
        allFacts(reply->json, { u"uaid"_s, u"connected"_s, u"state"_s, u"last_seen"_s }, view));
    printPart(session, u"Subscriptions"_s,
              tableOf(channelFields, reply->json.value("channels"_L1).toArray(), view));
    QUrlQuery query;
    query.addQueryItem(u"uaid"_s, *uaid);
    // What is known of the client is worth seeing without them.
    const auto events = readList(session.client, "/history", query, RecentEvents);
    if (events)
        printEvents(session, u"Recent events"_s, events->json.value("items"_L1).toArray());
    return ExitCode::Success;
}

ExitCode disconnectClient(AdminSession &session, const Arguments &arguments)
{
    const auto uaid = clientOf(session, arguments, u"disconnect"_s);
    if (!uaid)
        return uaid.error();
    if (const auto agreed = confirm(arguments,
                                    u"This closes the connection of client %1; a browser connects "
                                    "again within seconds"_s.arg(*uaid));
        !agreed)
        return agreed.error();
    return act(session, "POST", "/clients/" + AdminClient::pathPart(*uaid) + "/disconnect",
               [&](const QJsonObject &answer) {
                   return answer.value("disconnected"_L1).toBool(true)
                       ? u"client %1 is disconnected"_s.arg(*uaid)
                       : u"client %1 is not connected to this server"_s.arg(*uaid);
               });
}

} // namespace

Command clientsCommand()
{
    return listCommand(
        {
            .name = u"clients"_s,
            .synopsis = u"[options]"_s,
            .summary = u"lists the clients: browsers and phones"_s,
            .description = u"Lists clients with their state and what is stored for them."_s,
            .example = u"carillon clients --offline --stored --sort messages --reverse"_s,
        },
        clientListing());
}

Command clientCommand()
{
    return adminCommand(
        {
            .name = u"client"_s,
            .synopsis = u"[options] UAID"_s,
            .summary = u"shows one client, its subscriptions and recent events"_s,
            .description = u"Shows all that is known about a client. UAID can be its first digits, "
                           u"if no other\n"
                           "client has them."_s,
            .example = u"carillon client 3f2a91c0"_s,
        },
        showClient);
}

Command disconnectCommand()
{
    return adminCommand(
        {
            .name = u"disconnect"_s,
            .synopsis = u"[options] UAID"_s,
            .summary = u"closes the connection of a client"_s,
            .description = u"Closes the connection of a client. Nothing is lost: the client "
                           u"connects again, and\n"
                           "gets what is stored for it."_s,
            .options = { yesOption() },
            .example = u"carillon disconnect 3f2a91c0"_s,
        },
        disconnectClient);
}

} // namespace Carillon
