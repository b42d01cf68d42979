// SPDX-License-Identifier: MPL-2.0
#include "server/storage/sqlite/sqlitelists.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace Carillon {

namespace {

constexpr std::int64_t Least = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t Greatest = std::numeric_limits<std::int64_t>::max();
constexpr std::chrono::seconds CountLifetime { 1 };

/// client_by_depth: how far the depth is above the row in its key.
constexpr int DepthShift = 40;

/// Rows of messages are in the order in which they were written; a message is accepted shortly
/// before. Further apart than this are no two of one moment.
constexpr std::chrono::hours AcceptSlack { 1 };

std::int64_t number(Time time)
{
    return time.time_since_epoch().count();
}

// Columns of all lists of clients.
ClientSummary readSummary(const SqliteRows &rows)
{
    ClientSummary client;
    ClientRecord &record = client.record;
    record.uaid = rows.id<Uaid>(1);
    record.routerType = rows.bytes(2);
    record.node = NodeId(rows.bytes(3));
    record.connectedAt = rows.integer(4);
    record.lastSeen = rows.time(5);
    record.expires = rows.time(6);
    record.userAgent = rows.bytes(7);
    client.messages = rows.integer(8);
    client.bytes = rows.integer(9);
    return client;
}

// Columns of all lists of messages.
StoredMessage readStored(const SqliteRows &rows)
{
    StoredMessage stored;
    Notification &message = stored.message;
    message.uaid = rows.id<Uaid>(1);
    message.sortKey = SortKey { rows.integer(2) };
    message.channelId = rows.id<ChannelId>(3);
    message.topic = rows.bytes(4);
    message.urgency = static_cast<Urgency>(rows.integer(5));
    message.ttl = std::chrono::seconds(rows.integer(6));
    message.accepted = rows.time(7);
    message.encoding = static_cast<Encoding>(rows.integer(8));
    message.senderKeyHash = rows.bytes(9);
    message.reliabilityId = rows.bytes(10);
    message.idKey = KeyMark { static_cast<std::uint32_t>(rows.integer(11)) };
    stored.size = rows.integer(12);
    stored.bodySize = rows.integer(13);
    return stored;
}

StoredMessage readWhole(const SqliteRows &rows, WithBody withBody)
{
    StoredMessage stored = readStored(rows);
    stored.message.encryption = rows.bytes(14);
    stored.message.cryptoKey = rows.bytes(15);
    if (withBody == WithBody::Yes)
        stored.message.body = rows.bytes(16);
    return stored;
}

UaidRange allUaids()
{
    Uaid::Bytes last {};
    last.fill(0xFF);
    return { Uaid(), Uaid(last) };
}

/// Where a page begins; nullopt: at the list's end.
Result<std::optional<ListCursor>> cursorOf(const ListRequest &page, ListCursor::List list)
{
    if (page.after.isEmpty())
        return std::optional<ListCursor>();
    const auto cursor = ListCursor::decode(page.after);
    if (!cursor || cursor->list != list)
        return Unexpected(ErrorCode::BadRequest);
    return cursor;
}

} // namespace

class SqliteLists::Budget
{
public:
    explicit Budget(const ListLimits &limits)
        : m_rows(limits.rows), m_end(std::chrono::steady_clock::now() + limits.time)
    {
    }

    /// One more row was looked at. Whether it was the last.
    [[nodiscard]] bool spend()
    {
        constexpr int RowsBetweenLooks = 64;
        --m_rows;
        return m_rows <= 0
            || (m_rows % RowsBetweenLooks == 0 && std::chrono::steady_clock::now() >= m_end);
    }

private:
    int m_rows;
    const Instant m_end;
};

template<typename... Values>
Result<SqliteRows> SqliteLists::run(SqliteStatement statement, const Values &...values)
{
    auto rows = m_connection.run(statement, values...);
    if (!rows) {
        m_hasFailed = true;
        return Unexpected(ErrorCode::StorageUnavailable);
    }
    return std::move(*rows);
}

/// Whether the rows ended because there are no more.
Result<void> SqliteLists::ended(const SqliteRows &rows)
{
    if (!rows.failure())
        return {};
    m_hasFailed = true;
    return Unexpected(ErrorCode::StorageUnavailable);
}

// Clients.

