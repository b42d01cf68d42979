// SPDX-License-Identifier: MPL-2.0
#include "server/commands/admin/adminfeed.h"
#include "server/commands/admin/documents.h"
#include "server/commands/admin/eventline.h"
#include "server/commands/admin/listing.h"
#include "server/commands/commands.h"

#include <algorithm>
#include <functional>

// Events and log records: what the server remembers, and then what it tells as it happens.
namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

/// Something that is kept and also told live.
struct Stream
{
    QByteArray path;
    /// What is subscribed to, and the member of a live message that holds one entry.
    QString topic;
    QString member;
    std::vector<ListFilter> filters;
    std::function<QString(const QJsonObject &, const LineStyle &)> line;
    QString nothing;
};

const Stream &eventStream()
{
    static const Stream stream {
        .path = "/history",
        .topic = u"events"_s,
        .member = u"event"_s,
        .filters = {
            { { u"--client"_s, u"UAID"_s, u"Shows events of this client."_s },
              u"uaid"_s, FilterKind::Client },
            { { u"--channel"_s, u"CHID"_s, u"Shows events of this channel."_s }, u"chid"_s },
            { { u"--message"_s, u"ID"_s, u"Shows events of this message."_s }, u"id"_s },
            { { u"--sender"_s, u"KEY"_s, u"Shows events of this sender."_s }, u"sender"_s },
            { { u"--sub"_s, u"SUB"_s, u"Shows events of senders with this sub."_s }, u"sub"_s },
            { { u"--kind"_s, u"KIND"_s,
                u"Shows events of this kind, such as push.refused; with a star at the end of "
                "several: push.*."_s },
              u"kind"_s },
            { { u"--since"_s, u"TIME"_s,
                u"Shows events since this time, or for this span, such as 10m."_s },
              u"since"_s, FilterKind::Since },
        },
        .line = eventLine,
        .nothing = u"no events"_s,
    };
    return stream;
}

const Stream &logStream()
{
    static const Stream stream {
        .path = "/logs",
        .topic = u"logs"_s,
        .member = u"log"_s,
        .filters = {
            { { u"--level"_s, u"LEVEL"_s,
                u"Shows records of this level and above: debug, info, warning or error."_s,
                { u"debug"_s, u"info"_s, u"warning"_s, u"error"_s } },
              u"level"_s },
            { { u"--category"_s, u"NAME"_s, u"Shows records of this category; * stands for any text."_s }, u"category"_s },
            { { u"--text"_s, u"TEXT"_s, u"Shows records that contain this."_s }, u"text"_s },
            { { u"--since"_s, u"TIME"_s,
                u"Shows records since this time, or for this span, such as 10m."_s },
              u"since"_s, FilterKind::Since },
        },
        .line = logLine,
        .nothing = u"no log records"_s,
    };
    return stream;
}

Listing listingOf(const Stream &stream)
{
    return {
        .path = stream.path, .fields = {}, .filters = stream.filters, .nothing = stream.nothing
    };
}

class Printer
{
public:
    Printer(const Stream &stream, const AdminSession &session)
        : m_stream(stream), m_isJson(session.isJson), m_style(session.lineStyle())
    {
    }

    /// False if it could not be printed. An entry that was printed already is passed over: the feed
    /// begins before the list ends.
    [[nodiscard]] bool print(const QJsonObject &entry)
    {
        const qint64 id = entry.value("id"_L1).toInteger();
        if (id != 0 && id <= m_last)
            return true;
        m_last = std::max(m_last, id);
        return printLine(m_isJson ? jsonText(entry, true) : m_stream.line(entry, m_style));
    }

private:
    const Stream &m_stream;
    bool m_isJson;
    LineStyle m_style;
    qint64 m_last = 0;
};

QJsonObject subscriptionOf(const Stream &stream, const QUrlQuery &query)
{
    QJsonObject filters;
    for (const auto &[name, value] : query.queryItems(QUrl::FullyDecoded)) {
        if (name != "since"_L1)
            filters.insert(name, value);
    }
    return { { u"subscribe"_s, QJsonArray { stream.topic } }, { stream.topic, filters } };
}

