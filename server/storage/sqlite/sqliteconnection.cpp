// SPDX-License-Identifier: MPL-2.0
#include "server/storage/sqlite/sqliteconnection.h"

#include <QFile>

#include <algorithm>
#include <thread>

#include <sqlite3.h>

namespace Carillon {

namespace {

/// Result codes of SQLite (sqlite.org/rescode.html).
SqlFailure failureOf(int code)
{
    switch (code & 0xff) { // the primary one
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return SqlFailure::Busy;
    case SQLITE_READONLY: // also what a file system turns that has failed
    case SQLITE_IOERR:
    case SQLITE_FULL:
    case SQLITE_CANTOPEN: // its journal
        return SqlFailure::Disk;
    case SQLITE_CONSTRAINT:
        return SqlFailure::Constraint;
    default:
        return SqlFailure::Other;
    }
}

/// Between two looks at the lock of another process; the first ones are shorter.
constexpr std::chrono::milliseconds LockLookInterval { 5 };

/// Steps of SQLite's virtual machine between two looks at the clock: some 50 µs.
constexpr int StepsBetweenLooks = 1'000;

bool isGood(int code)
{
    return code == SQLITE_ROW || code == SQLITE_DONE;
}

} // namespace

SqliteRows::SqliteRows(SqliteRows &&other) noexcept
    : m_statement(std::exchange(other.m_statement, nullptr)), m_state(other.m_state),
      m_isBeforeFirst(other.m_isBeforeFirst)
{
}

SqliteRows::~SqliteRows()
{
    if (m_statement)
        sqlite3_reset(m_statement);
}

bool SqliteRows::next()
{
    if (!std::exchange(m_isBeforeFirst, false) && m_state == SQLITE_ROW)
        m_state = sqlite3_step(m_statement);
    return m_state == SQLITE_ROW;
}

std::int64_t SqliteRows::integer(int column) const
{
    return sqlite3_column_int64(m_statement, column);
}

QByteArray SqliteRows::bytes(int column) const
{
    // In this order: sqlite.org/c3ref/column_blob.html.
    const auto *const data = static_cast<const char *>(sqlite3_column_blob(m_statement, column));
    return { data, sqlite3_column_bytes(m_statement, column) };
}

int SqliteRows::changed() const
{
    return sqlite3_changes(sqlite3_db_handle(m_statement));
}

std::optional<SqlFailure> SqliteRows::failure() const
{
    return isGood(m_state) ? std::nullopt : std::optional(failureOf(m_state));
}

void SqliteConnection::Finalize::operator()(sqlite3_stmt *statement) const
{
    sqlite3_finalize(statement);
}

void SqliteConnection::Close::operator()(sqlite3 *database) const
{
    sqlite3_close(database);
}

Result<std::unique_ptr<SqliteConnection>, QString>
SqliteConnection::open(const QString &path, std::chrono::milliseconds patience)
{
    return open(QFile::encodeName(path), SQLITE_OPEN_READWRITE, patience);
}

Result<std::unique_ptr<SqliteConnection>, QString>
SqliteConnection::openToInspect(const QString &path)
{
    // A reader of a write-ahead log makes its index, unless somebody has.
    const bool isInUse = QFile::exists(path + QLatin1StringView("-shm"));
    const QByteArray name = "file:" + QFile::encodeName(path).toPercentEncoding("/")
        + (isInUse ? "?mode=ro" : "?mode=ro&immutable=1");
    return open(name, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, UsualPatience);
}

Result<std::unique_ptr<SqliteConnection>, QString>
SqliteConnection::open(const QByteArray &name, int flags, std::chrono::milliseconds patience)
{
    std::unique_ptr<SqliteConnection> connection(new SqliteConnection);
    sqlite3 *database = nullptr;
    const int code =
        sqlite3_open_v2(name.constData(), &database, flags | SQLITE_OPEN_NOMUTEX, nullptr);
    connection->m_database.reset(database);
    if (code != SQLITE_OK) {
        connection->remember(code);
        return Unexpected(connection->errorText());
    }
    connection->setPatience(patience);
    sqlite3_busy_handler(database, waitForLock, connection.get());
    return connection;
}

SqliteConnection::~SqliteConnection() = default;

/// SQLite's own handler comes to look every 100 ms only, and would hardly ever find the lock free
/// where several processes write all the time.
int SqliteConnection::waitForLock(void *connection, int looks)
{
    const auto &self = *static_cast<SqliteConnection *>(connection);
    const bool isOver = self.m_deadline && self.m_deadline->isOver();
    if (isOver || looks * LockLookInterval >= self.m_patience)
        return 0;
    std::this_thread::sleep_for(std::min(LockLookInterval, std::chrono::milliseconds(looks + 1)));
    return 1;
}

void SqliteConnection::setTimeLimit(Instant end)
{
    m_timeLimit = end;
    sqlite3_progress_handler(m_database.get(), StepsBetweenLooks, isOverTime, this);
}

int SqliteConnection::isOverTime(void *connection)
{
    const auto &self = *static_cast<SqliteConnection *>(connection);
    return std::chrono::steady_clock::now() > self.m_timeLimit ? 1 : 0;
}

Result<void, SqlFailure> SqliteConnection::runFile(const QString &path)
{
    for (const QString &text : readSql(path)) {
        const Statement statement = prepare(text, 0);
        if (!statement)
            return Unexpected(m_failure);
        int code = SQLITE_ROW;
        while (code == SQLITE_ROW)
            code = sqlite3_step(statement.get());
        if (code != SQLITE_DONE) {
            remember(code);
            return Unexpected(m_failure);
        }
    }
    return {};
}

Result<void, SqlFailure> SqliteConnection::runFile(SqliteStatement statement)
{
    return runFile(QStringLiteral("queries/") + QLatin1StringView(fileName(statement)));
}

/// Null: it cannot be prepared.
sqlite3_stmt *SqliteConnection::prepared(SqliteStatement statement,
                                         [[maybe_unused]] std::size_t values)
{
    Statement &found = m_statements[static_cast<std::size_t>(statement)];
    if (!found) {
        const QStringList texts =
            readSql(QStringLiteral("queries/") + QLatin1StringView(fileName(statement)));
        found = prepare(texts.value(0), SQLITE_PREPARE_PERSISTENT);
    }
    Q_ASSERT(!found || std::cmp_equal(sqlite3_bind_parameter_count(found.get()), values));
    return found.get();
}

SqliteConnection::Statement SqliteConnection::prepare(const QString &text, unsigned flags)
{
    const QByteArray utf8 = text.toUtf8();
    sqlite3_stmt *statement = nullptr;
    const int code = sqlite3_prepare_v3(m_database.get(), utf8.constData(),
                                        static_cast<int>(utf8.size()), flags, &statement, nullptr);
    if (code != SQLITE_OK)
        remember(code);
    return Statement(statement);
}

void SqliteConnection::bind(sqlite3_stmt *statement, int place, std::int64_t number)
{
    sqlite3_bind_int64(statement, place, number);
}

void SqliteConnection::bind(sqlite3_stmt *statement, int place, const Sql::Blob &blob)
{
    // A null pointer would be NULL, whatever the length.
    const auto [bytes, nullIfEmpty] = blob;
    const char *const data = !bytes.isEmpty() ? bytes.data() : nullIfEmpty ? nullptr : "";
    sqlite3_bind_blob64(statement, place, data, static_cast<sqlite3_uint64>(bytes.size()),
                        SQLITE_STATIC);
}

/// The first step tells whether it can run at all, and does all that it changes.
Result<SqliteRows, SqlFailure> SqliteConnection::execute(sqlite3_stmt *statement)
{
    const int code = sqlite3_step(statement);
    if (!isGood(code)) {
        remember(code);
        sqlite3_reset(statement);
        return Unexpected(m_failure);
    }
    return SqliteRows(statement, code);
}

QByteArray SqliteConnection::file() const
{
    return sqlite3_db_filename(m_database.get(), "main");
}

void SqliteConnection::remember(int code)
{
    m_failure = failureOf(code);
    m_errorText = QString::fromUtf8(sqlite3_errmsg(m_database.get()));
}

} // namespace Carillon
