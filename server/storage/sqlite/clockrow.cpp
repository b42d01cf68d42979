// SPDX-License-Identifier: MPL-2.0
#include "server/storage/sqlite/clockrow.h"

namespace Carillon {

namespace {

struct ClockRow
{
    ClockMark mark;
    /// Keys of messages that were stored since mark.knownSince are greater.
    std::int64_t knownKey = 0;
};

Result<std::optional<ClockRow>, SqlFailure> findRow(SqliteConnection &connection)
{
    CARILLON_TRY(auto &&rows, connection.run(SqliteStatement::ClockFind));
    if (!rows.next()) {
        if (const auto failure = rows.failure())
            return Unexpected(*failure);
        return std::optional<ClockRow>();
    }
    const auto duration = [&rows](int column) {
        return std::chrono::microseconds(rows.integer(column));
    };
    return std::optional(ClockRow { { .time = Time(duration(0)),
                                      .wall = WallTime(duration(1)),
                                      .sinceBoot = duration(2),
                                      .boot = rows.integer(3),
                                      .knownSince = Time(duration(4)) },
                                    rows.integer(5) });
}

Result<void, SqlFailure> setRow(SqliteConnection &connection, const ClockRow &row)
{
    const ClockMark &mark = row.mark;
    CARILLON_TRY_VOID(connection.run(SqliteStatement::ClockSet, mark.time, mark.wall,
                                     mark.sinceBoot.count(), mark.boot, mark.knownSince,
                                     row.knownKey));
    return {};
}

Result<std::int64_t, SqlFailure> findHighestKey(SqliteConnection &connection)
{
    CARILLON_TRY(auto &&rows, connection.run(SqliteStatement::SortKeyReservedFind));
    if (!rows.next())
        return Unexpected(rows.failure().value_or(SqlFailure::Other));
    return rows.integer(0);
}

/// A database that is older than the row: its sort keys follow the clock, so that it was never
/// earlier than they say.
std::optional<ClockMark> markOfKeys(std::int64_t highestKey, const ServerClock &clock)
{
    const std::chrono::microseconds time(highestKey);
    if (highestKey == 0 || clock.now().time_since_epoch() >= time)
        return std::nullopt;
    return ClockMark { .time = Time(time), .wall = WallTime(time), .knownSince = {} };
}

/// Whoever wrote the row last may have leapt.
Result<std::optional<ClockRow>, SqlFailure> findAndFollow(SqliteConnection &connection,
                                                          ServerClock &clock)
{
    auto row = findRow(connection);
    if (row && *row) {
        if (const auto leap = clock.leapTo((*row)->mark))
            clock.leap(*leap);
    }
    return row;
}

Result<void, SqlFailure> redate(SqliteConnection &connection, const ClockLeap &leap,
                                std::int64_t knownKey)
{
    const std::int64_t by = leap.by.count();
    CARILLON_TRY_VOID(connection.run(SqliteStatement::MessagesRedate, by, by, knownKey));
    CARILLON_TRY_VOID(connection.run(SqliteStatement::ClientsRedate, by, by, leap.from));
    CARILLON_TRY_VOID(connection.run(SqliteStatement::ReliabilityEventsRedate, by, leap.from));
    CARILLON_TRY_VOID(connection.run(SqliteStatement::ReliabilityMessagesRedate, by, leap.from));
    return {};
}

} // namespace

Result<void, SqlFailure> beginClock(SqliteConnection &connection, ServerClock &clock)
{
    CARILLON_TRY(const auto row, findRow(connection));
    CARILLON_TRY(const std::int64_t highestKey, findHighestKey(connection));
    clock.begin(row ? std::optional(row->mark) : markOfKeys(highestKey, clock));
    const ClockMark mark = clock.mark();
    const bool goesOn = row && row->mark.knownSince == mark.knownSince;
    return setRow(connection, { mark, goesOn ? row->knownKey : highestKey });
}

Result<void, SqlFailure> followClock(SqliteConnection &connection, ServerClock &clock)
{
    CARILLON_TRY_VOID(findAndFollow(connection, clock));
    return {};
}

Result<std::optional<ClockLeap>, SqlFailure> keepClock(SqliteConnection &connection,
                                                       ServerClock &clock)
{
    CARILLON_TRY(const auto row, findAndFollow(connection, clock));
    const std::int64_t knownKey = row ? row->knownKey : 0;
    ClockMark mark = clock.mark();
    const std::optional<ClockLeap> leap = clock.dueLeap();
    if (leap) {
        CARILLON_TRY_VOID(redate(connection, *leap, knownKey));
        mark.time += leap->by;
        mark.wall += leap->by;
        mark.knownSince += leap->by;
    }
    CARILLON_TRY_VOID(setRow(connection, { mark, knownKey }));
    return leap;
}

} // namespace Carillon
