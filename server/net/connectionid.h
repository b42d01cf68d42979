// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <cstdint>

namespace Carillon {

/// Names a connection of one worker: a slot and how often that slot was used before, so that an
/// answer for a connection that is gone reaches nobody else.
struct ConnectionId
{
    std::uint32_t slot = 0;
    std::uint32_t generation = 0;
    bool operator==(const ConnectionId &) const = default;
};

} // namespace Carillon
