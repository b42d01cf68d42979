// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <cstdint>

namespace Carillon {

/// How far a peer is with what it was sent, all headers and TLS included.
struct OutputProgress
{
    /// Bytes that its TCP has acknowledged since the connection began.
    std::int64_t taken = 0;
    /// Bytes that it has not, wherever they are.
    std::int64_t waiting = 0;
};

/// What the kernel knows of a connected TCP socket. A peer that does not read acknowledges only
/// what its own buffers hold.
[[nodiscard]] OutputProgress outputProgress(int descriptor);

} // namespace Carillon
