// SPDX-License-Identifier: MPL-2.0
#include "core/message/pushheaders.h"

#include "core/crypto/base64url.h"
#include "core/crypto/headeritems.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace Carillon {
namespace {

/// Seconds, with the sign given and a size of at most limit; nullopt: not a whole number.
std::optional<std::int64_t> parseTtl(QByteArrayView text, std::int64_t limit)
{
    const bool negative = text.startsWith('-');
    if (negative || text.startsWith('+'))
        text = text.sliced(1);
    if (text.isEmpty())
        return std::nullopt;
    std::int64_t seconds = 0;
    for (const char c : text) {
        if (c < '0' || c > '9')
            return std::nullopt;
        // Once over the limit it stays there, so that no number of digits overflows.
        if (seconds <= limit)
            seconds = seconds * 10 + (c - '0');
    }
    seconds = std::min(seconds, limit);
    return negative ? -seconds : seconds;
}

bool isSafeInJson(QByteArrayView text)
{
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return c >= ' ' && c <= '~' && c != '\\' && c != '"'; });
}

/// The whole value without quotes and without '=' at the end of items.
QByteArray withoutQuotesAndPadding(QByteArrayView value)
{
    QByteArray bare;
    bare.reserve(value.size());
    const auto endItem = [&bare] {
        while (bare.endsWith(' ') || bare.endsWith('\t') || bare.endsWith('='))
            bare.chop(1);
    };
    for (const char c : value) {
        if (c == ',' || c == ';')
            endItem();
        if (c != '"')
            bare.append(c);
    }
    endItem();
    return bare.trimmed(); // a space behind a quote may stand in front now
}

/// Fills in the three fields about encryption, of a push that has a body.
Result<void> readEncryption(const RawPushHeaders &raw, PushHeaders &headers)
{
    const QByteArrayView encoding = raw.contentEncoding.trimmed();
    const auto salt = headerItem(raw.encryption, "salt");
    const auto dh = headerItem(raw.cryptoKey, "dh");
    if (encoding.isEmpty())
        return Unexpected(ErrorCode::EncodingMissing);

    if (encoding.compare("aes128gcm", Qt::CaseInsensitive) == 0) {
        if (salt)
            return Unexpected(ErrorCode::SaltNotAllowed);
        if (dh)
            return Unexpected(ErrorCode::DhNotAllowed);
        headers.encoding = Encoding::Aes128Gcm;
        return {};
    }
    if (encoding.compare("aesgcm", Qt::CaseInsensitive) != 0)
        return Unexpected(ErrorCode::EncodingUnknown);

    headers.encoding = Encoding::AesGcm;
    headers.encryption = withoutQuotesAndPadding(raw.encryption.trimmed());
    headers.cryptoKey = withoutQuotesAndPadding(raw.cryptoKey.trimmed());
    if (!salt)
        return Unexpected(ErrorCode::SaltMissing);
    // Without quotes around names another item may be the first: clients see what is judged here.
    if (!isBase64UrlText(*salt) || !isSafeInJson(headers.encryption)
        || headerItem(headers.encryption, "salt") != salt)
        return Unexpected(ErrorCode::SaltInvalid);
    if (headers.cryptoKey.isEmpty())
        return {};
    if (!dh || !isBase64UrlText(*dh) || headerItem(headers.cryptoKey, "dh") != dh)
        return Unexpected(ErrorCode::DhInvalid);
    if (!isSafeInJson(headers.cryptoKey))
        return Unexpected(ErrorCode::CryptoKeyInvalid);
    return {};
}

std::optional<QByteArray> parseTopic(QByteArrayView text)
{
    if (text.size() > MaxTopicSize)
        return std::nullopt;
    QByteArrayView name = text;
    while (name.endsWith('='))
        name.chop(1);
    if (!text.isEmpty() && !isBase64UrlText(name))
        return std::nullopt;
    return name.toByteArray();
}

} // namespace

Result<PushHeaders> parsePushHeaders(const RawPushHeaders &raw, std::chrono::seconds maxTtl)
{
    if (raw.ttl.isNull())
        return Unexpected(ErrorCode::TtlMissing);
    const auto ttl = parseTtl(raw.ttl.trimmed(), maxTtl.count());
    if (!ttl)
        return Unexpected(ErrorCode::TtlInvalid);

    PushHeaders headers;
    if (raw.hasBody) {
        if (const auto read = readEncryption(raw, headers); !read)
            return Unexpected(read.error());
    }
    if (*ttl < 0)
        return Unexpected(ErrorCode::TtlNegative);
    headers.ttl = std::chrono::seconds(*ttl);

    auto topic = parseTopic(raw.topic.trimmed());
    if (!topic)
        return Unexpected(ErrorCode::TopicInvalid);
    headers.topic = std::move(*topic);

    if (!raw.urgency.isNull()) {
        const auto urgency = parseUrgency(raw.urgency.trimmed());
        headers.urgency = urgency.value_or(Urgency::Normal);
        headers.urgencyUnknown = !urgency;
    }
    return headers;
}

} // namespace Carillon
