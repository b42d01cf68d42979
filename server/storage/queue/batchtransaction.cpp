// SPDX-License-Identifier: MPL-2.0
#include "server/storage/queue/batchtransaction.h"

#include <algorithm>
#include <utility>

namespace Carillon {

BatchTransaction::Done BatchTransaction::carryOut(WriteQueue::Batch &batch, Part part,
                                                  Grouping grouping)
{
    if (const Done begun = m_connection.begin(); !begun) {
        m_failureText = m_connection.failureText();
        return begun;
    }
    const std::int64_t reserved = m_reserved;
    Done done = applyAll(batch, part, grouping);
    if (done)
        done = m_connection.commit();
    if (!done) {
        m_failureText = m_connection.failureText();
        m_reserved = reserved;
        m_connection.rollBack();
        for (auto &entry : batch.entries)
            resetOutcome(entry.write);
        return done;
    }
    if (m_leap)
        m_options.keptClock->leap(*std::exchange(m_leap, std::nullopt));
    return done;
}

BatchTransaction::Done BatchTransaction::applyAll(WriteQueue::Batch &batch, Part part,
                                                  Grouping grouping)
{
    ServerClock *const keptClock = m_options.keptClock;
    m_leap.reset();
    if (keptClock && m_options.givesKeys)
        CARILLON_TRY_VOID(m_connection.followClock(*keptClock));
    CARILLON_TRY_VOID(m_connection.prepare(m_clock.now()));
    if (m_options.givesKeys) {
        // Every process does so within its transaction: that makes keys unique and orders them.
        CARILLON_TRY_VOID(reserve(0));
        m_keys = SortKeys(m_floor);
    }
    bool keepsTime = false;
    for (auto &entry : batch.entries) {
        if (part == Part::Removals && !isRemoval(entry.write))
            continue;
        keepsTime |= std::holds_alternative<KeepClock>(entry.write);
        auto *store = std::get_if<StoreMessage>(&entry.write);
        if (keptClock && store)
            store->message.accepted = keptClock->redated(store->message.accepted);
        if (m_options.givesKeys && store)
            store->message.sortKey = *m_keys.nextStored(m_clock.now());
        CARILLON_TRY_VOID(grouping == Grouping::OneByOne ? applyAlone(entry.write)
                                                         : m_connection.apply(entry.write));
    }
    if (m_options.givesKeys && m_keys.last() > m_floor)
        CARILLON_TRY_VOID(reserve(m_keys.last()));
    if (batch.reserve && part == Part::All)
        CARILLON_TRY_VOID(reserve(*batch.reserve));
    if (keepsTime)
        CARILLON_TRY_VOID(keepTime());
    return m_connection.conclude();
}

/// As part of the transaction, but so that a broken rule undoes and fails only this one.
BatchTransaction::Done BatchTransaction::applyAlone(Write &write)
{
    CARILLON_TRY_VOID(m_connection.beginSavepoint());
    const Done done = m_connection.apply(write);
    if (!done) {
        if (done.error() != WriteFailure::BrokenRule)
            return done;
        resetOutcome(write);
        CARILLON_TRY_VOID(m_connection.rollBackToSavepoint());
    }
    return m_connection.releaseSavepoint();
}

/// Raises the reservation of sort keys to this one, and learns of keys that others have given.
BatchTransaction::Done BatchTransaction::reserve(std::int64_t upTo)
{
    CARILLON_TRY(const std::int64_t found, m_connection.reservedKeys());
    if (m_options.givesKeys || found > m_reserved)
        m_floor = found;
    if (upTo > found)
        CARILLON_TRY_VOID(m_connection.setReservedKeys(upTo));
    m_reserved = std::max(found, upTo);
    return {};
}

/// Behind all writes: what was dated in the transaction is redated with the rest.
BatchTransaction::Done BatchTransaction::keepTime()
{
    if (!m_options.keptClock)
        return {};
    CARILLON_TRY(m_leap, m_connection.keepClock(*m_options.keptClock));
    return {};
}

void BatchTransaction::carryOutLast(std::int64_t lastKey)
{
    if (!m_connection.begin())
        return;
    const bool keepsKeys = !m_options.givesKeys;
    const bool done = (!keepsKeys || giveBackKeys(lastKey)) && keepTime() && m_connection.commit();
    if (!done)
        m_connection.rollBack();
}

bool BatchTransaction::giveBackKeys(std::int64_t lastKey)
{
    const std::int64_t reserved = m_reserved;
    return reserve(0) && m_reserved == reserved && m_connection.setReservedKeys(lastKey);
}

} // namespace Carillon
