// SPDX-License-Identifier: MPL-2.0
// The header fields of a push, one "name: value" on each line; a line "body" says that there is
// one.
#include "core/message/pushheaders.h"
#include "core/crypto/base64url.h"
#include "core/crypto/headeritems.h"
#include "tests/fuzz/fuzz.h"

#include <QJsonArray>
#include <QJsonDocument>

namespace Carillon::Fuzz {
namespace {

constexpr std::chrono::seconds Month { 2'592'000 };

RawPushHeaders headersOf(QByteArrayView input)
{
    RawPushHeaders raw;
    const std::pair<QByteArrayView, QByteArrayView *> fields[] = {
        { "ttl", &raw.ttl },
        { "topic", &raw.topic },
        { "urgency", &raw.urgency },
        { "content-encoding", &raw.contentEncoding },
        { "encryption", &raw.encryption },
        { "crypto-key", &raw.cryptoKey },
    };
    while (!input.isEmpty()) {
        const QByteArrayView line = takeLine(input);
        raw.hasBody = raw.hasBody || line == "body";
        const qsizetype colon = line.indexOf(':');
        for (const auto &[name, value] : fields) {
            if (colon > 0 && line.first(colon).compare(name, Qt::CaseInsensitive) == 0)
                *value = line.sliced(colon + 1);
        }
    }
    return raw;
}

void requireStandsInJson(const QByteArray &text)
{
    const QJsonDocument json = QJsonDocument::fromJson("[\"" + text + "\"]");
    require(json.isArray() && json.array().size() == 1
                && json.array().first().toString().toUtf8() == text,
            "what clients are sent stands in JSON as it is");
}

void checkEncryption(const RawPushHeaders &raw, const PushHeaders &headers)
{
    if (headers.encoding != Encoding::AesGcm) {
        require(headers.encryption.isNull() && headers.cryptoKey.isNull(),
                "only aesgcm has encryption headers");
        return;
    }
    requireStandsInJson(headers.encryption);
    requireStandsInJson(headers.cryptoKey);
    const auto salt = headerItem(headers.encryption, "salt");
    require(salt && isBase64UrlText(*salt) && salt == headerItem(raw.encryption, "salt"),
            "clients see the salt that was judged");
    const auto dh = headerItem(headers.cryptoKey, "dh");
    require(headers.cryptoKey.isEmpty()
                || (dh && isBase64UrlText(*dh) && dh == headerItem(raw.cryptoKey, "dh")),
            "clients see the key that was judged");
}

/// The same headers in the words that storage keeps.
PushHeaders reread(const PushHeaders &headers)
{
    const QByteArray ttl = QByteArray::number(qint64(headers.ttl.count()));
    const RawPushHeaders raw { .ttl = ttl,
                               .topic = headers.topic,
                               .urgency = urgencyName(headers.urgency),
                               .contentEncoding = encodingName(headers.encoding),
                               .encryption = headers.encryption,
                               .cryptoKey = headers.cryptoKey,
                               .hasBody = headers.encoding != Encoding::None };
    const auto again = parsePushHeaders(raw, Month);
    require(again.has_value(), "headers that are written again are taken");
    return *again;
}

} // namespace

void check(QByteArrayView input)
{
    const RawPushHeaders raw = headersOf(input);
    for (const QByteArrayView list : { raw.encryption, raw.cryptoKey }) {
        for (const QByteArrayView name : { "salt", "dh", "p256ecdsa" }) {
            const auto item = headerItem(list, name);
            require(!item || (item->begin() >= list.begin() && item->end() <= list.end()),
                    "an item is a part of its list");
        }
    }
    const auto headers = parsePushHeaders(raw, Month);
    const auto capped = parsePushHeaders(raw, std::chrono::seconds(7));
    require(headers.has_value() == capped.has_value(), "the cap of the TTL refuses nothing");
    if (!headers)
        return;
    require(headers->ttl.count() >= 0 && headers->ttl <= Month, "the TTL is within its cap");
    require(capped->ttl == std::min(headers->ttl, std::chrono::seconds(7)), "the cap is a cap");
    require((headers->encoding != Encoding::None) == raw.hasBody, "a body has an encoding");
    require(headers->topic.isEmpty() || isBase64UrlText(headers->topic), "a topic is base64url");
    require(headers->topic.size() <= MaxTopicSize, "a topic is within its limit");
    require(!headers->urgencyUnknown || headers->urgency == Urgency::Normal,
            "an unknown urgency is normal");
    checkEncryption(raw, *headers);

    const PushHeaders again = reread(*headers);
    require(again.ttl == headers->ttl && again.topic == headers->topic
                && again.urgency == headers->urgency && again.encoding == headers->encoding
                && again.encryption == headers->encryption && again.cryptoKey == headers->cryptoKey,
            "headers that are written again are the same");
}

} // namespace Carillon::Fuzz
