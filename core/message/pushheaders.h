// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"
#include "core/message/notification.h"

#include <QByteArray>
#include <QByteArrayView>

#include <chrono>

namespace Carillon {

/// The header fields of a push as received; null: absent.
struct RawPushHeaders
{
    QByteArrayView ttl;
    QByteArrayView topic;
    QByteArrayView urgency;
    QByteArrayView contentEncoding;
    QByteArrayView encryption;
    QByteArrayView cryptoKey;
    bool hasBody = false;
};

/// The parsed header fields of a push.
struct PushHeaders
{
    std::chrono::seconds ttl {};
    /// Without '=' at its end: "abc" and "abc=" are one topic. Empty: none.
    QByteArray topic;
    Urgency urgency = Urgency::Normal;
    /// The sender gave an urgency that RFC 8030 does not know; it counts as normal.
    bool urgencyUnknown = false;
    /// None without a body.
    Encoding encoding = Encoding::None;
    /// Of aesgcm only: without quotes and padding, in printable ASCII without a backslash, so that
    /// they need no escaping in JSON.
    QByteArray encryption;
    QByteArray cryptoKey;
};

/// Parses the fields by the table of protocol.md §3.1. Faults are checked in autopush's order: TTL
/// present and a number, encryption headers, sign of the TTL, Topic. A TTL above maxTtl, however
/// long, is lowered to maxTtl. Thread: any.
[[nodiscard]] Result<PushHeaders> parsePushHeaders(const RawPushHeaders &raw,
                                                   std::chrono::seconds maxTtl);

} // namespace Carillon
