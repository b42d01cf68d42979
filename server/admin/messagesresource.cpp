// SPDX-License-Identifier: MPL-2.0
#include "server/admin/browsing.h"
#include "server/admin/browsingjson.h"
#include "server/journal/journal.h"

#include "core/crypto/digest.h"

#include <utility>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

MessageFilter messageFilter(const AdminRequest &request, const ApiTime &time)
{
    const auto number = [&](const QString &name) { return request.query.value(name).toInteger(); };
    MessageFilter filter;
    if (request.has(u"uaid"_s))
        filter.uaid = uaidOf(request.text(u"uaid"_s));
    if (request.has(u"chid"_s))
        filter.channelId = channelOf(request.text(u"chid"_s));
    filter.topic = request.text(u"topic"_s).toLatin1();
    if (request.has(u"urgency"_s))
        filter.urgency = parseUrgency(request.text(u"urgency"_s).toLatin1());
    if (request.has(u"older_than"_s))
        filter.acceptedBefore = time.now() - std::chrono::seconds(number(u"older_than"_s));
    if (request.has(u"expiring_within"_s))
        filter.expiresBefore = time.now() + std::chrono::seconds(number(u"expiring_within"_s));
    if (request.has(u"larger_than"_s))
        filter.largerThan = number(u"larger_than"_s);
    if (request.has(u"tracked"_s))
        filter.tracked = request.query.value(u"tracked"_s).toBool();
    filter.senderKeyHash = QByteArray::fromHex(request.text(u"sender"_s).toLatin1());
    return filter;
}

void listMessages(const Browsing &with, const AdminRequest &request,
                  const AdminResponder &responder)
{
    const ApiTime time(with.clock);
    MessageQuery query { .filter = messageFilter(request, time) };
    query.sort = request.page.sort == u"expires" ? MessageSort::Expiry : MessageSort::Stored;
    if (query.filter.uaid && query.sort == MessageSort::Expiry) {
        Problem problem(ProblemType::InvalidParameter,
                        u"Messages of one client are sorted by stored only."_s);
        problem.parameter = u"sort"_s;
        responder.fail(std::move(problem));
        return;
    }
    query.page = { .limit = request.page.limit, .reverse = request.page.reverse };
    if (request.page.after) {
        query.page.after = nextOf(*request.page.after);
        if (query.page.after.isEmpty()) {
            responder.fail(problemOf(ErrorCode::BadRequest));
            return;
        }
    }
    if (request.page.seek)
        query.seek = time.read(request.page.seek->toString());
    const MessageSort sort = query.sort;
    with.browser.listMessages(
        std::move(query),
        with.here<MessagePage>([&with, sort, responder](Result<MessagePage> listed) {
            if (!listed) {
                responder.fail(problemOf(listed.error()));
                return;
            }
            const ApiTime now(with.clock);
            AdminPage page;
            for (const StoredMessage &stored : listed->messages)
                page.items.append(messageJson(stored, with.messageIds, now));
            if (!listed->next.isEmpty()) {
                const Notification last =
                    listed->messages.empty() ? Notification() : listed->messages.back().message;
                const Time key = sort == MessageSort::Expiry ? last.expires() : last.accepted;
                page.last = pageKey(now.text(key), listed->next);
            }
            page.total = listed->total;
            responder.send(std::move(page));
        }));
}

using Found = UniqueFunction<void(const StoredMessage &)>;

/// Finds the message that an id names; else the caller gets 404.
void findMessage(const Browsing &with, const QString &id, WithBody withBody,
                 const AdminResponder &responder, Found found)
{
    const auto name = with.messageIds.read(id.toLatin1());
    if (!name) {
        responder.fail(ProblemType::NotFound, u"This is not a message id of this server."_s);
        return;
    }
    auto done = with.here<std::optional<StoredMessage>>(
        [&with, responder, name = *name,
         found = std::move(found)](Result<std::optional<StoredMessage>> stored) mutable {
            if (!stored)
                responder.fail(problemOf(stored.error()));
            else if (!*stored || !with.messageIds.names(name, (*stored)->message.sortKey))
                responder.fail(ProblemType::NotFound,
                               u"The message is not stored. It was delivered, has expired or was "
                               "removed; the history tells which."_s);
            else
                found(**stored);
        });
    if (!name->topic.isEmpty())
        with.browser.findTopic(name->uaid, name->channelId, name->topic, withBody, std::move(done));
    else
        with.browser.findMessage(name->uaid, name->sortKey.value_or(SortKey {}), withBody,
                                 std::move(done));
}

void showMessage(const Browsing &with, const AdminRequest &request, const AdminResponder &responder)
{
    const bool wantsBody = request.query.value(u"body"_s).toBool();
    findMessage(with, request.text(u"id"_s), WithBody::Yes, responder,
                [&with, wantsBody, responder](const StoredMessage &stored) {
                    const Notification &message = stored.message;
                    QJsonObject json = messageJson(stored, with.messageIds, ApiTime(with.clock));
                    json.insert(u"encryption"_s, textOrNull(message.encryption));
                    json.insert(u"crypto_key"_s, textOrNull(message.cryptoKey));
                    json.insert(u"reliability_id"_s, textOrNull(message.reliabilityId));
                    json.insert(u"body_sha256"_s, hexText(sha256(message.body)));
                    json.insert(u"body"_s,
                                wantsBody ? QJsonValue(QString::fromLatin1(message.body.toBase64()))
                                          : QJsonValue(QJsonValue::Null));
                    responder.send(std::move(json));
                });
}

