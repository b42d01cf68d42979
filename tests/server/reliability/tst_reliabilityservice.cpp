// SPDX-License-Identifier: MPL-2.0
#include "core/storage/memoryreliabilitystore.h"
#include "server/metrics/metrics.h"
#include "server/reliability/reliabilityservice.h"
#include "tests/support/manualclock.h"

#include <QTest>

using namespace Carillon;
using namespace std::chrono_literals;

namespace {

const Time Start = fromSeconds(1'800'000'000);

} // namespace

/// Fails while it is told to.
class BreakableStore final : public ReliabilityStore
{
public:
    explicit BreakableStore(const Clock &clock) : m_store(clock) { }

    void recordMilestones(std::vector<MilestoneRecord> records,
                          Completion<RecordOutcome> done) override
    {
        ++calls;
        if (isBroken)
            done(Unexpected(ErrorCode::StorageUnavailable));
        else
            m_store.recordMilestones(std::move(records), std::move(done));
    }
    void tidyTimelines(Time expiredBefore, Time removedBefore, int limit,
                       Completion<TidyOutcome> done) override
    {
        m_store.tidyTimelines(expiredBefore, removedBefore, limit, std::move(done));
    }
    void countStates(Completion<StateCounts> done) override
    {
        m_store.countStates(std::move(done));
    }
    void findTimeline(QByteArray id, Completion<std::optional<Timeline>> done) override
    {
        m_store.findTimeline(std::move(id), std::move(done));
    }
    void findTimelines(TimelineQuery query, Completion<TimelinePage> done) override
    {
        m_store.findTimelines(query, std::move(done));
    }

    bool isBroken = false;
    int calls = 0;

private:
    MemoryReliabilityStore m_store;
};

class TestReliabilityService : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void milestones_areWritten_andCountsPublished()
    {
        m_service.start();
        receive(3);
        QTRY_COMPARE(m_metrics.value(Metric::TrackedReceived), 3);
        QCOMPARE(m_metrics.value(Metric::MessagesReceived), 3);
    }

    void manyMilestones_areWrittenInOneRound_inParts()
    {
        const int before = m_store.calls;
        receive(1'200);
        QTRY_COMPARE(m_metrics.value(Metric::TrackedReceived), 1'203);
        QVERIFY(m_store.calls - before >= 3);
    }

    void failure_losesNothing()
    {
        m_store.isBroken = true;
        const int before = m_store.calls;
        receive(2);
        QTRY_VERIFY(m_store.calls > before);
        QCOMPARE(m_metrics.value(Metric::TrackedReceived), 1'203);
        m_store.isBroken = false;
        QTRY_COMPARE(m_metrics.value(Metric::TrackedReceived), 1'205);
        QCOMPARE(m_metrics.value(Metric::TrackingDropped), 0);
    }

    void anomaly_isCounted_andSaidOnce()
    {
        QTest::ignoreMessage(QtWarningMsg, "a tracked message went from received to received");
        Notification message = tracked("twice");
        for (int i = 0; i < 2; ++i)
            m_tracker.recorded(Fact::MessageReceived { message });
        QTRY_COMPARE(m_metrics.value(Metric::TrackingAnomalies), 1);
        m_tracker.recorded(Fact::MessageReceived { message });
        QTRY_COMPARE(m_metrics.value(Metric::TrackingAnomalies), 2);
    }

    void gap_isCounted()
    {
        m_tracker.recorded(
            Fact::MessageSent { tracked("twice"), "v", Fact::MessageSent::Source::Storage });
        QTRY_COMPARE(m_metrics.value(Metric::TrackingGaps), 1);
    }

    void stop_writesWhatIsQueued()
    {
        const auto count = [this] {
            std::int64_t all = 0;
            m_store.countStates([&all](const Result<StateCounts> &counts) {
                for (const std::int64_t each : *counts)
                    all += each;
            });
            return all;
        };
        const std::int64_t before = count();
        receive(700);
        m_service.stop();
        QCOMPARE(count(), before + 700);
    }

private:
    static Notification tracked(const QByteArray &id)
    {
        Notification message;
        message.ttl = 60s;
        message.accepted = Start;
        message.reliabilityId = id;
        return message;
    }
    void receive(int messages)
    {
        for (int i = 0; i < messages; ++i)
            m_tracker.recorded(
                Fact::MessageReceived { tracked("m" + QByteArray::number(++m_last)) });
    }

    ManualClock m_clock { Start };
    MessageTracker m_tracker { m_clock };
    BreakableStore m_store { m_clock };
    Metrics m_metrics;
    ReliabilityService m_service { m_tracker, m_store, m_clock, m_metrics, 60min };
    int m_last = 0;
};

QTEST_GUILESS_MAIN(TestReliabilityService)
#include "tst_reliabilityservice.moc"