ExitCode follow(const Stream &stream, AdminSession &session, const QUrlQuery &query, qint64 before)
{
    auto feed = AdminFeed::open(session.client.address(), session.client.patience());
    if (!feed)
        return report(feed.error());
    if (const auto sent = feed->send(subscriptionOf(stream, query)); !sent)
        return report(sent.error());
    Printer printer(stream, session);
    const auto recent = readList(session.client, stream.path, query, before);
    if (!recent)
        return report(recent.error());
    for (const QJsonObject &entry : inOrder(recent->json.value("items"_L1).toArray())) {
        if (!printer.print(entry))
            return ExitCode::Failure;
    }
    for (;;) {
        const auto message = feed->next();
        if (!message)
            return report(message.error());
        if (!*message) {
            return report({ .exitCode = ExitCode::NoServer,
                            .sentence = feed->reason().isEmpty()
                                ? u"the server has ended the connection"_s
                                : u"the server has ended the connection: "_s + feed->reason() });
        }
        const QJsonValue entry = (*message)->value(stream.member);
        if (entry.isObject() && !printer.print(entry.toObject()))
            return ExitCode::Failure;
        if (const QJsonValue lost = (*message)->value("dropped"_L1); lost.toInteger() > 0)
            printError(u"%1 %2 were left out, because there were too many"_s.arg(lost.toInteger())
                           .arg(stream.topic));
        if (const QJsonObject problem = (*message)->value("problem"_L1).toObject();
            !problem.isEmpty())
            return report(
                { .exitCode = ExitCode::Usage, .sentence = problem.value("detail"_L1).toString() });
    }
}

ExitCode show(const Stream &stream, AdminSession &session, const Arguments &arguments)
{
    const Listing listing = listingOf(stream);
    if (!arguments.others().isEmpty())
        return reportUsage(u"%1 is one word too many"_s.arg(arguments.others().first()));
    const auto query = listQuery(listing, arguments, session.client);
    if (!query)
        return report(query.error());
    const auto limit = limitOf(arguments, arguments.has(u"--follow"_s) ? 10 : 100);
    if (!limit)
        return report(limit.error());
    if (arguments.has(u"--follow"_s))
        return follow(stream, session, *query, *limit);
    const auto reply = readList(session.client, stream.path, *query, *limit);
    if (!reply)
        return report(reply.error());
    if (session.isJson) {
        printJson(reply->json);
        return ExitCode::Success;
    }
    const QJsonArray items = reply->json.value("items"_L1).toArray();
    if (items.isEmpty() && session.terminal.isTerminal)
        printLine(stream.nothing);
    Printer printer(stream, session);
    for (const QJsonObject &entry : inOrder(items)) {
        if (!printer.print(entry))
            return ExitCode::Failure;
    }
    return ExitCode::Success;
}

std::vector<Option> optionsOf(const Stream &stream)
{
    std::vector<Option> options {
        { u"--follow"_s, {}, u"Goes on with what happens from now on, until Ctrl-C."_s }
    };
    for (const ListFilter &filter : stream.filters)
        options.push_back(filter.option);
    options.push_back(
        { u"--limit"_s, u"N"_s, u"Shows the newest N (default: 100; with --follow, 10)."_s });
    options.push_back({ u"--all"_s, {}, u"Shows everything that is kept."_s });
    return options;
}

AdminRun runOf(const Stream &stream)
{
    return [&stream](AdminSession &session, const Arguments &arguments) {
        return show(stream, session, arguments);
    };
}

} // namespace

Command eventsCommand()
{
    return adminCommand(
        {
            .name = u"events"_s,
            .synopsis = u"[options]"_s,
            .summary = u"shows what happened to messages and clients"_s,
            .description =
                u"Prints one line for each event of the history, the newest last: pushes that "
                u"were\n"
                "accepted or refused, messages that were stored, sent, acknowledged or dropped,\n"
                "clients that came and went. With --json, each event is a line of JSON if\n"
                "--follow is given, else all are one document."_s,
            .options = optionsOf(eventStream()),
            .example = u"carillon events --follow --kind push.refused"_s,
        },
        runOf(eventStream()));
}

Command logsCommand()
{
    return adminCommand(
        {
            .name = u"logs"_s,
            .synopsis = u"[options]"_s,
            .summary = u"shows the newest log records of the server"_s,
            .description =
                u"Prints log records that the server keeps in memory, the newest last."_s,
            .options = optionsOf(logStream()),
            .example = u"carillon logs --follow --level warning"_s,
        },
        runOf(logStream()));
}

} // namespace Carillon
