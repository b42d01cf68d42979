// SPDX-License-Identifier: MPL-2.0
#include "server/history/compactevent.h"

#include <algorithm>

namespace Carillon {

namespace {

constexpr int SizeBits = 24;
constexpr std::int64_t MostSize = (std::int64_t { 1 } << SizeBits) - 1;
constexpr std::int64_t MostTtl = (std::int64_t { 1 } << 32) - 1;

} // namespace

bool hasError(EventKind kind)
{
    return kind == EventKind::PushRefused || kind == EventKind::ChannelRegisterRefused
        || kind == EventKind::ClientDisconnected;
}

void CompactEvent::set(const Uaid &client)
{
    uaid = client;
    hasUaid = 1;
}

void CompactEvent::set(const ChannelId &channel)
{
    channelId = channel;
    hasChannelId = 1;
}

void CompactEvent::setSender(QByteArrayView keyHash)
{
    if (const auto mark = senderMark(keyHash)) {
        sender = *mark;
        hasSender = 1;
    }
}

void CompactEvent::setCode(int number)
{
    code = static_cast<std::uint16_t>(std::clamp(number, 0, NoCode - 1));
}

void CompactEvent::setSizeAndTtl(std::int64_t size, std::chrono::seconds ttl)
{
    value = (static_cast<std::uint64_t>(
                 std::clamp<std::int64_t>(std::int64_t { ttl.count() }, 0, MostTtl))
                 << SizeBits
             | static_cast<std::uint64_t>(std::clamp<std::int64_t>(size, 0, MostSize)))
        & ValueMask;
}

SortKey CompactEvent::by() const
{
    return kind == EventKind::PushAccepted ? SortKey {}
                                           : SortKey { static_cast<std::int64_t>(value) };
}

Event CompactEvent::expanded() const
{
    Event event;
    event.id = id;
    event.time = time;
    event.kind = kind;
    event.detail = detail;
    if (hasUaid)
        event.uaid = uaid;
    if (hasChannelId)
        event.channelId = channelId;
    if (sortKey != SortKey {})
        event.sortKey = sortKey;
    if (by() != SortKey {})
        event.by = by();
    if (code != NoCode && hasError(kind))
        event.error = static_cast<ErrorCode>(code);
    else if (code != NoCode)
        event.code = code;
    if (hasSender)
        event.sender = sender;
    if (kind == EventKind::PushAccepted) {
        const auto number = static_cast<std::int64_t>(value);
        event.size = number & MostSize;
        event.ttl = std::chrono::seconds(number >> SizeBits);
        event.urgency = static_cast<Urgency>(urgency);
        event.hasTopic = hasTopic;
    }
    return event;
}

} // namespace Carillon
