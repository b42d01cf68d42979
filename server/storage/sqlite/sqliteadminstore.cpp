// SPDX-License-Identifier: MPL-2.0
#include "server/storage/sqlite/sqliteadminstore.h"

#include "core/base/log.h"
#include "core/base/threadname.h"
#include "server/storage/sqlite/sqliteconnection.h"

#include <limits>
#include <utility>

namespace Carillon {
namespace {

AdminToken tokenOf(const SqliteRows &row)
{
    return { .id = row.integer(0),
             .name = QString::fromUtf8(row.bytes(1)),
             .role = row.integer(2) == 0 ? AdminRole::Viewer : AdminRole::Operator,
             .created = WallTime(std::chrono::microseconds(row.integer(3))),
             .hash = row.bytes(4) };
}

AuditRecord recordOf(const SqliteRows &row)
{
    return { .id = row.integer(0),
             .time = WallTime(std::chrono::microseconds(row.integer(1))),
             .who = QString::fromUtf8(row.bytes(2)),
             .action = QString::fromUtf8(row.bytes(3)),
             .target = QString::fromUtf8(row.bytes(4)),
             .result = QString::fromUtf8(row.bytes(5)),
             .detail = QString::fromUtf8(row.bytes(6)) };
}

SenderRule ruleOf(const SqliteRows &row)
{
    return { .keyHash = row.bytes(0),
             .isBlocked = row.integer(1) != 0,
             .rate = { row.integer(2), std::chrono::seconds(row.integer(3)), row.integer(4) },
             .since = WallTime(std::chrono::microseconds(row.integer(5))),
             .who = QString::fromUtf8(row.bytes(6)) };
}

/// All rows; absent: a statement failed.
template<typename T>
std::optional<std::vector<T>> allOf(Result<SqliteRows, SqlFailure> rows,
                                    T (*read)(const SqliteRows &))
{
    if (!rows)
        return std::nullopt;
    std::vector<T> all;
    while (rows->next())
        all.push_back(read(*rows));
    if (rows->failure())
        return std::nullopt;
    return all;
}

template<typename T> void complete(Completion<T> &done, std::optional<T> outcome)
{
    if (outcome)
        done(std::move(*outcome));
    else
        done(Unexpected(ErrorCode::StorageUnavailable));
}

template<typename T> std::optional<std::optional<T>> firstOf(std::optional<std::vector<T>> all)
{
    if (!all)
        return std::nullopt;
    if (all->empty())
        return std::optional<T>();
    return std::optional(std::move(all->front()));
}

bool addRow(SqliteConnection &connection, const AuditRecord &record)
{
    const QByteArray who = record.who.toUtf8();
    const QByteArray action = record.action.toUtf8();
    const QByteArray target = record.target.toUtf8();
    const QByteArray result = record.result.toUtf8();
    const QByteArray detail = record.detail.toUtf8();
    if (!connection.run(SqliteStatement::TransactionBeginWrite))
        return false;
    const bool isDone =
        connection.run(SqliteStatement::AuditAdd, record.time, who, action, target, result, detail)
        && connection.run(SqliteStatement::AuditTrim, AdminStore::MostAuditRecords)
        && connection.run(SqliteStatement::TransactionCommit);
    if (!isDone)
        static_cast<void>(connection.run(SqliteStatement::TransactionRollback));
    return isDone;
}

} // namespace

SqliteAdminStore::SqliteAdminStore(QString path, bool waitsForDisk)
    : m_path(std::move(path)), m_waitsForDisk(waitsForDisk), m_thread([this] { run(); })
{
}

SqliteAdminStore::~SqliteAdminStore()
{
    {
        const MutexLock lock(m_mutex);
        m_isStopping = true;
    }
    m_wake.notifyOne();
    m_thread.join();
}

void SqliteAdminStore::post(Job job)
{
    {
        const MutexLock lock(m_mutex);
        m_jobs.push_back(std::move(job));
    }
    m_wake.notifyOne();
}

void SqliteAdminStore::run()
{
    nameThisThread("sqlite-admin");
    MutexLock lock(m_mutex);
    for (;;) {
        while (m_jobs.empty() && !m_isStopping)
            m_wake.wait(lock);
        if (m_jobs.empty())
            break;
        std::vector<Job> jobs = std::exchange(m_jobs, {});
        lock.unlock();
        for (Job &job : jobs) {
            if (!m_connection)
                connect();
            job(m_connection.get());
        }
        lock.lock();
    }
    m_connection.reset();
}

void SqliteAdminStore::connect()
{
    auto opened = SqliteConnection::open(m_path);
    if (!opened) {
        qCWarning(lcStorage).noquote()
            << "tokens and audit log of the admin API cannot be read:" << opened.error();
        return;
    }
    if (!(*opened)->runFile(m_waitsForDisk ? SqliteStatement::WriterSetupFull
                                           : SqliteStatement::WriterSetupNormal)) {
        qCWarning(lcStorage).noquote()
            << "tokens and audit log of the admin API cannot be read:" << (*opened)->errorText();
        return;
    }
    m_connection = std::move(*opened);
}

void SqliteAdminStore::findTokens(Completion<std::vector<AdminToken>> done)
{
    post([done = std::move(done)](SqliteConnection *connection) mutable {
        std::optional<std::vector<AdminToken>> tokens;
        if (connection)
            tokens = allOf(connection->run(SqliteStatement::AdminTokenFindAll), tokenOf);
        complete(done, std::move(tokens));
    });
}

void SqliteAdminStore::addToken(AdminToken token, Completion<std::optional<AdminToken>> done)
{
    post([token = std::move(token), done = std::move(done)](SqliteConnection *connection) mutable {
        if (!connection) {
            done(Unexpected(ErrorCode::StorageUnavailable));
            return;
        }
        const QByteArray name = token.name.toUtf8();
        Result<std::optional<AdminToken>> outcome = Unexpected(ErrorCode::StorageUnavailable);
        {
            auto rows =
                connection->run(SqliteStatement::AdminTokenAdd, name,
                                token.role == AdminRole::Viewer ? 0 : 1, token.created, token.hash);
            if (rows && rows->next()) {
                token.id = rows->integer(0);
                outcome = std::optional(std::move(token));
            } else if (rows && !rows->failure()) {
                outcome = std::optional<AdminToken>();
            }
        }
        done(std::move(outcome));
    });
}

void SqliteAdminStore::removeToken(std::int64_t id, Completion<std::optional<AdminToken>> done)
{
    post([id, done = std::move(done)](SqliteConnection *connection) mutable {
        std::optional<std::optional<AdminToken>> removed;
        if (connection)
            removed =
                firstOf(allOf(connection->run(SqliteStatement::AdminTokenRemove, id), tokenOf));
        complete(done, std::move(removed));
    });
}

void SqliteAdminStore::addRecord(AuditRecord record, Completion<void> done)
{
    post(
        [record = std::move(record), done = std::move(done)](SqliteConnection *connection) mutable {
            if (connection && addRow(*connection, record))
                done({});
            else
                done(Unexpected(ErrorCode::StorageUnavailable));
        });
}

void SqliteAdminStore::findRecords(AuditQuery query, Completion<std::vector<AuditRecord>> done)
{
    post([query = std::move(query), done = std::move(done)](SqliteConnection *connection) mutable {
        std::optional<std::vector<AuditRecord>> records;
        if (connection) {
            const auto statement =
                query.forward ? SqliteStatement::AuditFindNewer : SqliteStatement::AuditFindOlder;
            constexpr std::int64_t Last = std::numeric_limits<std::int64_t>::max();
            const std::int64_t beyond = query.beyond == 0 && !query.forward ? Last : query.beyond;
            const WallTime since = query.since.value_or(WallTime());
            const WallTime until = query.until.value_or(WallTime::max());
            const QByteArray who = query.who.toUtf8();
            const QByteArray action = query.action.toUtf8();
            records = allOf(connection->run(statement, beyond, since, until, Sql::orNull(who),
                                            Sql::orNull(action), query.limit),
                            recordOf);
        }
        complete(done, std::move(records));
    });
}

void SqliteAdminStore::findSenderRules(Completion<std::vector<SenderRule>> done)
{
    post([done = std::move(done)](SqliteConnection *connection) mutable {
        std::optional<std::vector<SenderRule>> rules;
        if (connection)
            rules = allOf(connection->run(SqliteStatement::SenderRulesFind), ruleOf);
        complete(done, std::move(rules));
    });
}

void SqliteAdminStore::setSenderRule(SenderRule rule, Completion<void> done)
{
    post([rule = std::move(rule), done = std::move(done)](SqliteConnection *connection) mutable {
        const QByteArray who = rule.who.toUtf8();
        bool isDone = false;
        if (connection && rule.isEmpty())
            isDone = connection->run(SqliteStatement::SenderRuleRemove, rule.keyHash).has_value();
        else if (connection)
            isDone = connection
                         ->run(SqliteStatement::SenderRuleSet, rule.keyHash, rule.isBlocked ? 1 : 0,
                               rule.rate.count, std::int64_t { rule.rate.per.count() },
                               rule.rate.burst, rule.since, who)
                         .has_value();
        if (isDone)
            done({});
        else
            done(Unexpected(ErrorCode::StorageUnavailable));
    });
}

} // namespace Carillon
