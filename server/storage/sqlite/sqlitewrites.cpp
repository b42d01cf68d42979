// SPDX-License-Identifier: MPL-2.0
#include "server/storage/sqlite/sqlitewrites.h"

#include "core/base/log.h"

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
    auto rows = connection.run(SqliteStatement::ChannelsFind, record.uaid);
    if (!rows)
        return Unexpected(rows.error());
    while (rows->next())
        record.channels.push_back(rows->id<ChannelId>(0));
    if (const auto failure = rows->failure())
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
    const auto taken =
        change(SqliteStatement::LeaseTake, m_rules.leaseHolder, end, m_now, end + LeaseTime);
    if (!taken)
        return Unexpected(taken.error());
    return *taken > 0 ? std::optional(end) : std::nullopt;
}

// Messages.

SqliteWrites::Done SqliteWrites::run(StoreMessage &write)
{
    const Notification &message = write.message;
    auto admission = admit(message);
    if (!admission)
        return Unexpected(admission.error());
    if (!*admission) {
        write.call.outcome = Unexpected(ErrorCode::NoSuchUser);
        return {};
    }
    if (!(*admission)->hasChannel) {
        write.call.outcome = Unexpected(ErrorCode::NoSuchSubscription);
        return {};
    }
    if (m_isFull) {
        write.call.outcome = Unexpected(ErrorCode::StorageFull);
        return {};
    }
    if (isGroupFull(message.uaid,
                    (*admission)->groupBytes + MessageRowBytes + storedSize(message))) {
        write.call.outcome = Unexpected(ErrorCode::QueueFull);
        return {};
    }
    if (!fits(**admission, message)) {
        // Rarely on this way: what has expired gives room, then what may be dropped.
        const auto expired =
            change(SqliteStatement::MessagesRemoveExpiredOfClient, message.uaid, m_now);
        if (!expired)
            return Unexpected(expired.error());
        admission = admit(message);
        if (!admission)
            return Unexpected(admission.error());
        if (!fits(**admission, message)) {
            const auto hasRoom = dropOldest(**admission, write);
            if (!hasRoom)
                return Unexpected(hasRoom.error());
            if (!*hasRoom) {
                write.call.outcome = Unexpected(ErrorCode::QueueFull);
                return {};
            }
        }
    }
    if ((*admission)->replaced != 0) {
        const auto replaced = change(SqliteStatement::MessageRemoveRow, (*admission)->replaced);
        if (!replaced)
            return Unexpected(replaced.error());
    }
    const auto predecessor = findPredecessor(**admission, message.uaid);
    if (!predecessor)
        return Unexpected(predecessor.error());
    if (const Done inserted = insert(message); !inserted)
        return inserted;
    write.call.outcome = StoreOutcome { .sortKey = message.sortKey,
                                        .node = NodeId((*admission)->node),
                                        .connectedAt = (*admission)->connectedAt,
                                        .predecessor = *predecessor };
    return {};
}

/// Before the message itself is there. Only whoever holds a connection wants to know.
Result<SortKey, SqlFailure> SqliteWrites::findPredecessor(const Admission &admission,
                                                          const Uaid &uaid)
{
    if (admission.messages == 0 || admission.node.isEmpty())
        return SortKey {};
    auto rows = m_connection.run(SqliteStatement::MessageFindNewest, uaid);
    if (!rows)
        return Unexpected(rows.error());
    return rows->next() ? SortKey { rows->integer(0) } : SortKey {};
}

/// The client as the message finds it, without the message it replaces.
Result<std::optional<SqliteWrites::Admission>, SqlFailure>
SqliteWrites::admit(const Notification &message)
{
    Admission admission;
    {
        auto rows =
            m_connection.run(SqliteStatement::MessageAdmit, message.channelId, message.uaid);
        if (!rows)
            return Unexpected(rows.error());
        if (!rows->next())
            return std::optional<Admission>();
        admission = { .node = rows->bytes(0),
                      .connectedAt = rows->integer(1),
                      .messages = rows->integer(2),
                      .bytes = rows->integer(3),
                      .groupBytes = rows->integer(5),
                      .hasChannel = rows->integer(4) != 0 };
    }
    if (!message.topic.isEmpty()) {
        auto rows = m_connection.run(SqliteStatement::MessageFindTopic, message.uaid,
                                     message.channelId, message.topic);
        if (!rows)
            return Unexpected(rows.error());
        if (rows->next()) {
            admission.replaced = rows->integer(0);
            admission.messages -= 1;
            admission.bytes -= rows->integer(2);
        }
    }
    return std::optional(admission);
}

