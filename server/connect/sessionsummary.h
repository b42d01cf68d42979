// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "core/base/errorcode.h"
#include "core/base/ids.h"

#include <QByteArrayView>

#include <chrono>
#include <cstdint>
#include <optional>

namespace Carillon {

/// What happened on a client's connection. Small: every client has one.
struct SessionCounts
{
    using Seconds = std::chrono::duration<std::uint32_t>;

    /// Messages sent as they came from their senders, from storage, and as other processes handed
    /// them over.
    std::uint32_t direct = 0;
    std::uint32_t stored = 0;
    std::uint32_t handedOver = 0;
    std::uint32_t acknowledged = 0;
    std::uint32_t refused = 0;
    std::uint32_t registers = 0;
    std::uint32_t unregisters = 0;
    /// When the connection was opened, by the clock of Instant.
    Seconds opened {};
    bool isNew = false; ///< its UAID was made for this connection

    [[nodiscard]] static Seconds secondsOf(Instant now)
    {
        return std::chrono::duration_cast<Seconds>(now.time_since_epoch());
    }
};

/// Logs the line of a client's session that has ended, in the category carillon.sessions. why: why
/// the server has closed the connection; absent: the client or the network has ended it.
void logSession(const Uaid &uaid, const SessionCounts &counts, QByteArrayView userAgent,
                std::optional<ErrorCode> why);

} // namespace Carillon
