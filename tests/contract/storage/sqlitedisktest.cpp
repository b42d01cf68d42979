// SPDX-License-Identifier: MPL-2.0
// The disk under the database fails at every point, or loses what was not synced. With
// CARILLON_LONG every point is tried and the power is cut 1,000 times; without, a sample.
// CARILLON_SEED repeats the sample and what each cut leaves.
#include "server/storage/sqlite/sqlitestatement.h"
#include "server/storage/sqlite/sqlitestorage.h"
#include "tests/contract/storage/faultydisk.h"
#include "tests/contract/storage/rawdatabase.h"
#include "tests/contract/storage/storageuser.h"
#include "tests/support/manualclock.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <optional>
#include <random>
#include <semaphore>
#include <set>
#include <thread>

using namespace Carillon;
using namespace std::chrono_literals;

namespace {

const Time Start = fromSeconds(1'700'000'000);
std::atomic<int> warnings = 0;
QtMessageHandler otherMessages = nullptr;

/// What storage says is counted, not shown: thousands of failures are wanted here.
void countWarnings(QtMsgType type, const QMessageLogContext &context, const QString &text)
{
    if (QByteArrayView(context.category) == "carillon.storage")
        warnings += type == QtWarningMsg ? 1 : 0;
    else
        otherMessages(type, context, text);
}

bool isLong()
{
    return qEnvironmentVariableIsSet("CARILLON_LONG");
}

std::uint32_t seed()
{
    static const std::uint32_t Seed = [] {
        bool isGiven = false;
        const std::uint32_t given = qEnvironmentVariable("CARILLON_SEED").toUInt(&isGiven);
        return isGiven ? given : std::random_device()();
    }();
    return Seed;
}

using Keys = std::set<SortKey>;

/// What storage has said, by what has to be true of its file.
struct Book
{
    Keys stored; ///< completed as Stored
    Keys asked; ///< whose removal was asked
    Keys removed; ///< whose removal was completed
    SortKey highest {};

    void given(SortKey key) { highest = std::max(highest, key); }
};

QByteArray text(const Keys &keys)
{
    constexpr qsizetype Enough = 200;
    QByteArray text;
    for (auto key = keys.begin(); key != keys.end() && text.size() < Enough; ++key)
        text += QByteArray::number(static_cast<qlonglong>(toInt(*key))) + ' ';
    return text;
}

Keys without(Keys keys, const Keys &others)
{
    std::erase_if(keys, [&](SortKey key) { return others.contains(key); });
    return keys;
}

QString fault(const char *what, const Keys &keys)
{
    return keys.empty() ? QString() : QLatin1StringView(what) + QString::fromLatin1(text(keys));
}

std::optional<Keys> keysIn(Storage &storage, const Uaid &uaid)
{
    const auto page = StorageUser(storage).fetchAll(uaid);
    if (!page)
        return std::nullopt;
    Keys keys;
    for (const Notification &message : page->messages)
        keys.insert(message.sortKey);
    return keys;
}

} // namespace

/// A disk that fails, and power that does.
class SqliteDiskTest : public QObject
{
    Q_OBJECT

public:
    /// Qt ends a function after five minutes; a row of the long form takes longer on a slow disk.
    static void initMain()
    {
        if (isLong() && !qEnvironmentVariableIsSet("QTEST_FUNCTION_TIMEOUT"))
            qputenv("QTEST_FUNCTION_TIMEOUT", "3600000"); // ms
    }

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();

    void stored_isSynced_data();
    void stored_isSynced();
    void failingDisk_data();
    void failingDisk();
    void flickeringDisk_isToldOfOnce();
    void powerCut_whileTheFileIsMade();
    void powerCut_underLoad_data();
    void powerCut_underLoad();

private:
    [[nodiscard]] QString path() const { return inDirectory(m_directory->path()); }
    static QString inDirectory(const QString &directory)
    {
        return directory + QStringLiteral("/carillon.sqlite");
    }
    [[nodiscard]] Notification message(qsizetype size, const QByteArray &topic = {}) const;
    /// Uses everything once.
    void script(SqliteStorage &storage);
    void scriptedStore(Storage &storage, qsizetype size, const QByteArray &topic = {});
    void scriptedRemove(Storage &storage, SortKey key);
    /// With the failure at the n-th call; nothing: all is as it has to be. `reached`: whether there
    /// was such a call.
    [[nodiscard]] QString failAt(int n, int times, bool isFull, bool &reached);
    [[nodiscard]] QString runScript(int times, bool endsFirst);
    [[nodiscard]] QString checkFile(bool isStrict);
    [[nodiscard]] QString checkNow(Storage &storage, bool isStrict);

