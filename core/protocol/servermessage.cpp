// SPDX-License-Identifier: MPL-2.0
#include "core/protocol/servermessage.h"

#include "core/protocol/jsontext.h"

#include <array>
#include <cstdint>
#include <cstring>

namespace Carillon {
namespace {

constexpr char Alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The two characters of every 12 bits: half the look-ups of one per 6 bits, and 8 KiB stay in L1.
constexpr auto Pairs = [] {
    std::array<std::array<char, 2>, 4096> pairs {};
    for (std::size_t i = 0; i < pairs.size(); ++i)
        pairs[i] = { Alphabet[i >> 6], Alphabet[i & 63] };
    return pairs;
}();

constexpr qsizetype base64UrlSize(qsizetype bytes)
{
    return (bytes * 4 + 2) / 3;
}

/// Appends base64url without padding (RFC 4648 §5) in place; QByteArray::toBase64 needs a buffer
/// more and twice the time.
void appendBase64Url(QByteArray &text, QByteArrayView bytes)
{
    const qsizetype start = text.size();
    text.resize(start + base64UrlSize(bytes.size()));
    char *out = text.data() + start;
    const auto *in = reinterpret_cast<const std::uint8_t *>(bytes.data());
    const auto *end = in + bytes.size();
    for (; end - in >= 3; in += 3, out += 4) {
        const std::size_t bits = std::size_t(in[0]) << 16 | std::size_t(in[1]) << 8 | in[2];
        std::memcpy(out, Pairs[bits >> 12].data(), 2);
        std::memcpy(out + 2, Pairs[bits & 0xFFF].data(), 2);
    }
    if (end - in == 2) {
        const std::size_t bits = std::size_t(in[0]) << 16 | std::size_t(in[1]) << 8;
        std::memcpy(out, Pairs[bits >> 12].data(), 2);
        out[2] = Pairs[bits & 0xFFF][0];
    } else if (end - in == 1) {
        std::memcpy(out, Pairs[std::size_t(in[0]) << 4].data(), 2);
    }
}

/// {"id":"version",…,"errors":{"id":"Broadcast not found",…}}
void appendBroadcasts(QByteArray &json, const BroadcastChanges &broadcasts)
{
    char separator = '{';
    for (const Broadcast &broadcast : broadcasts.changed) {
        json.append(std::exchange(separator, ','));
        appendJsonString(json, broadcast.id);
        json.append(':');
        appendJsonString(json, broadcast.version);
    }
    if (!broadcasts.unknown.empty()) {
        json.append(std::exchange(separator, ',')).append("\"errors\":");
        char inner = '{';
        for (const QByteArray &id : broadcasts.unknown) {
            json.append(std::exchange(inner, ','));
            appendJsonString(json, id);
            json.append(":\"Broadcast not found\"");
        }
        json.append('}');
    }
    if (separator == '{')
        json.append('{');
    json.append('}');
}

/// ,"name":"value" – or nothing when the value is empty.
class OptionalMember
{
public:
    OptionalMember(QByteArrayView start, QByteArrayView value) : m_start(start), m_value(value) { }
    [[nodiscard]] qsizetype size() const
    {
        return m_value.isEmpty() ? 0 : m_start.size() + jsonStringSize(m_value);
    }
    void appendTo(QByteArray &json) const
    {
        if (m_value.isEmpty())
            return;
        json.append(m_start);
        appendJsonString(json, m_value);
    }

private:
    QByteArrayView m_start;
    QByteArrayView m_value;
};

} // namespace

QByteArray helloAnswer(const Uaid &uaid, const BroadcastChanges &broadcasts)
{
    QByteArray json = R"({"messageType":"hello","uaid":")" + toHex(uaid)
        + R"(","status":200,"use_webpush":true,"broadcasts":)";
    appendBroadcasts(json, broadcasts);
    json.append('}');
    return json;
}

QByteArray registerAnswer(const ChannelId &channelId, int status, QByteArrayView endpoint)
{
    QByteArray json = R"({"messageType":"register","channelID":")" + toDashed(channelId)
        + R"(","status":)" + QByteArray::number(status) + R"(,"pushEndpoint":)";
    appendJsonString(json, endpoint);
    json.append('}');
    return json;
}

QByteArray unregisterAnswer(const ChannelId &channelId, int status)
{
    return R"({"messageType":"unregister","channelID":")" + toDashed(channelId) + R"(","status":)"
        + QByteArray::number(status) + '}';
}

QByteArray notificationMessage(const Notification &notification, const MessageId &id)
{
    constexpr QByteArrayView Start = R"({"messageType":"notification","channelID":")";
    constexpr QByteArrayView Version = R"(","version":)";
    constexpr QByteArrayView Data = R"(,"data":")";
    constexpr QByteArrayView Headers = R"(","headers":{"encoding":")";
    const OptionalMember encryption(R"(,"encryption":)", notification.encryption);
    const OptionalMember cryptoKey(R"(,"crypto_key":)", notification.cryptoKey);
    const OptionalMember reliabilityId(R"(,"reliability_id":)", notification.reliabilityId);
    const QByteArray channel = toDashed(notification.channelId);
    const QByteArrayView encoding = encodingName(notification.encoding);
    const bool hasBody = !notification.body.isEmpty();

    // One allocation, of the exact size: a frame may wait long in a client's output.
    qsizetype size = Start.size() + channel.size() + Version.size() + jsonStringSize(id.text())
        + reliabilityId.size() + 1;
    if (hasBody) {
        size += Data.size() + base64UrlSize(notification.body.size()) + Headers.size()
            + encoding.size() + encryption.size() + cryptoKey.size() + 2;
    }

    QByteArray json;
    json.reserve(size);
    json.append(Start).append(channel).append(Version);
    appendJsonString(json, id.text()); // ids of other programs' making are passed on too
    if (hasBody) {
        json.append(Data);
        appendBase64Url(json, notification.body);
        json.append(Headers).append(encoding).append('"');
        encryption.appendTo(json);
        cryptoKey.appendTo(json);
        json.append('}');
    }
    reliabilityId.appendTo(json);
    json.append('}');
    Q_ASSERT(json.size() == size);
    return json;
}

QByteArray broadcastMessage(const BroadcastChanges &broadcasts)
{
    QByteArray json = R"({"messageType":"broadcast","broadcasts":)";
    appendBroadcasts(json, broadcasts);
    json.append('}');
    return json;
}

QByteArray pong()
{
    return QByteArrayLiteral("{}");
}

} // namespace Carillon
