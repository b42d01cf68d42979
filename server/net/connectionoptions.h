// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/tokenbucket.h"

#include <chrono>
#include <cstdint>

namespace Carillon {

/// How many connections there may be, and how fast they may come.
struct ConnectionOptions
{
    /// 0: as many as the descriptor limit has room for.
    std::int64_t inAll = 0;
    /// 0: no limit.
    std::int64_t perAddress = 4'096;
    /// Of each listener.
    Rate acceptRate { 10'000, std::chrono::seconds(1), 10'000 };
};

} // namespace Carillon