Result<ClientPage> SqliteLists::listClients(const ClientQuery &query)
{
    ClientPage page;
    switch (query.sort) {
    case ClientSort::Id:
        CARILLON_TRY_VOID(listById(query, page));
        break;
    case ClientSort::Expiry:
        CARILLON_TRY_VOID(listByExpiry(query, page));
        break;
    case ClientSort::Depth:
        CARILLON_TRY_VOID(listByDepth(query, page));
        return page;
    }
    if (query.filter.isEmpty()) {
        CARILLON_TRY(const Counts counted, counts());
        page.total = counted.clients;
    }
    return page;
}

/// Takes rows until the page is full, they end, or enough were looked at.
template<typename PlaceOf>
Result<void> SqliteLists::fill(ClientPage &page, SqliteRows rows, const ClientQuery &query,
                               PlaceOf placeOf)
{
    Budget budget(m_limits);
    while (rows.next()) {
        if (std::cmp_greater_equal(page.clients.size(), query.page.limit))
            return {};
        ClientSummary client = readSummary(rows);
        page.next = placeOf(rows, client).encoded();
        if (matches(query.filter, client)) {
            CARILLON_TRY(client.channels, countChannels(client.record.uaid));
            page.clients.push_back(std::move(client));
        }
        if (budget.spend())
            return {};
    }
    page.next.clear();
    return ended(rows);
}

Result<void> SqliteLists::listById(const ClientQuery &query, ClientPage &page)
{
    CARILLON_TRY(const auto cursor, cursorOf(query.page, List::ClientsById));
    UaidRange range = query.filter.uaids.value_or(allUaids());
    const bool reverse = query.page.reverse;
    std::optional<Uaid> from = query.seekUaid;
    if (cursor)
        from = reverse ? before(cursor->uaid) : after(cursor->uaid);
    if (cursor && !from)
        return {};
    if (from && reverse)
        range.last = std::min(range.last, *from);
    else if (from)
        range.first = std::max(range.first, *from);
    if (range.last < range.first)
        return {};
    if (query.filter.hasMessages == true)
        return listWithMessages(query, range, page);

    CARILLON_TRY(auto rows,
                 run(reverse ? SqliteStatement::ClientsListBack : SqliteStatement::ClientsList,
                     range.first, range.last, m_limits.rows + 1));
    return fill(page, std::move(rows), query, [](const SqliteRows &, const ClientSummary &client) {
        return ListCursor { .list = List::ClientsById, .uaid = client.record.uaid };
    });
}

/// Goes from one client that has messages to the next on the index of messages.
Result<void> SqliteLists::listWithMessages(const ClientQuery &query, UaidRange range,
                                           ClientPage &page)
{
    const bool reverse = query.page.reverse;
    Budget budget(m_limits);
    for (;;) {
        std::optional<Uaid> uaid;
        {
            CARILLON_TRY(auto rows,
                         run(reverse ? SqliteStatement::MessageNextClientBack
                                     : SqliteStatement::MessageNextClient,
                             range.first, range.last));
            if (rows.next())
                uaid = rows.id<Uaid>(0);
            CARILLON_TRY_VOID(ended(rows));
        }
        if (!uaid) {
            page.next.clear();
            return {};
        }
        if (std::cmp_greater_equal(page.clients.size(), query.page.limit))
            return {};
        page.next = ListCursor { .list = List::ClientsById, .uaid = *uaid }.encoded();
        CARILLON_TRY(auto client, findSummary(*uaid));
        if (client && matches(query.filter, *client))
            page.clients.push_back(std::move(*client));
        const auto beside = reverse ? before(*uaid) : after(*uaid);
        if (!beside || range.last < range.first) {
            page.next.clear();
            return {};
        }
        (reverse ? range.last : range.first) = *beside;
        if (budget.spend())
            return {};
    }
}

Result<void> SqliteLists::listByExpiry(const ClientQuery &query, ClientPage &page)
{
    CARILLON_TRY(auto from, cursorOf(query.page, List::ClientsByExpiry));
    const bool reverse = query.page.reverse;
    if (!from) {
        from = ListCursor { .key = reverse ? Greatest : Least, .row = reverse ? Greatest : Least };
        if (query.seekExpiry)
            from->key = number(*query.seekExpiry);
    }
    CARILLON_TRY(
        auto rows,
        run(reverse ? SqliteStatement::ClientsListExpiryBack : SqliteStatement::ClientsListExpiry,
            from->key, from->row, m_limits.rows + 1));
    return fill(page, std::move(rows), query,
                [](const SqliteRows &row, const ClientSummary &client) {
                    return ListCursor { .list = List::ClientsByExpiry,
                                        .key = number(client.record.expires),
                                        .row = row.integer(0) };
                });
}

