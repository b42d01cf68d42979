// SPDX-License-Identifier: MPL-2.0
#include "server/routing/dispatcher.h"

#include "core/base/log.h"
#include "server/journal/journal.h"
#include "server/journal/storefacts.h"
#include "server/routing/othernodes.h"

namespace Carillon {

Dispatcher::Dispatcher(Ways ways, NodeId self, Journal &journal)
    : m_ways(std::move(ways)), m_self(std::move(self)), m_journal(journal)
{
}

void Dispatcher::push(Notification message, PushDone done)
{
    const auto client = m_ways.registry.find(message.uaid);
    if (!client) {
        pushAbsent(std::move(message), std::move(done));
        return;
    }
    client->port->push(client->connection, std::move(message), std::move(done),
                       [this](Notification returned, PushDone stillOpen) {
                           pushAbsent(std::move(returned), std::move(stillOpen));
                       });
}

void Dispatcher::pushAbsent(Notification message, PushDone done)
{
    // Where there are no bridges, a message that is stored needs no look at the record first.
    if (message.ttl.count() > 0 && m_ways.bridges.empty())
        keep(std::move(message), std::move(done));
    else
        pushByRecord(std::move(message), std::move(done));
}

void Dispatcher::pushByRecord(Notification message, PushDone done)
{
    const Uaid uaid = message.uaid;
    const ChannelId channel = message.channelId;
    m_ways.storage.findRoute(
        uaid, channel,
        [this, message = std::move(message),
         done = std::move(done)](Result<std::optional<Route>> route) mutable {
            if (!route)
                done(Unexpected(route.error()));
            else if (!*route)
                done(Unexpected(ErrorCode::NoSuchUser));
            else if (Bridge *const bridge = bridgeOf(**route))
                pushByBridge(*bridge, std::move(message), std::move(done));
            else if (!(*route)->hasChannel) // which no bridge needs, as in autopush
                done(Unexpected(ErrorCode::NoSuchSubscription));
            else if (message.ttl.count() > 0)
                keep(std::move(message), std::move(done));
            else
                pushTransient(std::move(message), **route, std::move(done));
        });
}

void Dispatcher::keep(Notification message, PushDone done)
{
    Notification copy = message; // its buffers are shared
    m_ways.storage.store(std::move(copy),
                         [this, message = std::move(message),
                          done = std::move(done)](Result<StoreOutcome> outcome) mutable {
                             if (outcome)
                                 afterStore(std::move(message), *outcome, std::move(done));
                             else
                                 done(Unexpected(outcome.error()));
                         });
}

void Dispatcher::afterStore(Notification message, const StoreOutcome &outcome, PushDone done)
{
    message.sortKey = outcome.sortKey;
    qCDebug(lcRouting).noquote() << "stored for client" << shortened(message.uaid)
                                 << "which is not connected here";
    recordOutcome(m_journal, message, outcome);
    // A client that connected while the message was on its way may have read storage before it.
    if (const auto client = m_ways.registry.find(message.uaid)) {
        client->port->checkStorage(client->connection, message.uaid, message.sortKey);
        done(TakenPush { message.sortKey });
        return;
    }
    if (isElsewhere(outcome.node))
        m_ways.otherNodes->handOver({ .notification = std::move(message),
                                      .predecessor = outcome.predecessor,
                                      .connectedAt = outcome.connectedAt },
                                    outcome.node);
    // It is committed, which is all that 201 promises; another process may take its time.
    done(TakenPush { outcome.sortKey });
}

void Dispatcher::pushTransient(Notification message, const Route &route, PushDone done)
{
    message.sortKey = m_ways.storage.transientKey();
    // Shared: storage names it on its thread.
    const auto predecessor = std::make_shared<RemovedMessage>();
    auto send = [this, node = route.node, connectedAt = route.connectedAt, message, predecessor,
                 done = std::move(done)](Result<bool> replaced) mutable {
        if (!replaced) {
            done(Unexpected(replaced.error()));
            return;
        }
        if (*replaced)
            m_journal.record(Fact::MessageReplaced { message, *predecessor });
        if (isElsewhere(node)) {
            const SortKey key = message.sortKey;
            m_ways.otherNodes->handOver(
                { .notification = std::move(message), .connectedAt = connectedAt }, node);
            done(TakenPush { key });
        } else {
            m_journal.record(
                Fact::MessageDropped { message, Fact::MessageDropped::Reason::TtlZero });
            done(TakenPush { message.sortKey });
        }
    };
    if (message.topic.isEmpty())
        send(false);
    else
        m_ways.storage.removeTopic(message.uaid, message.channelId, message.topic,
                                   noteRemoved(message, predecessor), std::move(send));
}

void Dispatcher::pushByBridge(Bridge &bridge, Notification message, PushDone done)
{
    const Uaid uaid = message.uaid;
    message.sortKey = m_ways.storage.transientKey();
    m_ways.storage.findClient(
        uaid,
        [this, &bridge, uaid, message = std::move(message),
         done = std::move(done)](Result<std::optional<ClientRecord>> record) mutable {
            if (!record || !*record) {
                done(Unexpected(record ? ErrorCode::NoSuchUser : record.error()));
                return;
            }
            const SortKey key = message.sortKey;
            bridge.push(std::move(message), std::move(**record),
                        [this, uaid, key, done = std::move(done)](
                            Result<BridgeReceipt, BridgeFailure> answer) mutable {
                            if (answer)
                                done(TakenPush { .sortKey = key, .ttl = answer->ttl });
                            else if (answer.error().clientIsGone)
                                forget(uaid, answer.error().why, std::move(done));
                            else
                                done(Unexpected(answer.error().why));
                        });
        });
}

void Dispatcher::forget(const Uaid &uaid, ErrorCode why, PushDone done)
{
    m_ways.storage.removeClient(uaid, [why, done = std::move(done)](const Result<bool> &) mutable {
        done(Unexpected(why));
    });
}

/// Null for "webpush".
Bridge *Dispatcher::bridgeOf(const Route &route) const
{
    const auto bridge = m_ways.bridges.find(route.routerType);
    return bridge == m_ways.bridges.end() ? nullptr : bridge->second;
}

bool Dispatcher::isElsewhere(const NodeId &node) const
{
    return m_ways.otherNodes != nullptr && !node.isEmpty() && node != m_self;
}

void Dispatcher::checkSubscription(Uaid uaid, ChannelId channel,
                                   UniqueFunction<void(std::optional<ErrorCode>)> done)
{
    m_ways.storage.findRoute(
        uaid, channel, [this, done = std::move(done)](Result<std::optional<Route>> route) mutable {
            if (!route)
                done(route.error());
            else if (!*route)
                done(ErrorCode::NoSuchUser);
            else if (!(*route)->hasChannel && !bridgeOf(**route))
                done(ErrorCode::NoSuchSubscription);
            else
                done(std::nullopt);
        });
}

void Dispatcher::handOver(NodeMessage message, UniqueFunction<void(bool)> done)
{
    const auto client = m_ways.registry.find(message.notification.uaid);
    if (!client) {
        done(false);
        return;
    }
    client->port->handOver(client->connection, std::move(message), std::move(done));
}

bool Dispatcher::checkStorage(const Uaid &uaid)
{
    const auto client = m_ways.registry.find(uaid);
    if (client)
        client->port->checkStorage(client->connection, uaid, SortKey {});
    return client.has_value();
}

void Dispatcher::closeOlder(const Uaid &uaid, std::int64_t connectedAt,
                            UniqueFunction<void(bool)> done)
{
    const auto client = m_ways.registry.find(uaid);
    if (!client) {
        done(false);
        return;
    }
    client->port->closeOlder(
        client->connection, uaid, connectedAt, [this, uaid, done = std::move(done)]() mutable {
            // It changes nothing, and is done when all that was asked for the client before it is.
            m_ways.storage.releaseClient(
                uaid, 0, [done = std::move(done)](const Result<bool> &) mutable { done(true); });
        });
}

} // namespace Carillon
