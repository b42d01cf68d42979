// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"
#include "core/base/serverclock.h"
#include "server/storage/sqlite/sqliteconnection.h"

#include <optional>

namespace Carillon {

// The row in which a database keeps server time, so that it goes on over restarts and is the same
// for all processes that share the file. All of these run inside a write transaction of the caller.

/// Lets the clock go on from the database's mark and leaves its own.
[[nodiscard]] Result<void, SqlFailure> beginClock(SqliteConnection &connection, ServerClock &clock);

/// Joins in a leap that another process has made.
[[nodiscard]] Result<void, SqlFailure> followClock(SqliteConnection &connection,
                                                   ServerClock &clock);

/// Writes the clock's mark. If a leap is due, redates what belongs to the time since knownSince and
/// gives the leap: it is the caller's to make it once the transaction is committed.
[[nodiscard]] Result<std::optional<ClockLeap>, SqlFailure> keepClock(SqliteConnection &connection,
                                                                     ServerClock &clock);

} // namespace Carillon
