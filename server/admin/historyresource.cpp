// SPDX-License-Identifier: MPL-2.0
#include "server/admin/historyresource.h"

#include "core/journal/eventjson.h"
#include "server/admin/admintime.h"
#include "server/history/history.h"

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

Problem badFilter(const QString &parameter, const QString &fault)
{
    Problem problem(ProblemType::InvalidParameter, u"%1 %2."_s.arg(parameter, fault));
    problem.parameter = parameter;
    return problem;
}

/// "push.refused,client.*": names, and beginnings of names with a star.
std::optional<EventKinds> kindsOf(const QString &text)
{
    EventKinds kinds;
    for (const QString &word : text.split(u',')) {
        bool isKnown = false;
        for (int i = 0; i < EventKindCount; ++i) {
            const auto kind = static_cast<EventKind>(i);
            const QString name = QString::fromLatin1(eventName(kind));
            const bool isMeant =
                word.endsWith(u'*') ? name.startsWith(word.chopped(1)) : name == word;
            if (isMeant) {
                kinds.add(kind);
                isKnown = true;
            }
        }
        if (!isKnown)
            return std::nullopt;
    }
    return kinds;
}

/// What kindsOf() reads.
AdminSchema kindsType()
{
    QStringList words { u"\\*"_s };
    for (int i = 0; i < EventKindCount; ++i) {
        const QString name = QString::fromLatin1(eventName(static_cast<EventKind>(i)));
        const QString group = name.section(u'.', 0, 0) + u"\\.\\*"_s;
        words << QString(name).replace(u'.', u"\\."_s);
        if (!words.contains(group))
            words << group;
    }
    const QString word = u"(%1)"_s.arg(words.join(u'|'));
    return AdminTypes::pattern(u"%1(,%1)*"_s.arg(word));
}

Time serverTime(const QString &text)
{
    return Time(timeFromText(text).time_since_epoch());
}

/// Adds what a message id says; a topic is not kept in the history, so such an id stands for its
/// channel.
Result<void, Problem> takeMessageId(const QString &text, const MessageIds &ids, EventQuery &query)
{
    const std::optional<MessageName> name = ids.read(text.toLatin1());
    if (!name)
        return Unexpected(
            Problem(ProblemType::NotFound, u"id is not a message id of this server."_s));
    if ((query.uaid && *query.uaid != name->uaid)
        || (query.channelId && *query.channelId != name->channelId))
        return Unexpected(badFilter(u"id"_s, u"is of another client or channel"_s));
    query.uaid = name->uaid;
    query.channelId = name->channelId;
    query.sortKey = name->sortKey;
    return {};
}

AdminSchema eventSchema()
{
    using namespace AdminTypes;
    return object({
        { u"id"_s, integer(1), u"Increases from event to event"_s, true },
        { u"time"_s, time(), {}, true },
        { u"kind"_s, text(), u"docs/history.md lists the kinds"_s, true },
        { u"detail"_s, text(), {} },
        { u"uaid"_s, text(), {} },
        { u"uaid_hash"_s, text(), u"Instead of uaid with history.hash_uaids"_s },
        { u"chid"_s, text(), {} },
        { u"message"_s, integer(), u"The sort key of the message"_s },
        { u"by"_s, integer(), u"The sort key of the message that took its place"_s },
        { u"error"_s, text(), u"docs/errors.md lists them"_s },
        { u"status"_s, integer(), u"Of the response to the sender"_s },
        { u"errno"_s, integer(), {} },
        { u"code"_s, integer(-(std::int64_t { 1 } << 31)), u"The client's own"_s },
        { u"sender"_s, text(), u"A short hash of the VAPID key"_s },
        { u"sub"_s, text(), u"Of the VAPID token"_s },
        { u"user_agent"_s, text(), {} },
        { u"node"_s, text(), {} },
        { u"reason"_s, text(), {} },
        { u"size"_s, integer(), u"Bytes"_s },
        { u"ttl"_s, integer(), u"Seconds"_s },
        { u"urgency"_s, text(), {} },
        { u"topic"_s, boolean(), u"Whether the message has one"_s },
    });
}

