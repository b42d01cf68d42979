// SPDX-License-Identifier: MPL-2.0
#include "core/base/ids.h"

#include "core/base/hex.h"

#include <QUuid>

#include <algorithm>

namespace Carillon {
namespace {

constexpr qsizetype HexSize = 32;
constexpr qsizetype DashedSize = 36;
constexpr char Digits[] = "0123456789abcdef";

bool hasDashAfter(qsizetype byte)
{
    return byte == 3 || byte == 5 || byte == 7 || byte == 9;
}

template<typename Id> QByteArray write(const Id &id, bool dashed)
{
    QByteArray text;
    text.reserve(DashedSize);
    for (qsizetype i = 0; i < Id::Size; ++i) {
        const auto byte = id.bytes()[static_cast<size_t>(i)];
        text.append(Digits[byte >> 4]);
        text.append(Digits[byte & 0xF]);
        if (dashed && hasDashAfter(i))
            text.append('-');
    }
    return text;
}

template<typename Id> std::optional<Id> parse(QByteArrayView text)
{
    if (text.size() != HexSize && text.size() != DashedSize)
        return std::nullopt;
    const bool dashed = text.size() == DashedSize;
    typename Id::Bytes bytes;
    qsizetype at = 0;
    for (qsizetype i = 0; i < Id::Size; ++i) {
        const int high = hexValue(text[at]);
        const int low = hexValue(text[at + 1]);
        if (high < 0 || low < 0)
            return std::nullopt;
        bytes[static_cast<size_t>(i)] = static_cast<std::uint8_t>(high << 4 | low);
        at += 2;
        if (dashed && hasDashAfter(i) && text[at++] != '-')
            return std::nullopt;
    }
    return Id(bytes);
}

} // namespace

Uaid newUaid()
{
    return Uaid::fromRaw(QUuid::createUuid().toRfc4122());
}

Uaid newUaid(UaidPrefix prefix)
{
    Uaid::Bytes bytes = newUaid().bytes();
    std::ranges::copy(prefix, bytes.begin());
    return Uaid(bytes);
}

UaidPrefix prefixOf(const Uaid &uaid)
{
    return { uaid.bytes()[0], uaid.bytes()[1] };
}

QByteArray toHex(const Uaid &id)
{
    return write(id, false);
}

QByteArray toHex(const ChannelId &id)
{
    return write(id, false);
}

QByteArray toDashed(const ChannelId &id)
{
    return write(id, true);
}

QByteArray toDashed(const Uaid &id)
{
    return write(id, true);
}

QByteArray shortened(const Uaid &id)
{
    return write(id, false).left(8);
}

std::optional<Uaid> parseUaid(QByteArrayView text)
{
    return parse<Uaid>(text);
}

std::optional<ChannelId> parseChannelId(QByteArrayView text)
{
    return parse<ChannelId>(text);
}

std::optional<ChannelId> parseDashedChannelId(QByteArrayView text)
{
    if (text.size() != DashedSize)
        return std::nullopt;
    for (const char c : text) {
        if (c >= 'A' && c <= 'F')
            return std::nullopt;
    }
    return parse<ChannelId>(text);
}

} // namespace Carillon
