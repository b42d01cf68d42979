// SPDX-License-Identifier: MPL-2.0
#include "core/journal/event.h"

#include <algorithm>

namespace Carillon {

QByteArrayView eventName(EventKind kind)
{
    switch (kind) {
    case EventKind::PushRefused:
        return "push.refused";
    case EventKind::PushAccepted:
        return "push.accepted";
    case EventKind::MessageStored:
        return "message.stored";
    case EventKind::MessageSent:
        return "message.sent";
    case EventKind::MessageAcknowledged:
        return "message.acknowledged";
    case EventKind::MessageNacked:
        return "message.nacked";
    case EventKind::MessageExpired:
        return "message.expired";
    case EventKind::MessageReplaced:
        return "message.replaced";
    case EventKind::MessageDropped:
        return "message.dropped";
    case EventKind::MessageCancelled:
        return "message.cancelled";
    case EventKind::MessageHandedOver:
        return "message.handed_over";
    case EventKind::MessagePurged:
        return "message.purged";
    case EventKind::ChannelRegistered:
        return "channel.registered";
    case EventKind::ChannelRegisterRefused:
        return "channel.register_refused";
    case EventKind::ChannelUnregistered:
        return "channel.unregistered";
    case EventKind::ChannelPurged:
        return "channel.purged";
    case EventKind::ClientConnected:
        return "client.connected";
    case EventKind::ClientDisconnected:
        return "client.disconnected";
    case EventKind::ClientReclaimed:
        return "client.reclaimed";
    case EventKind::ClientReset:
        return "client.reset";
    case EventKind::ClientExpired:
        return "client.expired";
    case EventKind::ClientPurged:
        return "client.purged";
    }
    Q_UNREACHABLE();
}

std::optional<EventKind> parseEventKind(QByteArrayView name)
{
    for (int i = 0; i < EventKindCount; ++i) {
        const auto kind = static_cast<EventKind>(i);
        if (eventName(kind) == name)
            return kind;
    }
    return std::nullopt;
}

QByteArrayView detailName(EventDetail detail)
{
    switch (detail) {
    case EventDetail::None:
        return "";
    case EventDetail::Direct:
        return "direct";
    case EventDetail::FromStorage:
        return "from_storage";
    case EventDetail::FromOtherNode:
        return "from_other_node";
    case EventDetail::Taken:
        return "taken";
    case EventDetail::NotHere:
        return "not_here";
    case EventDetail::Failed:
        return "failed";
    case EventDetail::TtlZero:
        return "ttl_zero";
    case EventDetail::QueueOverflow:
        return "queue_overflow";
    case EventDetail::NewClient:
        return "new";
    case EventDetail::KnownClient:
        return "known";
    case EventDetail::AddressRate:
        return "address_rate";
    case EventDetail::SubscriptionRate:
        return "subscription_rate";
    case EventDetail::SenderRate:
        return "sender_rate";
    case EventDetail::SenderBlocked:
        return "sender_blocked";
    }
    Q_UNREACHABLE();
}

std::optional<EventDetail> parseEventDetail(QByteArrayView name)
{
    for (int i = 0; i < EventDetailCount; ++i) {
        const auto detail = static_cast<EventDetail>(i);
        if (detailName(detail) == name)
            return detail;
    }
    return std::nullopt;
}

std::optional<SenderMark> senderMark(QByteArrayView keyHash)
{
    SenderMark mark;
    if (keyHash.size() < std::ssize(mark.bytes))
        return std::nullopt;
    std::copy_n(keyHash.begin(), mark.bytes.size(), mark.bytes.begin());
    return mark;
}

QByteArray toHex(const SenderMark &sender)
{
    return QByteArray(reinterpret_cast<const char *>(sender.bytes.data()), std::ssize(sender.bytes))
        .toHex();
}

std::optional<SenderMark> parseSenderMark(QByteArrayView text)
{
    constexpr qsizetype Digits = 2 * qsizetype(sizeof(SenderMark));
    if (text.size() < Digits || text.size() % 2 != 0)
        return std::nullopt;
    const QByteArray raw = QByteArray::fromHex(text.toByteArray());
    return raw.size() == text.size() / 2 ? senderMark(raw) : std::nullopt;
}

} // namespace Carillon
