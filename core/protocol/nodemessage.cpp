// SPDX-License-Identifier: MPL-2.0
#include "core/protocol/nodemessage.h"

#include "core/crypto/base64url.h"
#include "core/protocol/jsontext.h"

#include <simdjson.h>

#include <string_view>
#include <utility>

namespace Carillon {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

/// Bound of ttl and timestamp, so that their sum in microseconds fits 64 bits.
constexpr std::int64_t MaxSeconds = std::int64_t { 1 } << 40;

void appendMember(QByteArray &json, QByteArrayView name, QByteArrayView value)
{
    json.append(",\"").append(name).append("\":");
    appendJsonString(json, value);
}

/// Members of an object that may be absent or null, but not of another type.
class NodeMembers
{
public:
    explicit NodeMembers(const object &from) : m_from(from) { }

    /// Empty if it is absent.
    [[nodiscard]] QByteArray text(std::string_view name)
    {
        std::string_view value;
        return take(name, value) ? QByteArray(value.data(), static_cast<qsizetype>(value.size()))
                                 : QByteArray();
    }
    /// 0 if it is absent.
    [[nodiscard]] std::int64_t number(std::string_view name)
    {
        std::int64_t value = 0;
        return take(name, value) ? value : 0;
    }
    /// False once a member was of another type than asked for.
    [[nodiscard]] bool areGood() const { return m_areGood; }

private:
    template<typename T> bool take(std::string_view name, T &value)
    {
        element member;
        if (m_from.at_key(name).get(member) != simdjson::SUCCESS || member.is_null())
            return false;
        const bool isOfType = member.get(value) == simdjson::SUCCESS;
        m_areGood = m_areGood && isOfType;
        return isOfType;
    }

    object m_from;
    bool m_areGood = true;
};

bool readBody(const object &from, const QByteArray &data, Notification &message)
{
    if (data.isEmpty())
        return true;
    const auto body = fromBase64Url(withoutPadding(data));
    object inner;
    if (!body || from.at_key("headers").get_object().get(inner) != simdjson::SUCCESS)
        return false;
    NodeMembers headers(inner);
    message.body = *body;
    const QByteArray encoding = headers.text("encoding");
    if (encoding == "aes128gcm")
        message.encoding = Encoding::Aes128Gcm;
    else if (encoding == "aesgcm")
        message.encoding = Encoding::AesGcm;
    else
        return false;
    message.encryption = headers.text("encryption");
    message.cryptoKey = headers.text("crypto_key");
    return headers.areGood();
}

} // namespace

QByteArray toNodeJson(const NodeMessage &message)
{
    const Notification &notification = message.notification;
    QByteArray json;
    json.reserve(notification.body.size() * 4 / 3 + 512);
    json.append("{\"channelID\":\"").append(toDashed(notification.channelId));
    json.append("\",\"ttl\":").append(QByteArray::number(notification.ttl.count()));
    json.append(",\"timestamp\":").append(QByteArray::number(toSeconds(notification.accepted)));
    json.append(",\"sortKey\":").append(QByteArray::number(toInt(notification.sortKey)));
    if (toInt(message.predecessor) != 0)
        json.append(",\"predecessor\":").append(QByteArray::number(toInt(message.predecessor)));
    if (message.connectedAt != 0)
        json.append(",\"connectedAt\":").append(QByteArray::number(qlonglong(message.connectedAt)));
    if (notification.idKey != KeyMark {})
        json.append(",\"idKey\":").append(QByteArray::number(toInt(notification.idKey)));
    appendMember(json, "urgency", urgencyName(notification.urgency));
    if (!notification.topic.isEmpty())
        appendMember(json, "topic", notification.topic);
    if (!notification.reliabilityId.isEmpty())
        appendMember(json, "reliability_id", notification.reliabilityId);
    if (!notification.body.isEmpty()) {
        json.append(",\"headers\":{\"encoding\":\"")
            .append(encodingName(notification.encoding))
            .append('"');
        if (!notification.encryption.isEmpty())
            appendMember(json, "encryption", notification.encryption);
        if (!notification.cryptoKey.isEmpty())
            appendMember(json, "crypto_key", notification.cryptoKey);
        json.append("},\"data\":\"");
        appendBase64Url(json, notification.body);
        json.append('"');
    }
    json.append('}');
    return json;
}

Result<NodeMessage> fromNodeJson(const Uaid &uaid, QByteArrayView json)
{
    if (json.isEmpty()) // the parser would copy from a null pointer
        return Unexpected(ErrorCode::BadRequest);
    simdjson::dom::parser parser;
    object from;
    if (parser.parse(json.data(), static_cast<size_t>(json.size())).get_object().get(from)
        != simdjson::SUCCESS)
        return Unexpected(ErrorCode::BadRequest);
    NodeMembers members(from);
    NodeMessage message { .notification = {},
                          .version = MessageId(members.text("version")),
                          .predecessor = SortKey { members.number("predecessor") },
                          .connectedAt = members.number("connectedAt") };
    Notification &notification = message.notification;
    notification.uaid = uaid;
    const auto channel = parseChannelId(members.text("channelID"));
    notification.sortKey = SortKey { members.number("sortKey") };
    const std::int64_t idKey = members.number("idKey");
    const std::int64_t ttl = members.number("ttl");
    const std::int64_t timestamp = members.number("timestamp");
    notification.topic = members.text("topic");
    notification.reliabilityId = members.text("reliability_id");
    const QByteArray urgency = members.text("urgency");
    const QByteArray data = members.text("data");
    const bool named = toInt(notification.sortKey) > 0 || !message.version.text().isEmpty();
    if (!members.areGood() || !channel || !named || ttl < 0 || ttl > MaxSeconds || timestamp < 0
        || timestamp > MaxSeconds || !std::in_range<std::uint32_t>(idKey)
        || !readBody(from, data, notification))
        return Unexpected(ErrorCode::BadRequest);
    notification.channelId = *channel;
    notification.idKey = KeyMark { static_cast<std::uint32_t>(idKey) };
    notification.ttl = std::chrono::seconds(ttl);
    notification.accepted = fromSeconds(timestamp);
    notification.urgency = parseUrgency(urgency).value_or(Urgency::Normal);
    return message;
}

} // namespace Carillon
