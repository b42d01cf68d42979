// SPDX-License-Identifier: MPL-2.0
#include "server/storage/sqlite/sqlitestorage.h"
#include "server/storage/sqlite/storagespace.h"
#include "tests/contract/storage/storageuser.h"
#include "tests/support/loglines.h"
#include "tests/support/manualclock.h"

#include <QTemporaryDir>
#include <QTest>

using namespace Carillon;

namespace {

const Time Start = fromSeconds(1'700'000'000);
constexpr std::int64_t Bound = 1 << 20;

ChannelId newChannel()
{
    return ChannelId::fromRaw(newUaid().raw());
}

} // namespace

/// What all that is stored may take together.
class SqliteSpaceTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void judgement_hasSlack_andSaysItOnce();
    void unknownFreeDisk_isNoFault();
    void fullDatabase_refusesWhatIsNew_drains_andTakesAgain();
    void fullDatabase_sparesWhatIsAcknowledged();
    void littleFreeDisk_refusesWhatIsNew();
    void noBounds_refuseNothing();

private:
    void open(const SpaceLimits &limits);
    [[nodiscard]] StorageUser user() { return StorageUser(*m_storage); }
    [[nodiscard]] Notification message() const;
    /// Stores until that fails, a second apart, and gives the error.
    [[nodiscard]] ErrorCode fill();

    std::unique_ptr<QTemporaryDir> m_directory;
    std::unique_ptr<ManualClock> m_clock;
    SqliteOptions m_options;
    std::unique_ptr<SqliteStorage> m_storage;
    std::vector<SortKey> m_stored;
    Uaid m_uaid;
    ChannelId m_channel;
};

void SqliteSpaceTest::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    QVERIFY(m_directory->isValid());
    m_clock = std::make_unique<ManualClock>(Start);
    m_uaid = newUaid();
    m_options = SqliteOptions();
    m_options.path = m_directory->filePath(QStringLiteral("db"));
    m_options.ackWait = std::chrono::milliseconds(0);
    m_options.limits = { 1'000'000, 1 << 30, OnFull::Refuse };
    m_stored.clear();
}

void SqliteSpaceTest::cleanup()
{
    m_storage.reset();
    m_directory.reset();
}

void SqliteSpaceTest::open(const SpaceLimits &limits)
{
    m_storage.reset();
    m_options.space = limits;
    auto opened = SqliteStorage::open(m_options, *m_clock);
    if (!opened)
        qFatal("%s", qPrintable(opened.error()));
    m_storage = std::move(*opened);
}

Notification SqliteSpaceTest::message() const
{
    Notification notification;
    notification.uaid = m_uaid;
    notification.channelId = m_channel;
    notification.ttl = std::chrono::hours(1);
    notification.accepted = m_clock->now();
    notification.body = QByteArray(4000, 'x');
    return notification;
}

ErrorCode SqliteSpaceTest::fill()
{
    for (int i = 0; i < 1000; ++i) {
        m_clock->advance(std::chrono::seconds(1));
        const auto stored = user().store(message());
        if (!stored)
            return stored.error();
        m_stored.push_back(stored->sortKey);
    }
    return ErrorCode::TestError;
}

