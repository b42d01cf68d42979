// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/storage/storage.h"
#include "server/storage/sqlite/databasefiles.h"
#include "server/storage/sqlite/outagelog.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <variant>
#include <vector>

namespace Carillon {

struct FindClient
{
    Uaid uaid;
    Completion<std::optional<ClientRecord>> done;
};

struct FindRoute
{
    Uaid uaid;
    ChannelId channel;
    Completion<std::optional<Route>> done;
};

struct FetchMessages
{
    FetchRequest request;
    /// Asked to be removed before this fetch.
    std::vector<SortKey> removed;
    Completion<FetchPage> done;
};

struct FindNews
{
    NodeId node;
    std::vector<Uaid> uaids;
    Completion<std::vector<ClientNews>> done;
};

using Read = std::variant<FindClient, FindRoute, FetchMessages, FindNews>;

/// Threads that answer reads, each on a snapshot of what is committed when its turn comes. While
/// the database's files are not in their place they fail: what is open may not be what counts.
/// Owns: its threads, their connections, the reads until they are completed. Thread: any.
class SqliteReaders
{
public:
    SqliteReaders(const DatabaseFiles &files, const Clock &clock, int threads,
                  std::size_t maxQueued);
    /// Completes what is still queued as failed.
    ~SqliteReaders();

    /// Too many are queued: it is completed as failed.
    void add(Read read);
    [[nodiscard]] std::size_t queued() const;

private:
    void run();
    void succeeded();
    void failed(const QString &why);
    [[nodiscard]] bool areFilesInPlace() const;
    [[nodiscard]] bool answer(SqliteConnection &connection, FindClient &read);
    [[nodiscard]] bool answer(SqliteConnection &connection, FindRoute &read);
    [[nodiscard]] bool answer(SqliteConnection &connection, FetchMessages &read);
    [[nodiscard]] bool answer(SqliteConnection &connection, FindNews &read);

    const DatabaseFiles &m_files;
    const Clock &m_clock;
    const std::size_t m_maxQueued;
    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    bool m_stopping = false;
    std::deque<Read> m_queue;
    OutageLog m_outages;
    std::vector<std::thread> m_threads;
};

} // namespace Carillon
