// SPDX-License-Identifier: MPL-2.0
#include "core/protocol/nodemessage.h"

#include "core/crypto/base64url.h"
#include "core/protocol/jsontext.h"

#include <simdjson.h>

#include <array>
#include <string_view>

namespace Carillon {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::array<QByteArrayView, 4> UrgencyNames { "very-low", "low", "normal", "high" };

QByteArrayView encodingName(Encoding encoding)
{
    return encoding == Encoding::AesGcm ? QByteArrayView("aesgcm") : QByteArrayView("aes128gcm");
}

void appendMember(QByteArray &json, QByteArrayView name, QByteArrayView value)
{
    json.append(",\"").append(name).append("\":");
    appendJsonString(json, value);
}

/// A string member; null if it is absent, null or of another type.
QByteArray text(const object &from, std::string_view name)
{
    std::string_view value;
    if (from.at_key(name).get_string().get(value) != simdjson::SUCCESS)
        return {};
    return QByteArray(value.data(), static_cast<qsizetype>(value.size()));
}

std::optional<std::int64_t> number(const object &from, std::string_view name)
{
    std::int64_t value = 0;
    if (from.at_key(name).get_int64().get(value) != simdjson::SUCCESS)
        return std::nullopt;
    return value;
}

bool readBody(const object &from, Notification &message)
{
    const QByteArray data = text(from, "data");
    if (data.isEmpty())
        return true;
    const auto body = fromBase64Url(withoutPadding(data));
    object headers;
    if (!body || from.at_key("headers").get_object().get(headers) != simdjson::SUCCESS)
        return false;
    message.body = *body;
    const QByteArray encoding = text(headers, "encoding");
    if (encoding == "aes128gcm")
        message.encoding = Encoding::Aes128Gcm;
    else if (encoding == "aesgcm")
        message.encoding = Encoding::AesGcm;
    else
        return false;
    message.encryption = text(headers, "encryption");
    message.cryptoKey = text(headers, "crypto_key");
    return true;
}

} // namespace

QByteArray toNodeJson(const Notification &notification)
{
    QByteArray json;
    json.reserve(notification.body.size() * 4 / 3 + 512);
    json.append("{\"channelID\":\"").append(toDashed(notification.channelId));
    json.append("\",\"ttl\":").append(QByteArray::number(notification.ttl.count()));
    json.append(",\"timestamp\":").append(QByteArray::number(toSeconds(notification.accepted)));
    json.append(",\"sortKey\":").append(QByteArray::number(toInt(notification.sortKey)));
    appendMember(json, "urgency", UrgencyNames[static_cast<std::size_t>(notification.urgency)]);
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
        json.append("},\"data\":\"").append(toBase64Url(notification.body)).append('"');
    }
    json.append('}');
    return json;
}

Result<NodeMessage> fromNodeJson(const Uaid &uaid, QByteArrayView json)
{
    simdjson::dom::parser parser;
    object from;
    if (parser.parse(json.data(), static_cast<size_t>(json.size())).get_object().get(from)
        != simdjson::SUCCESS)
        return Unexpected(ErrorCode::BadRequest);
    const auto channel = parseChannelId(text(from, "channelID"));
    const auto ttl = number(from, "ttl");
    NodeMessage message { .notification = {}, .version = MessageId(text(from, "version")) };
    Notification &notification = message.notification;
    notification.uaid = uaid;
    notification.sortKey = SortKey { number(from, "sortKey").value_or(0) };
    const bool named = toInt(notification.sortKey) > 0 || !message.version.text().isEmpty();
    if (!channel || !named || ttl.value_or(0) < 0 || !readBody(from, notification))
        return Unexpected(ErrorCode::BadRequest);
    notification.channelId = *channel;
    notification.ttl = std::chrono::seconds(ttl.value_or(0));
    notification.topic = text(from, "topic");
    notification.accepted = fromSeconds(number(from, "timestamp").value_or(0));
    notification.reliabilityId = text(from, "reliability_id");
    const QByteArray urgency = text(from, "urgency");
    for (std::size_t i = 0; i < UrgencyNames.size(); ++i) {
        if (urgency == UrgencyNames[i])
            notification.urgency = static_cast<Urgency>(i);
    }
    return message;
}

} // namespace Carillon
