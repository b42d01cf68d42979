// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "core/base/logthrottle.h"
#include "core/base/mutex.h"
#include "core/storage/reliabilitystore.h"
#include "server/reliability/messagetracker.h"

#include <QTimer>

#include <atomic>
#include <memory>

namespace Carillon {

class Metrics;

/// Brings what the tracker has queued to storage, a batch at a time, has storage expire and remove
/// timelines, and publishes the counts.
/// Owns: its timers. Thread: main; storage answers on threads of its own. Outlives storage, whose
/// answers name it, but asks nothing of it after stop().
class ReliabilityService
{
public:
    ReliabilityService(MessageTracker &tracker, ReliabilityStore &store, const Clock &clock,
                       Metrics &metrics, std::chrono::seconds retention);
    ReliabilityService(const ReliabilityService &) = delete;
    ReliabilityService &operator=(const ReliabilityService &) = delete;
    ~ReliabilityService();

    void start();
    /// Gives storage what is still queued, which it writes before it closes.
    void stop();

private:
    void flush();
    void write();
    void written(const std::shared_ptr<std::vector<MilestoneRecord>> &records,
                 Result<RecordOutcome> outcome);
    void tidy();
    void publish();
    void keep(const StateCounts &counts);

    MessageTracker &m_tracker;
    ReliabilityStore &m_store;
    const Clock &m_clock;
    Metrics &m_metrics;
    const std::chrono::seconds m_retention;
    QTimer m_flush;
    QTimer m_tidy;
    std::atomic<bool> m_isWriting = false;
    std::atomic<bool> m_isStopped = false;
    LogThrottle m_anomalies;
    std::array<std::atomic<std::int64_t>, MessageStateCount> m_counts {};
    std::atomic<std::int64_t> m_anomalyCount = 0;
    std::atomic<std::int64_t> m_gapCount = 0;
};

} // namespace Carillon
