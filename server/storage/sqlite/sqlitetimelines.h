// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/storage/reliabilitystore.h"
#include "server/storage/sqlite/sqliteconnection.h"

namespace Carillon {

/// How timelines of tracked messages become statements (ReliabilityStore). Writes run inside a
/// transaction of the caller; reads that take several statements make one of their own.
/// Thread: the connection's.
class SqliteTimelines
{
public:
    explicit SqliteTimelines(SqliteConnection &connection) : m_connection(connection) { }

    [[nodiscard]] Result<RecordOutcome, SqlFailure>
    record(const std::vector<MilestoneRecord> &records);
    [[nodiscard]] Result<TidyOutcome, SqlFailure> tidy(Time now, Time expiredBefore,
                                                       Time removedBefore, int limit);
    [[nodiscard]] Result<StateCounts, SqlFailure> counts();
    [[nodiscard]] Result<std::optional<Timeline>, SqlFailure> find(const QByteArray &id);
    [[nodiscard]] Result<TimelinePage, SqlFailure> find(const TimelineQuery &query);

private:
    struct Message
    {
        std::int64_t row = 0;
        Milestone present;
    };
    [[nodiscard]] Result<std::optional<Message>, SqlFailure> findMessage(const QByteArray &id);
    [[nodiscard]] Result<std::int64_t, SqlFailure> add(const MilestoneRecord &record);
    [[nodiscard]] Result<void, SqlFailure> record(const MilestoneRecord &record,
                                                  RecordOutcome &outcome);
    [[nodiscard]] Result<std::vector<Milestone>, SqlFailure> milestones(std::int64_t row);
    template<typename... Values>
    [[nodiscard]] Result<int, SqlFailure> change(SqliteStatement statement, const Values &...values)
    {
        CARILLON_TRY(const auto &rows, m_connection.run(statement, values...));
        return rows.changed();
    }

    SqliteConnection &m_connection;
};

} // namespace Carillon
