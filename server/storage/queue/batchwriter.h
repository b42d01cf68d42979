// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/histogram.h"
#include "core/base/logthrottle.h"
#include "server/storage/queue/batchtransaction.h"
#include "server/storage/queue/outagelog.h"

#include <atomic>
#include <thread>

namespace Carillon {

struct BatchWriterOptions
{
    BatchTransactionOptions transaction;
    /// As top -H shows it.
    const char *threadName = "writer";
};

/// Does what the queue gives out, batch by batch, each in one transaction (group commit): while one
/// is committed the next gathers. What is tried again when that fails:
///
/// - a write that breaks a rule: the batch, with each write undone alone, so that only this fails;
/// - others hold the database: nothing; the whole batch fails, and the next one simply tries again;
/// - there is no room, or the connection is broken: what only takes away, as that may still succeed
///   and gain room; the rest fails.
///
/// The log has a line when an outage begins and one when it ends.
/// Owns: its thread. Thread: addTo() any.
class BatchWriter
{
public:
    BatchWriter(WriteConnection &connection, WriteQueue &queue, const Clock &clock,
                BatchWriterOptions options);
    /// The queue has to be stopped; what it still gives out is written, or fails where the database
    /// cannot be written by the deadline of its connections.
    ~BatchWriter();
    BatchWriter(const BatchWriter &) = delete;
    BatchWriter &operator=(const BatchWriter &) = delete;

    void addTo(StorageStats &stats) const;

private:
    using Part = BatchTransaction::Part;
    using Grouping = BatchTransaction::Grouping;

    void run();
    void countCommitted(const WriteQueue::Batch &batch, Instant begun);
    [[nodiscard]] bool write(WriteQueue::Batch &batch);
    [[nodiscard]] bool connect();
    void retryRemovals(WriteQueue::Batch &batch);
    void reportBrokenRule();
    void reportFailure();

    WriteConnection &m_connection;
    WriteQueue &m_queue;
    BatchTransaction m_transaction;
    const char *const m_threadName;
    OutageLog m_outages;
    LogThrottle m_brokenRules;
    std::atomic<std::uint64_t> m_batches = 0;
    std::atomic<std::uint64_t> m_failedBatches = 0;
    std::atomic<std::uint64_t> m_writes = 0;
    Histogram m_batchWrites;
    Histogram m_batchDurations;
    std::thread m_thread;
};

} // namespace Carillon
