// SPDX-License-Identifier: MPL-2.0
#include "core/protocol/jsontext.h"

#include <cstdint>

namespace Carillon {
namespace {

constexpr char Digits[] = "0123456789abcdef";
constexpr char Replacement[] = "\xEF\xBF\xBD";

std::uint8_t byteAt(QByteArrayView text, qsizetype at)
{
    return static_cast<std::uint8_t>(text[at]);
}

bool needsCare(char c)
{
    const auto byte = static_cast<std::uint8_t>(c);
    return byte < 0x20 || byte == '"' || byte == '\\' || byte >= 0x80;
}

/// Whether a string stands in JSON as it is. Most do; a loop without branches, 16 bytes a step.
bool isPlain(QByteArrayView text)
{
    std::uint8_t care = 0;
    for (const char c : text) {
        const auto byte = static_cast<std::uint8_t>(c);
        care |= static_cast<std::uint8_t>((byte < 0x20) | (byte == '"') | (byte == '\\')
                                          | (byte >= 0x80));
    }
    return care == 0;
}

/// Length of the UTF-8 sequence (RFC 3629 §4) that begins here; 0: there is none.
qsizetype sequenceAt(QByteArrayView text, qsizetype at)
{
    const std::uint8_t lead = byteAt(text, at);
    qsizetype length = 0;
    std::uint8_t low = 0x80;
    std::uint8_t high = 0xBF;
    if (lead < 0x80) {
        return 1;
    } else if (lead >= 0xC2 && lead <= 0xDF) {
        length = 2;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
        length = 3;
        low = lead == 0xE0 ? 0xA0 : 0x80; // no overlong forms,
        high = lead == 0xED ? 0x9F : 0xBF; // no surrogates,
    } else if (lead >= 0xF0 && lead <= 0xF4) {
        length = 4;
        low = lead == 0xF0 ? 0x90 : 0x80;
        high = lead == 0xF4 ? 0x8F : 0xBF; // nothing past U+10FFFF
    }
    if (length == 0 || at + length > text.size())
        return 0;
    for (qsizetype i = 1; i < length; ++i) {
        const std::uint8_t next = byteAt(text, at + i);
        if (next < low || next > high)
            return 0;
        low = 0x80;
        high = 0xBF;
    }
    return length;
}

/// Hands the string in JSON to `take`, piece by piece, without its quotes.
template<typename Take> void escape(QByteArrayView text, Take take)
{
    qsizetype plain = 0; // start of what needs no change
    qsizetype at = 0;
    while (at < text.size()) {
        if (!needsCare(text[at])) {
            ++at;
            continue;
        }
        const qsizetype length = sequenceAt(text, at);
        if (length > 1) {
            at += length;
            continue;
        }
        take(text.sliced(plain, at - plain));
        const std::uint8_t byte = byteAt(text, at);
        if (length == 0) {
            take(QByteArrayView(Replacement, 3));
        } else if (byte == '"' || byte == '\\') {
            const char escaped[] = { '\\', text[at] };
            take(QByteArrayView(escaped, 2));
        } else {
            const char escaped[] = { '\\', 'u', '0', '0', Digits[byte >> 4], Digits[byte & 0xF] };
            take(QByteArrayView(escaped, 6));
        }
        plain = ++at;
    }
    take(text.sliced(plain));
}

} // namespace

qsizetype jsonStringSize(QByteArrayView text)
{
    if (isPlain(text))
        return text.size() + 2;
    qsizetype size = 2;
    escape(text, [&size](QByteArrayView piece) { size += piece.size(); });
    return size;
}

void appendJsonString(QByteArray &json, QByteArrayView text)
{
    json.append('"');
    if (isPlain(text))
        json.append(text);
    else
        escape(text, [&json](QByteArrayView piece) { json.append(piece); });
    json.append('"');
}

} // namespace Carillon
