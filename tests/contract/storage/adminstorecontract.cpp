// SPDX-License-Identifier: MPL-2.0
#include "core/crypto/digest.h"
#include "core/storage/memoryadminstore.h"
#include "core/storage/memorystorage.h"
#include "server/storage/sqlite/sqliteadminstore.h"
#include "server/storage/sqlite/sqlitestorage.h"

#include <QTemporaryDir>
#include <QTest>

#include <future>

using namespace Carillon;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

/// Waits for the outcome of a call.
template<typename T, typename Call> Result<T> outcomeOf(Call call)
{
    std::promise<Result<T>> promise;
    call([&promise](Result<T> outcome) { promise.set_value(std::move(outcome)); });
    return promise.get_future().get();
}

WallTime at(int second)
{
    return WallTime(std::chrono::seconds(1'000'000 + second));
}

AdminToken token(const QString &name, AdminRole role = AdminRole::Viewer)
{
    return { .name = name, .role = role, .created = at(7), .hash = sha256(name.toUtf8()) };
}

AuditRecord record(int second, const QString &who = u"root"_s, const QString &action = u"act"_s)
{
    return { .time = at(second),
             .who = who,
             .action = action,
             .target = u"tärget"_s,
             .result = u"ok"_s,
             .detail = u"why"_s };
}

QList<qint64> idsOf(const std::vector<AuditRecord> &records)
{
    QList<qint64> ids;
    for (const AuditRecord &each : records)
        ids << each.id;
    return ids;
}

} // namespace

// What every AdminStore does: in memory, and in SQLite.
class AdminStoreContract : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();
    void tokens_areFoundAsTheyWereAdded_data() { stores(); }
    void tokens_areFoundAsTheyWereAdded();
    void tokenOfATakenName_isNotAdded_data() { stores(); }
    void tokenOfATakenName_isNotAdded();
    void removedToken_isGivenAndGone_andItsIdNeverComesBack_data() { stores(); }
    void removedToken_isGivenAndGone_andItsIdNeverComesBack();
    void records_areFoundNewestFirst_orOldestFirst_data() { stores(); }
    void records_areFoundNewestFirst_orOldestFirst();
    void records_areFoundByWhoActionAndTime_data() { stores(); }
    void records_areFoundByWhoActionAndTime();
    void databaseStore_keepsAll();

private:
    static void stores();
    void add(AuditRecord each);
    [[nodiscard]] std::vector<AuditRecord> find(const AuditQuery &query);
    [[nodiscard]] std::vector<AdminToken> tokens();
    [[nodiscard]] std::optional<AdminToken> add(AdminToken each);

    SystemClock m_clock;
    std::unique_ptr<QTemporaryDir> m_directory;
    std::unique_ptr<AdminStore> m_store;
};

void AdminStoreContract::stores()
{
    QTest::addColumn<bool>("inDatabase");
    QTest::newRow("memory") << false;
    QTest::newRow("sqlite") << true;
}

void AdminStoreContract::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    const QString path = m_directory->filePath(u"test.sqlite"_s);
    SqliteOptions options;
    options.path = path;
    QVERIFY(SqliteStorage::open(options, m_clock)); // makes the tables
    if (QTest::currentDataTag() == "memory"_ba)
        m_store = std::make_unique<MemoryAdminStore>();
    else
        m_store = std::make_unique<SqliteAdminStore>(path, false);
}

void AdminStoreContract::cleanup()
{
    m_store.reset();
}

void AdminStoreContract::add(AuditRecord each)
{
    QVERIFY(
        outcomeOf<void>([&](auto done) { m_store->addRecord(std::move(each), std::move(done)); }));
}

std::vector<AuditRecord> AdminStoreContract::find(const AuditQuery &query)
{
    return outcomeOf<std::vector<AuditRecord>>(
               [&](auto done) { m_store->findRecords(query, std::move(done)); })
        .value_or(std::vector<AuditRecord>());
}

std::vector<AdminToken> AdminStoreContract::tokens()
{
    return outcomeOf<std::vector<AdminToken>>(
               [&](auto done) { m_store->findTokens(std::move(done)); })
        .value_or(std::vector<AdminToken>());
}

