// SPDX-License-Identifier: MPL-2.0
#include "server/reliability/messagetracker.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace Carillon {

/// Which steps each fact means. What is not listed means none.
struct MessageTracker::Follow
{
    using enum MessageState;
    MessageTracker &tracker;

    void operator()(const auto &) const { }

    void operator()(const Fact::MessageReceived &fact) const { tracker.begin(fact.message); }
    void operator()(const Fact::PushRefused &fact) const
    {
        if (fact.wasReceived)
            tracker.step(fact.reliabilityId, { Received, Errored });
    }
    void operator()(const Fact::MessageStored &fact) const
    {
        // One that was sent is the client's by now. If the client does not acknowledge it, it is
        // stored again by MessageReturned.
        if (!fact.wasSent)
            tracker.step(fact.message, { Received, Stored });
    }
    void operator()(const Fact::MessageSent &fact) const
    {
        switch (fact.source) {
        case Fact::MessageSent::Source::Direct:
            tracker.step(fact.message, { Received, Transmitted });
            return;
        case Fact::MessageSent::Source::Storage:
            tracker.step(fact.message, { Stored, Retrieved, Transmitted });
            return;
        case Fact::MessageSent::Source::OtherNode:
            tracker.step(fact.message, { IntTransmitted, IntAccepted, Transmitted });
            return;
        }
    }
    void operator()(const Fact::MessageAcknowledged &fact) const
    {
        if (fact.wasInFlight)
            tracker.step(fact.reliabilityId, { Transmitted, Accepted, stateOfAck(fact.code) });
    }
    void operator()(const Fact::MessageReturned &fact) const
    {
        tracker.step(fact.reliabilityId, { Transmitted, fact.isStored ? Stored : Errored });
    }
    void operator()(const Fact::MessageDropped &fact) const
    {
        tracker.step(fact.message, { Received, Expired });
    }
    void operator()(const Fact::MessageOffered &fact) const
    {
        tracker.step(fact.message, { waiting(fact.message), IntTransmitted });
    }
    void operator()(const Fact::MessageHandedOver &fact) const
    {
        if (!fact.wasOffered || fact.outcome == Fact::MessageHandedOver::Outcome::Taken)
            return;
        if (waiting(fact.message) == Stored)
            tracker.step(fact.message, { IntTransmitted, Stored });
        else
            tracker.step(fact.message, { IntTransmitted, Received, Expired });
    }
    void operator()(const Fact::MessagesExpired &fact) const
    {
        for (const RemovedMessage &message : fact.messages)
            tracker.step(message.reliabilityId, { Stored, Expired });
    }
    // Nobody waits for these any more.
    void operator()(const Fact::MessageReplaced &fact) const
    {
        tracker.step(fact.message.reliabilityId, { Stored, Expired });
    }
    void operator()(const Fact::MessageDisplaced &fact) const
    {
        tracker.step(fact.message.reliabilityId, { Stored, Expired });
    }

    /// Where a message is while it is not on its way.
    static MessageState waiting(const Notification &message)
    {
        return message.ttl.count() > 0 ? Stored : Received;
    }
};

void MessageTracker::recorded(const AnyFact &fact)
{
    std::visit(Follow { *this }, fact);
}

void MessageTracker::begin(const Notification &message)
{
    m_counts.begin();
    if (!message.reliabilityId.isEmpty())
        enqueue(message.reliabilityId, MessageState::Received, m_clock.now(), message.expires());
}

void MessageTracker::step(QByteArrayView id, std::initializer_list<MessageState> path,
                          std::optional<Time> expires)
{
    for (const auto *from = path.begin(); std::next(from) != path.end(); ++from)
        m_counts.count({ *from, *std::next(from) });
    if (id.isEmpty())
        return;
    const Time now = m_clock.now();
    for (const auto *to = std::next(path.begin()); to != path.end(); ++to)
        enqueue(id, *to, now, expires);
}

void MessageTracker::enqueue(QByteArrayView id, MessageState state, Time at,
                             std::optional<Time> expires)
{
    MilestoneRecord record { id.toByteArray(), { state, at }, expires };
    const MutexLock lock(m_mutex);
    if (m_queue.size() < MaxQueued)
        m_queue.push_back(std::move(record));
    else
        ++m_dropped;
}

std::vector<MilestoneRecord> MessageTracker::take(std::size_t most)
{
    const MutexLock lock(m_mutex);
    const auto end = m_queue.begin() + static_cast<std::ptrdiff_t>(std::min(most, m_queue.size()));
    std::vector<MilestoneRecord> taken(std::make_move_iterator(m_queue.begin()),
                                       std::make_move_iterator(end));
    m_queue.erase(m_queue.begin(), end);
    return taken;
}

void MessageTracker::giveBack(std::vector<MilestoneRecord> records)
{
    const MutexLock lock(m_mutex);
    m_queue.insert(m_queue.begin(), std::make_move_iterator(records.begin()),
                   std::make_move_iterator(records.end()));
    while (m_queue.size() > MaxQueued) {
        m_queue.pop_back();
        ++m_dropped;
    }
}

} // namespace Carillon
