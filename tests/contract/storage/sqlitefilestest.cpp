// SPDX-License-Identifier: MPL-2.0
#include "server/storage/sqlite/sqlitestorage.h"
#include "tests/contract/storage/rawdatabase.h"
#include "tests/contract/storage/storageuser.h"
#include "tests/support/loglines.h"
#include "tests/support/manualclock.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace Carillon;

namespace {

const Time Start = fromSeconds(1'700'000'000);

} // namespace

/// The database's files move, vanish or are replaced while the storage runs.
class SqliteFilesTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void fileGoesWhileItIsOpen_isUnavailable_andNothingIsMade_data();
    void fileGoesWhileItIsOpen_isUnavailable_andNothingIsMade();
    void anotherDatabaseInItsPlace_isNeitherReadNorWritten();
    void linkThatIsPointedElsewhere_isNoticed();
    void removedLog_isSavedAtTheEnd();
    void manyCallsMeanwhile_areOneLogLine();
    void manyReadsThatFail_areOneLogLine();

private:
    void open();
    [[nodiscard]] QString path() const { return m_directory->filePath(QStringLiteral("db")); }
    [[nodiscard]] QStringList files() const
    {
        return QDir(m_directory->path()).entryList(QDir::Files | QDir::System, QDir::Name);
    }
    [[nodiscard]] StorageUser user() { return StorageUser(*m_storage); }
    [[nodiscard]] Notification message(const QByteArray &body) const;
    [[nodiscard]] bool refusesEverything();

    std::unique_ptr<QTemporaryDir> m_directory;
    std::unique_ptr<ManualClock> m_clock;
    SqliteOptions m_options;
    std::unique_ptr<SqliteStorage> m_storage;
    Uaid m_uaid;
    ChannelId m_channel;
};

void SqliteFilesTest::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    QVERIFY(m_directory->isValid());
    m_clock = std::make_unique<ManualClock>(Start);
    m_uaid = newUaid();
    m_options = SqliteOptions();
    m_options.path = path();
    m_options.ackWait = std::chrono::milliseconds(0);
}

void SqliteFilesTest::cleanup()
{
    m_storage.reset();
    m_directory.reset();
}

void SqliteFilesTest::open()
{
    m_storage.reset();
    auto opened = SqliteStorage::open(m_options, *m_clock);
    if (!opened)
        qFatal("%s", qPrintable(opened.error()));
    m_storage = std::move(*opened);
    QVERIFY(user().addChannel(m_uaid, m_channel));
}

Notification SqliteFilesTest::message(const QByteArray &body) const
{
    Notification notification;
    notification.uaid = m_uaid;
    notification.channelId = m_channel;
    notification.ttl = std::chrono::hours(1);
    notification.accepted = m_clock->now();
    notification.body = body;
    return notification;
}

/// Writes first: they notice it.
bool SqliteFilesTest::refusesEverything()
{
    const auto fails = [](const auto &result) {
        return !result && result.error() == ErrorCode::StorageUnavailable;
    };
    return fails(user().store(message("lost"))) && fails(user().check())
        && fails(user().addChannel(newUaid(), m_channel)) && fails(user().claim(m_uaid, {}))
        && fails(user().remove(message({}), SortKey { 2 })) && fails(user().findClient(m_uaid))
        && fails(user().findRoute(m_uaid, m_channel)) && fails(user().fetchAll(m_uaid));
}

void SqliteFilesTest::fileGoesWhileItIsOpen_isUnavailable_andNothingIsMade_data()
{
    QTest::addColumn<QString>("ending");
    QTest::addColumn<bool>("readsBefore"); // a reader has the file open, or would have to open it
    for (const bool readsBefore : { true, false }) {
        for (const char *ending : { "", "-wal", "-shm" })
            QTest::addRow("db%s, %s", ending, readsBefore ? "read before" : "not read yet")
                << QString::fromLatin1(ending) << readsBefore;
    }
}

