// SPDX-License-Identifier: MPL-2.0
#include "server/storage/sqlite/sqlitereader.h"

#include "server/storage/sqlite/databasefiles.h"
#include "server/storage/sqlite/sqlitetimelines.h"
#include "server/storage/sqlite/sqlitewrites.h"

#include <algorithm>
#include <utility>

namespace Carillon {

namespace {

SqliteStatement statementFor(FetchRequest::Which which)
{
    switch (which) {
    case FetchRequest::Which::All:
        return SqliteStatement::MessagesFetchAll;
    case FetchRequest::Which::Topics:
        return SqliteStatement::MessagesFetchTopics;
    case FetchRequest::Which::Plain:
        return SqliteStatement::MessagesFetchPlain;
    }
    return SqliteStatement::MessagesFetchAll;
}

Notification readMessage(const SqliteRows &rows, const Uaid &uaid, SortKey key)
{
    Notification message;
    message.uaid = uaid;
    message.sortKey = key;
    message.channelId = rows.id<ChannelId>(1);
    message.topic = rows.bytes(2);
    message.urgency = static_cast<Urgency>(rows.integer(3));
    message.ttl = std::chrono::seconds(rows.integer(4));
    message.accepted = rows.time(5);
    message.encoding = static_cast<Encoding>(rows.integer(6));
    message.encryption = rows.bytes(7);
    message.cryptoKey = rows.bytes(8);
    message.senderKeyHash = rows.bytes(9);
    message.reliabilityId = rows.bytes(10);
    message.body = rows.bytes(11);
    message.idKey = KeyMark { static_cast<std::uint32_t>(rows.integer(12)) };
    return message;
}

/// What is made of the first row; nullopt: there is none.
template<typename Make>
auto firstRow(SqliteRows &rows, Make make)
    -> Result<std::optional<decltype(make(rows))>, SqlFailure>
{
    std::optional<decltype(make(rows))> made;
    if (rows.next())
        made = make(rows);
    else if (const auto failure = rows.failure())
        return Unexpected(*failure);
    return made;
}

} // namespace

Result<std::unique_ptr<ReadConnection>, QString> SqliteReader::connect(const DatabaseFiles &files,
                                                                       const Clock &clock)
{
    CARILLON_TRY(auto connection, files.connect());
    if (!connection->runFile(SqliteStatement::ReaderSetup))
        return Unexpected(connection->errorText());
    return std::unique_ptr<ReadConnection>(new SqliteReader(std::move(connection), clock));
}

bool SqliteReader::answer(Read &read)
{
    return std::visit([this](auto &what) { return run(what).has_value(); }, read);
}

SqliteReader::Done SqliteReader::run(FindClient &read)
{
    // One snapshot for the client and its channels.
    CARILLON_TRY_VOID(m_connection->run(SqliteStatement::TransactionBeginRead));
    std::optional<ClientRecord> record;
    {
        CARILLON_TRY(auto &&rows, m_connection->run(SqliteStatement::ClientFind, read.uaid));
        CARILLON_TRY(record, firstRow(rows, [&](const SqliteRows &row) {
                         return readClient(row, read.uaid);
                     }));
    }
    if (record)
        CARILLON_TRY_VOID(readChannels(*m_connection, *record));
    CARILLON_TRY_VOID(m_connection->run(SqliteStatement::TransactionCommit));
    read.done(std::move(record));
    return {};
}

SqliteReader::Done SqliteReader::run(FindRoute &read)
{
    std::optional<Route> route;
    {
        CARILLON_TRY(auto &&rows,
                     m_connection->run(SqliteStatement::RouteFind, read.channel, read.uaid));
        CARILLON_TRY(route, firstRow(rows, [](const SqliteRows &row) {
                         return Route { row.bytes(0), NodeId(row.bytes(1)), row.integer(2),
                                        row.integer(3) != 0 };
                     }));
    }
    read.done(std::move(route));
    return {};
}

SqliteReader::Done SqliteReader::run(FetchMessages &read)
{
    const FetchRequest &request = read.request;
    // One more than asked says whether there are more.
    const std::int64_t limit =
        std::int64_t { request.limit } + 1 + static_cast<std::int64_t>(read.removed.size());
    FetchPage page;
    {
        CARILLON_TRY(auto &&rows,
                     m_connection->run(statementFor(request.which), request.uaid, request.after,
                                       m_clock.now(), static_cast<int>(request.minimumUrgency),
                                       limit));
        std::int64_t bytes = 0;
        while (rows.next()) {
            const SortKey key { rows.integer(0) };
            if (std::find(read.removed.begin(), read.removed.end(), key) != read.removed.end())
                continue;
            Notification message = readMessage(rows, request.uaid, key);
            bytes += message.body.size();
            const bool fits = page.messages.empty() || bytes <= request.maxBytes;
            if (!fits || std::cmp_greater_equal(page.messages.size(), request.limit)) {
                page.more = true;
                break;
            }
            page.messages.push_back(std::move(message));
        }
        if (const auto failure = rows.failure(); failure && !page.more)
            return Unexpected(*failure);
    }
    read.done(std::move(page));
    return {};
}

SqliteReader::Done SqliteReader::run(FindNews &read)
{
    // One snapshot for all: that is cheaper than one for each.
    CARILLON_TRY_VOID(m_connection->run(SqliteStatement::TransactionBeginRead));
    std::vector<ClientNews> news;
    for (const Uaid &uaid : read.uaids) {
        CARILLON_TRY(auto &&rows,
                     m_connection->run(SqliteStatement::ClientFindNews, uaid, read.node.url()));
        CARILLON_TRY(auto found, firstRow(rows, [&](const SqliteRows &row) {
                         return ClientNews { uaid, NodeId(row.bytes(0)), row.integer(1),
                                             SortKey { row.integer(2) } };
                     }));
        if (found)
            news.push_back(std::move(*found));
    }
    CARILLON_TRY_VOID(m_connection->run(SqliteStatement::TransactionCommit));
    read.done(std::move(news));
    return {};
}

SqliteReader::Done SqliteReader::run(CountStates &read)
{
    CARILLON_TRY(auto counts, SqliteTimelines(*m_connection).counts());
    read.done(counts);
    return {};
}

SqliteReader::Done SqliteReader::run(FindTimeline &read)
{
    CARILLON_TRY(auto timeline, SqliteTimelines(*m_connection).find(read.id));
    read.done(std::move(timeline));
    return {};
}

SqliteReader::Done SqliteReader::run(FindTimelines &read)
{
    CARILLON_TRY(auto page, SqliteTimelines(*m_connection).find(read.query));
    read.done(std::move(page));
    return {};
}

} // namespace Carillon
