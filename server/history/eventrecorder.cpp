// SPDX-License-Identifier: MPL-2.0
#include "server/history/eventrecorder.h"

namespace Carillon {

namespace {

EventDetail detailOf(Fact::PushRefused::Rule rule)
{
    using Rule = Fact::PushRefused::Rule;
    switch (rule) {
    case Rule::OnlyOne:
        return EventDetail::None;
    case Rule::AddressRate:
        return EventDetail::AddressRate;
    case Rule::SubscriptionRate:
        return EventDetail::SubscriptionRate;
    case Rule::SenderRate:
        return EventDetail::SenderRate;
    case Rule::SenderBlocked:
        return EventDetail::SenderBlocked;
    }
    Q_UNREACHABLE();
}

EventDetail detailOf(Fact::MessageSent::Source source)
{
    using Source = Fact::MessageSent::Source;
    switch (source) {
    case Source::Direct:
        return EventDetail::Direct;
    case Source::Storage:
        return EventDetail::FromStorage;
    case Source::OtherNode:
        return EventDetail::FromOtherNode;
    }
    Q_UNREACHABLE();
}

EventDetail detailOf(Fact::MessageDropped::Reason reason)
{
    switch (reason) {
    case Fact::MessageDropped::Reason::TtlZero:
        return EventDetail::TtlZero;
    }
    Q_UNREACHABLE();
}

EventDetail detailOf(Fact::MessageHandedOver::Outcome outcome)
{
    using Outcome = Fact::MessageHandedOver::Outcome;
    switch (outcome) {
    case Outcome::Taken:
        return EventDetail::Taken;
    case Outcome::NotHere:
        return EventDetail::NotHere;
    case Outcome::Failed:
        return EventDetail::Failed;
    }
    Q_UNREACHABLE();
}

} // namespace

void EventRecorder::recorded(const AnyFact &fact)
{
    std::visit([this](const auto &each) { on(each); }, fact);
}

void EventRecorder::on(const Fact::PushRefused &fact)
{
    CompactEvent refused = event(EventKind::PushRefused);
    if (fact.uaid)
        refused.set(*fact.uaid);
    if (fact.channelId)
        refused.set(*fact.channelId);
    refused.setSender(fact.senderKeyHash);
    refused.setCode(fact.why);
    refused.detail = detailOf(fact.rule);
    add(refused, fact.reason, fact.senderSubject);
}

void EventRecorder::on(const Fact::PushAccepted &fact)
{
    CompactEvent accepted = event(EventKind::PushAccepted, fact.uaid, fact.channelId);
    accepted.sortKey = fact.sortKey;
    accepted.setSender(fact.senderKeyHash);
    accepted.setSizeAndTtl(fact.size, fact.ttl);
    accepted.urgency = static_cast<std::uint64_t>(fact.urgency) & 0xF;
    accepted.hasTopic = fact.hasTopic ? 1 : 0;
    add(accepted, {}, fact.senderSubject);
}

void EventRecorder::on(const Fact::MessageStored &fact)
{
    add(ofMessage(EventKind::MessageStored, fact.message));
}

void EventRecorder::on(const Fact::MessageSent &fact)
{
    CompactEvent sent = ofMessage(EventKind::MessageSent, fact.message);
    sent.detail = detailOf(fact.source);
    add(sent);
}

void EventRecorder::on(const Fact::MessageAcknowledged &fact)
{
    CompactEvent acknowledged = event(EventKind::MessageAcknowledged, fact.uaid, fact.channelId);
    acknowledged.sortKey = fact.sortKey.value_or(SortKey {});
    acknowledged.setCode(fact.code);
    add(acknowledged);
}

void EventRecorder::on(const Fact::MessageRefused &fact)
{
    CompactEvent nacked = event(EventKind::MessageNacked, fact.uaid);
    if (fact.channelId)
        nacked.set(*fact.channelId);
    nacked.sortKey = fact.sortKey.value_or(SortKey {});
    nacked.setCode(fact.code);
    add(nacked);
}

void EventRecorder::on(const Fact::MessageReplaced &fact)
{
    CompactEvent replaced = ofMessageAndSender(EventKind::MessageReplaced, fact.message);
    replaced.setBy(fact.by.sortKey);
    add(replaced);
}

void EventRecorder::on(const Fact::MessageDisplaced &fact)
{
    CompactEvent dropped = ofMessageAndSender(EventKind::MessageDropped, fact.message);
    dropped.detail = EventDetail::QueueOverflow;
    dropped.setBy(fact.by.sortKey);
    add(dropped);
}

void EventRecorder::on(const Fact::MessageDropped &fact)
{
    CompactEvent dropped = ofMessageAndSender(EventKind::MessageDropped, fact.message);
    dropped.detail = detailOf(fact.reason);
    add(dropped);
}

void EventRecorder::on(const Fact::MessageHandedOver &fact)
{
    CompactEvent handedOver = ofMessage(EventKind::MessageHandedOver, fact.message);
    handedOver.detail = detailOf(fact.outcome);
    add(handedOver, fact.node.url());
}

void EventRecorder::on(const Fact::MessageCancelled &fact)
{
    CompactEvent cancelled = event(EventKind::MessageCancelled, fact.uaid, fact.channelId);
    cancelled.sortKey = fact.sortKey;
    add(cancelled);
}

void EventRecorder::on(const Fact::MessagesExpired &fact)
{
    for (const RemovedMessage &message : fact.messages)
        add(ofMessageAndSender(EventKind::MessageExpired, message));
}

void EventRecorder::on(const Fact::MessagePurged &fact)
{
    CompactEvent purged = event(EventKind::MessagePurged, fact.uaid, fact.channelId);
    purged.sortKey = fact.sortKey;
    add(purged);
}

void EventRecorder::on(const Fact::ClientGreeted &fact)
{
    CompactEvent connected = event(EventKind::ClientConnected, fact.uaid);
    connected.detail = fact.isNew ? EventDetail::NewClient : EventDetail::KnownClient;
    add(connected, fact.userAgent);
}

void EventRecorder::on(const Fact::ClientLeft &fact)
{
    CompactEvent disconnected = event(EventKind::ClientDisconnected);
    if (fact.uaid)
        disconnected.set(*fact.uaid);
    if (fact.why)
        disconnected.setCode(*fact.why);
    add(disconnected);
}

void EventRecorder::on(const Fact::ChannelRegistered &fact)
{
    CompactEvent registered = event(EventKind::ChannelRegistered, fact.uaid, fact.channelId);
    registered.setSender(fact.keyHash);
    add(registered);
}

void EventRecorder::on(const Fact::RegisterRefused &fact)
{
    CompactEvent refused = event(EventKind::ChannelRegisterRefused, fact.uaid, fact.channelId);
    refused.setCode(fact.why);
    add(refused);
}

void EventRecorder::on(const Fact::UnregisterReceived &fact)
{
    CompactEvent unregistered = event(EventKind::ChannelUnregistered, fact.uaid, fact.channelId);
    unregistered.setCode(fact.code);
    add(unregistered);
}

void EventRecorder::on(const Fact::ChannelPurged &fact)
{
    add(event(EventKind::ChannelPurged, fact.uaid, fact.channelId));
}

void EventRecorder::on(const Fact::ClientReset &fact)
{
    add(event(EventKind::ClientReset, fact.uaid));
}

void EventRecorder::on(const Fact::ClientReclaimed &fact)
{
    add(event(EventKind::ClientReclaimed, fact.uaid));
}

void EventRecorder::on(const Fact::ClientsExpired &fact)
{
    for (const Uaid &uaid : fact.uaids)
        add(event(EventKind::ClientExpired, uaid));
}

void EventRecorder::on(const Fact::ClientPurged &fact)
{
    add(event(EventKind::ClientPurged, fact.uaid));
}

CompactEvent EventRecorder::event(EventKind kind) const
{
    CompactEvent event;
    event.time = m_clock.now();
    event.kind = kind;
    return event;
}

CompactEvent EventRecorder::event(EventKind kind, const Uaid &uaid) const
{
    CompactEvent made = event(kind);
    made.set(uaid);
    return made;
}

CompactEvent EventRecorder::event(EventKind kind, const Uaid &uaid,
                                  const ChannelId &channelId) const
{
    CompactEvent made = event(kind, uaid);
    made.set(channelId);
    return made;
}

/// M: Notification or RemovedMessage.
template<typename M> CompactEvent EventRecorder::ofMessage(EventKind kind, const M &message) const
{
    CompactEvent made = event(kind, message.uaid, message.channelId);
    made.sortKey = message.sortKey;
    return made;
}

/// For the end of a message: the event that says who has sent it may be gone by then.
template<typename M>
CompactEvent EventRecorder::ofMessageAndSender(EventKind kind, const M &message) const
{
    CompactEvent made = ofMessage(kind, message);
    made.setSender(message.senderKeyHash);
    return made;
}

} // namespace Carillon
