// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/storage/sortkeys.h"
#include "server/storage/queue/database.h"
#include "server/storage/queue/writequeue.h"

namespace Carillon {

struct BatchTransactionOptions
{
    /// Whether sort keys are given here instead of by the queue: several processes write.
    bool givesKeys = false;
    /// Up to here the queue's keys are reserved.
    std::int64_t reserved = 0;
    /// Null: no time is remembered.
    ServerClock *keptClock = nullptr;
};

/// What the transaction of a batch consists of, and in which order: the time, the reservation of
/// sort keys, the writes. Thread: the writer's.
class BatchTransaction
{
public:
    using Done = WriteConnection::Done;
    enum class Part {
        All,
        Removals, ///< only the writes that take away
    };
    enum class Grouping {
        Together, ///< one that breaks a rule fails all
        OneByOne, ///< it fails alone, at the cost of a savepoint for each
    };

    BatchTransaction(WriteConnection &connection, const Clock &clock,
                     BatchTransactionOptions options)
        : m_connection(connection), m_clock(clock), m_options(options), m_reserved(options.reserved)
    {
    }

    /// All of it in one transaction, or nothing: then the outcomes are failures again.
    [[nodiscard]] Done carryOut(WriteQueue::Batch &batch, Part part, Grouping grouping);
    /// Whether a stop has something to write.
    [[nodiscard]] bool hasLast() const { return !m_options.givesKeys || m_options.keptClock; }
    /// What a stop writes: the clock's mark, and no reservation beyond the last key, so that the
    /// next start need not leap ahead of the clock.
    void carryOutLast(std::int64_t lastKey);

    /// The highest key that others may have given.
    [[nodiscard]] std::int64_t floor() const { return m_floor; }
    /// Why the last one failed.
    [[nodiscard]] const QByteArray &failureText() const { return m_failureText; }

private:
    [[nodiscard]] Done applyAll(WriteQueue::Batch &batch, Part part, Grouping grouping);
    [[nodiscard]] Done applyAlone(Write &write);
    [[nodiscard]] Done reserve(std::int64_t upTo);
    [[nodiscard]] Done keepTime();
    [[nodiscard]] bool giveBackKeys(std::int64_t lastKey);

    WriteConnection &m_connection;
    const Clock &m_clock;
    const BatchTransactionOptions m_options;
    /// Keys given in transactions.
    SortKeys m_keys;
    /// What this process has last reserved or found reserved.
    std::int64_t m_reserved;
    std::int64_t m_floor = 0;
    /// To be made once its transaction is committed.
    std::optional<ClockLeap> m_leap;
    QByteArray m_failureText;
};

} // namespace Carillon
