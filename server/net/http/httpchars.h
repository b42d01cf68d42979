// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArrayView>

#include <algorithm>
#include <cstdint>

// The characters of HTTP's grammar (RFC 9110 §5.5 and §5.6). Thread: any.
namespace Carillon {

[[nodiscard]] inline bool isTokenChar(char c)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
        return true;
    return c != '\0' && QByteArrayView("!#$%&'*+-.^_`|~").contains(c);
}

[[nodiscard]] inline bool isToken(QByteArrayView text)
{
    return !text.isEmpty() && std::all_of(text.begin(), text.end(), isTokenChar);
}

/// Of a field's value, a trailer's or a quoted string: visible, SP, HTAB, obs-text.
[[nodiscard]] inline bool isTextChar(char c)
{
    const auto byte = static_cast<std::uint8_t>(c);
    return byte == '\t' || (byte >= ' ' && byte != 0x7f);
}

} // namespace Carillon
