// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "generated/sqlitestatements.h" // CARILLON_SQLITE_STATEMENTS: server/CMakeLists.txt

#include <QByteArrayView>
#include <QStringList>

namespace Carillon {

#define CARILLON_STATEMENT(enumerator, file) enumerator,
/// The queries in sql/sqlite/queries, one file each: ClientFind is client_find.sql.
enum class SqliteStatement { CARILLON_SQLITE_STATEMENTS(CARILLON_STATEMENT) };
#undef CARILLON_STATEMENT

#define CARILLON_STATEMENT(enumerator, file) +1
inline constexpr int SqliteStatementCount = 0 CARILLON_SQLITE_STATEMENTS(CARILLON_STATEMENT);
#undef CARILLON_STATEMENT

/// The name of a statement's file, without its ending.
[[nodiscard]] QByteArrayView fileName(SqliteStatement statement);

/// The statements of a compiled-in file below sql/sqlite ("queries/client_find"), without comments.
/// An empty line ends a statement. Empty: there is no such file. Thread: any.
[[nodiscard]] QStringList readSql(const QString &path);
/// The numbered steps that make and change the tables, in order.
[[nodiscard]] QStringList schemaSteps();

} // namespace Carillon
