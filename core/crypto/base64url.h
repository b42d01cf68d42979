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

/// Longest text that the decoders which allocate take.
inline constexpr qsizetype MaxBase64Size = 1 << 20;

/// How long the text of so many bytes is, without padding.
[[nodiscard]] constexpr qsizetype base64UrlSize(qsizetype bytes)
{
    return (bytes * 4 + 2) / 3;
}
/// Appends the text of bytes, without padding. For hot paths: allocates nothing where there is
/// room.
void appendBase64Url(QByteArray &text, QByteArrayView bytes);
[[nodiscard]] QByteArray toBase64Url(QByteArrayView bytes);
/// The same with '=' up to a multiple of four.
[[nodiscard]] QByteArray toPaddedBase64Url(QByteArrayView bytes);

/// Reads exactly what toBase64Url() writes.
[[nodiscard]] std::optional<QByteArray> fromBase64Url(QByteArrayView text);
/// Reads also the standard alphabet (+ /) and any of the padding at the end, as keys from senders
/// and their tools come.
[[nodiscard]] std::optional<QByteArray> fromLenientBase64(QByteArrayView text);

/// As fromBase64Url(), into out, which has room for text.size() / 4 * 3 + 2 bytes; gives the number
/// written. For hot paths: allocates nothing.
[[nodiscard]] std::optional<qsizetype> decodeBase64Url(QByteArrayView text, std::uint8_t *out);

/// Without the '=' that make the length a multiple of four; as given if they do not.
[[nodiscard]] QByteArrayView withoutPadding(QByteArrayView text);

/// Whether text is one or more characters of the URL alphabet; its length is not judged.
[[nodiscard]] bool isBase64UrlText(QByteArrayView text);

} // namespace Carillon
