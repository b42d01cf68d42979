// SPDX-License-Identifier: MPL-2.0
// Message ids: the input as an id, as a plain text sealed with our key (as autopush would have),
// and as what an id names.
#include "core/message/messageid.h"
#include "core/message/notification.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/keyring.h"

#include <QtEndian>

#include <algorithm>
#include <limits>

namespace Carillon::Fuzz {
namespace {

const MessageIds &ids()
{
    static const MessageIds ids { keyring() };
    return ids;
}

/// A name names the message whose id, as we make it, is this text; and no other.
void checkName(const MessageName &name, QByteArrayView text, SortKey key)
{
    if (name.keyIndex != 0)
        return; // we make ids with the first key only
    const MessageId made = ids().make(name.uaid, name.channelId, name.topic, key);
    const auto withPadding = [](QByteArrayView id) {
        QByteArray padded = id.toByteArray();
        while (padded.size() % 4 != 0)
            padded.append('=');
        return padded;
    };
    require(ids().names(name, key) == (made.text() == withPadding(text)),
            "an id names the message that has this id");
}

void checkAsText(QByteArrayView text)
{
    const auto opened = openSealed(text);
    const auto name = ids().read(text);
    require(opened || !name, "only what we sealed is an id");
    if (!name)
        return;
    QByteArray canonical = name->topic.isEmpty() ? "02:" : "01:";
    canonical += toHex(name->uaid) + ':' + toHex(name->channelId) + ':';
    require(name->topic.isEmpty() == name->sortKey.has_value(), "an id has a topic or a sort key");
    require(name->topic.size() <= MaxTopicSize, "a topic is within its limit");
    // Ids in the text may be dashed and in capitals; a number may have zeros in front.
    require(opened->plain.startsWith(canonical.first(3)), "the form is the same");
    const SortKey seconds { std::clamp<std::int64_t>(name->seconds, 0, 9'000'000'000'000)
                            * 1'000'000 };
    checkName(*name, text, name->sortKey.value_or(seconds));
}

void checkAsPlain(QByteArrayView input)
{
    Fernet::Iv iv {};
    Dice dice(input);
    for (std::uint8_t &byte : iv)
        byte = static_cast<std::uint8_t>(dice.below(256));
    const auto seconds = static_cast<std::int64_t>(dice.below(std::size_t { 1 } << 63));
    const QByteArray sealed = keyring().encryptWith(input, seconds, iv);
    if (sealed.size() <= Fernet::MaxTokenSize)
        checkAsText(sealed);
    else
        require(!ids().read(sealed), "no id is longer than its limit");
}

void checkAsName(QByteArrayView input)
{
    constexpr qsizetype NamesSize = 16 + 16 + 8;
    QByteArray bytes = input.first(std::min(input.size(), NamesSize)).toByteArray();
    bytes.resize(NamesSize, '\0');
    const Uaid uaid = Uaid::fromRaw(QByteArrayView(bytes).first(16));
    const ChannelId channel = ChannelId::fromRaw(QByteArrayView(bytes).sliced(16, 16));
    const SortKey key { qFromBigEndian<std::int64_t>(bytes.constData() + 32)
                        & std::numeric_limits<std::int64_t>::max() };
    const QByteArray topic = input.toByteArray().mid(NamesSize, MaxTopicSize);

    const MessageId id = ids().make(uaid, channel, topic, key);
    require(ids().make(uaid, channel, topic, key) == id, "an id follows from its message");
    const auto name = ids().read(id.text());
    require(name && name->uaid == uaid && name->channelId == channel && name->topic == topic,
            "an id says what it was made of");
    require(name->sortKey == (topic.isEmpty() ? std::optional(key) : std::nullopt),
            "the sort key stands in ids without a topic");
    require(ids().names(*name, key), "an id names its message");
    require(!ids().names(*name, SortKey { toInt(key) ^ 1 }), "and not the one beside it");
    checkAsText(id.text());
    Dice dice(input);
    requireNoneBeside(id.text(), dice.below(1'000), static_cast<char>(dice.below(256)));
}

} // namespace

void check(QByteArrayView input)
{
    checkAsText(input);
    checkAsPlain(input);
    checkAsName(input);
}

} // namespace Carillon::Fuzz
