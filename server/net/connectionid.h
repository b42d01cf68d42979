// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <cstdint>

namespace Carillon {

/// Identifies a connection of one worker by its slot and the number of earlier uses of that slot,
/// so that an answer to a closed connection never reaches another one.
struct ConnectionId
{
    std::uint32_t slot = 0;
    std::uint32_t generation = 0;
    bool operator==(const ConnectionId &) const = default;
};

} // namespace Carillon
