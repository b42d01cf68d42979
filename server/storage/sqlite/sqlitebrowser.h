// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/mutex.h"
#include "core/storage/storagebrowser.h"
#include "core/storage/surveycollector.h"
#include "server/storage/queue/outagelog.h"
#include "server/storage/sqlite/sqlitelists.h"

#include <deque>
#include <memory>
#include <optional>
#include <thread>

namespace Carillon {

class SqliteDatabase;

struct SqliteBrowserOptions
{
    ListLimits lists;
    /// Calls that may wait.
    std::size_t maxQueued = 1'000;
    /// A statement that takes longer is interrupted.
    std::chrono::milliseconds timeLimit { 2'000 };
    /// A survey is made anew when it is asked for and this old, and not before the time that the
    /// last one took has passed twenty times.
    std::chrono::milliseconds surveyLifetime { 1'000 };
};

/// Answers a StorageBrowser's calls on one thread with a connection of its own, one after the
/// other, so that lists never take a reader from clients. Each call reads in short transactions:
/// a long one would keep the write-ahead log from being restarted. Owns: the thread, the
/// connection.
class SqliteBrowser final : public StorageBrowser
{
public:
    /// What it is given outlives it.
    SqliteBrowser(const SqliteDatabase &database, const Clock &clock,
                  const SqliteBrowserOptions &options);
    /// Completes what is still queued as failed.
    ~SqliteBrowser() override;

    void listClients(ClientQuery query, Completion<ClientPage> done) override;
    void findClients(std::vector<Uaid> uaids, Completion<std::vector<ClientSummary>> done) override;
    void findClient(Uaid uaid, Completion<std::optional<ClientDetails>> done) override;
    void findChannel(ChannelId channel, Completion<std::vector<Uaid>> done) override;
    void findChannelsOfSender(QByteArray keyHash,
                              Completion<std::vector<ChannelOwner>> done) override;
    void listMessages(MessageQuery query, Completion<MessagePage> done) override;
    void findMessage(Uaid uaid, SortKey key, WithBody withBody,
                     Completion<std::optional<StoredMessage>> done) override;
    void findTopic(Uaid uaid, ChannelId channel, QByteArray topic, WithBody withBody,
                   Completion<std::optional<StoredMessage>> done) override;
    void overview(Completion<QueueOverview> done) override;

private:
    class Survey;
    /// Null: the database cannot be read.
    using Call = UniqueFunction<void(SqliteLists *)>;

    template<typename T, typename Make> void add(Completion<T> done, Make make);
    void run();
    void answer(Call &call);
    [[nodiscard]] bool connect();
    [[nodiscard]] Result<QueueOverview> makeOverview(SqliteLists &lists);
    bool goOnWithSurvey(Instant until);
    void giveUpConnection(const QString &why);

    const SqliteDatabase &m_database;
    const Clock &m_clock;
    const SqliteBrowserOptions m_options;
    // Of the thread.
    std::unique_ptr<SqliteConnection> m_connection;
    std::optional<SqliteLists> m_lists;
    std::unique_ptr<Survey> m_survey; // null: none is being made
    std::optional<QueueSurvey> m_newest;
    Instant m_surveyDue;
    Instant m_sliceDue;
    OutageLog m_outages;

    Mutex m_mutex;
    Condition m_wake;
    bool m_stopping CARILLON_GUARDED_BY(m_mutex) = false;
    std::deque<Call> m_queue CARILLON_GUARDED_BY(m_mutex);
    std::thread m_thread;
};

} // namespace Carillon
