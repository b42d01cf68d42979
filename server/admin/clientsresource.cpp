// SPDX-License-Identifier: MPL-2.0
#include "core/storage/listcursor.h"
#include "server/admin/browsing.h"
#include "server/admin/browsingjson.h"
#include "server/admin/snapshots.h"

#include <utility>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

/// The uaid, where the list of connected clients goes on.
QJsonArray connectedKey(const Uaid &uaid)
{
    return pageKey(QString::fromLatin1(toHex(uaid)), uaid.raw().toByteArray());
}

Problem invalidParameter(const QString &name, const QString &detail)
{
    Problem problem(ProblemType::InvalidParameter, detail);
    problem.parameter = name;
    return problem;
}

Problem badCursor()
{
    return { ProblemType::InvalidCursor, u"This is not a cursor of this list."_s };
}

ClientSort sortOf(const QString &name)
{
    return name == u"expires" ? ClientSort::Expiry
        : name == u"messages" ? ClientSort::Depth
                              : ClientSort::Id;
}

Result<ClientFilter, Problem> filterOf(const AdminRequest &request, const ApiTime &time)
{
    ClientFilter filter;
    if (request.has(u"text"_s)) {
        filter.uaids = parseUaidPrefix(request.text(u"text"_s).toLatin1());
        if (!filter.uaids)
            return Unexpected(invalidParameter(
                u"text"_s, u"text is no beginning of a UAID: up to 32 hexadecimal digits."_s));
    }
    filter.routerType = request.text(u"router_type"_s).toUtf8();
    if (request.has(u"node"_s))
        filter.node = NodeId(request.text(u"node"_s).toUtf8());
    filter.userAgent = request.text(u"user_agent"_s).toUtf8();
    if (request.has(u"has_messages"_s))
        filter.hasMessages = request.query.value(u"has_messages"_s).toBool();
    if (request.has(u"idle"_s))
        filter.lastSeenBefore =
            time.now() - std::chrono::seconds(request.query.value(u"idle"_s).toInteger());
    return filter;
}

Result<ClientQuery, Problem> queryOf(const AdminRequest &request, ClientFilter filter,
                                     const ApiTime &time)
{
    ClientQuery query { .filter = std::move(filter), .sort = sortOf(request.page.sort) };
    query.page.limit = request.page.limit;
    query.page.reverse = request.page.reverse;
    if (request.page.after) {
        query.page.after = nextOf(*request.page.after);
        if (query.page.after.isEmpty())
            return Unexpected(badCursor());
    }
    if (!request.page.seek)
        return query;
    const QJsonValue seek = *request.page.seek;
    switch (query.sort) {
    case ClientSort::Id: {
        const auto range = parseUaidPrefix(seek.toString().toLatin1());
        if (!range)
            return Unexpected(invalidParameter(u"seek"_s, u"seek is no beginning of a UAID."_s));
        query.seekUaid = query.page.reverse ? range->last : range->first;
        break;
    }
    case ClientSort::Expiry:
        query.seekExpiry = time.read(seek.toString());
        break;
    case ClientSort::Depth:
        query.seekDepth = seek.toInteger();
        break;
    }
    return query;
}

QJsonValue sortValue(ClientSort sort, const ClientPage &page, const ApiTime &time)
{
    const ClientSummary last = page.clients.empty() ? ClientSummary() : page.clients.back();
    switch (sort) {
    case ClientSort::Id:
        return QString::fromLatin1(toHex(last.record.uaid));
    case ClientSort::Expiry:
        return time.text(last.record.expires);
    case ClientSort::Depth:
        return qint64 { last.messages };
    }
    Q_UNREACHABLE();
}

/// A page of all clients that storage knows, with what is known of the connected ones.
void listStored(const Browsing &with, ClientQuery query, const AdminResponder &responder)
{
    const ClientSort sort = query.sort;
    with.browser.listClients(
        std::move(query),
        with.here<ClientPage>([&with, sort, responder](Result<ClientPage> listed) {
            if (!listed) {
                responder.fail(problemOf(listed.error()));
                return;
            }
            std::vector<Uaid> uaids;
            for (const ClientSummary &client : listed->clients)
                uaids.push_back(client.record.uaid);
            takeSnapshots(
                with.worker, with.registry, uaids,
                [&with, sort, responder, page = std::move(*listed)](const Snapshots &live) {
                    const ApiTime time(with.clock);
                    AdminPage answer;
                    for (const ClientSummary &client : page.clients) {
                        const auto snapshot = live.constFind(client.record.uaid);
                        answer.items.append(
                            clientJson(&client, snapshot == live.constEnd() ? nullptr : &*snapshot,
                                       with.self, time));
                    }
                    if (!page.next.isEmpty())
                        answer.last = pageKey(sortValue(sort, page, time), page.next);
                    answer.total = page.total;
                    responder.send(std::move(answer));
                });
        }));
}

