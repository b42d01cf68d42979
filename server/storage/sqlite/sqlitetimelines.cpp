// SPDX-License-Identifier: MPL-2.0
#include "server/storage/sqlite/sqlitetimelines.h"

#include <algorithm>
#include <utility>

namespace Carillon {
namespace {

int stateNumber(MessageState state)
{
    return static_cast<int>(state);
}

MessageState stateInColumn(const SqliteRows &rows, int column)
{
    return static_cast<MessageState>(rows.integer(column));
}

Result<void, SqlFailure> endOf(const SqliteRows &rows)
{
    if (const auto failure = rows.failure())
        return Unexpected(*failure);
    return {};
}

} // namespace

Result<RecordOutcome, SqlFailure>
SqliteTimelines::record(const std::vector<MilestoneRecord> &records)
{
    RecordOutcome outcome;
    for (const MilestoneRecord &each : records)
        CARILLON_TRY_VOID(record(each, outcome));
    CARILLON_TRY(outcome.counts, counts());
    return outcome;
}

Result<void, SqlFailure> SqliteTimelines::record(const MilestoneRecord &record,
                                                 RecordOutcome &outcome)
{
    const Milestone &next = record.milestone;
    CARILLON_TRY(const auto known, findMessage(record.id));
    std::int64_t row = known ? known->row : 0;
    if (!known) {
        CARILLON_TRY(row, add(record));
    } else {
        const Advance step = advance(known->present, next);
        if (step.verdict == Verdict::Gap)
            ++outcome.gaps;
        else if (step.verdict == Verdict::Impossible)
            outcome.anomalies.push_back({ known->present.state, next.state });
        if (step.moves) {
            CARILLON_TRY_VOID(change(SqliteStatement::ReliabilityMessageMove,
                                     stateNumber(next.state), next.at,
                                     isTerminal(next.state) ? 1 : 0, row));
        }
        if (!step.moves && record.expires) {
            CARILLON_TRY_VOID(
                change(SqliteStatement::ReliabilityMessageDate, next.at, *record.expires, row));
        }
    }
    CARILLON_TRY_VOID(
        change(SqliteStatement::ReliabilityEventAdd, row, next.at, stateNumber(next.state)));
    return {};
}

Result<std::optional<SqliteTimelines::Message>, SqlFailure>
SqliteTimelines::findMessage(const QByteArray &id)
{
    CARILLON_TRY(auto &&rows, m_connection.run(SqliteStatement::ReliabilityMessageFind, id));
    std::optional<Message> found;
    if (rows.next())
        found = Message { rows.integer(0), { stateInColumn(rows, 1), rows.time(2) } };
    else
        CARILLON_TRY_VOID(endOf(rows));
    return found;
}

Result<std::int64_t, SqlFailure> SqliteTimelines::add(const MilestoneRecord &record)
{
    const Milestone &first = record.milestone;
    const Time expires = record.expires.value_or(first.at + UnknownTtl);
    CARILLON_TRY(auto &&rows,
                 m_connection.run(SqliteStatement::ReliabilityMessageAdd, record.id,
                                  stateNumber(first.state), first.at,
                                  isTerminal(first.state) ? Time() : expires));
    if (!rows.next())
        return Unexpected(rows.failure().value_or(SqlFailure::Other));
    return rows.integer(0);
}

Result<TidyOutcome, SqlFailure> SqliteTimelines::tidy(Time now, Time expiredBefore,
                                                      Time removedBefore, int limit)
{
    TidyOutcome outcome;
    CARILLON_TRY_VOID(change(SqliteStatement::ReliabilityEventsExpire, now, expiredBefore, limit));
    CARILLON_TRY(outcome.expired,
                 change(SqliteStatement::ReliabilityMessagesExpire, now, expiredBefore, limit));
    CARILLON_TRY_VOID(change(SqliteStatement::ReliabilityEventsRemove, removedBefore, limit));
    CARILLON_TRY(outcome.removed,
                 change(SqliteStatement::ReliabilityMessagesRemove, removedBefore, limit));
    CARILLON_TRY(outcome.counts, counts());
    outcome.more = outcome.expired == limit || outcome.removed == limit;
    return outcome;
}

Result<StateCounts, SqlFailure> SqliteTimelines::counts()
{
    CARILLON_TRY(auto &&rows, m_connection.run(SqliteStatement::ReliabilityCountsFind));
    StateCounts counts {};
    while (rows.next()) {
        if (const std::int64_t state = rows.integer(0); state >= 0 && state < MessageStateCount)
            counts[static_cast<std::size_t>(state)] = rows.integer(1);
    }
    CARILLON_TRY_VOID(endOf(rows));
    return counts;
}

Result<std::vector<Milestone>, SqlFailure> SqliteTimelines::milestones(std::int64_t row)
{
    CARILLON_TRY(auto &&rows, m_connection.run(SqliteStatement::ReliabilityEventsFind, row));
    std::vector<Milestone> milestones;
    while (rows.next())
        milestones.push_back({ stateInColumn(rows, 0), rows.time(1) });
    CARILLON_TRY_VOID(endOf(rows));
    return milestones;
}

Result<std::optional<Timeline>, SqlFailure> SqliteTimelines::find(const QByteArray &id)
{
    CARILLON_TRY_VOID(m_connection.run(SqliteStatement::TransactionBeginRead));
    CARILLON_TRY(const auto message, findMessage(id));
    std::optional<Timeline> found;
    if (message) {
        found = Timeline { .id = id, .state = message->present.state };
        CARILLON_TRY(found->milestones, milestones(message->row));
    }
    CARILLON_TRY_VOID(m_connection.run(SqliteStatement::TransactionCommit));
    return found;
}

Result<TimelinePage, SqlFailure> SqliteTimelines::find(const TimelineQuery &query)
{
    const TimelineCursor after = query.after.value_or(TimelineCursor {});
    TimelinePage page;
    std::vector<std::int64_t> messages;
    CARILLON_TRY_VOID(m_connection.run(SqliteStatement::TransactionBeginRead));
    {
        CARILLON_TRY(auto &&rows,
                     m_connection.run(SqliteStatement::ReliabilityMessagesFind, query.from,
                                      query.to, after.received, after.row, query.limit));
        TimelineCursor last;
        while (rows.next()) {
            messages.push_back(rows.integer(0));
            page.timelines.push_back({ .id = rows.bytes(1), .state = stateInColumn(rows, 2) });
            last = { rows.time(3), rows.integer(0) };
        }
        CARILLON_TRY_VOID(endOf(rows));
        if (std::ssize(messages) == query.limit)
            page.next = last;
    }
    for (std::size_t i = 0; i < messages.size(); ++i) {
        CARILLON_TRY(page.timelines[i].milestones, milestones(messages[i]));
    }
    CARILLON_TRY_VOID(m_connection.run(SqliteStatement::TransactionCommit));
    return page;
}

} // namespace Carillon
