// SPDX-License-Identifier: MPL-2.0
#include "server/storage/sqlite/sqlitewrites.h"

#include "core/base/log.h"
#include "server/storage/sqlite/sqlitetimelines.h"

#include <algorithm>
#include <utility>

namespace Carillon {

namespace {

constexpr std::chrono::seconds LeaseTime { 60 };

} // namespace

ClientRecord readClient(const SqliteRows &rows, const Uaid &uaid)
{
    ClientRecord record;
    record.uaid = uaid;
    record.routerType = rows.bytes(0);
    record.routerData = rows.bytes(1);
    record.node = NodeId(rows.bytes(2));
    record.connectedAt = rows.integer(3);
    record.lastSeen = rows.time(4);
    record.expires = rows.time(5);
    record.userAgent = rows.bytes(6);
    record.mayHaveMessages = rows.integer(7) > 0;
    return record;
}

Result<void, SqlFailure> readChannels(SqliteConnection &connection, ClientRecord &record)
{
    CARILLON_TRY(auto &&rows, connection.run(SqliteStatement::ChannelsFind, record.uaid));
    while (rows.next())
        record.channels.push_back(rows.id<ChannelId>(0));
    if (const auto failure = rows.failure())
        return Unexpected(*failure);
    return {};
}

SqliteWrites::Done SqliteWrites::apply(Write &write)
{
    return std::visit([this](auto &what) { return run(what); }, write);
}

Result<std::optional<Time>, SqlFailure> SqliteWrites::takeLease()
{
    const Time end = m_now + LeaseTime;
    CARILLON_TRY(
        const int taken,
        change(SqliteStatement::LeaseTake, m_rules.leaseHolder, end, m_now, end + LeaseTime));
    return taken > 0 ? std::optional(end) : std::nullopt;
}

// Messages.

SqliteWrites::Done SqliteWrites::run(StoreMessage &write)
{
    const Notification &message = write.message;
    std::vector<RemovedMessage> removed;
    CARILLON_TRY(auto recipient, findRecipient(message));
    if (!recipient) {
        write.call.outcome = Unexpected(ErrorCode::NoSuchUser);
        return {};
    }
    if (!recipient->hasChannel) {
        write.call.outcome = Unexpected(ErrorCode::NoSuchSubscription);
        return {};
    }
    if (m_isFull) {
        write.call.outcome = Unexpected(ErrorCode::StorageFull);
        return {};
    }
    if (isGroupFull(message.uaid, recipient->groupBytes + MessageRowBytes + storedSize(message))) {
        write.call.outcome = Unexpected(ErrorCode::QueueFull);
        return {};
    }
    if (!fits(*recipient, message)) {
        // Rarely on this way: what has expired gives room, then what may be dropped.
        CARILLON_TRY_VOID(removeMessages(removed, RemovedMessage::Why::Expired,
                                         SqliteStatement::MessagesRemoveExpiredOfClient,
                                         message.uaid, m_now));
        CARILLON_TRY(recipient, findRecipient(message));
        if (!fits(*recipient, message)) {
            CARILLON_TRY(const bool hasRoom, dropOldest(*recipient, write, removed));
            if (!hasRoom) {
                write.call.outcome = Unexpected(ErrorCode::QueueFull);
                return {};
            }
        }
    }
    if (recipient->replaced != 0) {
        CARILLON_TRY_VOID(removeMessages(removed, RemovedMessage::Why::Replaced,
                                         SqliteStatement::MessageRemoveRow, recipient->replaced));
    }
    CARILLON_TRY(const SortKey predecessor, findPredecessor(*recipient, message.uaid));
    CARILLON_TRY_VOID(insert(message));
    write.call.outcome = StoreOutcome { .sortKey = message.sortKey,
                                        .node = NodeId(recipient->node),
                                        .connectedAt = recipient->connectedAt,
                                        .predecessor = predecessor,
                                        .removed = std::move(removed) };
    return {};
}

/// Called before the message is inserted. Only a process that holds the connection needs it.
Result<SortKey, SqlFailure> SqliteWrites::findPredecessor(const Recipient &recipient,
                                                          const Uaid &uaid)
{
    if (recipient.messages == 0 || recipient.node.isEmpty())
        return SortKey {};
    CARILLON_TRY(auto &&rows, m_connection.run(SqliteStatement::MessageFindNewest, uaid));
    return rows.next() ? SortKey { rows.integer(0) } : SortKey {};
}

/// The client as the message finds it, without the message it replaces.
Result<std::optional<SqliteWrites::Recipient>, SqlFailure>
SqliteWrites::findRecipient(const Notification &message)
{
    Recipient recipient;
    {
        CARILLON_TRY(
            auto &&rows,
            m_connection.run(SqliteStatement::RecipientFind, message.channelId, message.uaid));
        if (!rows.next())
            return std::optional<Recipient>();
        recipient = { .node = rows.bytes(0),
                      .connectedAt = rows.integer(1),
                      .messages = rows.integer(2),
                      .bytes = rows.integer(3),
                      .groupBytes = rows.integer(5),
                      .hasChannel = rows.integer(4) != 0 };
    }
    if (!message.topic.isEmpty()) {
        CARILLON_TRY(auto &&rows,
                     m_connection.run(SqliteStatement::MessageFindTopic, message.uaid,
                                      message.channelId, message.topic));
        if (rows.next()) {
            recipient.replaced = rows.integer(0);
            recipient.messages -= 1;
            recipient.bytes -= rows.integer(2);
        }
    }
    return std::optional(recipient);
}

bool SqliteWrites::fits(const Recipient &recipient, const Notification &message) const
{
    return m_rules.limits.allow(recipient.messages + 1, recipient.bytes + storedSize(message));
}

/// Whether its group would have more stored than it may.
bool SqliteWrites::isGroupFull(const Uaid &uaid, std::int64_t bytes)
{
    const std::int64_t most = m_rules.limits.maxGroupBytes;
    if (most == 0 || bytes <= most)
        return false;
    if (const auto leftOut = m_groupLines.pass())
        qCWarning(lcStorage).noquote().nospace()
            << "the clients created at one address, with UAIDs that begin with "
            << uaid.raw().first(qsizetype(UaidPrefix().size())).toByteArray().toHex()
            << ", have reached storage.max_bytes_per_address" << leftOutText(*leftOut)
            << ". If this is the address of a proxy, name it in trusted_proxies.";
    return true;
}

/// For one more channel.
Result<bool, SqlFailure> SqliteWrites::hasGroupRoom(const Uaid &uaid)
{
    CARILLON_TRY(auto &&rows, m_connection.run(SqliteStatement::ClientGroupFind, uaid));
    return !rows.next() || !isGroupFull(uaid, rows.integer(0) + ChannelRowBytes);
}

/// Makes room on the pushed channel if that can be done. Gives whether there is room now; if not,
/// nothing was dropped.
Result<bool, SqlFailure> SqliteWrites::dropOldest(const Recipient &recipient,
                                                  const StoreMessage &write,
                                                  std::vector<RemovedMessage> &removed)
{
    if (m_rules.limits.onFull != OnFull::DropOldest)
        return false;
    Recipient after = recipient;
    std::vector<std::int64_t> dropped;
    {
        CARILLON_TRY(auto &&rows,
                     m_connection.run(SqliteStatement::MessagesFindDroppable, write.message.uaid,
                                      write.message.channelId));
        while (!fits(after, write.message) && rows.next()) {
            const auto &spared = write.inFlight;
            const std::int64_t row = rows.integer(0);
            if (row == recipient.replaced
                || std::find(spared.begin(), spared.end(), SortKey { rows.integer(1) })
                    != spared.end())
                continue;
            dropped.push_back(row);
            after.messages -= 1;
            after.bytes -= rows.integer(2);
        }
        if (const auto failure = rows.failure())
            return Unexpected(*failure);
    }
    if (!fits(after, write.message))
        return false;
    for (const std::int64_t row : dropped) {
        CARILLON_TRY_VOID(removeMessages(removed, RemovedMessage::Why::Displaced,
                                         SqliteStatement::MessageRemoveRow, row));
    }
    return true;
}

SqliteWrites::Done SqliteWrites::insert(const Notification &message)
{
    CARILLON_TRY_VOID(
        change(SqliteStatement::MessageInsert, message.uaid, message.sortKey, message.channelId,
               Sql::orNull(message.topic), static_cast<int>(message.urgency),
               std::int64_t { message.ttl.count() }, message.accepted, message.expires(),
               static_cast<int>(message.encoding), message.encryption, message.cryptoKey,
               message.senderKeyHash, message.reliabilityId, storedSize(message), message.body,
               std::int64_t { toInt(message.idKey) }));
    return {};
}

SqliteWrites::Done SqliteWrites::run(RemoveSuperseded &write)
{
    CARILLON_TRY(auto superseded, removeTopic(write.uaid, write.channel, write.topic, {}));
    write.superseded.clear(); // it may have run in a batch that failed
    if (superseded)
        write.superseded.push_back(std::move(*superseded));
    return {};
}

SqliteWrites::Done SqliteWrites::run(RemoveMessage &write)
{
    CARILLON_TRY(const int removed,
                 change(SqliteStatement::MessageRemove, write.uaid, write.key, write.channel));
    write.call.outcome = removed > 0;
    return {};
}

SqliteWrites::Done SqliteWrites::run(RemoveTopic &write)
{
    CARILLON_TRY(const auto removed,
                 removeTopic(write.uaid, write.channel, write.topic, write.isMeant));
    write.call.outcome = removed.has_value();
    return {};
}

Result<std::optional<RemovedMessage>, SqlFailure>
SqliteWrites::removeTopic(const Uaid &uaid, const ChannelId &channel, const QByteArray &topic,
                          const std::function<bool(SortKey)> &isMeant)
{
    std::int64_t row = 0;
    {
        CARILLON_TRY(auto &&rows,
                     m_connection.run(SqliteStatement::MessageFindTopic, uaid, channel, topic));
        if (!rows.next() || (isMeant && !isMeant(SortKey { rows.integer(1) })))
            return std::optional<RemovedMessage>();
        row = rows.integer(0);
    }
    std::vector<RemovedMessage> removed;
    CARILLON_TRY_VOID(removeMessages(removed, RemovedMessage::Why::Replaced,
                                     SqliteStatement::MessageRemoveRow, row));
    return removed.empty() ? std::nullopt : std::optional(std::move(removed.front()));
}

SqliteWrites::Done SqliteWrites::appendRemoved(std::vector<RemovedMessage> &removed,
                                               RemovedMessage::Why why, SqliteRows &rows)
{
    while (rows.next())
        removed.push_back({ why, rows.id<Uaid>(0), rows.id<ChannelId>(1),
                            SortKey { rows.integer(2) }, rows.bytes(3), rows.bytes(4) });
    if (const auto failure = rows.failure())
        return Unexpected(*failure);
    return {};
}

// Clients.

Result<std::optional<ClientRecord>, SqlFailure> SqliteWrites::find(const Uaid &uaid)
{
    CARILLON_TRY(auto &&rows, m_connection.run(SqliteStatement::ClientFind, uaid));
    return rows.next() ? std::optional(readClient(rows, uaid)) : std::nullopt;
}

SqliteWrites::Done SqliteWrites::run(ClaimClient &write)
{
    CARILLON_TRY(std::optional<ClientRecord> record, find(write.uaid));
    if (record) {
        const Time fresh = m_now + m_rules.clientLifetime;
        const bool isRenewed = wantsRenewal(*record, fresh, m_rules.clientLifetime);
        record->previousNode = std::exchange(record->node, write.claim.node);
        record->userAgent = write.claim.userAgent;
        record->connectedAt = std::max(toMilliseconds(m_now), record->connectedAt + 1);
        record->lastSeen = m_now;
        CARILLON_TRY_VOID(change(SqliteStatement::ClientClaim, record->node.url(),
                                 record->userAgent, record->connectedAt, m_now, write.uaid));
        if (isRenewed) {
            record->expires = fresh;
            CARILLON_TRY_VOID(change(SqliteStatement::ClientRenew, m_now, fresh, write.uaid));
        }
        CARILLON_TRY_VOID(readChannels(m_connection, *record));
    }
    write.call.outcome = std::move(record);
    return {};
}

SqliteWrites::Done SqliteWrites::run(SetNode &write)
{
    CARILLON_TRY(
        const int set,
        change(SqliteStatement::ClientSetNode, write.node.url(), write.uaid, write.connectedAt));
    write.call.outcome = set > 0;
    return {};
}

SqliteWrites::Done SqliteWrites::run(RenewClients &write)
{
    for (const Uaid &uaid : write.uaids) {
        CARILLON_TRY_VOID(
            change(SqliteStatement::ClientRenew, m_now, m_now + m_rules.clientLifetime, uaid));
    }
    write.call.outcome = {};
    return {};
}

SqliteWrites::Done SqliteWrites::run(RemoveClient &write)
{
    CARILLON_TRY(const int removed, removeClient(write.uaid));
    write.call.outcome = removed > 0;
    return {};
}

/// Gives how many rows went; 0: there was no such client.
Result<int, SqlFailure> SqliteWrites::removeClient(const Uaid &uaid)
{
    int rows = 0;
    for (const SqliteStatement statement :
         { SqliteStatement::ClientRemove, SqliteStatement::ChannelsRemoveOfClient,
           SqliteStatement::MessagesRemoveOfClient }) {
        CARILLON_TRY(const int removed, change(statement, uaid));
        rows += removed;
    }
    return rows;
}

SqliteWrites::Done SqliteWrites::run(AddChannel &write)
{
    CARILLON_TRY(const auto client, find(write.uaid));
    const bool isKnown = client.has_value();
    std::int64_t others = 0;
    if (isKnown) {
        auto rows = m_connection.run(SqliteStatement::ChannelsCountOthers, write.uaid, write.uaid,
                                     write.channel);
        if (!rows || !rows->next())
            return Unexpected(rows ? SqlFailure::Other : rows.error());
        if (write.claim.connectedAt != 0 && rows->integer(0) > write.claim.connectedAt) {
            write.call.outcome = Unexpected(ErrorCode::Ghost);
            return {};
        }
        others = rows->integer(1);
    }
    if (others >= write.maxChannels) {
        write.call.outcome = Unexpected(ErrorCode::TooManyChannels);
        return {};
    }
    CARILLON_TRY(const bool hasRoom, hasGroupRoom(write.uaid));
    if (m_isFull || !hasRoom) {
        CARILLON_TRY(const bool isThere, hasChannel(write.uaid, write.channel));
        if (!isThere) {
            write.call.outcome =
                Unexpected(m_isFull ? ErrorCode::StorageFull : ErrorCode::RateLimited);
            return {};
        }
    }
    if (!isKnown) {
        const Claim &claim = write.claim;
        const std::int64_t connectedAt =
            claim.connectedAt != 0 ? claim.connectedAt : toMilliseconds(m_now);
        CARILLON_TRY_VOID(change(SqliteStatement::ClientAdd, write.uaid, ClientRecord().routerType,
                                 QByteArray(), claim.node.url(), connectedAt, m_now,
                                 m_now + m_rules.clientLifetime, claim.userAgent));
    }
    CARILLON_TRY_VOID(
        change(SqliteStatement::ChannelAdd, write.uaid, write.channel, write.keyHash, m_now));
    write.call.outcome = {};
    return {};
}

Result<bool, SqlFailure> SqliteWrites::hasChannel(const Uaid &uaid, const ChannelId &channel)
{
    CARILLON_TRY(auto &&rows, m_connection.run(SqliteStatement::RouteFind, channel, uaid));
    return rows.next() && rows.integer(3) != 0;
}

SqliteWrites::Done SqliteWrites::run(RemoveChannel &write)
{
    CARILLON_TRY(const int removed,
                 change(SqliteStatement::ChannelRemove, write.uaid, write.channel));
    if (removed > 0) {
        CARILLON_TRY_VOID(
            change(SqliteStatement::MessagesRemoveOfChannel, write.uaid, write.channel));
    }
    write.call.outcome = removed > 0;
    return {};
}

// Housekeeping.

SqliteWrites::Done SqliteWrites::run(RemoveExpired &write)
{
    CARILLON_TRY(const auto lease, takeLease());
    if (!lease) {
        write.call.outcome = ExpiredRows {};
        return {};
    }
    ExpiredRows removed;
    CARILLON_TRY_VOID(removeMessages(removed.messages, RemovedMessage::Why::Expired,
                                     SqliteStatement::MessagesRemoveExpired, m_now, write.limit));
    removed.rows = static_cast<int>(removed.messages.size());
    if (write.which == Expired::MessagesAndClients) {
        CARILLON_TRY_VOID(removeExpiredClients(write.limit, removed));
    }
    write.call.outcome = std::move(removed);
    return {};
}

/// Each client is removed as a whole: one that reconnects meanwhile has everything or nothing.
SqliteWrites::Done SqliteWrites::removeExpiredClients(int limit, ExpiredRows &removed)
{
    while (removed.rows < limit) {
        Uaid uaid;
        {
            CARILLON_TRY(auto &&rows, m_connection.run(SqliteStatement::ClientFindExpired, m_now));
            if (!rows.next())
                return {};
            uaid = rows.id<Uaid>(0);
        }
        CARILLON_TRY(const int rows, removeClient(uaid));
        removed.clients.push_back(uaid);
        removed.rows += rows;
    }
    return {};
}

SqliteWrites::Done SqliteWrites::run(CheckWrite &write)
{
    CARILLON_TRY_VOID(change(SqliteStatement::DatabaseCheck, m_now));
    write.call.outcome = {};
    return {};
}

/// The writer does it, once it has done all others (keepClock()).
SqliteWrites::Done SqliteWrites::run(KeepClock &write)
{
    write.call.outcome = {};
    return {};
}

/// In a part of the transaction that can be undone alone: what others write must not depend on it.
SqliteWrites::Done SqliteWrites::run(RecordMilestones &write)
{
    CARILLON_TRY_VOID(m_connection.run(SqliteStatement::SavepointBegin));
    auto outcome = SqliteTimelines(m_connection).record(write.records);
    if (!outcome)
        return reportTimelineFailure(outcome.error());
    CARILLON_TRY_VOID(m_connection.run(SqliteStatement::SavepointRelease));
    write.call.outcome = std::move(*outcome);
    return {};
}

SqliteWrites::Done SqliteWrites::run(TidyTimelines &write)
{
    CARILLON_TRY(const auto lease, takeLease());
    if (!lease) {
        CARILLON_TRY(const StateCounts counts, SqliteTimelines(m_connection).counts());
        write.call.outcome = TidyOutcome { .counts = counts };
        return {};
    }
    CARILLON_TRY_VOID(m_connection.run(SqliteStatement::SavepointBegin));
    const auto outcome = SqliteTimelines(m_connection)
                             .tidy(m_now, write.expiredBefore, write.removedBefore, write.limit);
    if (!outcome)
        return reportTimelineFailure(outcome.error());
    CARILLON_TRY_VOID(m_connection.run(SqliteStatement::SavepointRelease));
    write.call.outcome = *outcome;
    return {};
}

/// Undoes what was written since the savepoint. The caller learns of the failure by the outcome.
/// Where the disk or another process is at fault, so are the other writes.
SqliteWrites::Done SqliteWrites::reportTimelineFailure(SqlFailure failure)
{
    if (failure == SqlFailure::Busy || failure == SqlFailure::Disk)
        return Unexpected(failure);
    const QString text = m_connection.errorText();
    CARILLON_TRY_VOID(m_connection.run(SqliteStatement::SavepointRollback));
    CARILLON_TRY_VOID(m_connection.run(SqliteStatement::SavepointRelease));
    if (const auto leftOut = m_timelineFailures.pass())
        qCWarning(lcStorage).noquote() << "timelines of tracked messages cannot be written:"
                                       << text + QString::fromLatin1(leftOutText(*leftOut));
    return {};
}

SqliteWrites::Done SqliteWrites::run(ReadAfter &)
{
    return {};
}

} // namespace Carillon
