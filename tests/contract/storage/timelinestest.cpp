// SPDX-License-Identifier: MPL-2.0
#include "core/storage/memoryreliabilitystore.h"
#include "server/storage/sqlite/sqlitestorage.h"
#include "tests/contract/storage/rawdatabase.h"
#include "tests/support/manualclock.h"

#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include <future>
#include <numeric>

using namespace Carillon;
using namespace std::chrono_literals;

namespace {

using enum MessageState;

const Time Start = fromSeconds(1'800'000'000);

/// Waits for the outcome of a call.
template<typename T, typename Call> Result<T> outcomeOf(Call call)
{
    std::promise<Result<T>> promise;
    call([&promise](Result<T> result) { promise.set_value(std::move(result)); });
    return promise.get_future().get();
}

MilestoneRecord record(const QByteArray &id, MessageState state, Time at,
                       std::optional<Time> expires = {})
{
    return { id, { state, at }, expires };
}

QByteArrayList namesOf(const Timeline &timeline)
{
    QByteArrayList names;
    for (const Milestone &milestone : timeline.milestones)
        names << stateName(milestone.state).toByteArray();
    return names;
}

} // namespace

// What every ReliabilityStore does, and what is SQLite's alone.
class TimelinesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase_data()
    {
        QTest::addColumn<bool>("inMemory");
        QTest::newRow("memory") << true;
        QTest::newRow("sqlite") << false;
    }

    void init()
    {
        QFETCH_GLOBAL(const bool, inMemory);
        m_directory = std::make_unique<QTemporaryDir>();
        m_clock = std::make_unique<ManualClock>(Start);
        m_memory = inMemory ? std::make_unique<MemoryReliabilityStore>(*m_clock) : nullptr;
        if (!inMemory)
            m_database = open();
        QVERIFY(inMemory || m_database);
    }
    void cleanup() { m_database.reset(); }

    void milestones_moveAMessage_andItsTimelineIsKept()
    {
        const RecordOutcome outcome = write(
            { record("a", Received, Start, Start + 60s), record("a", Transmitted, Start + 1ms),
              record("a", Accepted, Start + 2ms), record("a", Delivered, Start + 2ms),
              record("b", Received, Start, Start + 60s), record("b", Stored, Start + 3ms) });
        QCOMPARE(outcome.counts[toIndex(Delivered)], 1);
        QCOMPARE(outcome.counts[toIndex(Stored)], 1);
        QCOMPARE(sum(outcome.counts), 2);
        QVERIFY(outcome.anomalies.empty());
        QCOMPARE(outcome.gaps, 0);
        const auto timeline = find("a");
        QVERIFY(timeline);
        QCOMPARE(timeline->state, Delivered);
        QCOMPARE(namesOf(*timeline),
                 (QByteArrayList { "received", "transmitted", "accepted", "delivered" }));
        QCOMPARE(timeline->milestones[1].at, Start + 1ms);
        QVERIFY(!find("c"));
    }

    void impossibleStep_isAnAnomaly_andChangesNoState()
    {
        write({ record("a", Received, Start), record("a", Transmitted, Start + 1ms),
                record("a", Accepted, Start + 2ms), record("a", Delivered, Start + 2ms) });
        const RecordOutcome outcome = write({ record("a", Received, Start + 5ms) });
        QCOMPARE(outcome.anomalies, (std::vector<Transition> { { Delivered, Received } }));
        QCOMPARE(outcome.counts[toIndex(Delivered)], 1);
        QCOMPARE(sum(outcome.counts), 1);
        QCOMPARE(find("a")->state, Delivered);
        QCOMPARE(find("a")->milestones.size(), 5u);
    }

    void stepOverStates_isAGap_andMoves()
    {
        write({ record("a", Received, Start) });
        const RecordOutcome outcome = write({ record("a", Accepted, Start + 5ms) });
        QCOMPARE(outcome.gaps, 1);
        QVERIFY(outcome.anomalies.empty());
        QCOMPARE(find("a")->state, Accepted);
    }

