// SPDX-License-Identifier: MPL-2.0
#include "server/commands/admin/listing.h"

#include "server/commands/admin/findclient.h"
#include "server/commands/terminal/figures.h"

#include <QDateTime>

#include <limits>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

constexpr qint64 LargestPage = 1000;
constexpr qint64 All = std::numeric_limits<qint64>::max();

AdminFailure usage(const QString &sentence)
{
    return { .exitCode = ExitCode::Usage, .sentence = sentence };
}

Result<QString, AdminFailure> valueOf(const ListFilter &filter, const QString &text,
                                      AdminClient &client)
{
    switch (filter.kind) {
    case FilterKind::Text:
        return text;
    case FilterKind::Client:
        return findClient(client, text);
    case FilterKind::Yes:
        return u"true"_s;
    case FilterKind::No:
        return u"false"_s;
    case FilterKind::Span:
    case FilterKind::Since: {
        const auto span = parseSpan(text);
        if (span && filter.kind == FilterKind::Span)
            return QString::number(span->count());
        if (span)
            return QDateTime::currentDateTimeUtc().addSecs(-span->count()).toString(Qt::ISODate);
        if (filter.kind == FilterKind::Since) {
            const QDateTime time = QDateTime::fromString(text, Qt::ISODateWithMs);
            if (time.isValid())
                return time.toUTC().toString(Qt::ISODateWithMs);
        }
        return Unexpected(
            usage(filter.kind == FilterKind::Span
                      ? u"%1: \"%2\" is not a span such as 90s, 10m, 2h or 3d"_s.arg(
                          filter.option.name, text)
                      : u"%1: \"%2\" is neither a span such as 10m or 2h nor a time such as "
                        "2026-11-28T14:00:00Z"_s.arg(filter.option.name, text)));
    }
    }
    return text;
}

} // namespace

Result<qint64, AdminFailure> limitOf(const Arguments &arguments, qint64 byDefault)
{
    if (arguments.has(u"--all"_s))
        return All;
    const auto text = arguments.value(u"--limit"_s);
    if (!text)
        return byDefault;
    bool isNumber = false;
    const qint64 limit = text->toLongLong(&isNumber);
    if (!isNumber || limit < 1)
        return Unexpected(usage(u"--limit: \"%1\" is not a number of rows"_s.arg(*text)));
    return limit;
}

std::optional<std::chrono::seconds> parseSpan(const QString &text)
{
    using namespace std::chrono;
    if (text.size() < 2)
        return std::nullopt;
    bool isNumber = false;
    const qint64 count = text.chopped(1).toLongLong(&isNumber);
    constexpr qint64 Most = 1'000'000;
    if (!isNumber || count < 0 || count > Most)
        return std::nullopt;
    switch (text.back().unicode()) {
    case u's':
        return seconds(count);
    case u'm':
        return minutes(count);
    case u'h':
        return hours(count);
    case u'd':
        return days(count);
    default:
        return std::nullopt;
    }
}

std::vector<Option> listOptions(const Listing &listing)
{
    std::vector<Option> options;
    for (const ListFilter &filter : listing.filters)
        options.push_back(filter.option);
    if (!listing.sorts.isEmpty())
        options.push_back(
            { u"--sort"_s, u"ORDER"_s,
              u"One of %1 (default: %2)."_s.arg(listing.sorts.join(u", "_s), listing.sorts.first()),
              listing.sorts });
    options.push_back({ u"--reverse"_s, {}, u"Lists from the end."_s });
    options.push_back({ u"--limit"_s, u"N"_s, u"Lists at most N (default: 100)."_s });
    options.push_back({ u"--all"_s, {}, u"Lists everything."_s });
    return options;
}

Result<QUrlQuery, AdminFailure> listQuery(const Listing &listing, const Arguments &arguments,
                                          AdminClient &client)
{
    QUrlQuery query;
    for (const ListFilter &filter : listing.filters) {
        if (const auto text = arguments.value(filter.option.name)) {
            CARILLON_TRY(const QString value, valueOf(filter, *text, client));
            query.addQueryItem(filter.parameter, QString::fromUtf8(QUrl::toPercentEncoding(value)));
        }
    }
    if (const auto sort = arguments.value(u"--sort"_s))
        query.addQueryItem(u"sort"_s, QString::fromUtf8(QUrl::toPercentEncoding(*sort)));
    if (arguments.has(u"--reverse"_s))
        query.addQueryItem(u"order"_s, u"reverse"_s);
    return query;
}

Result<AdminReply, AdminFailure> readList(AdminClient &client, const QByteArray &path,
                                          const QUrlQuery &query, qint64 limit)
{
    QJsonArray items;
    QUrlQuery part = query;
    for (;;) {
        part.removeQueryItem(u"limit"_s);
        part.addQueryItem(u"limit"_s, QString::number(std::min(LargestPage, limit - items.size())));
        CARILLON_TRY(AdminReply reply, client.get(path, part));
        for (const QJsonValue item : reply.json.value("items"_L1).toArray())
            items.append(item);
        const QString next = reply.json.value("next"_L1).toString();
        if (next.isEmpty() || items.size() >= limit) {
            reply.json.insert("items"_L1, items);
            return reply;
        }
        part = QUrlQuery();
        // The cursor holds the filters and the order.
        part.addQueryItem(u"cursor"_s, QString::fromUtf8(QUrl::toPercentEncoding(next)));
    }
}

ExitCode printListing(const Listing &listing, AdminSession &session, const Arguments &arguments)
{
    const auto query = listQuery(listing, arguments, session.client);
    if (!query)
        return report(query.error());
    const auto limit = limitOf(arguments);
    if (!limit)
        return report(limit.error());
    const auto reply = readList(session.client, listing.path, *query, *limit);
    if (!reply)
        return report(reply.error());
    if (session.isJson) {
        printJson(reply->json);
        return ExitCode::Success;
    }
    const QJsonArray items = reply->json.value("items"_L1).toArray();
    if (items.isEmpty()) {
        if (session.terminal.isTerminal)
            printLine(listing.nothing);
        return ExitCode::Success;
    }
    const QJsonValue total = reply->json.value("total"_L1);
    QString remark;
    if (total.isDouble())
        remark = u"%1 of %2"_s.arg(numberText(static_cast<double>(items.size())),
                                   numberText(total.toDouble()));
    else if (!reply->json.value("next"_L1).toString().isEmpty())
        remark = u"the first %1"_s.arg(items.size());
    if (!reply->json.value("next"_L1).toString().isEmpty())
        remark += u" (--limit, --all)"_s;
    printTable(session, tableOf(listing.fields, items, session.viewOf(*reply)), remark);
    return ExitCode::Success;
}

Command listCommand(Command command, Listing listing)
{
    const std::vector<Option> options = listOptions(listing);
    command.options.insert(command.options.end(), options.begin(), options.end());
    const auto run = [listing = std::move(listing),
                      name = command.name](AdminSession &session, const Arguments &arguments) {
        if (!arguments.others().isEmpty())
            return reportUsage(u"%1 takes no %2; `carillon %1 --help` shows what is possible"_s.arg(
                name, arguments.others().first()));
        return printListing(listing, session, arguments);
    };
    return adminCommand(std::move(command), run);
}

} // namespace Carillon
