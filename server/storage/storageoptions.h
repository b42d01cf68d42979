// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/storage/storage.h"

#include <chrono>
#include <cstdint>

namespace Carillon {

/// What all that is stored may take together.
struct SpaceLimits
{
    /// Of the database without its free pages; 0: no bound.
    std::int64_t maxBytes = 0;
    /// That stays free on its disk; 0: none.
    std::int64_t minFreeDisk = 0;
};

/// What an operator sets of storage.
struct StorageOptions
{
    /// Whether a commit waits for the disk (SQLite's synchronous=FULL), so that it survives power
    /// loss. If not, it survives a crash of the process, but power loss may take the last ones.
    bool fullSync = true;
    QueueLimits limits;
    SpaceLimits space { .maxBytes = 0, .minFreeDisk = 256 << 20 };
    /// After which a client that was not seen counts as gone.
    std::chrono::seconds clientLifetime = std::chrono::days(60);
    /// How long a message that is being sent waits for its ack before it is written. Measured one
    /// at a time (tests/bench/storagebench): an ack within it spares two commits, 0.6 ms CPU and
    /// the wait for the disk; without one the answer comes some 4 ms later than with 0.
    std::chrono::milliseconds ackWait { 5 };
    /// Size of SQLite's write-ahead log from which on it is restarted.
    std::int64_t walLimit = 64 << 20;
};

} // namespace Carillon