Result<void> SqliteLists::listByDepth(const ClientQuery &query, ClientPage &page)
{
    CARILLON_TRY(auto from, cursorOf(query.page, List::ClientsByDepth));
    const bool reverse = query.page.reverse;
    if (!from) {
        from = ListCursor { .key = reverse ? Greatest : Least };
        if (query.seekDepth) {
            const std::int64_t depth =
                std::clamp<std::int64_t>(*query.seekDepth, 0, Greatest >> (DepthShift + 1));
            from->key = ((reverse ? depth + 1 : depth) << DepthShift) - (reverse ? 0 : 1);
        }
    }
    CARILLON_TRY(
        auto rows,
        run(reverse ? SqliteStatement::ClientsListDepthBack : SqliteStatement::ClientsListDepth,
            from->key, m_limits.rows + 1));
    return fill(page, std::move(rows), query,
                [](const SqliteRows &row, const ClientSummary &client) {
                    return ListCursor { .list = List::ClientsByDepth,
                                        .key = (client.messages << DepthShift) + row.integer(0) };
                });
}

Result<int> SqliteLists::countChannels(const Uaid &uaid)
{
    CARILLON_TRY(auto rows, run(SqliteStatement::ChannelsCount, uaid));
    const int count = rows.next() ? static_cast<int>(rows.integer(0)) : 0;
    CARILLON_TRY_VOID(ended(rows));
    return count;
}

Result<std::optional<ClientSummary>> SqliteLists::findSummary(const Uaid &uaid)
{
    std::optional<ClientSummary> client;
    {
        CARILLON_TRY(auto rows, run(SqliteStatement::ClientsList, uaid, uaid, 1));
        if (rows.next())
            client = readSummary(rows);
        CARILLON_TRY_VOID(ended(rows));
    }
    if (client) {
        CARILLON_TRY(client->channels, countChannels(uaid));
    }
    return client;
}

Result<std::vector<ClientSummary>> SqliteLists::findClients(const std::vector<Uaid> &uaids)
{
    std::vector<ClientSummary> found;
    for (const Uaid &uaid : uaids) {
        CARILLON_TRY(auto client, findSummary(uaid));
        if (client)
            found.push_back(std::move(*client));
    }
    return found;
}

Result<std::optional<ClientDetails>> SqliteLists::findClient(const Uaid &uaid)
{
    // One snapshot of all tables.
    CARILLON_TRY_VOID(run(SqliteStatement::TransactionBeginRead));
    std::optional<ClientDetails> details;
    CARILLON_TRY(auto summary, findSummary(uaid));
    if (summary) {
        details.emplace();
        details->summary = std::move(*summary);
        {
            CARILLON_TRY(auto rows, run(SqliteStatement::ChannelsList, uaid));
            while (rows.next()) {
                details->channels.push_back({ .id = rows.id<ChannelId>(0),
                                              .keyHash = rows.bytes(1),
                                              .created = rows.time(2) });
            }
            CARILLON_TRY_VOID(ended(rows));
        }
        CARILLON_TRY(auto rows, run(SqliteStatement::MessagesCountByChannel, uaid, m_clock.now()));
        while (rows.next()) {
            const auto channel =
                std::ranges::find(details->channels, rows.id<ChannelId>(0), &ChannelDetails::id);
            if (channel != details->channels.end()) {
                channel->messages = rows.integer(1);
                channel->bytes = rows.integer(2);
            }
            details->oldest = std::min(details->oldest.value_or(rows.time(3)), rows.time(3));
        }
        CARILLON_TRY_VOID(ended(rows));
    }
    CARILLON_TRY_VOID(run(SqliteStatement::TransactionCommit));
    return details;
}

