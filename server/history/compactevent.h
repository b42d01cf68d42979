// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/journal/event.h"

#include <cstdint>

namespace Carillon {

/// An event in 80 bytes. Its texts are in a table elsewhere. Which fields have a meaning follows
/// from the kind and the flags.
struct CompactEvent
{
    static constexpr std::uint16_t NoCode = 0xFFFF;

    std::uint64_t id = 0;
    Time time;
    Uaid uaid;
    ChannelId channelId;
    SortKey sortKey {}; // 0: none
    SenderMark sender;
    std::uint64_t hasUaid : 1 = 0;
    std::uint64_t hasChannelId : 1 = 0;
    std::uint64_t hasSender : 1 = 0;
    std::uint64_t hasTopic : 1 = 0;
    std::uint64_t urgency : 4 = 0;
    /// PushAccepted: the TTL in seconds (32 bits) above the size (24 bits); else the message that
    /// took the place of this one. A sort key has 51 bits.
    std::uint64_t value : 56 = 0;
    EventKind kind = EventKind::PushRefused;
    EventDetail detail = EventDetail::None;
    std::uint16_t code = NoCode; // an ErrorCode, or the client's own
    // In the table of texts; 0: none.
    std::uint16_t text = 0;
    std::uint16_t subject = 0;

    void set(const Uaid &client);
    void set(const ChannelId &channel);
    /// keyHash may be empty.
    void setSender(QByteArrayView keyHash);
    void setCode(int number);
    void setCode(ErrorCode why) { setCode(static_cast<int>(why)); }
    void setSizeAndTtl(std::int64_t size, std::chrono::seconds ttl);
    void setBy(SortKey key) { value = static_cast<std::uint64_t>(toInt(key)) & ValueMask; }

    [[nodiscard]] SortKey by() const;
    /// Without the texts.
    [[nodiscard]] Event expanded() const;

private:
    static constexpr std::uint64_t ValueMask = (std::uint64_t { 1 } << 56) - 1;
};
static_assert(sizeof(CompactEvent) == 80);

/// Whether Event::error is what the code of such an event means.
[[nodiscard]] bool hasError(EventKind kind);

} // namespace Carillon
