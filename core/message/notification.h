// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "core/base/ids.h"

#include <QByteArray>
#include <QByteArrayView>

#include <chrono>
#include <cstdint>
#include <optional>

namespace Carillon {

/// RFC 8030 §5.3, in rising order.
enum class Urgency : std::uint8_t { VeryLow, Low, Normal, High };

/// How the body is encrypted: RFC 8188 (aes128gcm), the draft before it (aesgcm), or no body.
enum class Encoding : std::uint8_t { None, Aes128Gcm, AesGcm };

/// As headers and JSON spell them; empty for None.
[[nodiscard]] QByteArrayView encodingName(Encoding encoding);
[[nodiscard]] QByteArrayView urgencyName(Urgency urgency);
/// Reads the exact spelling in any case.
[[nodiscard]] std::optional<Urgency> parseUrgency(QByteArrayView text);

/// Characters of a topic (RFC 8030 §5.4).
inline constexpr qsizetype MaxTopicSize = 32;

/// One push message, with everything that storage keeps of it.
struct Notification
{
    Uaid uaid;
    ChannelId channelId;
    SortKey sortKey {};
    /// At most MaxTopicSize characters of the base64url alphabet; empty: no topic.
    QByteArray topic;
    Urgency urgency = Urgency::Normal;
    /// Time to live, after it was limited by the settings.
    std::chrono::seconds ttl {};
    /// When the server accepted it; it expires ttl later.
    Time accepted;
    Encoding encoding = Encoding::None;
    /// Values of the legacy headers (aesgcm only), without padding and quotes.
    QByteArray encryption;
    QByteArray cryptoKey;
    /// The encrypted body, raw.
    QByteArray body;
    /// SHA-256 of the sender's VAPID public key (raw point); empty: none was given.
    QByteArray senderKeyHash;
    /// Opaque id of a tracked message; empty: not tracked.
    QByteArray reliabilityId;
    /// The key that makes its id, so that the id does not change when another key becomes the
    /// first.
    KeyMark idKey {};

    [[nodiscard]] Time expires() const { return accepted + ttl; }
    bool operator==(const Notification &) const = default;
};

} // namespace Carillon
