// SPDX-License-Identifier: MPL-2.0
#include "server/storage/sqlite/sqlitestorage.h"
#include "server/storage/sqlite/sqlitestatement.h"
#include "tests/contract/storage/rawdatabase.h"
#include "tests/contract/storage/storageuser.h"
#include "tests/support/manualclock.h"

#include <QDeadlineTimer>
#include <QFile>
#include <QFileInfo>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <csignal>
#include <future>
#include <set>
#include <sys/resource.h>
#include <thread>

using namespace Carillon;

namespace {

const Time Start = fromSeconds(1'700'000'000);

/// Lets no file of this process grow beyond a size, as a full disk does.
class FileSizeLimit
{
public:
    explicit FileSizeLimit(rlim_t bytes)
    {
        std::signal(SIGXFSZ, SIG_IGN);
        getrlimit(RLIMIT_FSIZE, &m_before);
        const rlimit limit { bytes, m_before.rlim_max };
        setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit() { lift(); }
    void lift() { setrlimit(RLIMIT_FSIZE, &m_before); }

private:
    rlimit m_before {};
};

} // namespace

/// What is SQLite's alone: its file, several processes over it, crashes, failures, upkeep.
class SqliteStorageTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void newFile_isPrivateAndStamped();
    void notADatabase_isRefused();
    void databaseOfAnotherProgram_isRefused();
    void newerSchema_isRefused();
    void firstSchema_isBroughtUpToDate_withItsMessages();
    void failedStep_leavesNoTrace();
    void everyStatement_canBePrepared();

    void reopened_hasEverything_keysGoOn();
    void killed_losesNothingThatWasCompleted();
    void sharedFile_keysAreUniqueAndNoCursorSkips();
    void sharedFile_sendingIsNotAllowed();
    void sharedFile_oneProcessHousekeeps();

    void openStore_forbidsToSend();
    void ackDuringTheWrite_removesTheRow();
    void brokenRule_failsItsWriteAlone();
    void lockedForLong_isUnavailable_thenRecovers();
    void lockedForLong_startWaits();
    void fullDisk_refusesInserts_thenRecovers();
    void fullQueue_refusesMessagesBeforeRemovals();
    void fullQueueOfReads_refusesMore_andRecovers();

    void longLog_isRestarted();
    void expiredPages_areGivenBack();

private:
    void open();
    [[nodiscard]] QString path() const
    {
        return m_directory->filePath(QStringLiteral("a/b.sqlite"));
    }
    [[nodiscard]] QString openingError();
    [[nodiscard]] StorageUser user() { return StorageUser(*m_storage); }
    [[nodiscard]] Notification message(const QByteArray &body) const;
    /// Has the writer begin a write that it cannot end before the raw database commits.
    [[nodiscard]] bool block(RawDatabase &raw, Awaited<StoreOutcome> &first);

    std::unique_ptr<QTemporaryDir> m_directory;
    std::unique_ptr<ManualClock> m_clock;
    SqliteOptions m_options;
    std::unique_ptr<SqliteStorage> m_storage;
    Uaid m_uaid;
    ChannelId m_channel;
};

void SqliteStorageTest::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    QVERIFY(m_directory->isValid());
    m_clock = std::make_unique<ManualClock>(Start);
    m_uaid = newUaid();
    m_options = SqliteOptions();
    m_options.path = path();
    m_options.ackWait = std::chrono::milliseconds(0);
    m_options.limits = { 1'000'000, 1 << 30, OnFull::Refuse };
}

void SqliteStorageTest::cleanup()
{
    m_storage.reset();
    m_directory.reset();
}

void SqliteStorageTest::open()
{
    m_storage.reset();
    auto opened = SqliteStorage::open(m_options, *m_clock);
    if (!opened)
        qFatal("%s", qPrintable(opened.error()));
    m_storage = std::move(*opened);
    QVERIFY(user().addChannel(m_uaid, m_channel));
}

QString SqliteStorageTest::openingError()
{
    const auto opened = SqliteStorage::open(m_options, *m_clock);
    return opened ? QString() : opened.error();
}

Notification SqliteStorageTest::message(const QByteArray &body) const
{
    Notification notification;
    notification.uaid = m_uaid;
    notification.channelId = m_channel;
    notification.ttl = std::chrono::hours(1);
    notification.accepted = m_clock->now();
    notification.encoding = Encoding::Aes128Gcm;
    notification.body = body;
    return notification;
}