bool SqliteWrites::fits(const Admission &admission, const Notification &message) const
{
    return m_rules.limits.allow(admission.messages + 1, admission.bytes + storedSize(message));
}

/// Whether its group would have more stored than it may.
bool SqliteWrites::isGroupFull(const Uaid &uaid, std::int64_t bytes)
{
    const std::int64_t most = m_rules.limits.maxGroupBytes;
    if (most == 0 || bytes <= most)
        return false;
    if (const auto leftOut = m_groupLines.pass())
        qCWarning(lcStorage).noquote().nospace()
            << "clients made at one address, with UAIDs that begin with "
            << uaid.raw().first(qsizetype(UaidPrefix().size())).toByteArray().toHex()
            << ", have as much stored as storage.max_bytes_per_address allows"
            << leftOutText(*leftOut)
            << ". If a proxy has that address, name it in trusted_proxies.";
    return true;
}

/// For one more channel.
Result<bool, SqlFailure> SqliteWrites::hasGroupRoom(const Uaid &uaid)
{
    auto rows = m_connection.run(SqliteStatement::ClientGroupFind, uaid);
    if (!rows)
        return Unexpected(rows.error());
    return !rows->next() || !isGroupFull(uaid, rows->integer(0) + ChannelRowBytes);
}

/// Makes room on the pushed channel if that can be done. Gives whether there is room now; if not,
/// nothing was dropped.
Result<bool, SqlFailure> SqliteWrites::dropOldest(const Admission &admission,
                                                  const StoreMessage &write)
{
    if (m_rules.limits.onFull != OnFull::DropOldest)
        return false;
    Admission after = admission;
    std::vector<std::int64_t> dropped;
    {
        auto rows = m_connection.run(SqliteStatement::MessagesFindDroppable, write.message.uaid,
                                     write.message.channelId);
        if (!rows)
            return Unexpected(rows.error());
        while (!fits(after, write.message) && rows->next()) {
            const auto &spared = write.inFlight;
            const std::int64_t row = rows->integer(0);
            if (row == admission.replaced
                || std::find(spared.begin(), spared.end(), SortKey { rows->integer(1) })
                    != spared.end())
                continue;
            dropped.push_back(row);
            after.messages -= 1;
            after.bytes -= rows->integer(2);
        }
        if (const auto failure = rows->failure())
            return Unexpected(*failure);
    }
    if (!fits(after, write.message))
        return false;
    for (const std::int64_t row : dropped) {
        const auto removed = change(SqliteStatement::MessageRemoveRow, row);
        if (!removed)
            return Unexpected(removed.error());
    }
    return true;
}

SqliteWrites::Done SqliteWrites::insert(const Notification &message)
{
    const auto inserted =
        change(SqliteStatement::MessageInsert, message.uaid, message.sortKey, message.channelId,
               Sql::orNull(message.topic), static_cast<int>(message.urgency),
               std::int64_t { message.ttl.count() }, message.accepted, message.expires(),
               static_cast<int>(message.encoding), message.encryption, message.cryptoKey,
               message.senderKeyHash, message.reliabilityId, storedSize(message), message.body,
               std::int64_t { toInt(message.idKey) });
    if (!inserted)
        return Unexpected(inserted.error());
    return {};
}

SqliteWrites::Done SqliteWrites::run(RemoveSuperseded &write)
{
    const auto removed = removeTopic(write.uaid, write.channel, write.topic, {});
    if (!removed)
        return Unexpected(removed.error());
    return {};
}

SqliteWrites::Done SqliteWrites::run(RemoveMessage &write)
{
    const auto removed =
        change(SqliteStatement::MessageRemove, write.uaid, write.key, write.channel);
    if (!removed)
        return Unexpected(removed.error());
    write.call.outcome = *removed > 0;
    return {};
}

