// SPDX-License-Identifier: MPL-2.0
#include "core/diagnosis/messagefate.h"

#include <algorithm>
#include <map>

namespace Carillon {
namespace {

using State = MessageFate::State;

/// A message in the making: its fate so far, and what decides the rest.
struct Trail
{
    MessageFate fate;
    bool isStored = false;
    bool isAccepted = false;
};

class TrailReader
{
public:
    void read(const Event &event)
    {
        if (event.kind == EventKind::PushRefused) {
            m_refused.push_back(refusal(event));
        } else if (event.sortKey) {
            readOfMessage(event, trail(*event.sortKey, event));
        } else {
            readOfClient(event);
        }
    }

    void read(const StoredMessage &stored, Time now)
    {
        const Notification &message = stored.message;
        Trail &found = m_trails[message.sortKey];
        const bool isNew = !found.fate.sortKey;
        found.isStored = true;
        found.fate.sortKey = message.sortKey;
        found.fate.channelId = message.channelId;
        found.fate.received = message.accepted;
        found.fate.expires = message.expires();
        found.fate.ttl = message.ttl;
        if (!found.fate.size)
            found.fate.size = message.body.isEmpty() ? stored.bodySize : message.body.size();
        if (!found.fate.sender)
            found.fate.sender = senderMark(message.senderKeyHash);
        if (isNew)
            setState(found, State::Waiting, message.accepted);
        if (isOpen(found.fate.state) && message.expires() <= now)
            setState(found, State::Expired, message.expires());
    }

    [[nodiscard]] std::vector<MessageFate> finish(bool isStoredComplete, Time now)
    {
        std::vector<MessageFate> fates = std::move(m_refused);
        for (auto &[key, trail] : m_trails) {
            settle(trail, isStoredComplete, now);
            fates.push_back(std::move(trail.fate));
        }
        std::ranges::stable_sort(fates, std::ranges::greater(), &MessageFate::received);
        return fates;
    }

private:
    static MessageFate refusal(const Event &event)
    {
        return { .state = State::Refused,
                 .received = event.time,
                 .since = event.time,
                 .channelId = event.channelId,
                 .sender = event.sender,
                 .error = event.error,
                 .detail = event.detail,
                 .reason = event.text };
    }

    static void setState(Trail &trail, State state, Time since)
    {
        trail.fate.state = state;
        trail.fate.since = since;
    }

    Trail &trail(SortKey key, const Event &event)
    {
        Trail &found = m_trails[key];
        if (!found.fate.sortKey) {
            found.fate.sortKey = key;
            found.fate.received = event.time;
            found.fate.since = event.time;
        }
        if (event.channelId)
            found.fate.channelId = event.channelId;
        return found;
    }

    void readOfMessage(const Event &event, Trail &trail)
    {
        switch (event.kind) {
        case EventKind::PushAccepted:
            trail.isAccepted = true;
            trail.fate.size = event.size;
            trail.fate.ttl = event.ttl;
            trail.fate.sender = event.sender;
            if (event.ttl)
                trail.fate.expires = trail.fate.received + *event.ttl;
            break;
        case EventKind::MessageStored:
            // A message that was sent first is in flight, stored or not.
            if (trail.fate.state == State::Accepted)
                setState(trail, State::Waiting, event.time);
            break;
        case EventKind::MessageSent:
            ++trail.fate.attempts;
            if (isOpen(trail.fate.state))
                setState(trail, State::InFlight, event.time);
            break;
        case EventKind::MessageAcknowledged:
            setState(trail, acknowledged(event.code), event.time);
            break;
        case EventKind::MessageNacked:
            trail.fate.code = event.code;
            setState(trail, State::Nacked, event.time);
            break;
        case EventKind::MessageExpired:
            setState(trail, State::Expired, event.time);
            break;
        case EventKind::MessageReplaced:
            trail.fate.by = event.by;
            setState(trail, State::Replaced, event.time);
            break;
        case EventKind::MessageDropped:
            setState(trail,
                     event.detail == EventDetail::TtlZero ? State::TtlZero : State::Overflowed,
                     event.time);
            break;
        case EventKind::MessageCancelled:
            setState(trail, State::Cancelled, event.time);
            break;
        case EventKind::MessagePurged:
            setState(trail, State::Purged, event.time);
            break;
        default:
            break;
        }
    }

