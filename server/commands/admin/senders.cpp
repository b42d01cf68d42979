// SPDX-License-Identifier: MPL-2.0
#include "server/commands/admin/confirmation.h"
#include "server/commands/admin/documents.h"
#include "server/commands/admin/listing.h"
#include "server/commands/admin/targets.h"
#include "server/commands/commands.h"

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

Listing senderListing()
{
    return {
        .path = "/senders",
        .fields = {
            { u"KEY"_s, u"key"_s, FieldKind::Id },
            { u"STATE"_s, u"state"_s, FieldKind::State, 1 },
            { u"SUB"_s, u"sub"_s, FieldKind::Text },
            { u"PUSHES"_s, u"pushes"_s, FieldKind::Number, 1 },
            { u"LAST"_s, u"last"_s, FieldKind::Moment, 2 },
            { u"LIMIT"_s, u"limit"_s, FieldKind::Text, 3 },
            { u"REFUSED"_s, u"errors"_s, FieldKind::Text, 2 },
        },
        .filters = {},
        .nothing = u"no sender has signed a push"_s,
    };
}

/// The only word: the hash of a sender's key. Empty: the command line is wrong.
QString keyOf(const Arguments &arguments, qsizetype words)
{
    return arguments.others().size() == words ? arguments.others().first() : QString();
}

QByteArray pathOf(const QString &key, const QByteArray &action)
{
    return "/senders/" + AdminClient::pathPart(key) + action;
}

ExitCode block(AdminSession &session, const Arguments &arguments)
{
    const QString key = keyOf(arguments, 1);
    if (key.isEmpty())
        return reportUsage(u"block takes the key of one sender, as `carillon senders` lists it"_s);
    if (const auto agreed = confirm(
            arguments, u"This refuses every push of sender %1 with 403 from now on"_s.arg(key));
        !agreed)
        return agreed.error();
    return act(session, "POST", pathOf(key, "/block"), u"sender %1 is blocked"_s.arg(key));
}

ExitCode unblock(AdminSession &session, const Arguments &arguments)
{
    const QString key = keyOf(arguments, 1);
    if (key.isEmpty())
        return reportUsage(
            u"unblock takes the key of one sender, as `carillon senders` lists it"_s);
    return act(session, "POST", pathOf(key, "/unblock"), u"sender %1 may push again"_s.arg(key));
}

ExitCode limit(AdminSession &session, const Arguments &arguments)
{
    const QString key = keyOf(arguments, 2);
    if (key.isEmpty())
        return reportUsage(u"limit takes the key of one sender and a rate such as 10/s, or none"_s);
    const QString rate = arguments.others().at(1);
    const bool isRemoved = rate == "none"_L1;
    return act(session, "PUT", pathOf(key, "/limit"),
               isRemoved ? u"sender %1 has no limit of its own any more"_s.arg(key)
                         : u"sender %1 is limited to %2"_s.arg(key, rate),
               { { u"limit"_s, isRemoved ? QJsonValue(QJsonValue::Null) : QJsonValue(rate) } });
}

} // namespace

Command sendersCommand()
{
    return listCommand(
        {
            .name = u"senders"_s,
            .synopsis = u"[options]"_s,
            .summary = u"lists senders by their VAPID keys"_s,
            .description =
                u"Lists the VAPID keys with which pushes were signed, and what came of them."_s,
            .example = u"carillon senders"_s,
        },
        senderListing());
}

Command blockCommand()
{
    return adminCommand(
        {
            .name = u"block"_s,
            .synopsis = u"[options] KEY"_s,
            .summary = u"refuses the pushes of a sender"_s,
            .description = u"Refuses every push of a sender with 403, until `carillon unblock`."_s,
            .options = { yesOption() },
            .example = u"carillon block a81f03bc5d2e9f10"_s,
        },
        block);
}

Command unblockCommand()
{
    return adminCommand(
        {
            .name = u"unblock"_s,
            .synopsis = u"[options] KEY"_s,
            .summary = u"accepts the pushes of a blocked sender again"_s,
            .description = u"Takes back `carillon block`."_s,
            .example = u"carillon unblock a81f03bc5d2e9f10"_s,
        },
        unblock);
}

Command limitCommand()
{
    return adminCommand(
        {
            .name = u"limit"_s,
            .synopsis = u"[options] KEY RATE"_s,
            .summary = u"limits the rate of a sender"_s,
            .description = u"Gives a sender a rate limit of its own, such as 10/s or 100/m. Pushes "
                           u"beyond it are\n"
                           "refused with 429. The rate none removes the limit."_s,
            .example = u"carillon limit a81f03bc5d2e9f10 10/s"_s,
        },
        limit);
}

} // namespace Carillon
