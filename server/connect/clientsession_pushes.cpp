// SPDX-License-Identifier: MPL-2.0
// What routing has for a ClientSession.
#include "core/base/log.h"
#include "server/connect/clientsession.h"
#include "server/journal/journal.h"
#include "server/journal/storefacts.h"
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
        message.sortKey = m_service.storage().transientKey();
        journal().record(Fact::MessageDropped { message, Fact::MessageDropped::Reason::TtlZero });
        dropPredecessor(message, {}, std::move(done));
        return;
    case IdentifiedClient::Admission::StoreFirst: {
        qCDebug(lcConnect).noquote() << "client" << shortened(message.uaid)
                                     << "has older messages to read first: stored behind them";
        m_storedFirst.push_back(++m_lastPush);
        Notification copy = message; // its buffers are shared
        m_service.storage().store(
            std::move(copy), keysToSpare(),
            whenStored(m_lastPush, std::move(message), nullptr, std::move(done)));
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
        recordSent(effects, { &message, 1 }, Fact::MessageSent::Source::Direct);
        apply(std::move(effects));
        dropPredecessor(message, std::move(id), std::move(done));
        return;
    }
    const std::uint32_t push = ++m_lastPush;
    // Shared: known once storage has given the key, and wanted when it calls back.
    const auto id = std::make_shared<MessageId>();
    const auto key = m_service.storage().storeWhileSending(
        message, keysToSpare(), whenStored(push, message, id, std::move(done)));
    if (!key) {
        m_storedFirst.push_back(push);
        client()->storeInstead();
        return;
    }
    message.sortKey = *key;
    *id = client()->sent(message, effects);
    recordSent(effects, { &message, 1 }, Fact::MessageSent::Source::Direct);
    apply(std::move(effects));
    qCDebug(lcConnect).noquote() << "sent to client" << shortened(message.uaid);
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
    // Shared: storage names it on its thread.
    const auto predecessor = std::make_shared<RemovedMessage>();
    m_service.storage().removeTopic(
        message.uaid, message.channelId, message.topic, noteRemoved(message, predecessor),
        [&journal = journal(), message, predecessor, taken = std::move(taken),
         done = std::move(done)](Result<bool> removed) mutable {
            if (!removed) {
                done(Unexpected(removed.error()));
                return;
            }
            if (*removed)
                journal.record(Fact::MessageReplaced { message, *predecessor });
            done(std::move(taken));
        });
}

Completion<StoreOutcome> ClientSession::whenStored(std::uint32_t push, Notification message,
                                                   std::shared_ptr<MessageId> id, PushDone done)
{
    return
        [&service = m_service, connection = m_connection.id(), push, message = std::move(message),
         id = std::move(id), done = std::move(done)](Result<StoreOutcome> outcome) mutable {
            if (outcome)
                message.sortKey = outcome->sortKey;
            if (outcome && outcome->state == StoreOutcome::State::Acknowledged) {
                // It was sent, so the session has nothing to learn.
                recordOutcome(service.journal(), message, *outcome);
                done(TakenPush { outcome->sortKey, id ? std::move(*id) : MessageId() });
                return;
            }
            service.worker().post([&service, connection, push, message = std::move(message),
                                   outcome, id, done = std::move(done)]() mutable {
                if (outcome) {
                    const bool wasSent = id && !id->text().isEmpty();
                    recordOutcome(service.journal(), message, *outcome, wasSent);
                }
                if (ClientSession *const session = service.session(connection))
                    session->stored(push, message.urgency, outcome);
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
    recordSent(effects, { &message.notification, 1 }, Fact::MessageSent::Source::OtherNode);
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
