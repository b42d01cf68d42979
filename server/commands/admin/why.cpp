// SPDX-License-Identifier: MPL-2.0
#include "server/commands/admin/documents.h"
#include "server/commands/commands.h"
#include "server/commands/terminal/text.h"

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

struct Verdict
{
    Tone tone;
    ExitCode exitCode;
};

Verdict verdictOf(const QJsonObject &answer)
{
    const QString word = answer.value("verdict"_L1).toString();
    if (word == "ok"_L1)
        return { Tone::Good, ExitCode::Success };
    if (word == "waiting"_L1)
        return { Tone::Warning, ExitCode::Success };
    if (word == "ambiguous"_L1)
        return { Tone::Warning, ExitCode::Usage };
    return { Tone::Bad, ExitCode::Failure };
}

void printAnswer(const AdminSession &session, const QJsonObject &answer, const View &view,
                 Tone tone)
{
    const auto sentence = [&](QLatin1StringView member) {
        return printable(answer.value(member).toString());
    };
    printLine(session.terminal.palette.paint(sentence("summary"_L1), tone));
    if (const QString remedy = sentence("remedy"_L1); !remedy.isEmpty())
        printLine(remedy);
    std::vector<Fact> facts;
    for (const QJsonValue value : answer.value("facts"_L1).toArray()) {
        const QJsonObject fact = value.toObject();
        const QJsonValue shown = fact.value("value"_L1);
        const bool isTime = shown.isString() && timeOf(shown).isValid();
        facts.push_back({ fact.value("name"_L1).toString(),
                          cellOf(shown, isTime ? FieldKind::Moment : FieldKind::Text, view) });
    }
    if (!facts.empty()) {
        printLine({});
        printFacts(session, facts);
    }
    const QJsonArray events = answer.value("events"_L1).toArray();
    if (!events.isEmpty())
        printLine({});
    for (const QJsonObject &event : inOrder(events))
        printLine(eventLine(event, session.lineStyle()));
    const QJsonArray candidates = answer.value("candidates"_L1).toArray();
    if (!candidates.isEmpty()) {
        static const std::vector<Field> fields {
            { u"KIND"_s, u"kind"_s, FieldKind::Text },
            { u"ID"_s, u"id"_s, FieldKind::Text },
            { u"LABEL"_s, u"label"_s, FieldKind::Text, 1 },
        };
        printLine({});
        printTable(session, tableOf(fields, candidates, view));
    }
}

ExitCode why(AdminSession &session, const Arguments &arguments)
{
    if (arguments.others().size() != 1)
        return reportUsage(u"why takes one thing to look up; quote it if it contains spaces"_s);
    QUrlQuery query;
    query.addQueryItem(u"q"_s,
                       QString::fromUtf8(QUrl::toPercentEncoding(arguments.others().first())));
    const auto reply = session.client.get("/lookup", query);
    if (!reply)
        return report(reply.error());
    const Verdict verdict = verdictOf(reply->json);
    if (session.isJson)
        printJson(reply->json);
    else
        printAnswer(session, reply->json, session.viewOf(*reply), verdict.tone);
    return verdict.exitCode;
}

} // namespace

Command whyCommand()
{
    return adminCommand(
        {
            .name = u"why"_s,
            .synopsis = u"[options] WHAT"_s,
            .summary = u"says why a message has not arrived, from anything that one has in hand"_s,
            .description =
                u"Looks up WHAT: an endpoint URL, the Location or id of a message, a UAID or its "
                u"first\n"
                "digits, a channel id, a sender's VAPID key or its sub. Says what it is, what has\n"
                "happened to it and what to do. The exit code is 0 if all is well or a message "
                "waits\n"
                "as it should, 1 if something is wrong or unknown, and 2 if WHAT is not one of\n"
                "these, or could be several things; it then lists them."_s,
            .example = u"carillon why 'https://push.example.com/wpush/v2/gAAAAABrBMBb…'"_s,
        },
        why);
}

} // namespace Carillon