void SqliteFilesTest::fileGoesWhileItIsOpen_isUnavailable_andNothingIsMade()
{
    QFETCH(const QString, ending);
    QFETCH(const bool, readsBefore);
    open();
    QVERIFY(user().store(message("before")));
    if (readsBefore)
        QCOMPARE(bodies(user().fetchAll(m_uaid)), QByteArrayList { "before" });

    const QString elsewhere = m_directory->filePath(QStringLiteral("elsewhere"));
    QVERIFY(QFile::rename(path() + ending, elsewhere));
    const QStringList left = files();
    QVERIFY(refusesEverything());
    QCOMPARE(files(), left);

    QVERIFY(QFile::rename(elsewhere, path() + ending));
    QVERIFY(user().store(message("after")));
    QCOMPARE(bodies(user().fetchAll(m_uaid)), (QByteArrayList { "before", "after" }));
    open();
    QCOMPARE(bodies(user().fetchAll(m_uaid)), (QByteArrayList { "before", "after" }));
}

/// As when a backup is copied over a running server's database.
void SqliteFilesTest::anotherDatabaseInItsPlace_isNeitherReadNorWritten()
{
    open();
    QVERIFY(user().store(message("mine")));
    const QString elsewhere = m_directory->filePath(QStringLiteral("elsewhere"));
    for (const char *ending : { "", "-wal", "-shm" }) {
        const QString name = QString::fromLatin1(ending);
        QVERIFY(QFile::rename(path() + name, elsewhere + name));
    }
    {
        const auto other = SqliteStorage::open(m_options, *m_clock);
        QVERIFY(other);
    }
    QVERIFY(refusesEverything());
    RawDatabase raw(path());
    QCOMPARE(raw.number("SELECT count(*) FROM client"), 0);
    QCOMPARE(raw.number("SELECT count(*) FROM counter WHERE name = 'checked_at'"), 0);

    // A start takes what is there.
    m_storage.reset();
    open();
    QCOMPARE(bodies(user().fetchAll(m_uaid)), QByteArrayList());
    m_storage.reset();
    m_options.path = elsewhere;
    open();
    QCOMPARE(bodies(user().fetchAll(m_uaid)), QByteArrayList { "mine" });
}

void SqliteFilesTest::linkThatIsPointedElsewhere_isNoticed()
{
    const QString target = m_directory->filePath(QStringLiteral("target"));
    m_options.path = target;
    open();
    m_storage.reset();
    QVERIFY(QFile::link(target, path()));
    m_options.path = path();
    open();
    QVERIFY(user().store(message("by the link")));
    QVERIFY(QFile::remove(path()));
    QVERIFY(refusesEverything());
    QVERIFY(QFile::link(target, path()));
    QVERIFY(user().store(message("again")));
}

void SqliteFilesTest::removedLog_isSavedAtTheEnd()
{
    open();
    for (int i = 0; i < 100; ++i)
        QVERIFY(user().store(message(QByteArray::number(i))));
    QVERIFY(QFile::remove(path() + QStringLiteral("-wal")));
    QVERIFY(refusesEverything());
    open();
    const auto page = user().fetchAll(m_uaid);
    QVERIFY(page);
    QCOMPARE(page->messages.size(), std::size_t { 100 });
}

void SqliteFilesTest::manyCallsMeanwhile_areOneLogLine()
{
    open();
    const LogLines log;
    const QString elsewhere = m_directory->filePath(QStringLiteral("elsewhere"));
    QVERIFY(QFile::rename(path(), elsewhere));
    for (int i = 0; i < 20; ++i)
        QVERIFY(refusesEverything());
    QCOMPARE(LogLines::lines().size(), 1);
    QVERIFY2(LogLines::lines().constFirst().contains(path()),
             qPrintable(LogLines::lines().constFirst()));
    QVERIFY(QFile::rename(elsewhere, path()));
    QVERIFY(user().check());
    QCOMPARE(LogLines::lines().size(), 2);
}

/// Another program has broken the tables: reads fail, whoever asks for them.
void SqliteFilesTest::manyReadsThatFail_areOneLogLine()
{
    open();
    QVERIFY(user().findClient(m_uaid));
    RawDatabase raw(path());
    QVERIFY(raw.run("ALTER TABLE channel RENAME TO elsewhere"));
    const LogLines log;
    for (int i = 0; i < 20; ++i)
        QVERIFY(!user().findRoute(m_uaid, m_channel));
    QCOMPARE(LogLines::lines().size(), 1);
    QVERIFY(raw.run("ALTER TABLE elsewhere RENAME TO channel"));
    QVERIFY(user().findRoute(m_uaid, m_channel));
    QTRY_COMPARE(LogLines::lines().size(), 2);
}

QTEST_GUILESS_MAIN(SqliteFilesTest)
#include "sqlitefilestest.moc"
