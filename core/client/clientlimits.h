// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace Carillon {

/// Limits that the state machine enforces.
struct ClientLimits
{
    /// Unacknowledged messages in flight, and bytes of their bodies.
    int window = 128;
    std::int64_t windowBytes = 1 << 20;
    /// An application that sends pings at shorter intervals is closed with ExcessivePing.
    std::chrono::milliseconds minPingInterval { 45'000 };
    /// Stored messages sent from one backlog. When they are acknowledged and one more is stored,
    /// the client is forgotten (OnFull::Reset, autopush's msg_limit). 0: never.
    int resetAfter = 0;
    /// Messages refused with a nack that are remembered, so that they are not sent again on the
    /// connection. When there are more, the older half is forgotten and sent again.
    std::size_t keptBack = 1'024;
    /// Acknowledgements, and removed channels, remembered while a read is open. When there are
    /// more, the read is repeated.
    std::size_t whileReading = 256;
};

} // namespace Carillon
