// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/net/http/headlimits.h"

#include <chrono>
#include <cstdint>

namespace Carillon {

/// The limits that every listener enforces (design.md §7).
struct TransportLimits
{
    HeadLimits head {};
    std::int64_t webSocketMessageBytes = 64 * 1024;
    /// A WebSocket client with more unsent output than this is closed as a slow reader.
    std::int64_t webSocketOutputBytes = 4 * 1024 * 1024;
    std::chrono::milliseconds headTimeout { 10'000 };
    std::chrono::milliseconds bodyTimeout { 30'000 };
    std::chrono::milliseconds idleTimeout { 75'000 };
    /// From the server's Close frame to the end of the TCP connection.
    std::chrono::milliseconds closeTimeout { 2'000 };
    /// How long idle connections stay open after listening ends, for requests already sent.
    std::chrono::milliseconds stopGrace { 50 };
};

} // namespace Carillon
