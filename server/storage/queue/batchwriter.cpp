// SPDX-License-Identifier: MPL-2.0
#include "server/storage/queue/batchwriter.h"

#include "core/base/log.h"
#include "core/base/metricnames.h"
#include "core/base/threadname.h"

#include <algorithm>

namespace Carillon {

namespace {

bool needsDatabase(const WriteQueue::Batch &batch)
{
    return batch.reserve
        || std::any_of(batch.entries.begin(), batch.entries.end(), [](const auto &entry) {
               return !std::holds_alternative<ReadAfter>(entry.write);
           });
}

} // namespace

BatchWriter::BatchWriter(WriteConnection &connection, WriteQueue &queue, const Clock &clock,
                         BatchWriterOptions options)
    : m_connection(connection), m_queue(queue),
      m_transaction(connection, clock, options.transaction), m_threadName(options.threadName),
      m_thread([this] { run(); })
{
}

BatchWriter::~BatchWriter()
{
    m_thread.join();
}

void BatchWriter::addTo(StorageStats &stats) const
{
    stats.batches = m_batches;
    stats.failedBatches = m_failedBatches;
    stats.writes = m_writes;
    m_batchWrites.addTo(stats.batchWrites);
    m_batchDurations.addTo(stats.batchDurations);
}

void BatchWriter::run()
{
    nameThisThread(m_threadName);
    for (;;) {
        WriteQueue::Batch batch = m_queue.take();
        if (batch.isEmpty())
            break;
        const bool committed = needsDatabase(batch) && write(batch);
        m_queue.finish(std::move(batch), committed, m_transaction.floor());
        if (committed)
            m_connection.keepUp();
    }
    if (m_transaction.hasLast() && connect())
        m_transaction.carryOutLast(m_queue.lastKey());
    m_connection.disconnect();
}

/// Whether all of it is committed.
bool BatchWriter::write(WriteQueue::Batch &batch)
{
    ++m_batches;
    const Instant begun = std::chrono::steady_clock::now();
    if (!connect()) {
        ++m_failedBatches;
        return false;
    }
    auto done = m_transaction.carryOut(batch, Part::All, Grouping::Together);
    if (!done && done.error() == WriteFailure::BrokenRule) {
        reportBrokenRule();
        done = m_transaction.carryOut(batch, Part::All, Grouping::OneByOne);
    }
    if (done) {
        if (m_outages.works())
            qCInfo(lcStorage, "the database can be written again");
        countCommitted(batch, begun);
        return true;
    }
    ++m_failedBatches;
    reportFailure();
    if (done.error() != WriteFailure::Busy)
        retryRemovals(batch);
    return false;
}

void BatchWriter::countCommitted(const WriteQueue::Batch &batch, Instant begun)
{
    const auto writes = static_cast<std::int64_t>(batch.entries.size());
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - begun);
    m_writes += batch.entries.size();
    m_batchWrites.observe(histogramBounds(HistogramMetric::StorageBatchWrites), writes);
    m_batchDurations.observe(histogramBounds(HistogramMetric::StorageBatchDuration), took.count());
}

bool BatchWriter::connect()
{
    const auto connected = m_connection.connect();
    if (!connected) {
        if (const auto leftOut = m_outages.failed())
            qCWarning(lcStorage, "the database cannot be opened: %s%s",
                      qPrintable(connected.error()), leftOutText(*leftOut).constData());
    }
    return connected.has_value();
}

void BatchWriter::retryRemovals(WriteQueue::Batch &batch)
{
    m_connection.makeRoom();
    const auto done = m_transaction.carryOut(batch, Part::Removals, Grouping::OneByOne);
    if (!done && done.error() == WriteFailure::Broken)
        m_connection.disconnect();
}

void BatchWriter::reportBrokenRule()
{
    if (const auto leftOut = m_brokenRules.pass())
        qCWarning(lcStorage, "a write violated a constraint: %s%s",
                  m_transaction.failureText().constData(), leftOutText(*leftOut).constData());
}

void BatchWriter::reportFailure()
{
    if (const auto leftOut = m_outages.failed())
        qCWarning(lcStorage, "the database cannot be written: %s%s",
                  m_transaction.failureText().constData(), leftOutText(*leftOut).constData());
}

} // namespace Carillon