/// What storage would say of a client that it does not know yet.
ClientSummary unstored(const ClientSnapshot &live, const NodeId &self, Time now)
{
    ClientSummary client;
    client.record.uaid = live.uaid;
    client.record.node = self;
    client.record.lastSeen = now;
    client.record.userAgent = live.userAgent;
    return client;
}

/// A page of the clients that are connected here, in the order of their UAIDs.
void listConnected(const Browsing &with, const AdminRequest &request, const ClientFilter &filter,
                   const AdminResponder &responder)
{
    const bool reverse = request.page.reverse;
    Uaid::Bytes highest {};
    highest.fill(0xFF);
    UaidRange range = filter.uaids.value_or(UaidRange { Uaid(), Uaid(highest) });
    std::optional<Uaid> from;
    if (request.page.after) {
        const QByteArray raw = nextOf(*request.page.after);
        if (raw.size() != Uaid::Size) {
            responder.fail(badCursor());
            return;
        }
        from = reverse ? before(Uaid::fromRaw(raw)) : after(Uaid::fromRaw(raw));
    } else if (request.page.seek) {
        const auto seek = parseUaidPrefix(request.page.seek->toString().toLatin1());
        if (!seek) {
            responder.fail(invalidParameter(u"seek"_s, u"seek is no beginning of a UAID."_s));
            return;
        }
        from = reverse ? seek->last : seek->first;
    }
    if (from && reverse)
        range.last = std::min(range.last, *from);
    else if (from)
        range.first = std::max(range.first, *from);
    const bool isOver = request.page.after && !from;

    const auto limit = static_cast<std::size_t>(request.page.limit);
    std::vector<ClientRegistry::Entry> clients;
    if (!isOver)
        clients = with.registry.page(range.first, range.last, limit + 1, reverse);
    const bool isMore = clients.size() > limit;
    if (isMore)
        clients.pop_back();
    std::vector<Uaid> uaids;
    uaids.reserve(clients.size());
    for (const ClientRegistry::Entry &client : clients)
        uaids.push_back(client.uaid);
    std::optional<std::int64_t> total;
    if (filter.isEmpty())
        total = with.registry.size();
    takeSnapshots(
        with.worker, clients, [&with, filter, uaids, isMore, total, responder](Snapshots live) {
            with.browser.findClients(
                uaids,
                with.here<std::vector<ClientSummary>>(
                    [&with, filter, uaids, isMore, total, responder,
                     live = std::move(live)](Result<std::vector<ClientSummary>> found) {
                        if (!found) {
                            responder.fail(problemOf(found.error()));
                            return;
                        }
                        const ApiTime time(with.clock);
                        AdminPage page;
                        auto client = found->begin();
                        for (const Uaid &uaid : uaids) {
                            const bool isStored =
                                client != found->end() && client->record.uaid == uaid;
                            const ClientSummary *const stored = isStored ? &*client++ : nullptr;
                            const auto snapshot = live.constFind(uaid);
                            if (snapshot == live.constEnd())
                                continue; // it has left
                            if (!matches(filter,
                                         stored ? *stored
                                                : unstored(*snapshot, with.self, time.now())))
                                continue;
                            page.items.append(clientJson(stored, &*snapshot, with.self, time));
                        }
                        if (isMore)
                            page.last = connectedKey(uaids.back());
                        page.total = total;
                        responder.send(std::move(page));
                    }));
        });
}

void list(const Browsing &with, const AdminRequest &request, const AdminResponder &responder)
{
    const ApiTime time(with.clock);
    auto filter = filterOf(request, time);
    if (!filter) {
        responder.fail(filter.error());
        return;
    }
    const QJsonValue connected = request.query.value(u"connected"_s);
    if (connected.isBool() && connected.toBool()) {
        if (sortOf(request.page.sort) != ClientSort::Id) {
            responder.fail(
                invalidParameter(u"sort"_s, u"Connected clients are sorted by uaid only."_s));
            return;
        }
        listConnected(with, request, *filter, responder);
        return;
    }
    if (connected.isBool())
        filter->isWanted = [&with](const Uaid &uaid) {
            return !with.registry.find(uaid).has_value();
        };
    auto query = queryOf(request, std::move(*filter), time);
    if (query)
        listStored(with, std::move(*query), responder);
    else
        responder.fail(query.error());
}

