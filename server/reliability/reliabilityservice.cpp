// SPDX-License-Identifier: MPL-2.0
#include "server/reliability/reliabilityservice.h"

#include "core/base/log.h"
#include "server/metrics/metrics.h"

#include <utility>

namespace Carillon {
namespace {

using namespace std::chrono_literals;

constexpr auto FlushInterval = 500ms;
constexpr auto TidyInterval = 1min;
/// Milestones in one write, for which other writes wait.
constexpr std::size_t MaxBatch = 500;
constexpr int TidyBatch = 500;
/// How long after the end of its TTL a message counts as expired: its ack may be on its way, and
/// milestones of other processes, too.
constexpr auto ExpiryGrace = 1min;

Metric after(Metric first, int by)
{
    return static_cast<Metric>(static_cast<int>(first) + by);
}

} // namespace

ReliabilityService::ReliabilityService(MessageTracker &tracker, ReliabilityStore &store,
                                       const Clock &clock, Metrics &metrics,
                                       std::chrono::seconds retention)
    : m_tracker(tracker), m_store(store), m_clock(clock), m_metrics(metrics), m_retention(retention)
{
    QObject::connect(&m_flush, &QTimer::timeout, &m_flush, [this] { flush(); });
    QObject::connect(&m_tidy, &QTimer::timeout, &m_tidy, [this] { tidy(); });
}

ReliabilityService::~ReliabilityService() = default;

void ReliabilityService::start()
{
    m_flush.start(FlushInterval);
    m_tidy.start(TidyInterval);
    m_store.countStates([this](const Result<StateCounts> &counts) {
        if (counts)
            keep(*counts);
    });
}

void ReliabilityService::stop()
{
    if (m_isStopped.exchange(true))
        return;
    m_flush.stop();
    m_tidy.stop();
    for (;;) {
        std::vector<MilestoneRecord> records = m_tracker.take(MaxBatch);
        if (records.empty())
            return;
        m_store.recordMilestones(std::move(records), [](const Result<RecordOutcome> &) {});
    }
}

void ReliabilityService::flush()
{
    if (!m_isWriting.exchange(true))
        write();
    publish();
}

/// Thread: main or storage's, one at a time.
void ReliabilityService::write()
{
    auto records =
        std::make_shared<std::vector<MilestoneRecord>>(m_tracker.take(m_isStopped ? 0 : MaxBatch));
    if (records->empty()) {
        m_isWriting = false;
        return;
    }
    m_store.recordMilestones(*records, [this, records](Result<RecordOutcome> outcome) {
        written(records, std::move(outcome));
    });
}

/// Thread: storage's.
void ReliabilityService::written(const std::shared_ptr<std::vector<MilestoneRecord>> &records,
                                 Result<RecordOutcome> outcome)
{
    if (!outcome) {
        m_tracker.giveBack(std::move(*records));
        m_isWriting = false; // the next round tries again
        return;
    }
    keep(outcome->counts);
    m_gapCount += outcome->gaps;
    m_anomalyCount += std::ssize(outcome->anomalies);
    if (!outcome->anomalies.empty()) {
        const Transition first = outcome->anomalies.front();
        const std::int64_t others = std::ssize(outcome->anomalies) - 1;
        if (const auto leftOut = m_anomalies.pass())
            qCWarning(lcStorage).noquote()
                << "a tracked message went from" << stateName(first.from) << "to"
                << stateName(first.to).toByteArray() + leftOutText(*leftOut + others);
    }
    if (records->size() == MaxBatch)
        write();
    else
        m_isWriting = false;
}

void ReliabilityService::tidy()
{
    const Time now = m_clock.now();
    m_store.tidyTimelines(now - ExpiryGrace, now - m_retention, TidyBatch,
                          [this](const Result<TidyOutcome> &outcome) {
                              if (!outcome)
                                  return;
                              keep(outcome->counts);
                              if (outcome->more && !m_isStopped)
                                  tidy();
                          });
}

void ReliabilityService::keep(const StateCounts &counts)
{
    for (std::size_t i = 0; i < counts.size(); ++i)
        m_counts[i] = counts[i];
}

void ReliabilityService::publish()
{
    for (int i = 0; i < MessageStateCount; ++i) {
        const auto state = static_cast<MessageState>(i);
        m_metrics.set(after(Metric::MessagesReceived, i), m_tracker.counts().value(state));
        m_metrics.set(after(Metric::TrackedReceived, i), m_counts[toIndex(state)]);
    }
    m_metrics.set(Metric::TrackingAnomalies, m_anomalyCount);
    m_metrics.set(Metric::TrackingGaps, m_gapCount);
    m_metrics.set(Metric::TrackingDropped, m_tracker.dropped());
}

} // namespace Carillon