void SqliteSpaceTest::judgement_hasSlack_andSaysItOnce()
{
    const LogLines log;
    StorageSpace space(m_directory->path(), { 1600, 16'000 });
    space.judge(1599, 16'000);
    QVERIFY(!space.isFull());
    space.judge(1600, 16'000);
    QVERIFY(space.isFull());
    QVERIFY(LogLines::lines().constFirst().contains(QStringLiteral("max_database_size")));
    space.judge(1599, 17'000);
    space.judge(1500, 17'000);
    QVERIFY(space.isFull());
    space.judge(1499, 16'999); // now the disk: one state goes on
    QVERIFY(space.isFull());
    space.judge(1499, 17'000);
    QVERIFY(!space.isFull());
    QCOMPARE(LogLines::lines().size(), 2);
    space.judge(0, 15'999);
    QVERIFY(space.isFull());
    QVERIFY(LogLines::lines().constLast().contains(QStringLiteral("min_free_disk")));
    QCOMPARE(LogLines::lines().size(), 3);
}

void SqliteSpaceTest::unknownFreeDisk_isNoFault()
{
    StorageSpace space(m_directory->filePath(QStringLiteral("nowhere")), { 0, 1 });
    space.look(Instant(), 1);
    QVERIFY(!space.isFull());
}

void SqliteSpaceTest::fullDatabase_refusesWhatIsNew_drains_andTakesAgain()
{
    open({ Bound, 0 });
    QVERIFY(user().addChannel(m_uaid, m_channel));
    const LogLines log;
    QCOMPARE(fill(), ErrorCode::StorageFull);
    QVERIFY(m_stored.size() > 100);
    const StorageStats full = m_storage->stats();
    QVERIFY(full.isFull);
    QVERIFY(full.bytes >= Bound && full.bytes < Bound + Bound / 10);
    QVERIFY(full.freeDisk > 0);

    // What is new is refused; that something is gone is still said.
    QCOMPARE(user().addChannel(newUaid(), m_channel).error(), ErrorCode::StorageFull);
    QCOMPARE(user().addChannel(m_uaid, newChannel()).error(), ErrorCode::StorageFull);
    Notification stray = message();
    stray.channelId = newChannel();
    QCOMPARE(user().store(stray).error(), ErrorCode::NoSuchSubscription);
    stray.uaid = newUaid();
    QCOMPARE(user().store(stray).error(), ErrorCode::NoSuchUser);

    // What is there goes on.
    QVERIFY(user().check());
    QVERIFY(user().addChannel(m_uaid, m_channel));
    const auto claimed = user().claim(m_uaid, {});
    QVERIFY(claimed && *claimed);
    const auto page = user().fetchAll(m_uaid);
    QVERIFY(page);
    QCOMPARE(page->messages.size(), m_stored.size());
    for (std::size_t i = 0; i < 10; ++i)
        QVERIFY(user().remove(message(), m_stored[i]).value_or(false));
    m_clock->advance(std::chrono::seconds(1));
    QCOMPARE(user().store(message()).error(), ErrorCode::StorageFull); // not at once
    for (std::size_t i = 10; i < 40; ++i)
        QVERIFY(user().remove(message(), m_stored[i]).value_or(false));
    m_clock->advance(std::chrono::seconds(1));
    QVERIFY(user().store(message()));
    QVERIFY(user().addChannel(newUaid(), m_channel));
    QVERIFY(!m_storage->stats().isFull);
    QCOMPARE(LogLines::lines().size(), 2);
}

void SqliteSpaceTest::fullDatabase_sparesWhatIsAcknowledged()
{
    m_options.ackWait = std::chrono::minutes(1);
    open({ 0, 0 });
    QVERIFY(user().addChannel(m_uaid, m_channel));
    open({ 1, 0 });
    QVERIFY(user().check());
    QVERIFY(m_storage->stats().isFull);
    Awaited<StoreOutcome> acknowledged;
    const auto key = m_storage->storeWhileSending(message(), {}, acknowledged.completion());
    QVERIFY(key);
    QVERIFY(user().remove(message(), *key).value_or(false));
    QCOMPARE(acknowledged.wait().value().state, StoreOutcome::State::Acknowledged);
    Awaited<StoreOutcome> silent;
    QVERIFY(m_storage->storeWhileSending(message(), {}, silent.completion()));
    m_storage->endWait(m_uaid);
    QCOMPARE(silent.wait().error(), ErrorCode::StorageFull);
}

void SqliteSpaceTest::littleFreeDisk_refusesWhatIsNew()
{
    open({ 0, 0 });
    QVERIFY(user().addChannel(m_uaid, m_channel));
    const auto stored = user().store(message());
    QVERIFY(stored);
    // More than any disk has free.
    open({ 0, std::int64_t { 1 } << 60 });
    QCOMPARE(user().store(message()).error(), ErrorCode::StorageFull);
    QCOMPARE(user().addChannel(newUaid(), m_channel).error(), ErrorCode::StorageFull);
    QCOMPARE(user().fetchAll(m_uaid).value().messages.size(), std::size_t { 1 });
    QVERIFY(user().remove(message(), stored->sortKey).value_or(false));
}

void SqliteSpaceTest::noBounds_refuseNothing()
{
    open({ 0, 0 });
    QVERIFY(user().addChannel(m_uaid, m_channel));
    QCOMPARE(fill(), ErrorCode::TestError);
}

QTEST_GUILESS_MAIN(SqliteSpaceTest)
#include "sqlitespacetest.moc"