QJsonArray channelsJson(const ClientDetails &details, const ApiTime &time)
{
    QJsonArray channels;
    for (const ChannelDetails &channel : details.channels) {
        channels.append(QJsonObject {
            { u"chid"_s, QString::fromLatin1(toHex(channel.id)) },
            { u"sender"_s,
              channel.keyHash.isEmpty() ? QJsonValue(QJsonValue::Null)
                                        : QJsonValue(hexText(channel.keyHash)) },
            { u"created"_s, time.text(channel.created) },
            { u"messages"_s, qint64 { channel.messages } },
            { u"bytes"_s, qint64 { channel.bytes } },
        });
    }
    return channels;
}

void show(const Browsing &with, const Uaid &uaid, const AdminResponder &responder)
{
    with.browser.findClient(
        uaid,
        with.here<std::optional<ClientDetails>>([&with, uaid, responder](
                                                    Result<std::optional<ClientDetails>> found) {
            if (!found) {
                responder.fail(problemOf(found.error()));
                return;
            }
            takeSnapshots(
                with.worker, with.registry, { uaid },
                [&with, uaid, responder, details = std::move(*found)](const Snapshots &live) {
                    const auto snapshot = live.constFind(uaid);
                    const bool isLive = snapshot != live.constEnd();
                    if (!details && !isLive) {
                        responder.fail(ProblemType::NotFound, u"There is no such client."_s);
                        return;
                    }
                    const ApiTime time(with.clock);
                    QJsonObject json = clientJson(details ? &details->summary : nullptr,
                                                  isLive ? &*snapshot : nullptr, with.self, time);
                    json.insert(u"channels"_s,
                                details ? channelsJson(*details, time) : QJsonArray());
                    json.insert(u"oldest_message"_s,
                                details && details->oldest ? QJsonValue(time.text(*details->oldest))
                                                           : QJsonValue(QJsonValue::Null));
                    responder.send(std::move(json));
                });
        }));
}

std::vector<AdminField> filters()
{
    using namespace AdminTypes;
    return {
        { u"connected"_s, boolean(),
          u"Only clients that are, or are not, connected to this process"_s },
        { u"text"_s, pattern(u"[0-9A-Fa-f-]{1,36}"_s), u"The UAID, or how it begins"_s },
        { u"router_type"_s, text(64, 1) },
        { u"node"_s, text(2000), u"Of the client's record; empty: none"_s },
        { u"user_agent"_s, text(256, 1), u"A part of it, in any case"_s },
        { u"has_messages"_s, boolean() },
        { u"idle"_s, seconds(), u"Seconds since it was last seen, at least"_s },
    };
}

} // namespace

void addClients(AdminApi &api, const Browsing &with)
{
    using namespace AdminTypes;
    api.add({ .method = "GET",
              .path = "/clients",
              .operation = u"listClients"_s,
              .summary = u"lists clients"_s,
              .parameters = filters(),
              .list = AdminList { .item = object(clientFields()),
                                  .sorts = { { u"uaid"_s,
                                               { pattern(u"[0-9A-Fa-f-]{1,36}"_s), text() } },
                                             { u"expires"_s, { time(), text() } },
                                             { u"messages"_s, { integer(), text() } } } },
              .problems = { ProblemType::Unavailable },
              .handler = [&with](const AdminRequest &request, const AdminResponder &responder) {
                  list(with, request, responder);
              } });

    std::vector<AdminField> details = clientFields();
    // Of a single client they are listed, not counted.
    std::erase_if(details, [](const AdminField &field) { return field.name == u"channels"_s; });
    details.push_back(
        { u"channels"_s,
          AdminTypes::list(object({
              { u"chid"_s, uuid(), {}, true },
              { u"sender"_s, orNull(pattern(u"[0-9a-f]{64}"_s)),
                u"SHA-256 of the key that may push to it; null: every key may"_s, true },
              { u"created"_s, time(), {}, true },
              { u"messages"_s, integer(), u"Stored and not expired"_s, true },
              { u"bytes"_s, integer(), {}, true },
          })),
          {},
          true });
    details.push_back({ u"oldest_message"_s, orNull(time()),
                        u"When the oldest stored message was accepted"_s, true });
    api.add({ .method = "GET",
              .path = "/clients/{uaid}",
              .operation = u"getClient"_s,
              .summary = u"returns a client with its subscriptions"_s,
              .parameters = { { u"uaid"_s, uuid(), u"The client"_s, true } },
              .answer = object(details),
              .problems = { ProblemType::NotFound, ProblemType::Unavailable },
              .handler = [&with](const AdminRequest &request, const AdminResponder &responder) {
                  show(with, uaidOf(request.text(u"uaid"_s)), responder);
              } });
}

} // namespace Carillon