    /// The load: asks for all kinds of writes until it is told to stop.
    void load(Storage &storage, std::uint32_t choices);
    void loadStep(Storage &storage, std::mt19937 &random, std::counting_semaphore<64> &slots);
    [[nodiscard]] QString checkRemains(const FaultyDisk::Remains &remains, const Book &before,
                                       const Book &after);

    std::unique_ptr<QTemporaryDir> m_directory;
    std::unique_ptr<FaultyDisk> m_disk;
    std::unique_ptr<ManualClock> m_clock;
    SqliteOptions m_options;
    Uaid m_uaid;
    ChannelId m_channel;
    Book m_book;
    std::mutex m_bookMutex;
    int m_failed = 0; // calls
    std::atomic<bool> m_stopping = false;
    std::atomic<bool> m_pausing = false;
};

void SqliteDiskTest::initTestCase()
{
    otherMessages = qInstallMessageHandler(countWarnings);
    qInfo("CARILLON_SEED=%u", seed());
}

void SqliteDiskTest::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    QVERIFY(m_directory->isValid());
    m_disk = std::make_unique<FaultyDisk>();
    m_clock = std::make_unique<ManualClock>(Start);
    m_uaid = newUaid();
    m_channel = ChannelId();
    m_options = SqliteOptions();
    m_options.path = path();
    m_options.limits.onFull = OnFull::Reset;
    m_options.limits.maxBytes = std::int64_t { 1 } << 40;
    m_options.walLimit = 64 << 10;
    m_book = Book();
    m_failed = 0;
}

void SqliteDiskTest::cleanup()
{
    m_disk.reset();
    if (QTest::currentTestFailed())
        m_directory->setAutoRemove(false);
    m_directory.reset();
}

Notification SqliteDiskTest::message(qsizetype size, const QByteArray &topic) const
{
    Notification notification;
    notification.uaid = m_uaid;
    notification.channelId = m_channel;
    notification.ttl = std::chrono::hours(1);
    notification.accepted = m_clock->now();
    notification.encoding = Encoding::Aes128Gcm;
    notification.topic = topic;
    notification.body = QByteArray(size, 'x');
    return notification;
}

// The promise of a commit.

void SqliteDiskTest::stored_isSynced_data()
{
    QTest::addColumn<bool>("isFull");
    QTest::addRow("full") << true;
    // That the syncs are counted at all.
    QTest::addRow("normal") << false;
}

void SqliteDiskTest::stored_isSynced()
{
    QFETCH(bool, isFull);
    const SqliteStatement setup =
        isFull ? SqliteStatement::WriterSetupFull : SqliteStatement::WriterSetupNormal;
    m_options.fullSync = isFull;
    m_options.ackWait = 0ms;
    const auto storage = SqliteStorage::open(m_options, *m_clock);
    QVERIFY(storage);
    StorageUser user(**storage);
    QVERIFY(user.addChannel(m_uaid, m_channel));
    const QString log = path() + QStringLiteral("-wal");
    for (int i = 0; i < 5; ++i) {
        const int syncs = m_disk->syncs();
        QVERIFY(user.store(message(100)));
        QCOMPARE(m_disk->syncs() > syncs, isFull);
        QCOMPARE(m_disk->unsyncedBytes(log) == 0, isFull);
    }
    RawDatabase raw(path());
    for (const QString &statement :
         readSql(QStringLiteral("queries/") + QLatin1StringView(fileName(setup))))
        QVERIFY(raw.run(statement.toUtf8().constData()));
    QCOMPARE(raw.number("PRAGMA synchronous"), isFull ? 2 : 1);
}

// A failing disk.

void SqliteDiskTest::scriptedStore(Storage &storage, qsizetype size, const QByteArray &topic)
{
    const auto stored = StorageUser(storage).store(message(size, topic));
    if (!stored) {
        ++m_failed;
        return;
    }
    m_book.given(stored->sortKey);
    m_book.stored.insert(stored->sortKey);
}

void SqliteDiskTest::scriptedRemove(Storage &storage, SortKey key)
{
    m_book.asked.insert(key);
    const auto removed = StorageUser(storage).remove(message(0), key);
    m_failed += removed ? 0 : 1;
    if (removed)
        m_book.removed.insert(key);
}