    static State acknowledged(std::optional<int> code)
    {
        switch (code.value_or(100)) {
        case 101:
            return State::NotDecrypted;
        case 102:
            return State::NotDelivered;
        default:
            return State::Delivered;
        }
    }

    void readOfClient(const Event &event)
    {
        switch (event.kind) {
        case EventKind::ClientConnected:
        case EventKind::ClientDisconnected:
            // What was in flight waits again.
            for (auto &[key, trail] : m_trails) {
                if (trail.fate.state == State::InFlight)
                    setState(trail, State::Waiting, event.time);
            }
            break;
        case EventKind::ChannelUnregistered:
            endOpen(State::Unregistered, event);
            break;
        case EventKind::ChannelPurged:
        case EventKind::MessagePurged:
            endOpen(State::Purged, event);
            break;
        case EventKind::ClientExpired:
        case EventKind::ClientPurged:
            endOpen(State::ClientGone, event);
            break;
        case EventKind::ClientReset:
            endOpen(State::ClientReset, event);
            break;
        default:
            break;
        }
    }

    void endOpen(State state, const Event &event)
    {
        for (auto &[key, trail] : m_trails) {
            const bool isMeant = !event.channelId || trail.fate.channelId == event.channelId;
            if (isMeant && isOpen(trail.fate.state)) {
                trail.fate.code = event.code;
                setState(trail, state, event.time);
            }
        }
    }

    /// What follows from the storage and the time, where no event has told it.
    static void settle(Trail &trail, bool isStoredComplete, Time now)
    {
        MessageFate &fate = trail.fate;
        // A message in flight may still be acknowledged after its TTL has ended.
        if (!isOpen(fate.state) || fate.state == State::InFlight)
            return;
        if (fate.expires && *fate.expires <= now)
            setState(trail, State::Expired, *fate.expires);
        else if (fate.state == State::Waiting && isStoredComplete && !trail.isStored)
            // Its end was forgotten with the events of another process or an earlier run.
            setState(trail, State::Accepted, fate.received);
    }

    std::map<SortKey, Trail> m_trails;
    std::vector<MessageFate> m_refused;
};

} // namespace

QByteArrayView fateName(MessageFate::State state)
{
    switch (state) {
    case State::Refused:
        return "refused";
    case State::Accepted:
        return "accepted";
    case State::Waiting:
        return "waiting";
    case State::InFlight:
        return "in_flight";
    case State::Delivered:
        return "delivered";
    case State::NotDecrypted:
        return "not_decrypted";
    case State::NotDelivered:
        return "not_delivered";
    case State::Nacked:
        return "nacked";
    case State::Expired:
        return "expired";
    case State::Replaced:
        return "replaced";
    case State::TtlZero:
        return "ttl_zero";
    case State::Overflowed:
        return "overflowed";
    case State::Cancelled:
        return "cancelled";
    case State::Purged:
        return "purged";
    case State::Unregistered:
        return "unregistered";
    case State::ClientGone:
        return "client_gone";
    case State::ClientReset:
        return "client_reset";
    }
    Q_UNREACHABLE();
}

bool isOpen(MessageFate::State state)
{
    return state == State::Accepted || state == State::Waiting || state == State::InFlight
        || state == State::Nacked;
}

std::vector<MessageFate> messageFates(const MessageTrace &trace)
{
    TrailReader reader;
    for (const Event &event : trace.events)
        reader.read(event);
    for (const StoredMessage &stored : trace.stored)
        reader.read(stored, trace.now);
    return reader.finish(trace.isStoredComplete, trace.now);
}

} // namespace Carillon
