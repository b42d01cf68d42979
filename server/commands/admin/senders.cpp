// SPDX-License-Identifier: MPL-2.0
#include "server/commands/admin/confirmation.h"
#include "server/commands/admin/findclient.h"
#include "server/commands/admin/listing.h"
#include "server/commands/admin/targets.h"
#include "server/commands/commands.h"

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

constexpr qsizetype HashDigits = 64;
constexpr qint64 MostSenders = 100'000;

Listing senderListing()
{
    return {
        .path = "/senders",
        .fields = {
            { u"KEY"_s, u"key"_s, FieldKind::Id },
            { u"SUB"_s, u"sub"_s, FieldKind::Text },
            { u"STATE"_s, u"state"_s, FieldKind::State, 1 },
            { u"PUSHES"_s, u"pushes"_s, FieldKind::Number },
            { u"REFUSED"_s, u"refused"_s, FieldKind::Number },
            { u"LAST"_s, u"last"_s, FieldKind::Moment, 1 },
            { u"LIMIT"_s, u"limit"_s, FieldKind::Text, 2 },
            { u"BYTES"_s, u"bytes"_s, FieldKind::Bytes, 5 },
            { u"ERRORS"_s, u"errors"_s, FieldKind::Counts, 3 },
        },
        .filters = {
            { { u"--sub"_s, u"TEXT"_s, u"Lists senders whose sub contains this."_s }, u"sub"_s },
            { { u"--ruled"_s, {}, u"Lists senders that are blocked or limited."_s },
              u"ruled"_s, FilterKind::Yes },
        },
        .nothing = u"no sender has signed a push"_s,
        .sorts = { u"key"_s, u"last"_s, u"pushes"_s, u"refused"_s },
    };
}

/// The sender that the first word names: the hash of its key or the beginning of that, as
/// `carillon senders` lists it, or the key itself. The error is how the command ends.
Result<QString, ExitCode> senderOf(AdminSession &session, const Arguments &arguments,
                                   const QString &command, qsizetype words)
{
    if (arguments.others().size() != words)
        return Unexpected(
            reportUsage(u"%1 takes the key of one sender, as `carillon senders` lists it%2"_s.arg(
                command, words > 1 ? u", and a rate such as 10/s, or off"_s : QString())));
    const QString text = arguments.others().first();
    if (!isHex(text) || text.size() >= HashDigits)
        return text;
    const auto list = readList(session.client, "/senders", {}, MostSenders);
    if (!list)
        return Unexpected(report(list.error()));
    QStringList found;
    for (const QJsonValue item : list->json.value("items"_L1).toArray()) {
        const QString key = item.toObject().value("key"_L1).toString();
        if (key.startsWith(text.toLower()))
            found << key;
    }
    if (found.size() == 1)
        return found.first();
    if (found.isEmpty())
        return Unexpected(
            report({ .sentence = u"no sender has a key hash that begins with %1"_s.arg(text) }));
    return Unexpected(reportUsage(u"several senders have a key hash that begins with %1: %2"_s.arg(
        text, found.join(u", "_s))));
}

QByteArray pathOf(const QString &key, const QByteArray &action)
{
    return "/senders/" + AdminClient::pathPart(key) + action;
}

ExitCode block(AdminSession &session, const Arguments &arguments)
{
    const auto key = senderOf(session, arguments, u"block"_s, 1);
    if (!key)
        return key.error();
    if (const auto agreed = confirm(
            arguments, u"This refuses every push of sender %1 with 403 from now on"_s.arg(*key));
        !agreed)
        return agreed.error();
    return act(session, "POST", pathOf(*key, "/block"), u"sender %1 is blocked"_s.arg(*key));
}

ExitCode unblock(AdminSession &session, const Arguments &arguments)
{
    const auto key = senderOf(session, arguments, u"unblock"_s, 1);
    if (!key)
        return key.error();
    return act(session, "POST", pathOf(*key, "/unblock"), u"sender %1 may push again"_s.arg(*key));
}

ExitCode limit(AdminSession &session, const Arguments &arguments)
{
    const QString text = arguments.others().value(1);
    const auto key = senderOf(session, arguments, u"limit"_s, 2);
    if (!key)
        return key.error();
    const bool isRemoved = text == "off"_L1;
    return act(session, "PUT", pathOf(*key, "/limit"),
               isRemoved ? u"sender %1 has no limit of its own"_s.arg(*key)
                         : u"sender %1 is limited to %2"_s.arg(*key, text),
               { { u"limit"_s, isRemoved ? QJsonValue(QJsonValue::Null) : QJsonValue(text) } });
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
                           "refused with 429. The rate off removes the limit."_s,
            .example = u"carillon limit a81f03bc5d2e9f10 10/s"_s,
        },
        limit);
}

} // namespace Carillon