    void lateMilestones_ofAnotherProcess_changeNoState()
    {
        write({ record("a", IntAccepted, Start + 5ms), record("a", Transmitted, Start + 6ms) });
        const RecordOutcome outcome =
            write({ record("a", Received, Start, Start + 60s), record("a", Stored, Start + 2ms),
                    record("a", IntTransmitted, Start + 3ms) });
        QVERIFY(outcome.anomalies.empty());
        QCOMPARE(outcome.gaps, 0);
        QCOMPARE(outcome.counts[toIndex(Transmitted)], 1);
        QCOMPARE(namesOf(*find("a")),
                 (QByteArrayList { "received", "stored", "int_transmitted", "int_accepted",
                                   "transmitted" }));
        // By when it was received, and its TTL is known now.
        QCOMPARE(page(Start, Start + 1ms).timelines.size(), 1u);
        QCOMPARE(tidy(Start + 61s, Start).expired, 1);
    }

    void openMessages_expire_onceTheirTtlHasEnded()
    {
        write({ record("short", Received, Start, Start + 10s), record("short", Stored, Start + 1ms),
                record("long", Received, Start, Start + 100s),
                record("done", Received, Start, Start + 10s),
                record("done", Errored, Start + 1ms) });
        m_clock->advance(20s);
        const TidyOutcome outcome = tidy(Start + 20s, Start);
        QCOMPARE(outcome.expired, 1);
        QCOMPARE(outcome.counts[toIndex(MessageState::Expired)], 1);
        QCOMPARE(outcome.counts[toIndex(Received)], 1);
        QCOMPARE(outcome.counts[toIndex(Errored)], 1);
        QVERIFY(!outcome.more);
        QCOMPARE(find("short")->state, MessageState::Expired);
        QCOMPARE(find("short")->milestones.back().at, Start + 20s);
        QCOMPARE(namesOf(*find("done")), (QByteArrayList { "received", "errored" }));
        QCOMPARE(tidy(Start + 20s, Start).expired, 0);
    }

    void tidying_isDoneInParts()
    {
        for (int i = 0; i < 5; ++i)
            write({ record(QByteArray::number(i), Received, Start + std::chrono::seconds(i),
                           Start + 10s) });
        TidyOutcome outcome = tidy(Start + 20s, Start, 3);
        QCOMPARE(outcome.expired, 3);
        QVERIFY(outcome.more);
        outcome = tidy(Start + 20s, Start, 3);
        QCOMPARE(outcome.expired, 2);
        QVERIFY(!outcome.more);
    }

    void timelines_areRemovedAfterTheirTime()
    {
        write({ record("old", Received, Start), record("old", Errored, Start + 1ms),
                record("new", Received, Start + 10s) });
        const TidyOutcome outcome = tidy(Start, Start + 10s);
        QCOMPARE(outcome.removed, 1);
        QCOMPARE(sum(outcome.counts), 1);
        QVERIFY(!find("old"));
        QVERIFY(find("new"));
    }

    void timelines_areListedInPages_byTheTimeTheyBegan()
    {
        for (int i = 0; i < 5; ++i) // two at a time
            write({ record(QByteArray::number(i), Received, Start + std::chrono::seconds(i / 2)) });
        QByteArrayList ids;
        TimelineQuery query { .from = Start, .to = Start + 2s, .limit = 3 };
        TimelinePage read = page(query);
        QVERIFY(read.next);
        for (const Timeline &timeline : read.timelines)
            ids << timeline.id;
        query.after = read.next;
        read = page(query);
        QVERIFY(!read.next);
        for (const Timeline &timeline : read.timelines)
            ids << timeline.id;
        QCOMPARE(ids, (QByteArrayList { "0", "1", "2", "3" }));
        QCOMPARE(read.timelines.front().milestones.size(), 1u);
    }