void removeMessage(const Browsing &with, const AdminRequest &request,
                   const AdminResponder &responder)
{
    const auto name = with.messageIds.read(request.text(u"id"_s).toLatin1());
    if (!name) {
        responder.fail(ProblemType::NotFound, u"This is not a message id of this server."_s);
        return;
    }
    const auto key = std::make_shared<SortKey>(name->sortKey.value_or(SortKey {}));
    auto done = with.here<bool>([&with, responder, uaid = name->uaid, channel = name->channelId,
                                 key](Result<bool> removed) {
        if (!removed) {
            responder.fail(problemOf(removed.error()));
            return;
        }
        if (*removed)
            with.journal.record(Fact::MessagePurged { uaid, channel, *key });
        responder.send(QJsonObject { { u"removed"_s, *removed } });
    });
    if (!name->topic.isEmpty()) {
        with.storage.removeTopic(
            name->uaid, name->channelId, name->topic,
            [ids = with.messageIds, name = *name, key](SortKey stored) {
                *key = stored;
                return ids.names(name, stored);
            },
            std::move(done));
    } else if (name->sortKey && with.messageIds.names(*name, *name->sortKey)) {
        with.storage.removeMessage(name->uaid, name->channelId, *name->sortKey, std::move(done));
    } else {
        responder.send(QJsonObject { { u"removed"_s, false } });
    }
}

std::vector<AdminField> messageFilters()
{
    using namespace AdminTypes;
    return {
        { u"uaid"_s, uuid(), u"Of this client"_s },
        { u"chid"_s, uuid(), u"Of this subscription"_s },
        { u"topic"_s, text(32, 1) },
        { u"urgency"_s, choice({ u"very-low"_s, u"low"_s, u"normal"_s, u"high"_s }) },
        { u"older_than"_s, seconds(), u"Stored for at least so many seconds"_s },
        { u"expiring_within"_s, seconds(), u"Seconds"_s },
        { u"larger_than"_s, integer(), u"Of a greater size"_s },
        { u"tracked"_s, boolean() },
        { u"sender"_s, pattern(u"[0-9A-Fa-f]{64}"_s), u"SHA-256 of the sender's VAPID key"_s },
    };
}

} // namespace

void addMessages(AdminApi &api, const Browsing &with)
{
    using namespace AdminTypes;
    api.add({ .method = "GET",
              .path = "/messages",
              .operation = u"listMessages"_s,
              .summary = u"lists stored messages"_s,
              .parameters = messageFilters(),
              .list = AdminList { .item = object(messageFields()),
                                  .sorts = { { u"stored"_s, { time(), text() } },
                                             { u"expires"_s, { time(), text() } } } },
              .problems = { ProblemType::Unavailable },
              .handler = [&with](const AdminRequest &request, const AdminResponder &responder) {
                  listMessages(with, request, responder);
              } });

    const AdminField id { u"id"_s, text(512, 1), u"As in Location, without the rest of the URL"_s,
                          true };
    std::vector<AdminField> details = messageFields();
    details.push_back({ u"encryption"_s, orNull(text(8192)), u"The header of aesgcm"_s, true });
    details.push_back({ u"crypto_key"_s, orNull(text(8192)), {}, true });
    details.push_back({ u"reliability_id"_s, orNull(text()), {}, true });
    details.push_back({ u"body_sha256"_s, pattern(u"[0-9a-f]{64}"_s), {}, true });
    details.push_back({ u"body"_s, orNull(text(1 << 20)),
                        u"base64; it is encrypted. null: not asked for"_s, true });
    api.add({ .method = "GET",
              .path = "/messages/{id}",
              .operation = u"getMessage"_s,
              .summary = u"returns a stored message"_s,
              .parameters = { id, { u"body"_s, boolean(), u"Whether to send the body, too"_s } },
              .answer = object(details),
              .problems = { ProblemType::NotFound, ProblemType::Unavailable },
              .handler = [&with](const AdminRequest &request, const AdminResponder &responder) {
                  showMessage(with, request, responder);
              } });
    api.add(
        { .method = "DELETE",
          .path = "/messages/{id}",
          .operation = u"removeMessage"_s,
          .summary = u"removes a stored message"_s,
          .role = AdminRole::Operator,
          .parameters = { id },
          .answer = object({ { u"removed"_s, boolean(), u"false: it was not stored"_s, true } }),
          .problems = { ProblemType::NotFound, ProblemType::Unavailable },
          .handler = [&with](const AdminRequest &request, const AdminResponder &responder) {
              removeMessage(with, request, responder);
          } });
}

} // namespace Carillon
