// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/message/notification.h"
#include "core/protocol/broadcast.h"

#include <QByteArray>
#include <QByteArrayView>

#include <memory>
#include <optional>
#include <variant>
#include <vector>

namespace simdjson::dom {
class parser;
}

namespace Carillon {

// What a client says, one JSON object in one text message (protocol.md §2).
//
//   message     = "{}"                        ; a Ping
//               / an object with a member "messageType" that names a verb below
//   members in brackets may be absent or null; members that no verb reads are passed over, but
//   none of those that some verb reads may be there twice
//   in a map of broadcasts an id may be repeated: the later version counts

/// "hello": ["uaid": string], ["broadcasts": {id: version}], ["use_webpush": bool, unused],
/// ["urgency": "very-low" | "low" | "normal" | "high"].
struct Hello
{
    /// As sent, even if it is not a UUID; empty when absent.
    QByteArray uaid;
    std::vector<Broadcast> broadcasts;
    /// The minimum urgency of messages for this client (an extension, protocol.md §2.2).
    std::optional<Urgency> urgency;
    bool operator==(const Hello &) const = default;
};

/// "register": "channelID": lower-case dashed UUID, ["key": string].
struct Register
{
    ChannelId channelId;
    /// The application server's public key as sent: not decoded, not checked.
    std::optional<QByteArray> key;
    bool operator==(const Register &) const = default;
};

/// "unregister": "channelID": UUID in any spelling, ["code": integer].
struct Unregister
{
    ChannelId channelId;
    /// 200 by page or user, 201 quota, 202 permission revoked; others as given; 0: absent.
    int code = 0;
    bool operator==(const Unregister &) const = default;
};

/// One of "updates": "channelID": UUID in any spelling, "version": string, ["code": integer].
struct AckUpdate
{
    ChannelId channelId;
    /// The id of the message, as sent.
    QByteArray version;
    /// 100 delivered, 101 not decrypted, 102 not delivered; others as given; 0: absent.
    int code = 0;
    bool operator==(const AckUpdate &) const = default;
};

/// "ack": "updates": array of AckUpdate, which may be empty.
struct Ack
{
    std::vector<AckUpdate> updates;
    bool operator==(const Ack &) const = default;
};

/// "nack": "version": string, ["code": integer].
struct Nack
{
    QByteArray version;
    /// 301, 302, 303; others as given; 0: absent.
    int code = 0;
    bool operator==(const Nack &) const = default;
};

/// "ping", or an empty object.
struct Ping
{
    bool operator==(const Ping &) const = default;
};

/// "broadcast_subscribe": "broadcasts": {id: version}.
struct BroadcastSubscribe
{
    std::vector<Broadcast> broadcasts;
    bool operator==(const BroadcastSubscribe &) const = default;
};

using ClientMessage =
    std::variant<Hello, Register, Unregister, Ack, Nack, Ping, BroadcastSubscribe>;

/// Reads client messages. A pure function of the bytes, except for buffers that it reuses. Owns:
/// the parser's buffers, about 10 bytes for each byte of the longest message so far. Thread: one at
/// a time; make one per worker.
class ClientMessageReader
{
public:
    /// Maximum nesting of arrays and objects; messages of clients need 3.
    static constexpr std::size_t MaxDepth = 16;
    /// Length from which a message is refused without being parsed; the transport's limit is lower.
    static constexpr qsizetype MaxBytes = 16 * 1024 * 1024;

    ClientMessageReader();
    ~ClientMessageReader();

    /// Error InvalidMessage: not UTF-8, not a JSON object, or not one of the messages above.
    [[nodiscard]] Result<ClientMessage> read(QByteArrayView json);

private:
    std::unique_ptr<simdjson::dom::parser> m_parser; // its header is heavy
};

} // namespace Carillon