Result<std::vector<Uaid>> SqliteLists::findChannel(const ChannelId &channel)
{
    CARILLON_TRY(
        auto rows,
        run(SqliteStatement::ChannelsFindById, channel, channel, StorageBrowser::MaxOwners));
    std::vector<Uaid> owners;
    while (rows.next())
        owners.push_back(rows.id<Uaid>(0));
    CARILLON_TRY_VOID(ended(rows));
    return owners;
}

Result<std::vector<ChannelOwner>> SqliteLists::findChannelsOfSender(const QByteArray &keyHash)
{
    CARILLON_TRY(
        auto rows,
        run(SqliteStatement::ChannelsFindByKey, keyHash, keyHash, StorageBrowser::MaxOwners));
    std::vector<ChannelOwner> owners;
    while (rows.next())
        owners.push_back({ rows.id<Uaid>(0), rows.id<ChannelId>(1) });
    CARILLON_TRY_VOID(ended(rows));
    return owners;
}

// Messages.

Result<MessagePage> SqliteLists::listMessages(const MessageQuery &query)
{
    MessagePage page;
    std::optional<Uaid> uaid = query.filter.uaid;
    if (!uaid && query.filter.channelId) {
        CARILLON_TRY(const auto owners, findChannel(*query.filter.channelId));
        if (owners.empty())
            return page;
        if (owners.size() == 1)
            uaid = owners.front();
    }
    if (uaid)
        CARILLON_TRY_VOID(listOfClient(query, *uaid, page));
    else if (query.sort == MessageSort::Expiry)
        CARILLON_TRY_VOID(listByExpiry(query, page));
    else
        CARILLON_TRY_VOID(listByAge(query, page));
    if (query.filter == MessageFilter()) {
        CARILLON_TRY(const Counts counted, counts());
        page.total = counted.messages;
    }
    return page;
}

/// As for clients. isOver: whether no later row can match.
template<typename PlaceOf, typename IsOver>
Result<void> SqliteLists::fill(MessagePage &page, SqliteRows rows, const MessageQuery &query,
                               PlaceOf placeOf, IsOver isOver)
{
    Budget budget(m_limits);
    const Time now = m_clock.now();
    while (rows.next()) {
        StoredMessage stored = readStored(rows);
        if (isOver(stored.message))
            break;
        if (std::cmp_greater_equal(page.messages.size(), query.page.limit))
            return {};
        page.next = placeOf(rows, stored.message).encoded();
        if (stored.message.expires() > now && matches(query.filter, stored))
            page.messages.push_back(std::move(stored));
        if (budget.spend())
            return {};
    }
    page.next.clear();
    return ended(rows);
}

Result<void> SqliteLists::listOfClient(const MessageQuery &query, const Uaid &uaid,
                                       MessagePage &page)
{
    CARILLON_TRY(auto from, cursorOf(query.page, List::MessagesOfClient));
    const bool reverse = query.page.reverse;
    if (!from) {
        from = ListCursor { .key = reverse ? Greatest : Least };
        if (query.seek)
            from->key = reverse ? number(*query.seek) + 1 : number(*query.seek) - 1;
    }
    CARILLON_TRY(auto rows,
                 run(reverse ? SqliteStatement::MessagesListOfClientBack
                             : SqliteStatement::MessagesListOfClient,
                     uaid, from->key, m_limits.rows + 1));
    return fill(
        page, std::move(rows), query,
        [](const SqliteRows &, const Notification &message) {
            return ListCursor { .list = List::MessagesOfClient, .key = toInt(message.sortKey) };
        },
        [](const Notification &) { return false; });
}

Result<void> SqliteLists::listByAge(const MessageQuery &query, MessagePage &page)
{
    CARILLON_TRY(auto from, cursorOf(query.page, List::MessagesByAge));
    const bool reverse = query.page.reverse;
    const auto &acceptedBefore = query.filter.acceptedBefore;
    if (!from) {
        from = ListCursor { .key = reverse ? Greatest : Least };
        if (query.seek) {
            CARILLON_TRY(const std::int64_t row, findRow(*query.seek));
            from->key = reverse ? row : row - 1;
        } else if (reverse && acceptedBefore) {
            CARILLON_TRY(from->key, findRow(*acceptedBefore + AcceptSlack));
        }
    }
    CARILLON_TRY(auto rows,
                 run(reverse ? SqliteStatement::MessagesListBack : SqliteStatement::MessagesList,
                     from->key, m_limits.rows + 1));
    return fill(
        page, std::move(rows), query,
        [](const SqliteRows &row, const Notification &) {
            return ListCursor { .list = List::MessagesByAge, .key = row.integer(0) };
        },
        [&](const Notification &message) {
            return !reverse && acceptedBefore && message.accepted > *acceptedBefore + AcceptSlack;
        });
}

