// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "core/base/mutex.h"
#include "core/journal/journallistener.h"
#include "core/storage/reliabilitystore.h"
#include "server/reliability/stepcounts.h"

#include <atomic>
#include <deque>
#include <initializer_list>

namespace Carillon {

/// Follows messages from state to state by the facts of the journal. Every message is counted; of
/// tracked ones the milestones are queued for storage, too. Each process records the steps that it
/// takes itself. The queue is bounded: milestones that find it full are dropped and counted, so
/// tracking never holds up a push.
/// Owns: the queue. Thread: any.
class MessageTracker final : public JournalListener
{
public:
    static constexpr std::size_t MaxQueued = 65'536;

    explicit MessageTracker(const Clock &clock) : m_clock(clock) { }

    void recorded(const AnyFact &fact) override;

    [[nodiscard]] const StepCounts &counts() const { return m_counts; }
    /// Milestones that were dropped.
    [[nodiscard]] std::int64_t dropped() const { return m_dropped; }
    /// The oldest of the queue.
    [[nodiscard]] std::vector<MilestoneRecord> take(std::size_t most);
    /// Those that were taken and could not be stored, to be taken again.
    void giveBack(std::vector<MilestoneRecord> records);

private:
    struct Follow;
    /// One message has gone from the first state through all others.
    void step(QByteArrayView id, std::initializer_list<MessageState> path,
              std::optional<Time> expires = {});
    void step(const Notification &message, std::initializer_list<MessageState> path)
    {
        step(message.reliabilityId, path, message.expires());
    }
    void begin(const Notification &message);
    void enqueue(QByteArrayView id, MessageState state, Time at, std::optional<Time> expires);

    const Clock &m_clock;
    StepCounts m_counts;
    std::atomic<std::int64_t> m_dropped = 0;
    Mutex m_mutex;
    std::deque<MilestoneRecord> m_queue CARILLON_GUARDED_BY(m_mutex);
};

} // namespace Carillon
