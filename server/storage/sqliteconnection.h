// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/result.h"
#include "server/storage/sqlitestatement.h"

#include <QSqlDatabase>
#include <QSqlQuery>
#include <QVariant>

#include <array>
#include <chrono>
#include <memory>
#include <optional>

namespace Carillon {

/// Why a statement failed, as far as it matters for what to do next.
enum class SqlFailure {
    Constraint, ///< only this statement is at fault
    Busy, ///< another process held the file for longer than we wait
    Disk, ///< full, or I/O failed
    Other,
};

/// Values on their way into and out of statements. Those of ids and texts are views: they live as
/// long as what they were made from, which must outlast the statement's run.
namespace Sql {
[[nodiscard]] inline QVariant value(std::int64_t number)
{
    return QVariant::fromValue<qlonglong>(number);
}
[[nodiscard]] inline QVariant value(int number)
{
    return number;
}
[[nodiscard]] inline QVariant value(SortKey key)
{
    return value(toInt(key));
}
[[nodiscard]] inline QVariant value(Time time)
{
    return value(std::int64_t { time.time_since_epoch().count() });
}
template<typename Tag> [[nodiscard]] QVariant value(const Uuid<Tag> &id)
{
    return QByteArray::fromRawData(id.raw().data(), id.raw().size());
}
/// An empty text stays a text; a null QByteArray would become NULL.
[[nodiscard]] inline QVariant value(const QByteArray &bytes)
{
    return bytes.isNull() ? QByteArray("", 0) : bytes;
}
[[nodiscard]] QVariant nullBytes();
} // namespace Sql

/// The rows of a statement that runs; it ends with this object.
class SqliteRows
{
public:
    SqliteRows(SqliteRows &&other) noexcept : m_query(std::exchange(other.m_query, nullptr)) { }
    SqliteRows &operator=(SqliteRows &&) = delete;
    ~SqliteRows();

    [[nodiscard]] bool next() { return m_query->next(); }
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
    [[nodiscard]] int changed() const { return m_query->numRowsAffected(); }
    /// Whether next() ended for another reason than the last row.
    [[nodiscard]] std::optional<SqlFailure> failure() const;

private:
    friend class SqliteConnection;
    explicit SqliteRows(QSqlQuery &query) : m_query(&query) { }
    QSqlQuery *m_query;
};

/// One connection to the database file with its prepared statements.
/// Owns: the QSqlDatabase of a name of its own. Thread: the one that made it.
class SqliteConnection
{
public:
    /// Statements wait for locks of others as long as `patience`. The error is a sentence of the
    /// driver.
    [[nodiscard]] static Result<std::unique_ptr<SqliteConnection>, QString>
    open(const QString &path, std::chrono::milliseconds patience = std::chrono::seconds(5));
    ~SqliteConnection();
    SqliteConnection(const SqliteConnection &) = delete;
    SqliteConnection &operator=(const SqliteConnection &) = delete;

    /// Runs a statement with one value for each of its placeholders.
    template<typename... Values>
    [[nodiscard]] Result<SqliteRows, SqlFailure> run(SqliteStatement statement,
                                                     const Values &...values)
    {
        QSqlQuery *query = prepared(statement);
        if (!query)
            return Unexpected(failure());
        int place = 0;
        (query->bindValue(place++, bindable(values)), ...);
        return execute(*query);
    }
    /// Runs all statements of a file that have no values, one after the other.
    [[nodiscard]] Result<void, SqlFailure> runFile(const QString &path);
    [[nodiscard]] Result<void, SqlFailure> runFile(SqliteStatement statement);

    /// What the driver said of the last failure; it holds no values.
    [[nodiscard]] QString errorText() const { return m_errorText; }

private:
    explicit SqliteConnection(QString name) : m_name(std::move(name)) { }
    [[nodiscard]] static const QVariant &bindable(const QVariant &value) { return value; }
    template<typename T> [[nodiscard]] static QVariant bindable(const T &value)
    {
        return Sql::value(value);
    }
    [[nodiscard]] QSqlQuery *prepared(SqliteStatement statement);
    [[nodiscard]] Result<SqliteRows, SqlFailure> execute(QSqlQuery &query);
    [[nodiscard]] SqlFailure failure() const { return m_failure; }
    void remember(const QSqlError &error);

    const QString m_name;
    QSqlDatabase m_database;
    std::array<std::optional<QSqlQuery>, SqliteStatementCount> m_queries;
    SqlFailure m_failure = SqlFailure::Other;
    QString m_errorText;
};

} // namespace Carillon
