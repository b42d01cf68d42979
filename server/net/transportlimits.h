// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/net/http/headlimits.h"

#include <chrono>
#include <cstdint>

namespace Carillon {

/// What every listener holds its peers to (design.md §7).
struct TransportLimits
{
    HeadLimits head {};
    std::int64_t webSocketMessageBytes = 64 * 1024;
    /// Output waiting for one WebSocket client above which it is closed as a slow reader.
    std::int64_t webSocketOutputBytes = 4 * 1024 * 1024;
    std::chrono::milliseconds headTimeout { 10'000 };
    std::chrono::milliseconds bodyTimeout { 30'000 };
    std::chrono::milliseconds idleTimeout { 75'000 };
    /// From our Close frame to the end of TCP.
    std::chrono::milliseconds closeTimeout { 2'000 };
    /// After the end of listening, for requests that are on their way.
    std::chrono::milliseconds stopGrace { 50 };
};

} // namespace Carillon