std::optional<AdminToken> AdminStoreContract::add(AdminToken each)
{
    const auto added = outcomeOf<std::optional<AdminToken>>(
        [&](auto done) { m_store->addToken(std::move(each), std::move(done)); });
    return added ? *added : std::nullopt;
}

void AdminStoreContract::tokens_areFoundAsTheyWereAdded()
{
    QVERIFY(tokens().empty());
    QVERIFY(add(token(u"first"_s)));
    QVERIFY(add(token(u"zweites ä"_s, AdminRole::Operator)));
    const std::vector<AdminToken> found = tokens();
    QCOMPARE(found.size(), 2U);
    QCOMPARE(found[0].id, std::int64_t { 1 });
    QCOMPARE(found[1].id, std::int64_t { 2 });
    QCOMPARE(found[1].name, u"zweites ä"_s);
    QVERIFY(found[0].role == AdminRole::Viewer && found[1].role == AdminRole::Operator);
    QVERIFY(found[1].created == at(7));
    QCOMPARE(found[1].hash, sha256(u"zweites ä"_s.toUtf8()));
}

void AdminStoreContract::tokenOfATakenName_isNotAdded()
{
    QVERIFY(add(token(u"same"_s)));
    AdminToken other = token(u"same"_s);
    other.hash = sha256("other");
    QVERIFY(!add(other));
    QCOMPARE(tokens().size(), 1U);
}

void AdminStoreContract::removedToken_isGivenAndGone_andItsIdNeverComesBack()
{
    const auto remove = [this](std::int64_t id) {
        return outcomeOf<std::optional<AdminToken>>(
            [&](auto done) { m_store->removeToken(id, std::move(done)); });
    };
    QVERIFY(add(token(u"one"_s)));
    QVERIFY(add(token(u"two"_s)));
    const auto removed = remove(2);
    QVERIFY(removed && *removed);
    QCOMPARE((*removed)->name, u"two"_s);
    const auto again = remove(2);
    QVERIFY(again && !*again);
    QCOMPARE(add(token(u"three"_s))->id, std::int64_t { 3 });
    QCOMPARE(tokens().size(), 2U);
}

void AdminStoreContract::records_areFoundNewestFirst_orOldestFirst()
{
    for (int i = 1; i <= 5; ++i)
        add(record(i));
    const std::vector<AuditRecord> newest = find({ .limit = 2 });
    QCOMPARE(idsOf(newest), (QList<qint64> { 5, 4 }));
    QCOMPARE(newest[0].target, u"tärget"_s);
    QCOMPARE(newest[0].detail, u"why"_s);
    QVERIFY(newest[0].time == at(5));
    QCOMPARE(idsOf(find({ .beyond = 4, .limit = 2 })), (QList<qint64> { 3, 2 }));
    QCOMPARE(idsOf(find({ .forward = true, .limit = 2 })), (QList<qint64> { 1, 2 }));
    QCOMPARE(idsOf(find({ .beyond = 3, .forward = true })), (QList<qint64> { 4, 5 }));
}

void AdminStoreContract::records_areFoundByWhoActionAndTime()
{
    add(record(1, u"root"_s, u"drain"_s));
    add(record(2, u"token:a"_s, u"drain"_s));
    add(record(3, u"token:a"_s, u"resume"_s));
    QCOMPARE(idsOf(find({ .who = u"token:a"_s })), (QList<qint64> { 3, 2 }));
    QCOMPARE(idsOf(find({ .action = u"drain"_s })), (QList<qint64> { 2, 1 }));
    QCOMPARE(idsOf(find({ .who = u"token:a"_s, .action = u"drain"_s })), (QList<qint64> { 2 }));
    QCOMPARE(idsOf(find({ .since = at(2) })), (QList<qint64> { 3, 2 }));
    QCOMPARE(idsOf(find({ .until = at(2) })), (QList<qint64> { 1 }));
}

void AdminStoreContract::databaseStore_keepsAll()
{
    QVERIFY(add(token(u"kept"_s)));
    add(record(1));
    m_store.reset();
    m_store = std::make_unique<SqliteAdminStore>(m_directory->filePath(u"test.sqlite"_s), false);
    QCOMPARE(tokens().size(), 1U);
    QCOMPARE(find({}).size(), 1U);
}

QTEST_GUILESS_MAIN(AdminStoreContract)
#include "adminstorecontract.moc"
