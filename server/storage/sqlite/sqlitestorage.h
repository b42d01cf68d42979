// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/storage/sqlite/sqlitereaders.h"
#include "server/storage/sqlite/sqlitewriter.h"

#include <cstdint>
#include <vector>

namespace Carillon {

/// Who gives out sort keys (design.md §3.5).
enum class SortKeyOrigin {
    GivenWhenQueued, ///< this process owns all clients and writes: messages can be sent meanwhile
    GivenInTransaction, ///< several processes store into this file
};

struct SqliteOptions
{
    enum class Sync {
        Full, ///< a commit survives power loss
        Normal, ///< a commit survives a crash of the process; power loss may take the last ones
    };
    QString path;
    Sync sync = Sync::Full;
    SortKeyOrigin sortKeys = SortKeyOrigin::GivenWhenQueued;
    QueueLimits limits;
    SpaceLimits space;
    /// After which a client that was not seen counts as gone.
    std::chrono::seconds clientLifetime = std::chrono::days(60);
    /// How long a message that is being sent waits for its ack before it is written. Measured one
    /// at a time (tests/bench/storagebench): an ack within it spares two commits, 0.6 ms CPU and
    /// the wait for the disk; without one the answer comes some 4 ms later than with 0.
    std::chrono::milliseconds ackWait { 5 };
    /// Writes that may wait: beyond these, messages are refused.
    int maxQueuedWrites = 50'000;
    std::int64_t maxQueuedBytes = 64 << 20;
    int maxQueuedReads = 10'000;
    int readerThreads = 2;
    /// Size of the write-ahead log from which on it is restarted.
    std::int64_t walLimit = 64 << 20;
    /// The same clock as open() is given, if it is to go on from what the database remembers; it
    /// outlives the storage. Null: no time is remembered.
    ServerClock *keptClock = nullptr;
    /// Fingerprints of the crypto keys, to be remembered; empty: nothing is.
    std::vector<std::int64_t> keys;
    /// Whether they may be others than those of the clients' endpoints.
    bool acceptNewKeys = false;
};

struct SqliteStats
{
    WriteQueueStats queue;
    SqliteWriterStats writer;
    std::uint64_t checkpoints = 0;
    std::size_t queuedReads = 0;
};

/// Storage in one SQLite file, which several processes of one machine may share. Writes go through
/// one queue and one writer thread, reads through a few threads, checkpoints through one.
/// Owns: all of them. Thread: any; completions run on its threads or within the call.
class SqliteStorage final : public Storage
{
public:
    /// Makes and migrates the file as needed. The error is a sentence for the operator.
    [[nodiscard]] static Result<std::unique_ptr<SqliteStorage>, QString>
    open(const SqliteOptions &options, const Clock &clock);
    ~SqliteStorage() override;

    [[nodiscard]] SqliteStats stats() const;

    /// Remembers the time of the kept clock, and makes a leap of it that is due. To be called every
    /// minute: what the database does not know of is lost when the machine is started again.
    void keepClock(Completion<void> done);

    /// From this time on nothing waits for another process that holds the file: what cannot be
    /// written at once fails, now and at destruction.
    void finishBy(Instant when) { m_deadline.set(when); }

    void findClient(Uaid uaid, Completion<std::optional<ClientRecord>> done) override;
    void findRoute(Uaid uaid, ChannelId channel, Completion<std::optional<Route>> done) override;
    void claimClient(Uaid uaid, Claim claim, Completion<std::optional<ClientRecord>> done) override;
    void releaseClient(Uaid uaid, std::int64_t connectedAt, Completion<bool> done) override;
    void reclaimClient(Uaid uaid, NodeId node, std::int64_t connectedAt,
                       Completion<bool> done) override;
    void findNews(NodeId node, std::vector<Uaid> uaids,
                  Completion<std::vector<ClientNews>> done) override;
    void renewClients(std::vector<Uaid> uaids, Completion<void> done) override;
    void removeClient(Uaid uaid, Completion<bool> done) override;
    void addChannel(Uaid uaid, Claim claim, ChannelId channel, QByteArray keyHash, int maxChannels,
                    Completion<void> done) override;
    void removeChannel(Uaid uaid, ChannelId channel, Completion<bool> done) override;
    using Storage::store;
    void store(Notification message, std::vector<SortKey> inFlight,
               Completion<StoreOutcome> done) override;
    std::optional<SortKey> storeWhileSending(Notification message, std::vector<SortKey> inFlight,
                                             Completion<StoreOutcome> done) override;
    SortKey transientKey() override;
    void endWait(Uaid uaid) override;
    void fetch(FetchRequest request, Completion<FetchPage> done) override;
    void removeMessage(Uaid uaid, ChannelId channel, SortKey key, Completion<bool> done) override;
    void removeTopic(Uaid uaid, ChannelId channel, QByteArray topic,
                     std::function<bool(SortKey)> isMeant, Completion<bool> done) override;
    void removeExpired(int limit, Expired which, Completion<ExpiredCounts> done) override;
    void check(Completion<void> done) override;

private:
    struct Start
    {
        SortKeys keys;
        std::int64_t reserved = 0;
    };
    SqliteStorage(const SqliteOptions &options, const Clock &clock, const Start &start,
                  std::unique_ptr<SqliteConnection> first);
    [[nodiscard]] static Result<void, QString> begin(SqliteConnection &connection,
                                                     const SqliteOptions &options);
    [[nodiscard]] static Result<Start, QString> reserveKeys(SqliteConnection &connection,
                                                            const SqliteOptions &options, Time now);

    SqliteDeadline m_deadline;
    // Destroyed from below: first the writer, who still may hand over reads; the files last, whose
    // connection then copies what is left of the log.
    DatabaseFiles m_files;
    WriteQueue m_queue;
    SqliteCheckpointer m_checkpointer;
    SqliteReaders m_readers;
    SqliteWriter m_writer;
};

} // namespace Carillon
