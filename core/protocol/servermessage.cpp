// SPDX-License-Identifier: MPL-2.0
#include "core/protocol/servermessage.h"

#include "core/crypto/base64url.h"
#include "core/protocol/jsontext.h"

#include <utility>

namespace Carillon {
namespace {

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
