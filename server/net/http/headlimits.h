// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <cstdint>

namespace Carillon {

/// How large the head of a request or response may be.
struct HeadLimits
{
    /// Bytes up to and including its empty line.
    std::int64_t bytes = 16 * 1024;
    int fields = 64;
};

} // namespace Carillon
