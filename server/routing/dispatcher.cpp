// SPDX-License-Identifier: MPL-2.0
#include "server/routing/dispatcher.h"

#include "core/base/log.h"
#include "server/metrics/metrics.h"
#include "server/routing/othernodes.h"

namespace Carillon {

Dispatcher::Dispatcher(Storage &storage, ClientRegistry &registry, OtherNodes *otherNodes,
                       NodeId self, Metrics &metrics)
    : m_storage(storage), m_registry(registry), m_otherNodes(otherNodes), m_self(std::move(self)),
      m_metrics(metrics)
{
}

void Dispatcher::push(Notification message, PushDone done)
{
    const auto client = m_registry.find(message.uaid);
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
    if (message.ttl.count() == 0) {
        pushTransient(std::move(message), std::move(done));
        return;
    }
    Notification copy = message; // its buffers are shared
    m_storage.store(std::move(copy),
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
    m_metrics.add(Metric::MessagesStored);
    // A client that connected while the message was on its way may have read storage before it.
    if (const auto client = m_registry.find(message.uaid)) {
        client->port->checkStorage(client->connection, message.uaid, message.sortKey);
        done(TakenPush { message.sortKey });
        return;
    }
    if (isElsewhere(outcome.node))
        m_otherNodes->handOver({ .notification = std::move(message),
                                 .predecessor = outcome.predecessor,
                                 .connectedAt = outcome.connectedAt },
                               outcome.node);
    // It is committed, which is all that 201 promises; another process may take its time.
    done(TakenPush { outcome.sortKey });
}

void Dispatcher::pushTransient(Notification message, PushDone done)
{
    const Uaid uaid = message.uaid;
    const ChannelId channel = message.channelId;
    m_storage.findRoute(
        uaid, channel,
        [this, message = std::move(message),
         done = std::move(done)](Result<std::optional<Route>> route) mutable {
            if (!route) {
                done(Unexpected(route.error()));
                return;
            }
            if (!*route || !(*route)->hasChannel) {
                done(Unexpected(*route ? ErrorCode::NoSuchSubscription : ErrorCode::NoSuchUser));
                return;
            }
            message.sortKey = m_storage.transientKey();
            auto send = [this, node = (*route)->node, connectedAt = (*route)->connectedAt, message,
                         done = std::move(done)](Result<bool> replaced) mutable {
                if (!replaced) {
                    done(Unexpected(replaced.error()));
                } else if (isElsewhere(node)) {
                    const SortKey key = message.sortKey;
                    m_otherNodes->handOver(
                        { .notification = std::move(message), .connectedAt = connectedAt }, node);
                    done(TakenPush { key });
                } else {
                    m_metrics.add(Metric::MessagesDroppedTtlZero);
                    done(TakenPush { message.sortKey });
                }
            };
            if (message.topic.isEmpty())
                send(false);
            else
                m_storage.removeTopic(message.uaid, message.channelId, message.topic, {},
                                      std::move(send));
        });
}

bool Dispatcher::isElsewhere(const NodeId &node) const
{
    return m_otherNodes != nullptr && !node.isEmpty() && node != m_self;
}

void Dispatcher::checkSubscription(Uaid uaid, ChannelId channel,
                                   UniqueFunction<void(std::optional<ErrorCode>)> done)
{
    m_storage.findRoute(uaid, channel,
                        [done = std::move(done)](Result<std::optional<Route>> route) mutable {
                            if (!route)
                                done(route.error());
                            else if (!*route)
                                done(ErrorCode::NoSuchUser);
                            else if (!(*route)->hasChannel)
                                done(ErrorCode::NoSuchSubscription);
                            else
                                done(std::nullopt);
                        });
}

void Dispatcher::handOver(NodeMessage message, UniqueFunction<void(bool)> done)
{
    const auto client = m_registry.find(message.notification.uaid);
    if (!client) {
        done(false);
        return;
    }
    client->port->handOver(client->connection, std::move(message), std::move(done));
}

bool Dispatcher::checkStorage(const Uaid &uaid)
{
    const auto client = m_registry.find(uaid);
    if (client)
        client->port->checkStorage(client->connection, uaid, SortKey {});
    return client.has_value();
}

void Dispatcher::closeOlder(const Uaid &uaid, std::int64_t connectedAt,
                            UniqueFunction<void(bool)> done)
{
    const auto client = m_registry.find(uaid);
    if (!client) {
        done(false);
        return;
    }
    client->port->closeOlder(
        client->connection, uaid, connectedAt, [this, uaid, done = std::move(done)]() mutable {
            // It changes nothing, and is done when all that was asked for the client before it is.
            m_storage.releaseClient(
                uaid, 0, [done = std::move(done)](const Result<bool> &) mutable { done(true); });
        });
}

} // namespace Carillon
