// SPDX-License-Identifier: MPL-2.0
#include "server/commands/admin/confirmation.h"
#include "server/commands/admin/documents.h"
#include "server/commands/admin/findclient.h"
#include "server/commands/admin/listing.h"
#include "server/commands/admin/targets.h"
#include "server/commands/commands.h"

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

Listing messageListing()
{
    return {
        .path = "/messages",
        .fields = {
            { u"ID"_s, u"id"_s, FieldKind::Id },
            { u"STATE"_s, u"state"_s, FieldKind::State, 2 },
            { u"CLIENT"_s, u"uaid"_s, FieldKind::Id },
            { u"CHANNEL"_s, u"chid"_s, FieldKind::Id, 3 },
            { u"STORED"_s, u"stored"_s, FieldKind::Moment, 1 },
            { u"EXPIRES"_s, u"expires"_s, FieldKind::Moment, 1 },
            { u"SIZE"_s, u"size"_s, FieldKind::Bytes, 2 },
            { u"URGENCY"_s, u"urgency"_s, FieldKind::Text, 4 },
            { u"TOPIC"_s, u"topic"_s, FieldKind::Text, 4 },
            { u"SENDER"_s, u"sender"_s, FieldKind::Id, 5 },
            { u"ENCODING"_s, u"encoding"_s, FieldKind::Text, 7 },
        },
        .filters = {
            { { u"--client"_s, u"UAID"_s, u"Lists messages for this client."_s },
              u"uaid"_s, FilterKind::Client },
            { { u"--channel"_s, u"CHID"_s, u"Lists messages for this channel."_s }, u"chid"_s },
            { { u"--topic"_s, u"NAME"_s, u"Lists messages with this topic."_s }, u"topic"_s },
            { { u"--urgency"_s, u"LEVEL"_s, u"One of very-low, low, normal and high."_s,
                { u"very-low"_s, u"low"_s, u"normal"_s, u"high"_s } },
              u"urgency"_s },
            { { u"--older"_s, u"SPAN"_s,
                u"Lists messages that were stored at least this long ago, such as 10m or 2h."_s },
              u"older_than"_s, FilterKind::Span },
            { { u"--expiring"_s, u"SPAN"_s, u"Lists messages that expire within this time."_s },
              u"expiring_within"_s, FilterKind::Span },
            { { u"--larger"_s, u"BYTES"_s, u"Lists messages of more than so many bytes."_s },
              u"larger_than"_s },
            { { u"--sender"_s, u"KEY"_s, u"Lists messages of the sender with this key hash."_s },
              u"sender"_s },
            { { u"--tracked"_s, {}, u"Lists messages whose way is tracked."_s },
              u"tracked"_s, FilterKind::Yes },
        },
        .nothing = u"no stored messages"_s,
        .sorts = { u"stored"_s, u"expires"_s },
    };
}

ExitCode showMessage(AdminSession &session, const Arguments &arguments)
{
    if (arguments.others().size() != 1)
        return reportUsage(u"message takes the id of one message"_s);
    const auto reply =
        session.client.get("/messages/" + AdminClient::pathPart(arguments.others().first()));
    if (!reply)
        return report(reply.error());
    if (session.isJson)
        printJson(reply->json);
    else
        printFacts(session,
                   allFacts(reply->json, { u"id"_s, u"state"_s, u"uaid"_s, u"chid"_s },
                            session.viewOf(*reply)));
    return ExitCode::Success;
}

struct Removal
{
    QByteArray path;
    QString consequence;
    QString done;
    QString nothing; ///< what is said if there was none
};

