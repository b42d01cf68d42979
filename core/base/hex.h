// SPDX-License-Identifier: MPL-2.0
#pragma once

namespace Carillon {

/// The value of a hexadecimal digit of either case; -1: it is none.
[[nodiscard]] constexpr int hexValue(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

} // namespace Carillon
