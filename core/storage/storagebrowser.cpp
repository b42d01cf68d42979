// SPDX-License-Identifier: MPL-2.0
#include "core/storage/storagebrowser.h"

#include "core/base/hex.h"

namespace Carillon {

namespace {

constexpr qsizetype DashedSize = 36;

bool isDashPlace(qsizetype at)
{
    return at == 8 || at == 13 || at == 18 || at == 23;
}

} // namespace

std::optional<UaidRange> parseUaidPrefix(QByteArrayView text)
{
    Uaid::Bytes first {};
    Uaid::Bytes last {};
    last.fill(0xFF);
    const bool dashed = text.contains('-');
    if (text.isEmpty() || text.size() > (dashed ? DashedSize : 2 * Uaid::Size))
        return std::nullopt;
    std::size_t digits = 0;
    for (qsizetype at = 0; at < text.size(); ++at) {
        if (dashed && isDashPlace(at)) {
            if (text[at] != '-')
                return std::nullopt;
            continue;
        }
        const int value = hexValue(text[at]);
        if (value < 0)
            return std::nullopt;
        const int shift = digits % 2 == 0 ? 4 : 0;
        auto &low = first[digits / 2];
        auto &high = last[digits / 2];
        low = static_cast<std::uint8_t>(low | value << shift);
        high = static_cast<std::uint8_t>((high & ~(0xF << shift)) | value << shift);
        ++digits;
    }
    if (digits == 0)
        return std::nullopt;
    return UaidRange { Uaid(first), Uaid(last) };
}

bool ClientFilter::isEmpty() const
{
    return !uaids && routerType.isEmpty() && !node && userAgent.isEmpty() && !hasMessages
        && !lastSeenBefore && !isWanted;
}

bool matches(const ClientFilter &filter, const ClientSummary &client)
{
    const ClientRecord &record = client.record;
    return (!filter.uaids || filter.uaids->contains(record.uaid))
        && (filter.routerType.isEmpty() || filter.routerType == record.routerType)
        && (!filter.node || *filter.node == record.node)
        && (filter.userAgent.isEmpty()
            || record.userAgent.toLower().contains(filter.userAgent.toLower()))
        && (!filter.hasMessages || *filter.hasMessages == (client.messages > 0))
        && (!filter.lastSeenBefore || record.lastSeen < *filter.lastSeenBefore)
        && (!filter.isWanted || filter.isWanted(record.uaid));
}

bool matches(const MessageFilter &filter, const StoredMessage &stored)
{
    const Notification &message = stored.message;
    return (!filter.uaid || *filter.uaid == message.uaid)
        && (!filter.channelId || *filter.channelId == message.channelId)
        && (filter.topic.isEmpty() || filter.topic == message.topic)
        && (!filter.urgency || *filter.urgency == message.urgency)
        && (!filter.acceptedBefore || message.accepted < *filter.acceptedBefore)
        && (!filter.expiresBefore || message.expires() < *filter.expiresBefore)
        && (!filter.largerThan || stored.size > *filter.largerThan)
        && (!filter.tracked || *filter.tracked == !message.reliabilityId.isEmpty())
        && (filter.senderKeyHash.isEmpty() || filter.senderKeyHash == message.senderKeyHash);
}

} // namespace Carillon