bool SqliteStorageTest::block(RawDatabase &raw, Awaited<StoreOutcome> &first)
{
    if (!raw.run("BEGIN IMMEDIATE"))
        return false;
    m_storage->store(message("first"), first.completion());
    return QTest::qWaitFor([&] { return m_storage->stats().queuedWrites == 0; });
}

// The file.

void SqliteStorageTest::newFile_isPrivateAndStamped()
{
    open();
    const auto mine = QFile::ReadOwner | QFile::WriteOwner | QFile::ReadUser | QFile::WriteUser;
    QCOMPARE(QFileInfo(path()).permissions(), mine);
    QCOMPARE(QFileInfo(path() + QStringLiteral("-wal")).permissions(), mine);
    QCOMPARE(QFileInfo(QFileInfo(path()).path()).permissions(),
             mine | QFile::ExeOwner | QFile::ExeUser);
    RawDatabase raw(path());
    QCOMPARE(raw.number("SELECT max(version) FROM schema_version"), schemaSteps().size());
    QCOMPARE(raw.number("SELECT applied_at FROM schema_version WHERE version = 1"),
             Start.time_since_epoch().count());
    QCOMPARE(raw.number("PRAGMA auto_vacuum"), 2);
}

void SqliteStorageTest::notADatabase_isRefused()
{
    m_options.path = m_directory->filePath(QStringLiteral("text"));
    QFile file(m_options.path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(QByteArray(4096, 'x'));
    file.close();
    QVERIFY(openingError().contains(QStringLiteral("cannot be used")));
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(), QByteArray(4096, 'x'));
}

void SqliteStorageTest::databaseOfAnotherProgram_isRefused()
{
    m_options.path = m_directory->filePath(QStringLiteral("other.sqlite"));
    RawDatabase raw(m_options.path);
    QVERIFY(raw.run("CREATE TABLE message (x)"));
    QVERIFY(openingError().contains(QStringLiteral("another program")));
    QCOMPARE(raw.number("SELECT count(*) FROM sqlite_schema"), 1);
}

void SqliteStorageTest::newerSchema_isRefused()
{
    open();
    m_storage.reset();
    RawDatabase raw(path());
    QVERIFY(raw.run("INSERT INTO schema_version (version, applied_at) VALUES (9999, 0)"));
    const QString error = openingError();
    QVERIFY(error.contains(QStringLiteral("9999")));
    QVERIFY(error.contains(QStringLiteral("newer")));
}

void SqliteStorageTest::firstSchema_isBroughtUpToDate_withItsMessages()
{
    m_options.path = m_directory->filePath(QStringLiteral("first.sqlite"));
    {
        RawDatabase raw(m_options.path);
        for (const QString &text : readSql(schemaSteps().constFirst()))
            QVERIFY(raw.run(text.toUtf8().constData()));
        QVERIFY(raw.run("INSERT INTO schema_version VALUES (1, 0)"));
        const QByteArray uaid = "x'" + toHex(m_uaid) + '\'';
        const QByteArray channel = "x'" + toHex(m_channel) + '\'';
        const QByteArray client = "INSERT INTO client VALUES (1, " + uaid
            + ", x'', x'', x'', 1, 1, 4000000000000000, x'', 0, 0)";
        QVERIFY(raw.run(client.constData()));
        const QByteArray old = "INSERT INTO message VALUES (1, " + uaid + ", 42, " + channel
            + ", NULL, 2, 60, 3000000000000000, 3000000060000000, 0, x'', x'', x'', x'', 3,"
              " CAST('old' AS BLOB))";
        QVERIFY(raw.run(old.constData()));
    }
    open();
    const auto page = user().fetchAll(m_uaid);
    QVERIFY(page);
    QCOMPARE(bodies(page), QByteArrayList { "old" });
    QVERIFY(page->messages.front().idKey == KeyMark {});
    RawDatabase raw(m_options.path);
    QCOMPARE(raw.number("SELECT max(version) FROM schema_version"), schemaSteps().size());
    QCOMPARE(raw.number("SELECT bytes FROM client_group"),
             ClientRowBytes + ChannelRowBytes + MessageRowBytes + 3);
}