Removal removalOf(const Arguments &arguments, const QString &uaid)
{
    const QByteArray client = "/clients/" + AdminClient::pathPart(uaid);
    if (arguments.has(u"--client"_s))
        return { client,
                 u"This removes client %1 with its subscriptions and stored messages; senders get "
                 "410 Gone, and the browser must subscribe anew"_s.arg(uaid),
                 u"client %1 is removed"_s.arg(uaid), u"there is no client %1"_s.arg(uaid) };
    if (const auto channel = arguments.value(u"--channel"_s))
        return { client + "/channels/" + AdminClient::pathPart(*channel),
                 u"This removes subscription %1 of client %2 with its stored messages; senders get "
                 "410 Gone"_s.arg(*channel, uaid),
                 u"subscription %1 of client %2 is removed"_s.arg(*channel, uaid),
                 u"client %2 has no subscription %1"_s.arg(*channel, uaid) };
    return { client + "/messages",
             u"This deletes all stored messages of client %1; they are lost"_s.arg(uaid),
             u"the stored messages of client %1 are deleted"_s.arg(uaid),
             u"nothing is stored for client %1"_s.arg(uaid) };
}

ExitCode remove(AdminSession &session, const Removal &removal)
{
    return act(session, "DELETE", removal.path, [&removal](const QJsonObject &answer) {
        const QJsonValue removed = answer.value("removed"_L1);
        const bool isNothing = (removed.isBool() && !removed.toBool())
            || (removed.isDouble() && removed.toDouble() == 0);
        return isNothing ? removal.nothing : removal.done;
    });
}

ExitCode purge(AdminSession &session, const Arguments &arguments)
{
    const auto message = arguments.value(u"--message"_s);
    if (message) {
        if (!arguments.others().isEmpty())
            return reportUsage(u"give a UAID or --message, not both"_s);
        if (const auto agreed = confirm(
                arguments, u"This deletes the stored message %1; it is lost"_s.arg(*message));
            !agreed)
            return agreed.error();
        return remove(session,
                      { .path = "/messages/" + AdminClient::pathPart(*message),
                        .consequence = {},
                        .done = u"message %1 is deleted"_s.arg(*message),
                        .nothing = u"message %1 is not stored"_s.arg(*message) });
    }
    const auto uaid = clientOf(session, arguments, u"purge"_s);
    if (!uaid)
        return uaid.error();
    const Removal removal = removalOf(arguments, *uaid);
    if (const auto agreed = confirm(arguments, removal.consequence); !agreed)
        return agreed.error();
    return remove(session, removal);
}

} // namespace

Command messagesCommand()
{
    return listCommand(
        {
            .name = u"messages"_s,
            .synopsis = u"[options]"_s,
            .summary = u"lists stored messages"_s,
            .description =
                u"Lists messages that are stored until their client acknowledges them."_s,
            .example = u"carillon messages --expiring 10m"_s,
        },
        messageListing());
}

Command messageCommand()
{
    return adminCommand(
        {
            .name = u"message"_s,
            .synopsis = u"[options] ID"_s,
            .summary = u"shows one stored message, without its text"_s,
            .description =
                u"Shows what is known about a stored message. Its text is encrypted by the\n"
                "sender for the browser, and not shown."_s,
            .example = u"carillon message 019a04e2-77c2"_s,
        },
        showMessage);
}

Command purgeCommand()
{
    return adminCommand(
        {
            .name = u"purge"_s,
            .synopsis = u"[options] UAID"_s,
            .summary = u"deletes stored messages, a subscription or a client"_s,
            .description =
                u"Deletes the stored messages of a client; or, with an option, one message, a\n"
                "subscription, or the client itself. What is deleted cannot be brought back."_s,
            .options = { { u"--message"_s, u"ID"_s, u"Deletes this message."_s },
                         { u"--channel"_s, u"CHID"_s,
                           u"Deletes this subscription of the client, and its messages."_s },
                         { u"--client"_s, {}, u"Deletes the client with all that it has."_s },
                         yesOption() },
            .example = u"carillon purge 3f2a91c0\n"
                       "carillon purge --message 019a04e2-77c2 --yes"_s,
        },
        purge);
}

} // namespace Carillon
