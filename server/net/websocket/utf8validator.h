// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArrayView>

#include <cstdint>

namespace Carillon {

/// Validates UTF-8 (RFC 3629: shortest forms, no surrogates, nothing beyond U+10FFFF) in pieces of
/// any size. A pure function of bytes. Thread: one.
class Utf8Validator
{
public:
    /// False as soon as the bytes cannot be valid, whatever follows, and from then on.
    [[nodiscard]] bool feed(QByteArrayView bytes);
    /// The last character is complete.
    [[nodiscard]] bool isComplete() const { return m_left == 0; }

private:
    [[nodiscard]] bool begin(std::uint8_t lead);

    std::uint8_t m_left = 0; // bytes of the current character to come
    std::uint8_t m_least = 0; // what the next of them may be
    std::uint8_t m_most = 0;
    bool m_failed = false;
};

} // namespace Carillon