SqliteWrites::Done SqliteWrites::run(RemoveTopic &write)
{
    const auto removed = removeTopic(write.uaid, write.channel, write.topic, write.isMeant);
    if (!removed)
        return Unexpected(removed.error());
    write.call.outcome = *removed;
    return {};
}

Result<bool, SqlFailure> SqliteWrites::removeTopic(const Uaid &uaid, const ChannelId &channel,
                                                   const QByteArray &topic,
                                                   const std::function<bool(SortKey)> &isMeant)
{
    std::int64_t row = 0;
    {
        auto rows = m_connection.run(SqliteStatement::MessageFindTopic, uaid, channel, topic);
        if (!rows)
            return Unexpected(rows.error());
        if (!rows->next() || (isMeant && !isMeant(SortKey { rows->integer(1) })))
            return false;
        row = rows->integer(0);
    }
    const auto removed = change(SqliteStatement::MessageRemoveRow, row);
    if (!removed)
        return Unexpected(removed.error());
    return *removed > 0;
}

// Clients.

Result<std::optional<ClientRecord>, SqlFailure> SqliteWrites::find(const Uaid &uaid)
{
    auto rows = m_connection.run(SqliteStatement::ClientFind, uaid);
    if (!rows)
        return Unexpected(rows.error());
    return rows->next() ? std::optional(readClient(*rows, uaid)) : std::nullopt;
}

SqliteWrites::Done SqliteWrites::run(ClaimClient &write)
{
    auto found = find(write.uaid);
    if (!found)
        return Unexpected(found.error());
    std::optional<ClientRecord> &record = *found;
    if (record) {
        const Time fresh = m_now + m_rules.clientLifetime;
        const bool isRenewed = wantsRenewal(*record, fresh, m_rules.clientLifetime);
        record->previousNode = std::exchange(record->node, write.claim.node);
        record->userAgent = write.claim.userAgent;
        record->connectedAt = std::max(toMilliseconds(m_now), record->connectedAt + 1);
        record->lastSeen = m_now;
        const auto claimed = change(SqliteStatement::ClientClaim, record->node.url(),
                                    record->userAgent, record->connectedAt, m_now, write.uaid);
        if (!claimed)
            return Unexpected(claimed.error());
        if (isRenewed) {
            record->expires = fresh;
            const auto renewed = change(SqliteStatement::ClientRenew, m_now, fresh, write.uaid);
            if (!renewed)
                return Unexpected(renewed.error());
        }
        if (const Done read = readChannels(m_connection, *record); !read)
            return read;
    }
    write.call.outcome = std::move(record);
    return {};
}

SqliteWrites::Done SqliteWrites::run(SetNode &write)
{
    const auto set =
        change(SqliteStatement::ClientSetNode, write.node.url(), write.uaid, write.connectedAt);
    if (!set)
        return Unexpected(set.error());
    write.call.outcome = *set > 0;
    return {};
}

SqliteWrites::Done SqliteWrites::run(RenewClients &write)
{
    for (const Uaid &uaid : write.uaids) {
        const auto renewed =
            change(SqliteStatement::ClientRenew, m_now, m_now + m_rules.clientLifetime, uaid);
        if (!renewed)
            return Unexpected(renewed.error());
    }
    write.call.outcome = {};
    return {};
}

SqliteWrites::Done SqliteWrites::run(RemoveClient &write)
{
    const auto removed = removeClient(write.uaid);
    if (!removed)
        return Unexpected(removed.error());
    write.call.outcome = *removed > 0;
    return {};
}

/// Gives how many rows went; 0: there was no such client.
Result<int, SqlFailure> SqliteWrites::removeClient(const Uaid &uaid)
{
    int rows = 0;
    for (const SqliteStatement statement :
         { SqliteStatement::ClientRemove, SqliteStatement::ChannelsRemoveOfClient,
           SqliteStatement::MessagesRemoveOfClient }) {
        const auto removed = change(statement, uaid);
        if (!removed)
            return Unexpected(removed.error());
        rows += *removed;
    }
    return rows;
}