Result<void> SqliteLists::listByExpiry(const MessageQuery &query, MessagePage &page)
{
    CARILLON_TRY(auto from, cursorOf(query.page, List::MessagesByExpiry));
    const bool reverse = query.page.reverse;
    const auto &expiresBefore = query.filter.expiresBefore;
    const Time now = m_clock.now();
    if (!from && reverse) {
        from = ListCursor { .key = Greatest, .row = Greatest };
        if (query.seek)
            from->key = number(*query.seek);
        if (expiresBefore && number(*expiresBefore) <= from->key) {
            from->key = number(*expiresBefore);
            from->row = Least;
        }
    } else if (!from) {
        from = ListCursor { .key = number(now), .row = Greatest };
        if (query.seek && *query.seek > now) {
            from->key = number(*query.seek);
            from->row = Least;
        }
    }
    CARILLON_TRY(
        auto rows,
        run(reverse ? SqliteStatement::MessagesListExpiryBack : SqliteStatement::MessagesListExpiry,
            from->key, from->row, m_limits.rows + 1));
    return fill(
        page, std::move(rows), query,
        [](const SqliteRows &row, const Notification &message) {
            return ListCursor { .list = List::MessagesByExpiry,
                                .key = number(message.expires()),
                                .row = row.integer(0) };
        },
        [&](const Notification &message) {
            return reverse ? message.expires() <= now
                           : expiresBefore && message.expires() >= *expiresBefore;
        });
}

Result<std::int64_t> SqliteLists::edgeRow(SqliteStatement statement, std::int64_t from)
{
    CARILLON_TRY(auto rows, run(statement, from, 1));
    const std::int64_t row = rows.next() ? rows.integer(0) : 0;
    CARILLON_TRY_VOID(ended(rows));
    return row;
}

Result<std::int64_t> SqliteLists::findRow(Time accepted)
{
    CARILLON_TRY(std::int64_t first, edgeRow(SqliteStatement::MessagesList, Least));
    CARILLON_TRY(std::int64_t end, edgeRow(SqliteStatement::MessagesListBack, Greatest));
    ++end;
    while (first < end) {
        const std::int64_t middle = first + (end - first) / 2;
        CARILLON_TRY(auto rows, run(SqliteStatement::MessagesList, middle - 1, 1));
        const bool isThere = rows.next();
        CARILLON_TRY_VOID(ended(rows));
        if (isThere && rows.time(7) < accepted)
            first = rows.integer(0) + 1;
        else
            end = middle;
    }
    return end;
}

Result<std::optional<StoredMessage>> SqliteLists::findMessage(const Uaid &uaid, SortKey key,
                                                              WithBody withBody)
{
    CARILLON_TRY(auto rows, run(SqliteStatement::MessageFind, uaid, key));
    std::optional<StoredMessage> found;
    if (rows.next())
        found = readWhole(rows, withBody);
    CARILLON_TRY_VOID(ended(rows));
    return found;
}

Result<std::optional<StoredMessage>> SqliteLists::findTopic(const Uaid &uaid,
                                                            const ChannelId &channel,
                                                            const QByteArray &topic,
                                                            WithBody withBody)
{
    CARILLON_TRY(auto rows, run(SqliteStatement::MessageFindOfTopic, uaid, channel, topic));
    std::optional<StoredMessage> found;
    if (rows.next())
        found = readWhole(rows, withBody);
    CARILLON_TRY_VOID(ended(rows));
    return found;
}

Result<SqliteLists::Counts> SqliteLists::counts()
{
    const Instant now = std::chrono::steady_clock::now();
    if (m_counted && now - *m_counted < CountLifetime)
        return m_counts;
    CARILLON_TRY(auto rows, run(SqliteStatement::TablesCount));
    if (rows.next())
        m_counts = { rows.integer(0), rows.integer(1), rows.integer(2) };
    CARILLON_TRY_VOID(ended(rows));
    m_counted = now;
    return m_counts;
}

} // namespace Carillon
