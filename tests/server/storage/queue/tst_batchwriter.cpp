// SPDX-License-Identifier: MPL-2.0
#include "server/storage/queue/batchwriter.h"
#include "tests/contract/storage/storageuser.h"
#include "tests/server/storage/queue/fakedatabase.h"
#include "tests/support/loglines.h"
#include "tests/support/manualclock.h"

#include <QScopeGuard>
#include <QTest>

#include <deque>

using namespace Carillon;

namespace {

/// Behind all that a writer does before it is stopped.
const QByteArray Stop = ", disconnect";

} // namespace

/// Which writes share a transaction and what is tried again, on a database that fails where it is
/// told to. What is queued before the writer begins is one batch.
class tst_BatchWriter : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_connection = std::make_unique<FakeWriteConnection>();
        m_queue = std::make_unique<WriteQueue>(m_clock, WriteQueueOptions(), SortKeys());
        m_options = {};
        m_options.transaction.givesKeys = true; // nothing to write at the end
        m_stats = {};
    }

    void whatIsQueued_isOneTransaction()
    {
        auto &one = store("one");
        auto &two = store("two");
        auto &removed = remove();
        run();
        QCOMPARE(m_connection->steps(),
                 "begin, store one, store two, remove, reserve 4, commit, keep up" + Stop);
        QCOMPARE(one.wait()->state, StoreOutcome::State::Stored);
        QVERIFY(two.wait().has_value());
        QVERIFY(removed.wait().value());
        QCOMPARE(m_stats.batches, std::uint64_t { 1 });
        QCOMPARE(m_stats.writes, std::uint64_t { 3 });
        QCOMPARE(m_stats.failedBatches, std::uint64_t { 0 });
    }

    void acks_shareATransactionWithTheNextWrite()
    {
        m_queue = std::make_unique<WriteQueue>(
            m_clock, WriteQueueOptions { .removalWait = std::chrono::hours(1) }, SortKeys());
        BatchWriter writer(*m_connection, *m_queue, m_clock, m_options);
        const auto stop = qScopeGuard([this] { m_queue->stop(); });
        auto &first = acknowledge();
        auto &second = acknowledge();
        QVERIFY(store("one").wait());
        QVERIFY(first.isDone() && second.isDone());
        writer.addTo(m_stats);
        QCOMPARE(m_stats.batches, std::uint64_t { 1 });
        QCOMPARE(m_stats.writes, std::uint64_t { 3 });
    }

    void ackAlone_wakesTheWriter()
    {
        ManualClock clock { Time() };
        clock.letSteadyTimeRun();
        m_queue = std::make_unique<WriteQueue>(
            clock, WriteQueueOptions { .removalWait = std::chrono::milliseconds(20) }, SortKeys());
        BatchWriter writer(*m_connection, *m_queue, clock, m_options);
        const auto stop = qScopeGuard([this] { m_queue->stop(); });
        for (int i = 0; i < 3; ++i)
            QVERIFY(acknowledge().wait().value_or(false));
    }

    void manyWrites_areSeveralTransactions()
    {
        for (int i = 0; i < 1000; ++i)
            remove();
        run();
        QCOMPARE(m_connection->steps().count("commit"), 2);
        QCOMPARE(m_stats.batches, std::uint64_t { 2 });
    }

    void brokenRule_failsItsWriteAlone()
    {
        LogLines log;
        auto &one = store("one");
        auto &two = store("two");
        m_connection->fail("store one", WriteFailure::BrokenRule, 2);
        run();
        QCOMPARE(m_connection->steps(),
                 "begin, store one, roll back, "
                 "begin, savepoint, store one, undo, release, savepoint, store two, release, "
                 "reserve 4, commit, keep up"
                     + Stop);
        QCOMPARE(one.wait().error(), ErrorCode::StorageUnavailable);
        QVERIFY(two.wait().has_value());
        QCOMPARE(m_stats.failedBatches, std::uint64_t { 0 });
        QCOMPARE(log.lines(),
                 QStringList { QStringLiteral("a write violated a constraint: "
                                              "store one failed") });
    }

    void busy_failsTheBatch_andTriesNothingAgain()
    {
        auto &stored = store("one");
        auto &removed = remove();
        m_connection->fail("begin", WriteFailure::Busy);
        run();
        QCOMPARE(m_connection->steps(), "begin" + Stop);
        QCOMPARE(stored.wait().error(), ErrorCode::StorageUnavailable);
        QCOMPARE(removed.wait().error(), ErrorCode::StorageUnavailable);
        QCOMPARE(m_stats.failedBatches, std::uint64_t { 1 });
    }

    void noRoom_removalsAreTriedAgain()
    {
        auto &stored = store("one");
        auto &removed = remove();
        m_connection->fail("store one", WriteFailure::NoRoom, 9);
        run();
        QCOMPARE(m_connection->steps(),
                 "begin, store one, roll back, make room, "
                 "begin, savepoint, remove, release, commit"
                     + Stop);
        QCOMPARE(stored.wait().error(), ErrorCode::StorageUnavailable);
        QVERIFY(removed.wait().value());
        QCOMPARE(m_stats.failedBatches, std::uint64_t { 1 });
        QCOMPARE(m_stats.writes, std::uint64_t { 0 });
    }

    void failedCommit_isNoSuccess()
    {
        auto &stored = store("one");
        auto &removed = remove();
        m_connection->fail("commit", WriteFailure::NoRoom, 9);
        run();
        QCOMPARE(stored.wait().error(), ErrorCode::StorageUnavailable);
        QCOMPARE(removed.wait().error(), ErrorCode::StorageUnavailable);
        QCOMPARE(m_connection->steps().count("disconnect"), 1); // at the end
        QCOMPARE(m_connection->steps().count("keep up"), 0);
    }

    void brokenConnection_isGivenUp()
    {
        auto &removed = remove();
        m_connection->fail("commit", WriteFailure::Broken, 2);
        run();
        QCOMPARE(m_connection->steps(),
                 "begin, remove, commit, roll back, make room, "
                 "begin, savepoint, remove, release, commit, roll back, disconnect"
                     + Stop);
        QCOMPARE(removed.wait().error(), ErrorCode::StorageUnavailable);
    }

    void outage_isInTheLogAtItsBeginAndItsEnd()
    {
        LogLines log;
        m_connection->fail("begin", WriteFailure::Busy, 2);
        {
            BatchWriter writer(*m_connection, *m_queue, m_clock, m_options);
            QVERIFY(!remove().wait());
            QVERIFY(!remove().wait());
            QVERIFY(remove().wait());
            m_queue->stop();
        }
        QCOMPARE(log.lines(),
                 (QStringList { QStringLiteral("the database cannot be written: begin failed"),
                                QStringLiteral("the database can be written again") }));
    }

    void noConnection_failsTheBatch()
    {
        LogLines log;
        auto &stored = store("one");
        m_connection->fail("connect", WriteFailure::Broken, 1);
        run();
        QCOMPARE(stored.wait().error(), ErrorCode::StorageUnavailable);
        QCOMPARE(m_connection->steps(), QByteArray("disconnect"));
        QCOMPARE(log.lines(),
                 QStringList { QStringLiteral("the database cannot be opened: nobody there") });
        QCOMPARE(m_stats.failedBatches, std::uint64_t { 1 });
    }

    void keysOfTransactions_goOnFromWhatOthersReserved()
    {
        auto &one = store("one");
        auto &two = store("two");
        m_connection->setReserved(1001);
        run();
        QCOMPARE(one.wait()->sortKey, SortKey { 1002 });
        QCOMPARE(two.wait()->sortKey, SortKey { 1004 });
        QVERIFY(m_connection->steps().contains("reserve 1004"));
    }

    void rolledBackReservation_isMadeAgain()
    {
        auto &one = store("one");
        m_connection->fail("commit", WriteFailure::BrokenRule, 1);
        run();
        QCOMPARE(one.wait()->sortKey, SortKey { 2 });
        QCOMPARE(m_connection->steps().count("reserve 2"), 2);
    }

    void stop_givesBackWhatIsReserved()
    {
        m_options.transaction.givesKeys = false;
        m_options.transaction.reserved = 5000;
        m_connection->setReserved(5000);
        auto &one = store("one");
        run();
        QVERIFY(one.wait().has_value());
        QCOMPARE(m_connection->steps(),
                 "begin, store one, commit, keep up, begin, reserve 2, commit" + Stop);
    }

