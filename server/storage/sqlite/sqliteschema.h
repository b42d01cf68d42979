// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"

#include <QString>

namespace Carillon {

class SqliteConnection;

/// Makes the directory (0700) and the file (0600) of a database where they are missing.
[[nodiscard]] Result<void, QString> makeDatabaseFile(const QString &path);

/// The schema of a database, 0 where it is empty. Errors: no database, another program's, a newer
/// schema.
[[nodiscard]] Result<std::int64_t, QString> checkSchema(SqliteConnection &connection,
                                                        const QString &path);

/// Brings a database to the newest schema, each step in one transaction that stamps it. Of several
/// processes one at a time does a step; the others find it done. Errors are sentences for the
/// operator: no database, another program's, a newer schema, a failed step (which left no trace).
[[nodiscard]] Result<void, QString> migrate(SqliteConnection &connection, const QString &path,
                                            WallTime now);

} // namespace Carillon
