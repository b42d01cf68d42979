// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/histogram.h"
#include "core/storage/storage.h"

#include <QString>

#include <chrono>
#include <cstdint>
#include <vector>

namespace Carillon {

/// What a storage has done since it was opened, and how it is now.
struct StorageStats
{
    // Writes that were asked for, those of them that an ack spared, and those refused because too
    // many were queued.
    std::uint64_t asked = 0;
    std::uint64_t spared = 0;
    std::uint64_t refused = 0;
    // What waits.
    std::size_t queuedWrites = 0;
    std::size_t waitingForAck = 0;
    std::int64_t queuedBytes = 0;
    /// Of the write that has waited longest, less at most the time since the last look.
    std::chrono::microseconds oldestWrite {};
    std::size_t queuedReads = 0;
    // Transactions that were tried, those of them that failed, and the writes in the others.
    std::uint64_t batches = 0;
    std::uint64_t failedBatches = 0;
    std::uint64_t writes = 0;
    // Of those that were committed: writes in each, and time that it took, in microseconds; by the
    // bounds of HistogramMetric.
    HistogramValue batchWrites;
    HistogramValue batchDurations;
    // Room: what the database takes, what is free on its disk, whether new messages are refused.
    std::int64_t bytes = 0;
    std::int64_t freeDisk = 0;
    bool isFull = false;
    // Of a write-ahead log that the server keeps short itself; 0 where there is none.
    std::uint64_t checkpoints = 0;
    std::uint64_t logRestarts = 0;
    std::chrono::microseconds longestLogRestart {};
};

/// A storage that outlives the process: what a server has to see to besides its calls.
/// Thread: any, unless a function says otherwise.
class DurableStorage : public Storage
{
public:
    [[nodiscard]] virtual StorageStats stats() const = 0;

    /// Remembers the time of the clock that it was opened with, and makes a leap of it that is due.
    /// To be called every minute: what the database does not know of is lost when the machine is
    /// started again.
    virtual void keepClock(Completion<void> done) = 0;

    /// Remembers the fingerprints of crypto keys that come into force. Refused where none of the
    /// clients' endpoints could be opened with them. The error is a sentence for the operator.
    /// Thread: waits for the database.
    [[nodiscard]] virtual Result<void, QString>
    rememberKeys(const std::vector<std::int64_t> &fingerprints) = 0;

    /// From this time on nothing waits for others who hold the database: what cannot be written at
    /// once fails, now and at destruction.
    virtual void finishBy(Instant when) = 0;
};

} // namespace Carillon