private:
    Awaited<StoreOutcome> &store(const QByteArray &body)
    {
        Notification message;
        message.uaid = m_uaid;
        message.body = body;
        m_queue->addStore(std::move(message), {}, m_stores.emplace_back().completion());
        return m_stores.back();
    }
    Awaited<bool> &remove()
    {
        m_queue->addRemoval(
            { m_uaid, ChannelId(), SortKey { 1 }, { m_removals.emplace_back().completion() } });
        return m_removals.back();
    }
    Awaited<bool> &acknowledge()
    {
        m_queue->addAck(
            { m_uaid, ChannelId(), SortKey { 1 }, { m_removals.emplace_back().completion() } });
        return m_removals.back();
    }
    /// Writes all that is queued.
    void run()
    {
        BatchWriter writer(*m_connection, *m_queue, m_clock, m_options);
        m_queue->stop();
        QTRY_COMPARE(m_queue->stats().bytes, 0);
        writer.addTo(m_stats);
    }

    const Uaid m_uaid = newUaid();
    ManualClock m_clock { Time() };
    std::unique_ptr<FakeWriteConnection> m_connection;
    BatchWriterOptions m_options;
    std::deque<Awaited<StoreOutcome>> m_stores;
    std::deque<Awaited<bool>> m_removals;
    std::unique_ptr<WriteQueue> m_queue; // completes calls when it goes
    StorageStats m_stats;
};

QTEST_GUILESS_MAIN(tst_BatchWriter)
#include "tst_batchwriter.moc"
