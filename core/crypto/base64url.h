// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArray>
#include <QByteArrayView>

#include <cstdint>
#include <optional>

// base64 as RFC 4648 §5 has it: the alphabet A–Z a–z 0–9 - _, and no padding unless said.
// All decoders refuse other characters, a length no encoder makes, and bits behind the last byte
// that are not zero, so that one value has one spelling. Thread: any.
namespace Carillon {

/// Maximum length of text that the allocating decoders accept.
inline constexpr qsizetype MaxBase64Size = 1 << 20;

/// Length of the text for this number of bytes, without padding.
[[nodiscard]] constexpr qsizetype base64UrlSize(qsizetype bytes)
{
    return (bytes * 4 + 2) / 3;
}
/// Appends the text of bytes, without padding. For hot paths: does not allocate if there is room.
void appendBase64Url(QByteArray &text, QByteArrayView bytes);
[[nodiscard]] QByteArray toBase64Url(QByteArrayView bytes);
/// The same with '=' up to a multiple of four.
[[nodiscard]] QByteArray toPaddedBase64Url(QByteArrayView bytes);

/// Reads exactly what toBase64Url() writes.
[[nodiscard]] std::optional<QByteArray> fromBase64Url(QByteArrayView text);
/// Also accepts the standard alphabet (+ /) and padding at the end, because senders and their tools
/// write keys in this way.
[[nodiscard]] std::optional<QByteArray> fromLenientBase64(QByteArrayView text);

/// As fromBase64Url(), into out, which has room for text.size() / 4 * 3 + 2 bytes; returns the
/// number of bytes written. For hot paths: does not allocate.
[[nodiscard]] std::optional<qsizetype> decodeBase64Url(QByteArrayView text, std::uint8_t *out);

/// Removes the '=' that make the length a multiple of four; other text is returned unchanged.
[[nodiscard]] QByteArrayView withoutPadding(QByteArrayView text);

/// Whether text is one or more characters of the URL alphabet; the length is not checked.
[[nodiscard]] bool isBase64UrlText(QByteArrayView text);

} // namespace Carillon
