// SPDX-License-Identifier: MPL-2.0
#include "core/message/messageid.h"

#include <QtEndian>

#include <algorithm>

namespace Carillon {
namespace {

constexpr qsizetype MaxTopicSize = 32;
constexpr std::int64_t MicrosecondsPerSecond = 1'000'000;
constexpr QByteArrayView PlainForm = "02";
constexpr QByteArrayView TopicForm = "01";

std::int64_t secondsOf(SortKey key)
{
    return toInt(key) / MicrosecondsPerSecond;
}

Fernet::Iv ivFor(const Fernet &fernet, size_t keyIndex, const Uaid &uaid, const ChannelId &channel,
                 QByteArrayView topic, SortKey key)
{
    QByteArray data;
    data.reserve(Uaid::Size + ChannelId::Size + qsizetype(sizeof(std::int64_t)) + topic.size());
    data.append(uaid.raw()).append(channel.raw());
    char number[sizeof(std::int64_t)];
    qToBigEndian(toInt(key), number);
    data.append(number, sizeof number).append(topic);
    const auto tag = fernet.tag(keyIndex, data);
    Fernet::Iv iv;
    std::copy_n(tag.begin(), iv.size(), iv.begin());
    return iv;
}

/// Cuts off and gives what stands before the next ':', or all that is left.
QByteArrayView takePart(QByteArrayView &rest)
{
    const qsizetype colon = rest.indexOf(':');
    const QByteArrayView part = colon < 0 ? rest : rest.first(colon);
    rest = colon < 0 ? QByteArrayView() : rest.sliced(colon + 1);
    return part;
}

std::optional<SortKey> parseSortKey(QByteArrayView text)
{
    const bool digits = !text.isEmpty()
        && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    bool ok = false;
    const qlonglong number = digits ? text.toByteArray().toLongLong(&ok) : 0;
    if (!ok)
        return std::nullopt;
    return SortKey { number };
}

} // namespace

MessageId MessageIds::make(const Uaid &uaid, const ChannelId &channel, QByteArrayView topic,
                           SortKey key) const
{
    QByteArray plain;
    plain.reserve(3 + 33 + 33 + MaxTopicSize);
    plain.append(topic.isEmpty() ? PlainForm : TopicForm).append(':');
    plain.append(toHex(uaid)).append(':').append(toHex(channel)).append(':');
    if (topic.isEmpty())
        plain.append(QByteArray::number(qlonglong { toInt(key) }));
    else
        plain.append(topic);
    return MessageId(
        m_fernet.encryptWith(plain, secondsOf(key), ivFor(m_fernet, 0, uaid, channel, topic, key)));
}

std::optional<MessageName> MessageIds::read(QByteArrayView text) const
{
    const auto opened = m_fernet.open(text);
    if (!opened)
        return std::nullopt;
    QByteArrayView rest = opened->plain;
    const QByteArrayView form = takePart(rest);
    const auto uaid = parseUaid(takePart(rest));
    const auto channel = parseChannelId(takePart(rest));
    if (!uaid || !channel || rest.isEmpty())
        return std::nullopt;

    MessageName name { *uaid, *channel, {}, {}, opened->keyIndex, opened->seconds, opened->iv };
    if (form == PlainForm) {
        name.sortKey = parseSortKey(rest);
        if (!name.sortKey)
            return std::nullopt;
    } else if (form == TopicForm && rest.size() <= MaxTopicSize) {
        name.topic = rest.toByteArray();
    } else {
        return std::nullopt;
    }
    return name;
}

bool MessageIds::names(const MessageName &name, SortKey key) const
{
    if (name.sortKey && *name.sortKey != key)
        return false;
    return name.seconds == secondsOf(key)
        && name.iv == ivFor(m_fernet, name.keyIndex, name.uaid, name.channelId, name.topic, key);
}

} // namespace Carillon