    void counts_areReadWithoutAWrite()
    {
        write({ record("a", Received, Start), record("b", Received, Start) });
        const auto counts =
            outcomeOf<StateCounts>([this](auto done) { store().countStates(std::move(done)); });
        QVERIFY(counts);
        QCOMPARE((*counts)[toIndex(Received)], 2);
    }

    void sqlite_keepsThem()
    {
        if (m_memory)
            QSKIP("memory keeps nothing");
        write({ record("a", Received, Start), record("a", Stored, Start + 1ms) });
        m_database.reset();
        m_database = open();
        QCOMPARE(find("a")->state, Stored);
        const RecordOutcome outcome = write({ record("a", Retrieved, Start + 2ms) });
        QVERIFY(outcome.anomalies.empty());
        QCOMPARE(outcome.counts[toIndex(Retrieved)], 1);
    }

    void sqlite_brokenTables_failOnlyTheirOwnWrites()
    {
        if (m_memory)
            QSKIP("memory does not break");
        QVERIFY(RawDatabase(path()).run("DROP TABLE reliability_event"));
        QTest::ignoreMessage(QtWarningMsg,
                             QRegularExpression(QStringLiteral("timelines .* cannot be written")));
        std::promise<Result<RecordOutcome>> recorded;
        std::promise<Result<void>> checked;
        // Very likely in one batch.
        m_database->recordMilestones({ record("a", Received, Start) },
                                     [&](auto result) { recorded.set_value(std::move(result)); });
        m_database->check([&](auto result) { checked.set_value(std::move(result)); });
        QVERIFY(!recorded.get_future().get());
        QVERIFY(checked.get_future().get());
        QCOMPARE(RawDatabase(path()).number("SELECT count(*) FROM reliability_message"), 0);
    }

private:
    [[nodiscard]] QString path() const { return m_directory->filePath(QStringLiteral("c.db")); }
    [[nodiscard]] std::unique_ptr<SqliteStorage> open() const
    {
        SqliteOptions options;
        options.path = path();
        // Others may look at the file.
        options.sortKeys = SortKeyOrigin::GivenInTransaction;
        auto opened = SqliteStorage::open(options, *m_clock);
        return opened ? std::move(*opened) : nullptr;
    }
    [[nodiscard]] ReliabilityStore &store()
    {
        if (m_memory)
            return *m_memory;
        return *m_database;
    }
    RecordOutcome write(std::vector<MilestoneRecord> records)
    {
        return outcomeOf<RecordOutcome>([&](auto done) {
                   store().recordMilestones(std::move(records), std::move(done));
               })
            .value();
    }
    TidyOutcome tidy(Time expiredBefore, Time removedBefore, int limit = 100)
    {
        return outcomeOf<TidyOutcome>([&](auto done) {
                   store().tidyTimelines(expiredBefore, removedBefore, limit, std::move(done));
               })
            .value();
    }
    std::optional<Timeline> find(const QByteArray &id)
    {
        return outcomeOf<std::optional<Timeline>>(
                   [&](auto done) { store().findTimeline(id, std::move(done)); })
            .value();
    }
    TimelinePage page(const TimelineQuery &query)
    {
        return outcomeOf<TimelinePage>(
                   [&](auto done) { store().findTimelines(query, std::move(done)); })
            .value();
    }
    TimelinePage page(Time from, Time to) { return page({ .from = from, .to = to }); }
    static std::int64_t sum(const StateCounts &counts)
    {
        return std::accumulate(counts.begin(), counts.end(), std::int64_t {});
    }

    std::unique_ptr<QTemporaryDir> m_directory;
    std::unique_ptr<ManualClock> m_clock;
    std::unique_ptr<MemoryReliabilityStore> m_memory;
    std::unique_ptr<SqliteStorage> m_database;
};

QTEST_GUILESS_MAIN(TimelinesTest)
#include "timelinestest.moc"
