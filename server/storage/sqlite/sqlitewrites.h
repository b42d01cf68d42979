// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/logthrottle.h"
#include "server/storage/queue/write.h"
#include "server/storage/sqlite/sqliteconnection.h"

namespace Carillon {

/// What the writes need to know besides their own values.
struct SqliteWriteRules
{
    QueueLimits limits;
    std::chrono::seconds clientLifetime {};
    /// Who takes the lease for housekeeping.
    QByteArray leaseHolder;
};

/// How each write becomes statements; one that could run sets its outcome, whatever it is.
/// It runs inside a transaction of the caller. Thread: the connection's.
class SqliteWrites
{
public:
    using Done = Result<void, SqlFailure>;

    SqliteWrites(SqliteConnection &connection, const SqliteWriteRules &rules)
        : m_connection(connection), m_rules(rules)
    {
    }

    /// The time of a transaction that begins.
    void setNow(Time now) { m_now = now; }
    /// Whether there is no room for what is new: StorageFull.
    void setFull(bool full) { m_isFull = full; }

    Done apply(Write &write);
    /// Takes or renews the lease for housekeeping. Gives until when it is ours; nullopt: not ours.
    [[nodiscard]] Result<std::optional<Time>, SqlFailure> takeLease();

private:
    Done run(StoreMessage &write);
    Done run(RemoveSuperseded &write);
    Done run(RemoveMessage &write);
    Done run(RemoveTopic &write);
    Done run(ClaimClient &write);
    Done run(SetNode &write);
    Done run(RenewClients &write);
    Done run(RemoveClient &write);
    Done run(AddChannel &write);
    Done run(RemoveChannel &write);
    Done run(RemoveExpired &write);
    Done run(CheckWrite &write);
    Done run(KeepClock &write);
    Done run(RecordMilestones &write);
    Done run(TidyTimelines &write);
    Done run(ReadAfter &write);

    [[nodiscard]] Done reportTimelineFailure(SqlFailure failure);

    /// The client of a message as the message finds it.
    struct Recipient
    {
        QByteArray node;
        std::int64_t connectedAt = 0;
        std::int64_t messages = 0;
        std::int64_t bytes = 0;
        /// Of its group.
        std::int64_t groupBytes = 0;
        bool hasChannel = false;
        /// Row of the message that this one replaces; 0: none.
        std::int64_t replaced = 0;
    };
    [[nodiscard]] Result<std::optional<Recipient>, SqlFailure>
    findRecipient(const Notification &message);
    [[nodiscard]] bool fits(const Recipient &recipient, const Notification &message) const;
    [[nodiscard]] Result<bool, SqlFailure> dropOldest(const Recipient &recipient,
                                                      const StoreMessage &write,
                                                      std::vector<RemovedMessage> &removed);
    [[nodiscard]] Result<SortKey, SqlFailure> findPredecessor(const Recipient &recipient,
                                                              const Uaid &uaid);
    Done insert(const Notification &message);
    [[nodiscard]] Result<std::optional<RemovedMessage>, SqlFailure>
    removeTopic(const Uaid &uaid, const ChannelId &channel, const QByteArray &topic,
                const std::function<bool(SortKey)> &isMeant);
    /// Runs a statement that removes messages, and appends them.
    template<typename... Values>
    [[nodiscard]] Done removeMessages(std::vector<RemovedMessage> &removed, RemovedMessage::Why why,
                                      SqliteStatement statement, const Values &...values)
    {
        CARILLON_TRY(auto &&rows, m_connection.run(statement, values...));
        return appendRemoved(removed, why, rows);
    }
    [[nodiscard]] static Done appendRemoved(std::vector<RemovedMessage> &removed,
                                            RemovedMessage::Why why, SqliteRows &rows);
    /// Gives how many rows the statement changed.
    template<typename... Values>
    [[nodiscard]] Result<int, SqlFailure> change(SqliteStatement statement, const Values &...values)
    {
        CARILLON_TRY(const auto &rows, m_connection.run(statement, values...));
        return rows.changed();
    }
    [[nodiscard]] bool isGroupFull(const Uaid &uaid, std::int64_t bytes);
    [[nodiscard]] Result<bool, SqlFailure> hasGroupRoom(const Uaid &uaid);
    [[nodiscard]] Result<bool, SqlFailure> hasChannel(const Uaid &uaid, const ChannelId &channel);
    [[nodiscard]] Result<std::optional<ClientRecord>, SqlFailure> find(const Uaid &uaid);
    [[nodiscard]] Result<int, SqlFailure> removeClient(const Uaid &uaid);
    [[nodiscard]] Done removeExpiredClients(int limit, ExpiredRows &removed);

    SqliteConnection &m_connection;
    const SqliteWriteRules m_rules;
    Time m_now;
    bool m_isFull = false;
    LogThrottle m_groupLines;
    LogThrottle m_timelineFailures;
};

/// Reads a client's channels into its record.
[[nodiscard]] Result<void, SqlFailure> readChannels(SqliteConnection &connection,
                                                    ClientRecord &record);
/// A record from the columns of client_find, without its channels.
[[nodiscard]] ClientRecord readClient(const SqliteRows &rows, const Uaid &uaid);

} // namespace Carillon