void SqliteStorageTest::failedStep_leavesNoTrace()
{
    m_options.path = m_directory->filePath(QStringLiteral("half.sqlite"));
    RawDatabase raw(m_options.path);
    QVERIFY(raw.run("PRAGMA application_id = 1130459753"));
    QVERIFY(raw.run("CREATE TABLE schema_version (version INTEGER, applied_at INTEGER)"));
    QVERIFY(openingError().contains(QStringLiteral("cannot be used")));
    QCOMPARE(raw.number("SELECT count(*) FROM sqlite_schema"), 1);
    QCOMPARE(raw.number("SELECT count(*) FROM schema_version"), 0);
}

void SqliteStorageTest::everyStatement_canBePrepared()
{
    open();
    RawDatabase raw(path());
    for (int i = 0; i < SqliteStatementCount; ++i) {
        const QByteArray name = fileName(static_cast<SqliteStatement>(i)).toByteArray();
        const QStringList texts = readSql(QStringLiteral("queries/") + QString::fromLatin1(name));
        QVERIFY2(!texts.isEmpty(), name.constData());
        for (const QString &text : texts)
            QVERIFY2(raw.canPrepare(text.toUtf8()), name.constData());
    }
}

// Restarts and several processes.

void SqliteStorageTest::reopened_hasEverything_keysGoOn()
{
    open();
    std::int64_t last = 0;
    QByteArrayList expected;
    for (int round = 0; round < 4; ++round) {
        const auto stored = user().store(message(QByteArray::number(round)));
        QVERIFY(stored);
        QVERIFY(toInt(stored->sortKey) > last);
        const SortKey transient = m_storage->transientKey();
        QVERIFY(transient > stored->sortKey);
        Awaited<StoreOutcome> sent;
        const auto key =
            m_storage->storeWhileSending(message(QByteArray::number(round)), {}, sent.completion());
        QVERIFY(key && *key > transient);
        QVERIFY(sent.wait());
        last = toInt(*key);
        expected << QByteArray::number(round) << QByteArray::number(round);
        m_clock->step(m_clock->now() - std::chrono::hours(1));
        open();
        QCOMPARE(bodies(user().fetchAll(m_uaid)), expected);
    }
    // A clean end gives the reservation back: no leap ahead of the clock.
    QVERIFY(last < Start.time_since_epoch().count() + 1000);
}

