// SPDX-License-Identifier: MPL-2.0
#include "server/storage/sqliteconnection.h"

#include <QSqlError>
#include <QVariant>

#include <atomic>

namespace Carillon {

namespace {

/// Primary result codes of SQLite (sqlite.org/rescode.html).
SqlFailure failureOf(const QSqlError &error)
{
    switch (error.nativeErrorCode().toInt() & 0xff) {
    case 5: // BUSY
    case 6: // LOCKED
        return SqlFailure::Busy;
    case 8: // READONLY: also what a file system turns that has failed
    case 10: // IOERR
    case 13: // FULL
    case 14: // CANTOPEN: its journal
        return SqlFailure::Disk;
    case 19: // CONSTRAINT
        return SqlFailure::Constraint;
    default:
        return SqlFailure::Other;
    }
}

QString connectionName()
{
    static std::atomic<int> last = 0;
    return QStringLiteral("carillon-%1").arg(++last);
}

} // namespace

QVariant Sql::nullBytes()
{
    return QVariant(QMetaType::fromType<QByteArray>());
}

SqliteRows::~SqliteRows()
{
    if (m_query)
        m_query->finish();
}

std::int64_t SqliteRows::integer(int column) const
{
    return m_query->value(column).toLongLong();
}

QByteArray SqliteRows::bytes(int column) const
{
    return m_query->value(column).toByteArray();
}

std::optional<SqlFailure> SqliteRows::failure() const
{
    const QSqlError error = m_query->lastError();
    return error.isValid() ? std::optional(failureOf(error)) : std::nullopt;
}

Result<std::unique_ptr<SqliteConnection>, QString>
SqliteConnection::open(const QString &path, std::chrono::milliseconds patience)
{
    std::unique_ptr<SqliteConnection> connection(new SqliteConnection(connectionName()));
    QSqlDatabase &database = connection->m_database;
    database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), connection->m_name);
    database.setDatabaseName(path);
    database.setConnectOptions(QStringLiteral("QSQLITE_BUSY_TIMEOUT=%1").arg(patience.count()));
    if (!database.open())
        return Unexpected(database.lastError().text());
    return connection;
}

SqliteConnection::~SqliteConnection()
{
    for (std::optional<QSqlQuery> &query : m_queries)
        query.reset();
    m_database.close();
    m_database = QSqlDatabase();
    QSqlDatabase::removeDatabase(m_name);
}

Result<void, SqlFailure> SqliteConnection::runFile(const QString &path)
{
    for (const QString &text : readSql(path)) {
        QSqlQuery query(m_database);
        if (!query.exec(text)) {
            remember(query.lastError());
            return Unexpected(m_failure);
        }
    }
    return {};
}

Result<void, SqlFailure> SqliteConnection::runFile(SqliteStatement statement)
{
    return runFile(QStringLiteral("queries/") + QLatin1StringView(fileName(statement)));
}

QSqlQuery *SqliteConnection::prepared(SqliteStatement statement)
{
    std::optional<QSqlQuery> &query = m_queries[static_cast<std::size_t>(statement)];
    if (query)
        return &*query;

    const QStringList texts =
        readSql(QStringLiteral("queries/") + QLatin1StringView(fileName(statement)));
    QSqlQuery fresh(m_database);
    fresh.setForwardOnly(true);
    if (!fresh.prepare(texts.value(0))) {
        remember(fresh.lastError());
        return nullptr;
    }
    query = std::move(fresh);
    return &*query;
}

Result<SqliteRows, SqlFailure> SqliteConnection::execute(QSqlQuery &query)
{
    if (!query.exec()) {
        remember(query.lastError());
        return Unexpected(m_failure);
    }
    return SqliteRows(query);
}

void SqliteConnection::remember(const QSqlError &error)
{
    m_failure = failureOf(error);
    m_errorText = error.databaseText().simplified();
}

} // namespace Carillon