AdminPage pageOf(const std::vector<Event> &events, int limit)
{
    AdminPage page;
    for (const Event &event : events) {
        if (page.items.size() == limit) {
            page.last = QJsonArray { page.items.last().toObject().value(u"id"_s) };
            break;
        }
        page.items.append(toJson(event));
    }
    return page;
}

} // namespace

std::vector<AdminField> eventFilters()
{
    using namespace AdminTypes;
    return { { u"uaid"_s, uuid(), u"Only events of this client"_s },
             { u"chid"_s, uuid(), u"Only events of this channel"_s },
             { u"message"_s, integer(1), u"Only events of the message with this sort key"_s },
             { u"sender"_s, pattern(u"[0-9A-Fa-f]{16,64}"_s),
               u"Only events of the sender whose key hash begins so"_s },
             { u"sub"_s, text(256, 1), u"Only events of senders with this sub"_s },
             { u"kind"_s, kindsType(),
               u"Only events of these kinds, such as push.refused,client.*"_s } };
}

Result<EventQuery, Problem> eventQuery(const QJsonObject &filters, const MessageIds *ids)
{
    const auto text = [&filters](const QString &name) { return filters.value(name).toString(); };
    EventQuery query;
    if (filters.contains(u"uaid"_s))
        query.uaid = parseUaid(text(u"uaid"_s).toLatin1());
    if (filters.contains(u"chid"_s))
        query.channelId = parseChannelId(text(u"chid"_s).toLatin1());
    if (filters.contains(u"message"_s))
        query.sortKey = static_cast<SortKey>(filters.value(u"message"_s).toInteger());
    if (filters.contains(u"sender"_s))
        query.sender = parseSenderMark(text(u"sender"_s).toLower().toLatin1());
    query.subject = text(u"sub"_s).toUtf8();
    if (filters.contains(u"kind"_s)) {
        const auto kinds = kindsOf(text(u"kind"_s));
        if (!kinds)
            return Unexpected(badFilter(u"kind"_s, u"names no kind of event"_s));
        query.kinds = *kinds;
    }
    if (filters.contains(u"since"_s))
        query.since = serverTime(text(u"since"_s));
    if (filters.contains(u"until"_s))
        query.until = serverTime(text(u"until"_s));
    if (ids && filters.contains(u"id"_s))
        CARILLON_TRY_VOID(takeMessageId(text(u"id"_s), *ids, query));
    return query;
}

void addHistory(AdminApi &api, History *history, const MessageIds &ids)
{
    using namespace AdminTypes;
    std::vector<AdminField> filters = eventFilters();
    filters.push_back({ u"id"_s, text(512, 1), u"Only events of the message with this id"_s });
    filters.push_back({ u"since"_s, time(), u"Only events of this time and later"_s });
    filters.push_back({ u"until"_s, time(), u"Only events before this time"_s });
    const auto handler = [history, &ids](const AdminRequest &request,
                                         const AdminResponder &responder) {
        if (!history) {
            responder.fail(ProblemType::NotEnabled, u"There is no history: history.events is 0."_s);
            return;
        }
        auto query = eventQuery(request.query, &ids);
        if (!query) {
            responder.fail(query.error());
            return;
        }
        const PageRequest &page = request.page;
        query->newestFirst = !page.reverse;
        query->limit = page.limit + 1;
        std::uint64_t &bound = page.reverse ? query->after : query->before;
        if (page.after)
            bound = static_cast<std::uint64_t>(page.after->first().toInteger());
        else if (page.seek)
            bound = static_cast<std::uint64_t>(page.seek->toInteger() + (page.reverse ? -1 : 1));
        history->find(
            *query, [limit = page.limit, responder](const Result<std::vector<Event>> &events) {
                if (events)
                    responder.send(pageOf(*events, limit));
                else
                    responder.fail(ProblemType::Unavailable, u"The history cannot be read."_s);
            });
    };
    api.add({ .method = "GET",
              .path = "/history",
              .operation = u"listHistory"_s,
              .summary = u"lists what happened to messages and clients, the newest first"_s,
              .parameters = filters,
              .list = AdminList { .item = eventSchema(), .sorts = { { u"id"_s, { integer(1) } } } },
              .problems = { ProblemType::NotFound, ProblemType::NotEnabled },
              .handler = handler });
}

} // namespace Carillon
