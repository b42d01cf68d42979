// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <cstdint>

namespace Carillon {

/// How much of the bytes sent to a peer, all headers and TLS included, it has acknowledged.
struct OutputProgress
{
    /// Bytes that the peer's TCP has acknowledged since the connection began.
    std::int64_t taken = 0;
    /// Bytes not yet acknowledged, sent or still buffered.
    std::int64_t waiting = 0;
};

/// Asks the kernel about a connected TCP socket. A peer that does not read acknowledges no more
/// than its receive buffer holds.
[[nodiscard]] OutputProgress outputProgress(int descriptor);

} // namespace Carillon
