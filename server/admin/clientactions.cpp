// SPDX-License-Identifier: MPL-2.0
#include "server/admin/browsing.h"
#include "server/admin/browsingjson.h"
#include "server/admin/purge.h"
#include "server/journal/journal.h"
#include "server/routing/clientport.h"
#include "server/routing/clientregistry.h"
#include "server/routing/dispatcher.h"

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

/// How long a pushed test message waits for its client.
constexpr std::chrono::seconds TestTtl { 60 };

/// Runs an action on a client; a client that nobody knows is answered 404.
void ifKnown(const Browsing &with, const Uaid &uaid, const AdminResponder &responder,
             UniqueFunction<void(std::optional<ClientAddress>)> act)
{
    if (const auto address = with.registry.find(uaid)) {
        act(address);
        return;
    }
    with.browser.findClients(
        { uaid },
        with.here<std::vector<ClientSummary>>(
            [responder, act = std::move(act)](Result<std::vector<ClientSummary>> found) mutable {
                if (!found)
                    responder.fail(problemOf(found.error()));
                else if (found->empty())
                    responder.fail(ProblemType::NotFound, u"There is no such client."_s);
                else
                    act(std::nullopt);
            }));
}

void notHere(const AdminResponder &responder)
{
    responder.fail(ProblemType::Conflict, u"The client is not connected to this process."_s);
}

void disconnect(const Browsing &with, const Uaid &uaid, int code, const AdminResponder &responder)
{
    const ErrorCode why = code == closeCode(ErrorCode::TryAgainLater) ? ErrorCode::TryAgainLater
                                                                      : ErrorCode::Disconnected;
    ifKnown(with, uaid, responder, [uaid, why, responder](std::optional<ClientAddress> address) {
        if (!address) {
            responder.send(QJsonObject { { u"disconnected"_s, false } });
            return;
        }
        address->port->disconnect(address->connection, uaid, why, [responder](bool wasHere) {
            responder.send(QJsonObject { { u"disconnected"_s, wasHere } });
        });
    });
}

void check(const Browsing &with, const Uaid &uaid, const AdminResponder &responder)
{
    ifKnown(with, uaid, responder, [uaid, responder](std::optional<ClientAddress> address) {
        if (!address) {
            notHere(responder);
            return;
        }
        address->port->checkStorage(address->connection, uaid, SortKey {});
        responder.send(QJsonObject { { u"told"_s, true } });
    });
}

void ping(const Browsing &with, const Uaid &uaid, const AdminResponder &responder)
{
    ifKnown(with, uaid, responder, [uaid, responder](std::optional<ClientAddress> address) {
        if (!address) {
            notHere(responder);
            return;
        }
        address->port->ping(
            address->connection, uaid, [responder](std::optional<std::chrono::microseconds> time) {
                using Milliseconds = std::chrono::duration<double, std::milli>;
                responder.send(QJsonObject { { u"answered"_s, time.has_value() },
                                             { u"milliseconds"_s,
                                               time ? QJsonValue(Milliseconds(*time).count())
                                                    : QJsonValue(QJsonValue::Null) } });
            });
    });
}

/// What a connection knows of its client is outdated: it has to begin anew.
void closeConnection(const Browsing &with, const Uaid &uaid, ErrorCode why)
{
    if (const auto address = with.registry.find(uaid))
        address->port->disconnect(address->connection, uaid, why, [](bool) {});
}

void removeClient(const Browsing &with, const Uaid &uaid, const AdminResponder &responder)
{
    with.storage.removeClient(uaid, with.here<bool>([&with, uaid, responder](Result<bool> removed) {
        if (!removed) {
            responder.fail(problemOf(removed.error()));
            return;
        }
        if (*removed)
            with.journal.record(Fact::ClientPurged { uaid });
        const bool isConnected = with.registry.find(uaid).has_value();
        closeConnection(with, uaid, ErrorCode::UaidReset);
        responder.send(
            QJsonObject { { u"removed"_s, *removed }, { u"disconnected"_s, isConnected } });
    }));
}

void removeChannel(const Browsing &with, const Uaid &uaid, const ChannelId &channel,
                   const AdminResponder &responder)
{
    with.storage.removeChannel(
        uaid, channel, with.here<bool>([&with, uaid, channel, responder](Result<bool> removed) {
            if (!removed) {
                responder.fail(problemOf(removed.error()));
                return;
            }
            if (*removed) {
                with.journal.record(Fact::ChannelPurged { uaid, channel });
                closeConnection(with, uaid, ErrorCode::Disconnected);
            }
            responder.send(QJsonObject { { u"removed"_s, *removed } });
        }));
}

void testPush(const Browsing &with, const Uaid &uaid, const ChannelId &channel,
              const AdminResponder &responder)
{
    Notification message;
    message.uaid = uaid;
    message.channelId = channel;
    message.ttl = TestTtl;
    message.accepted = with.clock.now();
    message.idKey = with.messageIds.firstKey();
    with.journal.record(Fact::MessageReceived { message });
    const auto ids = std::make_shared<MessageIds>(with.messageIds); // for the thread that answers
    with.dispatcher.push(Notification(message), [ids, message, responder](Result<TakenPush> taken) {
        if (!taken) {
            const ErrorCode why = taken.error();
            const bool isGone = httpStatus(why) == 410 || httpStatus(why) == 404;
            responder.fail(isGone ? ProblemType::NotFound : ProblemType::Conflict,
                           u"The push was refused with %1 %2: %3."_s.arg(
                               QString::number(httpStatus(why)),
                               QString::fromLatin1(errorName(why)),
                               QString::fromLatin1(errorMessage(why))));
            return;
        }
        const MessageId id = taken->id.text().isNull()
            ? ids->make(message.uaid, message.channelId, {}, taken->sortKey, message.idKey)
            : taken->id;
        responder.send(
            QJsonObject { { u"accepted"_s, true }, { u"id"_s, QString::fromLatin1(id.text()) } });
    });
}

