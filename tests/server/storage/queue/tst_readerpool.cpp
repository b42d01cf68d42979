// SPDX-License-Identifier: MPL-2.0
#include "server/storage/queue/readerpool.h"
#include "tests/contract/storage/storageuser.h"
#include "tests/server/storage/queue/fakedatabase.h"
#include "tests/support/loglines.h"

#include <QTest>

using namespace Carillon;

/// How reads are queued and what becomes of connections that fail.
class tst_ReaderPool : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { m_database = std::make_unique<FakeDatabase>(); }

    void reads_shareAConnection()
    {
        ReaderPool pool(*m_database, { .threads = 1 });
        QVERIFY(read(pool).has_value());
        QVERIFY(read(pool).has_value());
        QCOMPARE(m_database->readers.load(), 1);
    }

    void failedConnection_isReplaced_andTheOutageIsInTheLog()
    {
        LogLines log;
        ReaderPool pool(*m_database, { .threads = 1 });
        QVERIFY(read(pool).has_value());
        m_database->answers = false;
        QCOMPARE(read(pool).error(), ErrorCode::StorageUnavailable);
        QCOMPARE(read(pool).error(), ErrorCode::StorageUnavailable);
        m_database->answers = true;
        QVERIFY(read(pool).has_value());
        QVERIFY(read(pool).has_value()); // the log is written behind the answer
        QCOMPARE(m_database->readers.load(), 3);
        QCOMPARE(log.lines(),
                 (QStringList { QStringLiteral("the database cannot be read: no answer"),
                                QStringLiteral("the database can be read again") }));
    }

    void noConnection_failsTheRead()
    {
        LogLines log;
        m_database->connects = false;
        ReaderPool pool(*m_database, { .threads = 1 });
        QCOMPARE(read(pool).error(), ErrorCode::StorageUnavailable);
        QCOMPARE(log.lines(),
                 QStringList { QStringLiteral("the database cannot be read: nobody there") });
    }

    void unreadableDatabase_isNotAsked()
    {
        LogLines log;
        m_database->readable = false;
        ReaderPool pool(*m_database, { .threads = 1 });
        QCOMPARE(read(pool).error(), ErrorCode::StorageUnavailable);
        QCOMPARE(m_database->readers.load(), 0);
        QCOMPARE(log.lines(), QStringList());
    }

    void tooMany_areRefused_andTheRestFailsAtTheEnd()
    {
        Awaited<std::optional<ClientRecord>> first;
        Awaited<std::optional<ClientRecord>> second;
        {
            ReaderPool pool(*m_database, { .threads = 0, .maxQueued = 1 });
            pool.add(FindClient { newUaid(), first.completion() });
            pool.add(FindClient { newUaid(), second.completion() });
            QCOMPARE(pool.queued(), std::size_t { 1 });
            QVERIFY(!first.isDone());
            QCOMPARE(second.wait().error(), ErrorCode::StorageUnavailable);
        }
        QCOMPARE(first.wait().error(), ErrorCode::StorageUnavailable);
    }

private:
    static Result<std::optional<ClientRecord>> read(ReaderPool &pool)
    {
        Awaited<std::optional<ClientRecord>> answer;
        pool.add(FindClient { newUaid(), answer.completion() });
        return answer.wait();
    }

    std::unique_ptr<FakeDatabase> m_database;
};

QTEST_GUILESS_MAIN(tst_ReaderPool)
#include "tst_readerpool.moc"
