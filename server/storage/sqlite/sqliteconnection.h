// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/result.h"
#include "server/storage/queue/deadline.h"
#include "server/storage/sqlite/sqlitestatement.h"

#include <QByteArray>
#include <QString>

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

struct sqlite3;
struct sqlite3_stmt;

namespace Carillon {

/// Why a statement failed, as far as it matters for what to do next.
enum class SqlFailure {
    Constraint, ///< only this statement is at fault
    Busy, ///< another process held the file for longer than we wait
    Disk, ///< full, or I/O failed
    Other,
};

/// Values on their way into statements. Those of ids and bytes are views: what they were made from
/// must outlast the statement's run.
namespace Sql {
struct Blob
{
    QByteArrayView bytes;
    /// Where there are no bytes: NULL instead of an empty blob.
    bool nullIfEmpty = false;
};

[[nodiscard]] constexpr std::int64_t value(std::int64_t number)
{
    return number;
}
[[nodiscard]] constexpr std::int64_t value(int number)
{
    return number;
}
[[nodiscard]] constexpr std::int64_t value(SortKey key)
{
    return toInt(key);
}
[[nodiscard]] constexpr std::int64_t value(WallTime time)
{
    return time.time_since_epoch().count();
}
[[nodiscard]] constexpr std::int64_t value(Time time)
{
    return time.time_since_epoch().count();
}
template<typename Tag> [[nodiscard]] Blob value(const Uuid<Tag> &id)
{
    return { id.raw() };
}
[[nodiscard]] inline Blob value(const QByteArray &bytes)
{
    return { bytes };
}
[[nodiscard]] constexpr Blob value(const Blob &blob)
{
    return blob;
}
[[nodiscard]] inline Blob orNull(const QByteArray &bytes)
{
    return { bytes, true };
}
} // namespace Sql

/// The rows of a statement that runs; it ends with this object.
class SqliteRows
{
public:
    SqliteRows(SqliteRows &&other) noexcept;
    SqliteRows &operator=(SqliteRows &&) = delete;
    ~SqliteRows();

    /// Goes to the next row, at first to the first.
    [[nodiscard]] bool next();
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] QByteArray bytes(int column) const;
    template<typename Id> [[nodiscard]] Id id(int column) const
    {
        return Id::fromRaw(bytes(column));
    }
    [[nodiscard]] Time time(int column) const
    {
        return Time(std::chrono::microseconds(integer(column)));
    }
    /// Rows changed by the statement.
    [[nodiscard]] int changed() const;
    /// Whether next() ended for another reason than the last row.
    [[nodiscard]] std::optional<SqlFailure> failure() const;

private:
    friend class SqliteConnection;
    /// state: what the first step of the statement gave.
    SqliteRows(sqlite3_stmt *statement, int state) : m_statement(statement), m_state(state) { }

    sqlite3_stmt *m_statement;
    int m_state;
    bool m_isBeforeFirst = true;
};

/// One connection to the database file with its prepared statements, over SQLite's own interface:
/// docs/decisions/0005.
/// Owns: the connection, the statements. Thread: the one that made it.
class SqliteConnection
{
public:
    static constexpr std::chrono::milliseconds UsualPatience { 5'000 };

    /// Opens a file that is there. The error is a sentence of SQLite's.
    [[nodiscard]] static Result<std::unique_ptr<SqliteConnection>, QString>
    open(const QString &path, std::chrono::milliseconds patience = UsualPatience);
    /// Only to read, without creating a file of any kind: where no server has the database open,
    /// what its write-ahead log may hold is left out.
    [[nodiscard]] static Result<std::unique_ptr<SqliteConnection>, QString>
    openToInspect(const QString &path);
    ~SqliteConnection();
    SqliteConnection(const SqliteConnection &) = delete;
    SqliteConnection &operator=(const SqliteConnection &) = delete;

    /// Statements wait about so long for locks of others.
    void setPatience(std::chrono::milliseconds patience) { m_patience = patience; }
    /// Nor do they beyond this, which has to outlast the connection.
    void setDeadline(const Deadline &deadline) { m_deadline = &deadline; }
    /// A statement that still runs at this time is interrupted, and fails.
    void setTimeLimit(Instant end);

    /// Runs a statement with one value for each of its placeholders.
    template<typename... Values>
    [[nodiscard]] Result<SqliteRows, SqlFailure> run(SqliteStatement statement,
                                                     const Values &...values)
    {
        sqlite3_stmt *const prepared = this->prepared(statement, sizeof...(Values));
        if (!prepared)
            return Unexpected(m_failure);
        int place = 0;
        (bind(prepared, ++place, Sql::value(values)), ...);
        return execute(prepared);
    }
    /// Runs all statements of a file that have no values, one after the other.
    [[nodiscard]] Result<void, SqlFailure> runFile(const QString &path);
    [[nodiscard]] Result<void, SqlFailure> runFile(SqliteStatement statement);

    /// Of the database's file: absolute, and no link.
    [[nodiscard]] QByteArray file() const;
    /// What SQLite said of the last failure; it holds no values.
    [[nodiscard]] QString errorText() const { return m_errorText; }

private:
    struct Finalize
    {
        void operator()(sqlite3_stmt *statement) const;
    };
    struct Close
    {
        void operator()(sqlite3 *database) const;
    };
    using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

    SqliteConnection() = default;
    [[nodiscard]] static Result<std::unique_ptr<SqliteConnection>, QString>
    open(const QByteArray &name, int flags, std::chrono::milliseconds patience);
    [[nodiscard]] sqlite3_stmt *prepared(SqliteStatement statement, std::size_t values);
    [[nodiscard]] Statement prepare(const QString &text, unsigned flags);
    static void bind(sqlite3_stmt *statement, int place, std::int64_t number);
    static void bind(sqlite3_stmt *statement, int place, const Sql::Blob &blob);
    [[nodiscard]] Result<SqliteRows, SqlFailure> execute(sqlite3_stmt *statement);
    void remember(int code);
    static int waitForLock(void *connection, int looks);
    static int isOverTime(void *connection);

    std::chrono::milliseconds m_patience = UsualPatience;
    const Deadline *m_deadline = nullptr; // none
    Instant m_timeLimit; // unused until it is set
    std::unique_ptr<sqlite3, Close> m_database;
    std::array<Statement, SqliteStatementCount> m_statements; // gone before the database
    SqlFailure m_failure = SqlFailure::Other;
    QString m_errorText;
};

} // namespace Carillon