SqliteWrites::Done SqliteWrites::run(AddChannel &write)
{
    const auto client = find(write.uaid);
    if (!client)
        return Unexpected(client.error());
    const bool isKnown = client->has_value();
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
    const auto hasRoom = hasGroupRoom(write.uaid);
    if (!hasRoom)
        return Unexpected(hasRoom.error());
    if (m_isFull || !*hasRoom) {
        const auto isThere = hasChannel(write.uaid, write.channel);
        if (!isThere)
            return Unexpected(isThere.error());
        if (!*isThere) {
            write.call.outcome =
                Unexpected(m_isFull ? ErrorCode::StorageFull : ErrorCode::RateLimited);
            return {};
        }
    }
    if (!isKnown) {
        const Claim &claim = write.claim;
        const std::int64_t connectedAt =
            claim.connectedAt != 0 ? claim.connectedAt : toMilliseconds(m_now);
        const auto added = change(SqliteStatement::ClientAdd, write.uaid, ClientRecord().routerType,
                                  QByteArray(), claim.node.url(), connectedAt, m_now,
                                  m_now + m_rules.clientLifetime, claim.userAgent);
        if (!added)
            return Unexpected(added.error());
    }
    const auto added =
        change(SqliteStatement::ChannelAdd, write.uaid, write.channel, write.keyHash, m_now);
    if (!added)
        return Unexpected(added.error());
    write.call.outcome = {};
    return {};
}

Result<bool, SqlFailure> SqliteWrites::hasChannel(const Uaid &uaid, const ChannelId &channel)
{
    auto rows = m_connection.run(SqliteStatement::RouteFind, channel, uaid);
    if (!rows)
        return Unexpected(rows.error());
    return rows->next() && rows->integer(3) != 0;
}

SqliteWrites::Done SqliteWrites::run(RemoveChannel &write)
{
    const auto removed = change(SqliteStatement::ChannelRemove, write.uaid, write.channel);
    if (!removed)
        return Unexpected(removed.error());
    if (*removed > 0) {
        const auto messages =
            change(SqliteStatement::MessagesRemoveOfChannel, write.uaid, write.channel);
        if (!messages)
            return Unexpected(messages.error());
    }
    write.call.outcome = *removed > 0;
    return {};
}

// Housekeeping.

SqliteWrites::Done SqliteWrites::run(RemoveExpired &write)
{
    const auto lease = takeLease();
    if (!lease)
        return Unexpected(lease.error());
    if (!*lease) {
        write.call.outcome = ExpiredCounts {};
        return {};
    }
    const auto messages = change(SqliteStatement::MessagesRemoveExpired, m_now, write.limit);
    if (!messages)
        return Unexpected(messages.error());
    ExpiredCounts removed { .messages = *messages, .rows = *messages };
    if (write.which == Expired::MessagesAndClients) {
        if (auto done = removeExpiredClients(write.limit, removed); !done)
            return done;
    }
    write.call.outcome = removed;
    return {};
}

/// Each goes as a whole: one that comes back meanwhile has all it had, or nothing.
SqliteWrites::Done SqliteWrites::removeExpiredClients(int limit, ExpiredCounts &removed)
{
    while (removed.rows < limit) {
        Uaid uaid;
        {
            auto rows = m_connection.run(SqliteStatement::ClientFindExpired, m_now);
            if (!rows)
                return Unexpected(rows.error());
            if (!rows->next())
                return {};
            uaid = rows->id<Uaid>(0);
        }
        const auto rows = removeClient(uaid);
        if (!rows)
            return Unexpected(rows.error());
        ++removed.clients;
        removed.rows += *rows;
    }
    return {};
}

SqliteWrites::Done SqliteWrites::run(CheckWrite &write)
{
    const auto written = change(SqliteStatement::DatabaseCheck, m_now);
    if (!written)
        return Unexpected(written.error());
    write.call.outcome = {};
    return {};
}

/// The writer does it, once it has done all others (keepClock()).
SqliteWrites::Done SqliteWrites::run(KeepClock &write)
{
    write.call.outcome = {};
    return {};
}

SqliteWrites::Done SqliteWrites::run(ReadAfter &)
{
    return {};
}

} // namespace Carillon
