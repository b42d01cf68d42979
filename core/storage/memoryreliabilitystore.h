// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/mutex.h"
#include "core/storage/reliabilitystore.h"

#include <map>

namespace Carillon {

/// Timelines in memory: every call is carried out and completed before it returns. It documents the
/// interface. Owns: all timelines. Thread: any; one mutex, not held by completions.
class MemoryReliabilityStore final : public ReliabilityStore
{
public:
    explicit MemoryReliabilityStore(const Clock &clock) : m_clock(clock) { }

    void recordMilestones(std::vector<MilestoneRecord> records,
                          Completion<RecordOutcome> done) override;
    void tidyTimelines(Time expiredBefore, Time removedBefore, int limit,
                       Completion<TidyOutcome> done) override;
    void countStates(Completion<StateCounts> done) override;
    void findTimeline(QByteArray id, Completion<std::optional<Timeline>> done) override;
    void findTimelines(TimelineQuery query, Completion<TimelinePage> done) override;

private:
    struct Message
    {
        Timeline timeline;
        /// When it went to its present state.
        Time changed;
        std::int64_t row = 0;
        /// Absent: it is in a terminal state.
        std::optional<Time> expires;
    };

    void record(const MilestoneRecord &record, RecordOutcome &outcome) CARILLON_REQUIRES(m_mutex);
    [[nodiscard]] StateCounts counts() const CARILLON_REQUIRES(m_mutex);

    const Clock &m_clock;
    Mutex m_mutex;
    std::map<QByteArray, Message> m_messages CARILLON_GUARDED_BY(m_mutex);
    std::int64_t m_lastRow CARILLON_GUARDED_BY(m_mutex) = 0;
};

} // namespace Carillon