AdminField uaidField()
{
    return { u"uaid"_s, AdminTypes::uuid(), u"The client"_s, true };
}

} // namespace

void addClientActions(AdminApi &api, const Browsing &with)
{
    using namespace AdminTypes;
    const AdminSchema flag = boolean();
    api.add({ .method = "POST",
              .path = "/clients/{uaid}/disconnect",
              .operation = u"disconnectClient"_s,
              .summary = u"closes the connection of a client, which then comes back"_s,
              .role = AdminRole::Operator,
              .parameters = { uaidField(),
                              { u"code"_s, integer(1012, 1013),
                                u"The close code: 1012 (Service Restart, the default) or 1013 "
                                "(Try Again Later)"_s } },
              .answer = object({ { u"disconnected"_s, flag,
                                   u"false: it was not connected to this process"_s, true } }),
              .problems = { ProblemType::NotFound, ProblemType::Unavailable },
              .handler = [&with](const AdminRequest &request, const AdminResponder &responder) {
                  disconnect(with, uaidOf(request.text(u"uaid"_s)),
                             request.query.value(u"code"_s).toInt(), responder);
              } });
    api.add(
        { .method = "POST",
          .path = "/clients/{uaid}/check",
          .operation = u"checkClient"_s,
          .summary = u"has the connection of a client read storage for what it was not sent"_s,
          .role = AdminRole::Operator,
          .parameters = { uaidField() },
          .answer = object({ { u"told"_s, flag, u"Its connection was told"_s, true } }),
          .problems = { ProblemType::NotFound, ProblemType::Conflict, ProblemType::Unavailable },
          .handler = [&with](const AdminRequest &request, const AdminResponder &responder) {
              check(with, uaidOf(request.text(u"uaid"_s)), responder);
          } });
    api.add(
        { .method = "POST",
          .path = "/clients/{uaid}/ping",
          .operation = u"pingClient"_s,
          .summary = u"measures a WebSocket ping of a client"_s,
          .role = AdminRole::Operator,
          .parameters = { uaidField() },
          .answer = object({ { u"answered"_s, flag, u"Within 10 seconds"_s, true },
                             { u"milliseconds"_s, orNull(number()), {}, true } }),
          .problems = { ProblemType::NotFound, ProblemType::Conflict, ProblemType::Unavailable },
          .handler = [&with](const AdminRequest &request, const AdminResponder &responder) {
              ping(with, uaidOf(request.text(u"uaid"_s)), responder);
          } });
    api.add({ .method = "POST",
              .path = "/clients/{uaid}/test-push",
              .operation = u"testPush"_s,
              .summary = u"pushes an empty message with a TTL of 60 seconds, as if its sender had "
                         "passed all checks"_s,
              .role = AdminRole::Operator,
              .parameters = { uaidField() },
              .body = { { u"chid"_s, uuid(), u"The subscription"_s, true } },
              .answer = object({ { u"accepted"_s, flag, {}, true },
                                 { u"id"_s, text(2000), u"Of the message"_s, true } }),
              .problems = { ProblemType::NotFound, ProblemType::Conflict },
              .handler = [&with](const AdminRequest &request, const AdminResponder &responder) {
                  testPush(with, uaidOf(request.text(u"uaid"_s)),
                           channelOf(request.body.value(u"chid"_s).toString()), responder);
              } });
    api.add({ .method = "DELETE",
              .path = "/clients/{uaid}",
              .operation = u"removeClient"_s,
              .summary = u"removes a client with its subscriptions and messages"_s,
              .role = AdminRole::Operator,
              .parameters = { uaidField() },
              .answer = object({ { u"removed"_s, flag, u"false: there was none"_s, true },
                                 { u"disconnected"_s, flag, {}, true } }),
              .problems = { ProblemType::Unavailable },
              .handler = [&with](const AdminRequest &request, const AdminResponder &responder) {
                  removeClient(with, uaidOf(request.text(u"uaid"_s)), responder);
              } });
    api.add({ .method = "DELETE",
              .path = "/clients/{uaid}/channels/{chid}",
              .operation = u"removeSubscription"_s,
              .summary = u"removes a subscription with its messages, and closes the connection of "
                         "its client"_s,
              .role = AdminRole::Operator,
              .parameters = { uaidField(), { u"chid"_s, uuid(), u"The subscription"_s, true } },
              .answer = object({ { u"removed"_s, flag, u"false: there was none"_s, true } }),
              .problems = { ProblemType::Unavailable },
              .handler = [&with](const AdminRequest &request, const AdminResponder &responder) {
                  removeChannel(with, uaidOf(request.text(u"uaid"_s)),
                                channelOf(request.text(u"chid"_s)), responder);
              } });
    api.add({ .method = "DELETE",
              .path = "/clients/{uaid}/messages",
              .operation = u"purgeClient"_s,
              .summary = u"removes the messages that are stored for a client"_s,
              .role = AdminRole::Operator,
              .parameters = { uaidField() },
              .answer = object({ { u"removed"_s, integer(), u"Number of messages"_s, true } }),
              .problems = { ProblemType::Unavailable },
              .handler = [&with](const AdminRequest &request, const AdminResponder &responder) {
                  purgeMessages(with, uaidOf(request.text(u"uaid"_s)), responder);
              } });
}

} // namespace Carillon