void SqliteDiskTest::script(SqliteStorage &storage)
{
    StorageUser user(storage);
    const auto count = [this](const auto &result) {
        m_failed += result ? 0 : 1;
        return result.has_value();
    };
    const Uaid other = newUaid();
    count(user.addChannel(m_uaid, m_channel));
    count(user.addChannel(other, m_channel));
    count(user.claim(m_uaid, {}));
    scriptedStore(storage, 100);
    // A topic, and what replaces it.
    const Keys before = m_book.stored;
    scriptedStore(storage, 100, "topic");
    const Keys replaced = without(m_book.stored, before);
    const std::size_t known = m_book.stored.size();
    m_book.asked.insert(replaced.begin(), replaced.end());
    scriptedStore(storage, 200, "topic");
    if (m_book.stored.size() > known)
        m_book.removed.insert(replaced.begin(), replaced.end());

    // Two that are being sent: one whose ack spares the write, one that is written.
    for (const bool isAcknowledged : { true, false }) {
        Awaited<StoreOutcome> sent;
        const auto key = storage.storeWhileSending(message(100), {}, sent.completion());
        if (key && isAcknowledged)
            scriptedRemove(storage, *key);
        storage.endWait(m_uaid);
        const auto outcome = sent.wait();
        if (count(outcome) && outcome->state == StoreOutcome::State::Stored)
            m_book.stored.insert(outcome->sortKey);
        if (outcome)
            m_book.given(outcome->sortKey);
    }
    if (!m_book.stored.empty())
        scriptedRemove(storage, *m_book.stored.begin());
    count(user.fetchAll(m_uaid));
    count(user.findRoute(m_uaid, m_channel));
    count(user.findClient(m_uaid));
    count(user.renew({ m_uaid, other }));
    count(user.removeClient(other));
    Notification brief = message(100);
    brief.ttl = 1s;
    count(user.store(brief));
    m_clock->advance(2s);
    count(user.removeExpired(100));

    // Enough for a checkpoint and a restart of the log: the writer counts writes, and many small
    // ones make few calls that are alike. A few are long all the same.
    constexpr std::size_t Many = 300;
    constexpr std::size_t EachLong = 100;
    const std::uint64_t restarts = storage.stats().logRestarts;
    for (int round = 0; round < 2 && storage.stats().logRestarts == restarts; ++round) {
        std::array<Awaited<StoreOutcome>, Many> outcomes;
        for (std::size_t i = 0; i < Many; ++i)
            storage.store(message(i % EachLong == 0 ? 60'000 : 200), outcomes[i].completion());
        for (Awaited<StoreOutcome> &one : outcomes) {
            const auto outcome = one.wait();
            if (!count(outcome))
                continue;
            m_book.given(outcome->sortKey);
            m_book.stored.insert(outcome->sortKey);
        }
    }
    // As long as it takes, but not where it failed.
    for (int i = 0; i < 2000; ++i) {
        if (m_disk->failures() > 0 || storage.stats().logRestarts > restarts)
            break;
        // The writer looks after each batch whether the checkpointer asks for a restart.
        if (storage.stats().checkpoints >= 2)
            scriptedStore(storage, 100);
        std::this_thread::sleep_for(1ms);
    }
    scriptedStore(storage, 100);
    count(user.release(m_uaid, 0));
    count(user.reclaim(m_uaid, NodeId("http://node"), 0));
    count(user.findNews(NodeId(), { m_uaid }));
}

/// Everything works at once, and all that was said holds. Strict: a call that failed has changed
/// nothing. Where the process ended before the disk was well again, its last commit may have
/// reached the disk all the same.
QString SqliteDiskTest::checkNow(Storage &storage, bool isStrict)
{
    StorageUser user(storage);
    if (!user.check() || !user.addChannel(m_uaid, m_channel))
        return QStringLiteral("cannot be written after the failure");
    const auto there = keysIn(storage, m_uaid);
    if (!there)
        return QStringLiteral("cannot be read after the failure");
    const Keys &maybeGone = isStrict ? m_book.removed : m_book.asked;
    QString found = fault("lost: ", without(without(m_book.stored, maybeGone), *there));
    found += fault("came back: ", without(m_book.removed, without(m_book.removed, *there)));
    if (isStrict)
        found += fault("stored although it failed: ", without(*there, m_book.stored));
    const auto next = user.store(message(10));
    if (!next || next->sortKey <= m_book.highest)
        return found + QStringLiteral("keys do not go on");
    m_book.given(next->sortKey);
    m_book.stored.insert(next->sortKey);
    return found;
}

QString SqliteDiskTest::checkFile(bool isStrict)
{
    for (int round = 0; round < 2; ++round) {
        auto opened = SqliteStorage::open(m_options, *m_clock);
        if (!opened)
            return QStringLiteral("not opened again: ") + opened.error();
        if (const QString found = checkNow(**opened, isStrict); !found.isEmpty())
            return found + QStringLiteral("in process %1 after it").arg(round + 1);
    }
    RawDatabase raw(path());
    if (raw.number("SELECT integrity_check = 'ok' FROM pragma_integrity_check") != 1)
        return QStringLiteral("the file is damaged");
    if (raw.number("PRAGMA auto_vacuum") != 2)
        return QStringLiteral("the file was made without auto_vacuum");
    return {};
}

/// endsFirst: the process ends while the disk still fails.
QString SqliteDiskTest::runScript(int times, bool endsFirst)
{
    auto opened = SqliteStorage::open(m_options, *m_clock);
    if (!opened)
        return opened.error().isEmpty() ? QStringLiteral("no reason for not opening") : QString();
    script(**opened);
    if (m_disk->failures() == 0 && (*opened)->stats().logRestarts == 0)
        return QStringLiteral("the script does not reach a restart of the log");
    if (times == FaultyDisk::Forever && m_disk->failures() > 0) {
        const auto check = StorageUser(**opened).check();
        if (check || check.error() != ErrorCode::StorageUnavailable)
            return QStringLiteral("healthy while the disk fails");
        if (warnings == 0)
            return QStringLiteral("failed without a line in the log");
    }
    if (endsFirst)
        return {};
    m_disk->heal();
    QString found = checkNow(**opened, true);
    if (found.isEmpty())
        found = checkRemains(m_disk->cutPower(m_directory->path(), seed()), m_book, m_book);
    return found;
}

QString SqliteDiskTest::failAt(int n, int times, bool isFull, bool &reached)
{
    m_book = Book();
    m_failed = 0;
    m_clock = std::make_unique<ManualClock>(Start);
    m_directory = std::make_unique<QTemporaryDir>();
    m_options.path = path();
    warnings = 0;
    m_disk->failFrom(n, times, isFull);
    const bool endsFirst = n % 2 == 0;
    QString found = runScript(times, endsFirst);
    reached = m_disk->failures() > 0;
    m_disk->heal();
    if (found.isEmpty())
        found = checkFile(!endsFirst);
    m_disk->forget(m_directory->path());
    return found;
}

void SqliteDiskTest::failingDisk_data()
{
    QTest::addColumn<int>("times");
    QTest::addColumn<bool>("isFull");
    QTest::addColumn<bool>("isShared");
    for (const bool isShared : { false, true }) {
        const char *const keys = isShared ? "shared file" : "one process";
        QTest::addRow("an error, once, %s", keys) << 1 << false << isShared;
        QTest::addRow("errors from then on, %s", keys) << FaultyDisk::Forever << false << isShared;
        QTest::addRow("full, once, %s", keys) << 1 << true << isShared;
        QTest::addRow("full from then on, %s", keys) << FaultyDisk::Forever << true << isShared;
    }
}

void SqliteDiskTest::failingDisk()
{
    QFETCH(int, times);
    QFETCH(bool, isFull);
    QFETCH(bool, isShared);
    m_options.sortKeys =
        isShared ? SortKeyOrigin::GivenInTransaction : SortKeyOrigin::GivenWhenQueued;
    m_options.ackWait = isShared ? 0ms : std::chrono::hours(1);
    std::mt19937 random(seed());
    // Dense where each call is another, sparse where pages follow pages.
    std::uniform_int_distribution dense(1, isLong() ? 1 : 20);
    std::uniform_int_distribution sparse(1, isLong() ? 1 : 400);
    QString found;
    int n = 0;
    int tries = 0;
    for (bool reached = true; reached && found.isEmpty(); ++tries) {
        n += n < 300 ? dense(random) : sparse(random);
        found = failAt(n, times, isFull, reached);
    }
    qInfo("%d points up to call %d", tries, n);
    QVERIFY2(found.isEmpty(), qPrintable(QStringLiteral("call %1: %2").arg(n).arg(found)));
    QVERIFY(n > 300);
}

void SqliteDiskTest::flickeringDisk_isToldOfOnce()
{
    const auto storage = SqliteStorage::open(m_options, *m_clock);
    QVERIFY(storage);
    StorageUser user(**storage);
    QVERIFY(user.addChannel(m_uaid, m_channel));
    warnings = 0;
    constexpr int Times = 20;
    for (int i = 0; i < Times; ++i) {
        m_disk->failFrom(1, FaultyDisk::Forever, false);
        QVERIFY(!user.store(message(100)));
        m_disk->heal();
        QVERIFY(user.store(message(100)));
    }
    // Once a minute, whatever a minute is worth here.
    QVERIFY2(warnings > 0 && warnings < Times / 2, qPrintable(QString::number(warnings)));
}

// Power.

QString SqliteDiskTest::checkRemains(const FaultyDisk::Remains &remains, const Book &before,
                                     const Book &after)
{
    QTemporaryDir directory;
    for (const auto &[name, content] : remains) {
        QFile file(directory.filePath(name));
        if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size())
            return QStringLiteral("the test cannot write its files");
    }
    SqliteOptions options = m_options;
    options.path = inDirectory(directory.path());
    QString found;
    {
        const auto opened = SqliteStorage::open(options, *m_clock);
        if (!opened)
            return QStringLiteral("not opened: ") + opened.error();
        const auto there = keysIn(**opened, m_uaid);
        if (!there)
            return QStringLiteral("cannot be read");
        found = fault("lost: ", without(without(before.stored, after.asked), *there));
        Keys back;
        for (const SortKey key : before.removed) {
            if (there->contains(key))
                back.insert(key);
        }
        found += fault("came back: ", back);
        StorageUser user(**opened);
        const auto route = user.findRoute(m_uaid, m_channel);
        const bool isRegistered = route && *route && (*route)->hasChannel;
        if (before.highest != SortKey {} && !isRegistered)
            found += QStringLiteral("the subscription is lost");
        if (!user.addChannel(m_uaid, m_channel))
            found += QStringLiteral("cannot be written");
        const auto next = user.store(message(10));
        if (!next || next->sortKey <= before.highest)
            found += QStringLiteral("keys do not go on");
    }
    if (found.isEmpty()
        && RawDatabase(options.path)
                .number("SELECT integrity_check = 'ok' FROM pragma_integrity_check")
            != 1)
        found = QStringLiteral("the file is damaged");
    m_disk->forget(directory.path());
    return found;
}

void SqliteDiskTest::powerCut_whileTheFileIsMade()
{
    std::mt19937 random(seed());
    QString found;
    int n = 0;
    for (bool reached = true; reached && found.isEmpty();) {
        ++n;
        m_directory = std::make_unique<QTemporaryDir>();
        m_options.path = path();
        std::optional<FaultyDisk::Remains> remains;
        m_disk->cutPowerAt(n,
                           { m_directory->path(), static_cast<std::uint32_t>(random()), [] {},
                             [] {}, [&](FaultyDisk::Remains left) { remains = std::move(left); } });
        auto opened = SqliteStorage::open(m_options, *m_clock);
        QVERIFY2(opened, qPrintable(opened ? QString() : opened.error()));
        QVERIFY(StorageUser(**opened).addChannel(m_uaid, m_channel));
        reached = !m_disk->cancelCut();
        (*opened).reset();
        if (reached)
            found = checkRemains(*remains, {}, {});
        m_disk->forget(m_directory->path());
    }
    QVERIFY2(found.isEmpty(), qPrintable(QStringLiteral("call %1: %2").arg(n).arg(found)));
    QVERIFY(n > 20);
}

void SqliteDiskTest::loadStep(Storage &storage, std::mt19937 &random,
                              std::counting_semaphore<64> &slots)
{
    const auto remove = [&](SortKey key, auto how) {
        {
            const std::lock_guard lock(m_bookMutex);
            m_book.asked.insert(key);
        }
        slots.acquire();
        (storage.*how)(m_uaid, m_channel, key, [&, key](const Result<bool> &removed) {
            const std::lock_guard lock(m_bookMutex);
            if (removed)
                m_book.removed.insert(key);
            slots.release();
        });
    };
    const auto stored = [&](const Result<StoreOutcome> &outcome) {
        const std::lock_guard lock(m_bookMutex);
        if (outcome && outcome->state == StoreOutcome::State::Stored) {
            m_book.given(outcome->sortKey);
            m_book.stored.insert(outcome->sortKey);
        }
        slots.release();
    };
    const auto choice = std::uniform_int_distribution(0, 9)(random);
    const auto size = std::uniform_int_distribution(0, choice == 0 ? 60'000 : 3'000)(random);
    slots.acquire();
    if (choice == 9) {
        storage.claimClient(m_uaid, {}, [&](const auto &) { slots.release(); });
    } else if (choice < 4) {
        storage.store(message(size), {}, stored);
    } else if (const auto key = storage.storeWhileSending(message(size), {}, stored);
               key && choice < 7) {
        const std::lock_guard lock(m_bookMutex);
        m_book.given(*key);
    } else if (key) {
        remove(*key, &Storage::removeAcknowledged);
    }
    // So that the file does not grow without end.
    SortKey oldest {};
    {
        const std::lock_guard lock(m_bookMutex);
        const Keys open = without(m_book.stored, m_book.asked);
        if (open.size() > 60)
            oldest = *open.begin();
    }
    if (oldest != SortKey {})
        remove(oldest, choice % 2 == 0 ? &Storage::removeAcknowledged : &Storage::removeMessage);
}

void SqliteDiskTest::load(Storage &storage, std::uint32_t choices)
{
    std::mt19937 random(choices);
    std::counting_semaphore<64> slots(64);
    while (!m_stopping) {
        if (m_pausing)
            std::this_thread::sleep_for(1ms);
        else
            loadStep(storage, random, slots);
    }
    for (int i = 0; i < 64; ++i)
        slots.acquire();
}

void SqliteDiskTest::powerCut_underLoad_data()
{
    QTest::addColumn<bool>("isShared");
    QTest::addRow("one process") << false;
    QTest::addRow("shared file") << true;
}

void SqliteDiskTest::powerCut_underLoad()
{
    QFETCH(bool, isShared);
    const int cuts = isLong() ? 500 : 40;
    m_options.sortKeys =
        isShared ? SortKeyOrigin::GivenInTransaction : SortKeyOrigin::GivenWhenQueued;
    m_options.ackWait = 1ms;
    m_clock->letSteadyTimeRun();
    m_options.walLimit = 256 << 10;
    std::mt19937 random(seed());
    // With more than one process two of them store.
    std::vector<std::unique_ptr<SqliteStorage>> storages;
    for (int i = 0; i < (isShared ? 2 : 1); ++i) {
        auto opened = SqliteStorage::open(m_options, *m_clock);
        QVERIFY(opened);
        storages.push_back(std::move(*opened));
    }
    QVERIFY(StorageUser(*storages[0]).addChannel(m_uaid, m_channel));
    m_stopping = false;
    m_pausing = false;
    std::vector<std::thread> loads;
    for (const auto &storage : storages)
        loads.emplace_back([this, &storage, choices = static_cast<std::uint32_t>(random())] {
            load(*storage, choices);
        });

    QString found;
    int cut = 0;
    for (; cut < cuts && found.isEmpty(); ++cut) {
        Book before;
        Book after;
        const auto look = [this](Book &book) {
            const std::lock_guard lock(m_bookMutex);
            book = m_book;
        };
        FaultyDisk::Remains remains;
        std::binary_semaphore isTaken(0);
        m_disk->cutPowerAt(std::uniform_int_distribution(1, 600)(random),
                           { m_directory->path(), static_cast<std::uint32_t>(random()),
                             [&] { look(before); }, [&] { look(after); },
                             [&](FaultyDisk::Remains left) {
                                 remains = std::move(left);
                                 isTaken.release();
                             } });
        m_pausing = false;
        if (!isTaken.try_acquire_for(30s)) {
            found = QStringLiteral("the load stands still");
            break;
        }
        m_pausing = true;
        found = checkRemains(remains, before, after);
    }
    m_pausing = false;
    m_stopping = true;
    for (std::thread &thread : loads)
        thread.join();
    m_disk->cancelCut();
    const std::uint64_t restarts = storages[0]->stats().logRestarts;
    storages.clear();
    qInfo("%d cuts, %zu messages, %llu restarts of the log", cut, m_book.stored.size(),
          static_cast<unsigned long long>(restarts));
    QVERIFY2(found.isEmpty(), qPrintable(QStringLiteral("cut %1: %2").arg(cut).arg(found)));
}

QTEST_GUILESS_MAIN(SqliteDiskTest)
#include "sqlitedisktest.moc"