/// The child stores, sends and removes, and says what was completed; it is killed at some moment.
void SqliteStorageTest::killed_losesNothingThatWasCompleted()
{
    open();
    m_storage.reset();
    std::set<qint64> stored;
    std::set<qint64> asked;
    std::set<qint64> removed;
    qint64 highest = 0;
    for (int round = 0; round < 20; ++round) {
        QProcess child;
        child.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        child.start(QCoreApplication::applicationDirPath() + QStringLiteral("/storagewriter"),
                    { path(), QString::fromLatin1(toHex(m_uaid)),
                      QString::fromLatin1(toHex(m_channel)),
                      QString::number(toSeconds(Start) - 10 * round) });
        QVERIFY(child.waitForStarted());
        QByteArray output;
        const qsizetype enough = 2000 + 700 * round;
        while (output.size() < enough && child.waitForReadyRead(20'000))
            output += child.readAll();
        child.kill();
        child.waitForFinished();
        output += child.readAll();
        QVERIFY(output.size() >= enough);

        output.truncate(output.lastIndexOf('\n'));
        const qint64 highestBefore = highest;
        for (const QByteArray &line : output.split('\n')) {
            const qint64 key = line.mid(2).toLongLong();
            QVERIFY2(key > highestBefore, line.constData());
            highest = std::max(highest, key);
            if (line.startsWith('s'))
                QVERIFY2(stored.insert(key).second, line.constData());
            else if (line.startsWith('a'))
                asked.insert(key);
            else if (line.startsWith('r'))
                removed.insert(key);
        }
    }
    m_clock->step(Start - std::chrono::hours(1));
    open();
    const auto page = user().fetchAll(m_uaid);
    QVERIFY(page);
    std::set<qint64> there;
    for (const Notification &one : page->messages)
        there.insert(toInt(one.sortKey));
    QVERIFY(stored.size() > 500);
    QVERIFY(removed.size() > 50);
    for (const qint64 key : stored)
        QVERIFY2(there.contains(key) || asked.contains(key), QByteArray::number(key).constData());
    for (const qint64 key : removed)
        QVERIFY2(!there.contains(key), QByteArray::number(key).constData());
    const auto next = user().store(message("next"));
    QVERIFY(next && toInt(next->sortKey) > highest);
}

void SqliteStorageTest::sharedFile_keysAreUniqueAndNoCursorSkips()
{
    constexpr int Count = 300;
    m_options.sortKeys = SortKeyOrigin::GivenInTransaction;
    open();
    const auto other = SqliteStorage::open(m_options, *m_clock);
    QVERIFY(other);
    std::atomic<int> failures = 0;
    const auto fill = [&](Storage &storage, const QByteArray &body) {
        std::vector<Awaited<StoreOutcome>> outcomes(Count);
        for (auto &outcome : outcomes)
            storage.store(message(body), outcome.completion());
        for (auto &outcome : outcomes)
            failures += outcome.wait() ? 0 : 1;
    };
    std::thread one([&] { fill(*m_storage, "one"); });
    std::thread two([&] { fill(**other, "two"); });

    FetchRequest next;
    next.uaid = m_uaid;
    next.limit = 50;
    int seen = 0;
    for (int reads = 0; reads < 100'000 && seen < 2 * Count; ++reads) {
        const auto page = user().fetch(next);
        if (!page)
            break;
        seen += static_cast<int>(page->messages.size());
        if (!page->messages.empty())
            next.after = page->messages.back().sortKey;
    }
    one.join();
    two.join();
    QCOMPARE(failures, 0);
    QCOMPARE(seen, 2 * Count);
}

void SqliteStorageTest::sharedFile_sendingIsNotAllowed()
{
    m_options.sortKeys = SortKeyOrigin::GivenInTransaction;
    open();
    Awaited<StoreOutcome> stored;
    QVERIFY(!m_storage->storeWhileSending(message("one"), {}, stored.completion()));
    const auto outcome = stored.wait();
    QVERIFY(outcome);
    QCOMPARE(outcome->state, StoreOutcome::State::Stored);
}

void SqliteStorageTest::sharedFile_oneProcessHousekeeps()
{
    open();
    const auto other = SqliteStorage::open(m_options, *m_clock);
    QVERIFY(other);
    StorageUser second(**other);
    Notification brief = message("brief");
    brief.ttl = std::chrono::seconds(1);
    QCOMPARE(user().removeExpired(10).value_or(-1), 0);
    QVERIFY(user().store(brief));
    m_clock->advance(std::chrono::seconds(59));
    QCOMPARE(second.removeExpired(10).value_or(-1), 0);
    m_clock->advance(std::chrono::seconds(1));
    QCOMPARE(second.removeExpired(10).value_or(-1), 1);
    brief.accepted = m_clock->now();
    QVERIFY(user().store(brief));
    m_clock->advance(std::chrono::seconds(1));
    QCOMPARE(user().removeExpired(10).value_or(-1), 0);
    // A lease beyond all reason was written by a clock that went wrong.
    m_clock->step(Start - std::chrono::hours(1));
    brief.accepted = m_clock->now() - std::chrono::hours(1);
    QVERIFY(user().store(brief));
    QCOMPARE(user().removeExpired(10).value_or(-1), 1);
}

// While a write is on its way.

void SqliteStorageTest::openStore_forbidsToSend()
{
    open();
    RawDatabase raw(path());
    Awaited<StoreOutcome> first;
    QVERIFY(block(raw, first));
    Awaited<StoreOutcome> second;
    QVERIFY(!m_storage->storeWhileSending(message("second"), {}, second.completion()));
    QVERIFY(raw.run("COMMIT"));
    QVERIFY(first.wait());
    QVERIFY(second.wait());
    Awaited<StoreOutcome> third;
    QVERIFY(m_storage->storeWhileSending(message("third"), {}, third.completion()));
    QVERIFY(third.wait());
    QCOMPARE(bodies(user().fetchAll(m_uaid)), (QByteArrayList { "first", "second", "third" }));
}

void SqliteStorageTest::ackDuringTheWrite_removesTheRow()
{
    open();
    RawDatabase raw(path());
    QVERIFY(raw.run("BEGIN IMMEDIATE"));
    Awaited<StoreOutcome> stored;
    const auto key = m_storage->storeWhileSending(message("one"), {}, stored.completion());
    QVERIFY(key);
    QTRY_COMPARE(m_storage->stats().queuedWrites, std::size_t { 0 });
    Awaited<bool> removed;
    m_storage->removeMessage(m_uaid, m_channel, *key, removed.completion());
    QVERIFY(!stored.isDone() && !removed.isDone());
    QVERIFY(raw.run("COMMIT"));
    const auto outcome = stored.wait();
    QVERIFY(outcome);
    QCOMPARE(outcome->state, StoreOutcome::State::Stored);
    QCOMPARE(removed.wait().value_or(false), true);
    QCOMPARE(m_storage->stats().spared, std::uint64_t { 0 });
    QCOMPARE(bodies(user().fetchAll(m_uaid)), QByteArrayList());
}

void SqliteStorageTest::brokenRule_failsItsWriteAlone()
{
    open();
    RawDatabase raw(path());
    Awaited<StoreOutcome> first;
    QVERIFY(block(raw, first));
    std::array<Awaited<StoreOutcome>, 3> others;
    for (Awaited<StoreOutcome> &one : others)
        m_storage->store(message("later"), one.completion());
    // The clock stands, so the first has its time as key and the others go on in twos.
    QVERIFY(
        raw.run("INSERT INTO message SELECT 77, uaid, 1700000000000004, x'00', NULL, 0, 1, 0, 1,"
                " 0, x'', x'', x'', x'', 0, x'', 0 FROM client"));
    QVERIFY(raw.run("COMMIT"));
    QVERIFY(first.wait());
    QVERIFY(others[0].wait());
    const auto failed = others[1].wait();
    QVERIFY(!failed);
    QCOMPARE(failed.error(), ErrorCode::StorageUnavailable);
    QVERIFY(others[2].wait());
    QCOMPARE(bodies(user().fetchAll(m_uaid)), (QByteArrayList { "first", "later", "later" }));
}

void SqliteStorageTest::lockedForLong_isUnavailable_thenRecovers()
{
    open();
    RawDatabase raw(path());
    Awaited<StoreOutcome> first;
    QVERIFY(block(raw, first));
    const auto failed = first.wait();
    QVERIFY(!failed);
    QCOMPARE(failed.error(), ErrorCode::StorageUnavailable);
    QVERIFY(raw.run("COMMIT"));
    QVERIFY(user().store(message("second")));
    QCOMPARE(bodies(user().fetchAll(m_uaid)), QByteArrayList { "second" });
}

void SqliteStorageTest::lockedForLong_startWaits()
{
    open();
    m_storage.reset();
    RawDatabase raw(path());
    QVERIFY(raw.run("BEGIN IMMEDIATE"));
    auto error = std::async(std::launch::async, [this] { return openingError(); });
    QTest::qWait(6'000); // longer than writes wait
    QVERIFY(raw.run("COMMIT"));
    QCOMPARE(error.get(), QString());
}

void SqliteStorageTest::fullDisk_refusesInserts_thenRecovers()
{
    open();
    std::vector<SortKey> stored;
    const QByteArray body(4000, 'x');
    FileSizeLimit limit(1 << 20);
    Result<StoreOutcome> outcome = Unexpected(ErrorCode::Internal);
    for (int i = 0; i < 2000; ++i) {
        outcome = user().store(message(body));
        if (!outcome)
            break;
        stored.push_back(outcome->sortKey);
    }
    QVERIFY(!outcome);
    QCOMPARE(outcome.error(), ErrorCode::StorageUnavailable);
    QVERIFY(stored.size() > 20);
    // What takes away is tried again alone, and reads go on.
    const auto removed = user().remove(message({}), stored.front());
    QVERIFY(removed);
    QCOMPARE(*removed, true);
    stored.erase(stored.begin());
    QVERIFY(user().fetchAll(m_uaid));

    limit.lift();
    outcome = user().store(message("after"));
    QVERIFY(outcome);
    stored.push_back(outcome->sortKey);
    open();
    const auto page = user().fetchAll(m_uaid);
    QVERIFY(page);
    std::vector<SortKey> there;
    for (const Notification &one : page->messages)
        there.push_back(one.sortKey);
    QVERIFY(there == stored);
}

void SqliteStorageTest::fullQueue_refusesMessagesBeforeRemovals()
{
    m_options.maxQueuedWrites = 3;
    open();
    const auto kept = user().store(message("kept"));
    QVERIFY(kept);
    RawDatabase raw(path());
    Awaited<StoreOutcome> first;
    QVERIFY(block(raw, first));
    std::array<Awaited<StoreOutcome>, 3> queued;
    for (Awaited<StoreOutcome> &one : queued)
        m_storage->store(message("queued"), one.completion());
    Awaited<StoreOutcome> refused;
    m_storage->store(message("refused"), refused.completion());
    QVERIFY(refused.isDone());
    QCOMPARE(refused.wait().error(), ErrorCode::StorageUnavailable);
    Awaited<StoreOutcome> unsent;
    QVERIFY(!m_storage->storeWhileSending(message("unsent"), {}, unsent.completion()));
    QCOMPARE(unsent.wait().error(), ErrorCode::StorageUnavailable);
    Awaited<bool> removed;
    m_storage->removeMessage(m_uaid, m_channel, kept->sortKey, removed.completion());
    QVERIFY(!removed.isDone());
    QVERIFY(raw.run("COMMIT"));
    QCOMPARE(removed.wait().value_or(false), true);
    for (Awaited<StoreOutcome> &one : queued)
        QVERIFY(one.wait());
    QCOMPARE(m_storage->stats().refused, std::uint64_t { 2 });
}

void SqliteStorageTest::fullQueueOfReads_refusesMore_andRecovers()
{
    m_options.maxQueuedReads = 2;
    open();
    bool isRefused = false;
    for (int round = 0; round < 100 && !isRefused; ++round) {
        std::vector<Awaited<std::optional<ClientRecord>>> found(200);
        for (auto &one : found)
            m_storage->findClient(m_uaid, one.completion());
        for (auto &one : found) {
            const auto outcome = one.wait();
            QVERIFY(outcome || outcome.error() == ErrorCode::StorageUnavailable);
            isRefused = isRefused || !outcome;
        }
    }
    QVERIFY(isRefused);
    QVERIFY(user().fetchAll(m_uaid));
}

// Upkeep.

void SqliteStorageTest::longLog_isRestarted()
{
    constexpr int Batch = 200;
    m_options.walLimit = 1 << 20;
    open();
    const QByteArray body(4000, 'x');
    int stored = 0;
    // As long as it takes: the log is looked at a few times a second, however fast it grows.
    const QDeadlineTimer deadline(std::chrono::minutes(1));
    while (!deadline.hasExpired() && m_storage->stats().logRestarts < 2) {
        std::vector<Awaited<StoreOutcome>> outcomes(Batch);
        for (auto &outcome : outcomes)
            m_storage->store(message(body), outcome.completion());
        for (auto &outcome : outcomes)
            QVERIFY(outcome.wait());
        stored += Batch;
    }
    const StorageStats stats = m_storage->stats();
    QVERIFY(stats.logRestarts >= 2);
    QVERIFY(stats.checkpoints >= 2);
    QVERIFY(stats.longestLogRestart.count() > 0);
    QCOMPARE(RawDatabase(path()).number("SELECT count(*) FROM message"), stored);
}

void SqliteStorageTest::expiredPages_areGivenBack()
{
    constexpr int Count = 4000;
    open();
    Notification brief = message(QByteArray(4000, 'x'));
    brief.ttl = std::chrono::seconds(1);
    std::vector<Awaited<StoreOutcome>> outcomes(Count);
    for (auto &outcome : outcomes)
        m_storage->store(brief, outcome.completion());
    for (auto &outcome : outcomes)
        QVERIFY(outcome.wait());
    m_clock->advance(std::chrono::seconds(1));
    RawDatabase raw(path());
    const qint64 before = raw.number("PRAGMA page_count");
    QVERIFY(before > Count);
    int removed = 0;
    for (int calls = 0; calls < Count / 100 + 20; ++calls)
        removed += user().removeExpired(100).value_or(0);
    QCOMPARE(removed, Count);
    QVERIFY(user().check());
    QVERIFY(raw.number("PRAGMA freelist_count") < 1100);
    QVERIFY(raw.number("PRAGMA page_count") < before / 2);
}

QTEST_GUILESS_MAIN(SqliteStorageTest)
#include "sqlitestoragetest.moc"
