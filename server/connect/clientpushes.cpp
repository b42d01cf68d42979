// SPDX-License-Identifier: MPL-2.0
// What routing has for a ClientSession.
#include "core/base/log.h"
#include "server/connect/clientsession.h"
#include "server/metrics/metrics.h"
#include "server/net/worker.h"

#include <algorithm>

namespace Carillon {

void ClientSession::push(Notification message, PushDone done)
{
    switch (client()->admit(message)) {
    case IdentifiedClient::Admission::NoSuchSubscription:
        done(Unexpected(ErrorCode::NoSuchSubscription));
        return;
    case IdentifiedClient::Admission::Drop:
        m_service.metrics().add(Metric::MessagesDroppedTtlZero);
        message.sortKey = m_service.storage().transientKey();
        dropPredecessor(message, {}, std::move(done));
        return;
    case IdentifiedClient::Admission::StoreFirst: {
        qCDebug(lcConnect).noquote() << "client" << shortened(message.uaid)
                                     << "has others to read first: stored behind them";
        m_storedFirst.push_back(++m_lastPush);
        const Urgency urgency = message.urgency;
        m_service.storage().store(std::move(message), keysToSpare(),
                                  whenStored(m_lastPush, urgency, nullptr, std::move(done)));
        return;
    }
    case IdentifiedClient::Admission::SendNow:
        sendNow(std::move(message), std::move(done));
        return;
    }
}

void ClientSession::sendNow(Notification message, PushDone done)
{
    ClientEffects effects;
    if (message.ttl.count() == 0) {
        message.sortKey = m_service.storage().transientKey();
        MessageId id = client()->sent(message, effects);
        apply(std::move(effects));
        m_service.metrics().add(Metric::NotificationsDirect);
        dropPredecessor(message, std::move(id), std::move(done));
        return;
    }
    const std::uint32_t push = ++m_lastPush;
    // Shared: known once storage has given the key, and wanted when it calls back.
    const auto id = std::make_shared<MessageId>();
    const auto key = m_service.storage().storeWhileSending(
        message, keysToSpare(), whenStored(push, message.urgency, id, std::move(done)));
    if (!key) {
        m_storedFirst.push_back(push);
        client()->storeInstead();
        return;
    }
    message.sortKey = *key;
    *id = client()->sent(message, effects);
    apply(std::move(effects));
    qCDebug(lcConnect).noquote() << "sent to client" << shortened(message.uaid);
    m_service.metrics().add(Metric::NotificationsDirect);
}

/// What an overflowing queue must not drop.
std::vector<SortKey> ClientSession::keysToSpare() const
{
    if (!m_service.settings().reportInFlight)
        return {};
    return std::get<IdentifiedClient>(m_phase).keysInFlight();
}

/// A message that is not stored still replaces the stored one of its topic.
void ClientSession::dropPredecessor(const Notification &message, MessageId id, PushDone done)
{
    TakenPush taken { message.sortKey, std::move(id) };
    if (message.topic.isEmpty()) {
        done(std::move(taken));
        return;
    }
    m_service.storage().removeTopic(
        message.uaid, message.channelId, message.topic, {},
        [taken = std::move(taken), done = std::move(done)](Result<bool> removed) mutable {
            if (removed)
                done(std::move(taken));
            else
                done(Unexpected(removed.error()));
        });
}

Completion<StoreOutcome> ClientSession::whenStored(std::uint32_t push, Urgency urgency,
                                                   std::shared_ptr<MessageId> id, PushDone done)
{
    return [&service = m_service, connection = m_connection.id(), push, urgency, id = std::move(id),
            done = std::move(done)](Result<StoreOutcome> outcome) mutable {
        if (outcome && outcome->state == StoreOutcome::State::Acknowledged) {
            // It was sent, so the session has nothing to learn.
            done(TakenPush { outcome->sortKey, id ? std::move(*id) : MessageId() });
            return;
        }
        service.worker().post(
            [&service, connection, push, urgency, outcome, id, done = std::move(done)]() mutable {
                if (outcome)
                    service.metrics().add(Metric::MessagesStored);
                if (ClientSession *const session = service.session(connection))
                    session->stored(push, urgency, outcome);
                if (outcome)
                    done(TakenPush { outcome->sortKey, id ? std::move(*id) : MessageId() });
                else if (outcome.error() == ErrorCode::NoSuchUser)
                    done(Unexpected(ErrorCode::UserDeleted)); // it was there a moment ago
                else
                    done(Unexpected(outcome.error()));
            });
    };
}

void ClientSession::stored(std::uint32_t push, Urgency urgency, const Result<StoreOutcome> &outcome)
{
    const auto first = std::ranges::find(m_storedFirst, push);
    if (first == m_storedFirst.end() || !isIdentified())
        return;
    m_storedFirst.erase(first);
    if (!outcome) {
        client()->storingFailed();
        return;
    }
    ClientEffects effects;
    client()->storedBehind(outcome->sortKey, urgency, effects);
    apply(std::move(effects));
}

bool ClientSession::handOver(const NodeMessage &message)
{
    ClientEffects effects;
    const bool taken = client()->handOver(message, effects);
    apply(std::move(effects));
    return taken;
}

void ClientSession::checkStorage(SortKey from)
{
    ClientEffects effects;
    client()->checkStorage(from, effects);
    apply(std::move(effects));
}

} // namespace Carillon
