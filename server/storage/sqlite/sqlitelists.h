// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/storage/listcursor.h"
#include "core/storage/storagebrowser.h"
#include "server/storage/sqlite/sqliteconnection.h"

#include <chrono>

namespace Carillon {

/// How much a page may look at.
struct ListLimits
{
    int rows = 10'000;
    std::chrono::milliseconds time { 25 };
};

/// The lists and look-ups of a StorageBrowser as statements. A statement that fails makes its
/// answer StorageUnavailable, and the connection of no more use (hasFailed()).
/// Thread: the connection's.
class SqliteLists
{
public:
    /// What it is given outlives it.
    SqliteLists(SqliteConnection &connection, const Clock &clock, ListLimits limits)
        : m_connection(connection), m_clock(clock), m_limits(limits)
    {
    }

    /// Whether a statement has failed.
    [[nodiscard]] bool hasFailed() const { return m_hasFailed; }

    [[nodiscard]] Result<ClientPage> listClients(const ClientQuery &query);
    [[nodiscard]] Result<std::vector<ClientSummary>> findClients(const std::vector<Uaid> &uaids);
    [[nodiscard]] Result<std::optional<ClientDetails>> findClient(const Uaid &uaid);
    [[nodiscard]] Result<std::vector<Uaid>> findChannel(const ChannelId &channel);
    [[nodiscard]] Result<std::vector<ChannelOwner>> findChannelsOfSender(const QByteArray &keyHash);
    [[nodiscard]] Result<MessagePage> listMessages(const MessageQuery &query);
    [[nodiscard]] Result<std::optional<StoredMessage>> findMessage(const Uaid &uaid, SortKey key,
                                                                   WithBody withBody);
    [[nodiscard]] Result<std::optional<StoredMessage>> findTopic(const Uaid &uaid,
                                                                 const ChannelId &channel,
                                                                 const QByteArray &topic,
                                                                 WithBody withBody);

    struct Counts
    {
        std::int64_t clients = 0;
        std::int64_t channels = 0;
        std::int64_t messages = 0;
    };
    /// A second old at most.
    [[nodiscard]] Result<Counts> counts();

private:
    using List = ListCursor::List;
    /// Decides when a page has looked at enough.
    class Budget;

    template<typename... Values>
    [[nodiscard]] Result<SqliteRows> run(SqliteStatement statement, const Values &...values);
    [[nodiscard]] Result<void> ended(const SqliteRows &rows);

    [[nodiscard]] Result<void> listById(const ClientQuery &query, ClientPage &page);
    [[nodiscard]] Result<void> listWithMessages(const ClientQuery &query, UaidRange range,
                                                ClientPage &page);
    [[nodiscard]] Result<void> listByExpiry(const ClientQuery &query, ClientPage &page);
    [[nodiscard]] Result<void> listByDepth(const ClientQuery &query, ClientPage &page);
    template<typename PlaceOf>
    [[nodiscard]] Result<void> fill(ClientPage &page, SqliteRows rows, const ClientQuery &query,
                                    PlaceOf placeOf);
    [[nodiscard]] Result<std::optional<ClientSummary>> findSummary(const Uaid &uaid);
    [[nodiscard]] Result<int> countChannels(const Uaid &uaid);

    [[nodiscard]] Result<void> listOfClient(const MessageQuery &query, const Uaid &uaid,
                                            MessagePage &page);
    [[nodiscard]] Result<void> listByAge(const MessageQuery &query, MessagePage &page);
    [[nodiscard]] Result<void> listByExpiry(const MessageQuery &query, MessagePage &page);
    template<typename PlaceOf, typename IsOver>
    [[nodiscard]] Result<void> fill(MessagePage &page, SqliteRows rows, const MessageQuery &query,
                                    PlaceOf placeOf, IsOver isOver);
    /// The first row whose message was accepted at this time or later; the one behind the last row,
    /// if there is none.
    [[nodiscard]] Result<std::int64_t> findRow(Time accepted);
    [[nodiscard]] Result<std::int64_t> edgeRow(SqliteStatement statement, std::int64_t from);

    SqliteConnection &m_connection;
    const Clock &m_clock;
    const ListLimits m_limits;
    bool m_hasFailed = false;
    Counts m_counts;
    std::optional<Instant> m_counted;
};

} // namespace Carillon
