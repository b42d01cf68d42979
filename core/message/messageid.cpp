// SPDX-License-Identifier: MPL-2.0
#include "core/message/messageid.h"

#include "core/message/notification.h"

#include <QtEndian>

#include <algorithm>
#include <array>
#include <charconv>

namespace Carillon {
namespace {

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

/// The text of an id in the making, on the stack: ids are made for every delivery.
class PlainText
{
public:
    void put(QByteArrayView text) { m_end = std::copy(text.begin(), text.end(), m_end); }
    void putHex(QByteArrayView raw)
    {
        static constexpr char Digits[] = "0123456789abcdef";
        for (const char c : raw) {
            const auto byte = static_cast<std::uint8_t>(c);
            *m_end++ = Digits[byte >> 4];
            *m_end++ = Digits[byte & 0xF];
        }
    }
    void putNumber(std::int64_t number)
    {
        m_end = std::to_chars(m_end, m_buffer.data() + m_buffer.size(), number).ptr;
    }
    [[nodiscard]] QByteArrayView view() const
    {
        return { m_buffer.data(), m_end - m_buffer.data() };
    }

private:
    // Form, two ids, three colons, and a topic or the digits of a number.
    std::array<char, 2 + 32 + 32 + 3 + MaxTopicSize> m_buffer;
    char *m_end = m_buffer.data();
};

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
                           SortKey key, KeyMark idKey) const
{
    const size_t keyIndex = m_fernet.find(idKey).value_or(0);
    PlainText plain;
    plain.put(topic.isEmpty() ? PlainForm : TopicForm);
    plain.put(":");
    plain.putHex(uaid.raw());
    plain.put(":");
    plain.putHex(channel.raw());
    plain.put(":");
    if (topic.isEmpty())
        plain.putNumber(toInt(key));
    else
        plain.put(topic.first(std::min(topic.size(), MaxTopicSize)));
    return MessageId(m_fernet.encryptWith(plain.view(), secondsOf(key),
                                          ivFor(m_fernet, keyIndex, uaid, channel, topic, key),
                                          keyIndex));
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
