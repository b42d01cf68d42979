// SPDX-License-Identifier: MPL-2.0
#include "server/storage/sqlite/sqlitestorage.h"
#include "tests/contract/storage/rawdatabase.h"
#include "tests/contract/storage/storageuser.h"
#include "tests/support/manualclock.h"

#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <thread>

using namespace Carillon;
using namespace std::chrono_literals;

namespace {

/// Other processes that write all the time: the lock is free for a moment, again and again.
/// Owns: a thread.
class BusyOthers
{
public:
    explicit BusyOthers(const QString &path) : m_thread([this, path] { run(path); }) { }
    ~BusyOthers()
    {
        m_stopping = true;
        m_thread.join();
    }
    BusyOthers(const BusyOthers &) = delete;
    BusyOthers &operator=(const BusyOthers &) = delete;

    [[nodiscard]] int writes() const { return m_writes; }

private:
    void run(const QString &path)
    {
        RawDatabase raw(path);
        while (!m_stopping) {
            if (!raw.run("BEGIN IMMEDIATE"))
                continue;
            std::this_thread::sleep_for(70ms);
            m_writes += raw.run("COMMIT");
            std::this_thread::sleep_for(1ms);
        }
    }

    std::atomic<bool> m_stopping = false;
    std::atomic<int> m_writes = 0;
    std::thread m_thread;
};

} // namespace

/// The write lock of a file that several processes share.
class SqliteLockTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void othersWriteAllTheTime_writesGetTheirTurn();
};

void SqliteLockTest::othersWriteAllTheTime_writesGetTheirTurn()
{
    const QTemporaryDir directory;
    const ManualClock clock(fromSeconds(1'700'000'000));
    SqliteOptions options;
    options.path = directory.filePath(QStringLiteral("carillon.sqlite"));
    const auto storage = SqliteStorage::open(options, clock);
    QVERIFY2(storage, qPrintable(storage ? QString() : storage.error()));
    StorageUser user(**storage);
    const BusyOthers others(options.path);
    for (int i = 0; i < 25; ++i) {
        QVERIFY(
            QTest::qWaitFor([&, before = others.writes()] { return others.writes() > before; }));
        QVERIFY(user.addChannel(newUaid(), ChannelId()));
    }
}

QTEST_GUILESS_MAIN(SqliteLockTest)
#include "sqlitelocktest.moc"
