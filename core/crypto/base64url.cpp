// SPDX-License-Identifier: MPL-2.0
#include "core/crypto/base64url.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace Carillon {
namespace {

constexpr std::uint8_t Junk = 0xFF;
using Table = std::array<std::uint8_t, 256>;

constexpr char Alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr Table makeTable(bool standardToo)
{
    Table table {};
    table.fill(Junk);
    for (std::uint8_t i = 0; i < 64; ++i)
        table[static_cast<std::uint8_t>(Alphabet[i])] = i;
    if (standardToo) {
        table['+'] = 62;
        table['/'] = 63;
    }
    return table;
}

constexpr Table UrlTable = makeTable(false);
constexpr Table LenientTable = makeTable(true);

/// The two characters of every 12 bits: half the look-ups of one for every 6, and its 8 KiB stay in
/// the cache. Twice as fast as QByteArray::toBase64().
constexpr auto Pairs = [] {
    std::array<std::array<char, 2>, 4096> pairs {};
    for (std::size_t i = 0; i < pairs.size(); ++i)
        pairs[i] = { Alphabet[i >> 6], Alphabet[i & 63] };
    return pairs;
}();

std::optional<qsizetype> decode(const Table &table, QByteArrayView text, std::uint8_t *out)
{
    const auto valueAt = [&](qsizetype i) -> unsigned {
        return table[static_cast<std::uint8_t>(text[i])];
    };
    const qsizetype rest = text.size() % 4;
    const qsizetype whole = text.size() - rest;
    std::uint8_t *to = out;
    unsigned seen = 0; // junk sets the upper two bits
    for (qsizetype i = 0; i < whole; i += 4) {
        const unsigned a = valueAt(i);
        const unsigned b = valueAt(i + 1);
        const unsigned c = valueAt(i + 2);
        const unsigned d = valueAt(i + 3);
        seen |= a | b | c | d;
        const unsigned bits = a << 18 | b << 12 | c << 6 | d;
        *to++ = static_cast<std::uint8_t>(bits >> 16);
        *to++ = static_cast<std::uint8_t>(bits >> 8);
        *to++ = static_cast<std::uint8_t>(bits);
    }
    if (rest == 1)
        return std::nullopt;
    if (rest > 1) {
        const unsigned a = valueAt(whole);
        const unsigned b = valueAt(whole + 1);
        const unsigned c = rest == 3 ? valueAt(whole + 2) : 0;
        seen |= a | b | c;
        const unsigned bits = a << 18 | b << 12 | c << 6;
        *to++ = static_cast<std::uint8_t>(bits >> 16);
        if (rest == 3)
            *to++ = static_cast<std::uint8_t>(bits >> 8);
        if ((rest == 2 ? bits & 0xFFFF : bits & 0xFF) != 0)
            return std::nullopt;
    }
    if (seen > 63)
        return std::nullopt;
    return to - out;
}

std::optional<QByteArray> decoded(const Table &table, QByteArrayView text)
{
    if (text.size() > MaxBase64Size)
        return std::nullopt;
    QByteArray bytes(text.size() / 4 * 3 + 2, Qt::Uninitialized);
    const auto size = decode(table, text, reinterpret_cast<std::uint8_t *>(bytes.data()));
    if (!size)
        return std::nullopt;
    bytes.truncate(*size);
    return bytes;
}

} // namespace

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

QByteArray toBase64Url(QByteArrayView bytes)
{
    QByteArray text;
    text.reserve(base64UrlSize(bytes.size()));
    appendBase64Url(text, bytes);
    return text;
}

QByteArray toPaddedBase64Url(QByteArrayView bytes)
{
    QByteArray text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    appendBase64Url(text, bytes);
    while (text.size() % 4 != 0)
        text.append('=');
    return text;
}

std::optional<QByteArray> fromBase64Url(QByteArrayView text)
{
    return decoded(UrlTable, text);
}

std::optional<QByteArray> fromLenientBase64(QByteArrayView text)
{
    for (int padding = 0; padding < 2 && text.endsWith('='); ++padding)
        text.chop(1);
    return decoded(LenientTable, text);
}

std::optional<qsizetype> decodeBase64Url(QByteArrayView text, std::uint8_t *out)
{
    return decode(UrlTable, text, out);
}

QByteArrayView withoutPadding(QByteArrayView text)
{
    if (text.size() % 4 != 0 || !text.endsWith('='))
        return text;
    text.chop(1);
    if (text.endsWith('='))
        text.chop(1);
    return text;
}

bool isBase64UrlText(QByteArrayView text)
{
    return !text.isEmpty() && std::all_of(text.begin(), text.end(), [](char c) {
        return UrlTable[static_cast<std::uint8_t>(c)] != Junk;
    });
}

} // namespace Carillon
