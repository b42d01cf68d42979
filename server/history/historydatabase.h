// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"
#include "generated/historystatements.h" // CARILLON_HISTORY_STATEMENTS: server/CMakeLists.txt

#include <QByteArray>
#include <QByteArrayView>
#include <QString>

#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <variant>

struct sqlite3;
struct sqlite3_stmt;

namespace Carillon {

#define CARILLON_STATEMENT(enumerator, file) enumerator,
/// The queries in sql/history/queries, one file each: EventAdd is event_add.sql.
enum class HistoryStatement { CARILLON_HISTORY_STATEMENTS(CARILLON_STATEMENT) };
#undef CARILLON_STATEMENT

#define CARILLON_STATEMENT(enumerator, file) +1
inline constexpr int HistoryStatementCount = 0 CARILLON_HISTORY_STATEMENTS(CARILLON_STATEMENT);
#undef CARILLON_STATEMENT

/// Why the history file cannot be used.
enum class HistoryFault : std::uint8_t {
    Corrupt, ///< it is damaged, or no database
    InUse, ///< by another process
    Foreign, ///< a database of another program, or of a newer version of this one
    Disk, ///< full, or I/O failed, or it cannot be opened
};

/// A value on its way into a statement. Bytes are views, valid until the statement has run.
struct HistoryBlob
{
    QByteArrayView bytes;
};
struct HistoryText
{
    QByteArrayView utf8;
};
using HistoryValue = std::variant<std::monostate, std::int64_t, HistoryBlob, HistoryText>;

/// The rows of a statement that runs; it ends with this object.
class HistoryRows
{
public:
    HistoryRows(HistoryRows &&other) noexcept;
    HistoryRows &operator=(HistoryRows &&) = delete;
    ~HistoryRows();

    /// Goes to the next row, at first to the first. An error: no row could be read.
    [[nodiscard]] Result<bool, HistoryFault> next();
    [[nodiscard]] bool isNull(int column) const;
    [[nodiscard]] std::int64_t integer(int column) const;
    /// Of a blob or a text.
    [[nodiscard]] QByteArray bytes(int column) const;

private:
    friend class HistoryDatabase;
    HistoryRows(sqlite3_stmt *statement, int state) : m_statement(statement), m_state(state) { }

    sqlite3_stmt *m_statement;
    int m_state; // of the last step
    bool m_isBeforeFirst = true;
};

/// A connection to the history file, with its prepared statements.
/// Owns: both. Thread: one at a time.
class HistoryDatabase
{
public:
    /// Opens a file that exists.
    [[nodiscard]] static Result<std::unique_ptr<HistoryDatabase>, HistoryFault>
    open(const QString &path);
    ~HistoryDatabase();
    HistoryDatabase(const HistoryDatabase &) = delete;
    HistoryDatabase &operator=(const HistoryDatabase &) = delete;

    [[nodiscard]] Result<HistoryRows, HistoryFault>
    run(HistoryStatement statement, std::initializer_list<HistoryValue> values = {});
    /// Runs all statements of a file below sql/history ("schema/0001_initial").
    [[nodiscard]] Result<void, HistoryFault> runFile(const QString &path);
    [[nodiscard]] Result<void, HistoryFault> runFile(HistoryStatement statement);

    /// What SQLite said of the last failure; it contains no values.
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

    HistoryDatabase() = default;
    [[nodiscard]] Result<Statement, HistoryFault> prepare(const QString &text);
    [[nodiscard]] HistoryFault failed(int code);

    std::unique_ptr<sqlite3, Close> m_database;
    std::array<Statement, HistoryStatementCount> m_statements; // gone before the database
    QString m_errorText;
};

/// The numbered steps that make and change the tables, in order: "schema/0001_initial", …
[[nodiscard]] QStringList historySchemaSteps();

} // namespace Carillon
