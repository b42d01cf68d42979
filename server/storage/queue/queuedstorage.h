// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/storage/durablestorage.h"
#include "core/storage/reliabilitystore.h"
#include "server/storage/queue/batchwriter.h"
#include "server/storage/queue/database.h"
#include "server/storage/queue/readerpool.h"
#include "server/storage/queue/writequeue.h"

#include <memory>

namespace Carillon {

struct QueuedStorageOptions
{
    WriteQueueOptions queue;
    /// The first keys that are given, and up to where they are reserved in the database.
    SortKeys keys;
    std::int64_t reservedKeys = 0;
    /// The clock that the storage is given, if its time is to be remembered; it outlives the
    /// storage. Null: no time is remembered.
    ServerClock *keptClock = nullptr;
    ReaderPoolOptions readers;
    const char *writerThreadName = "writer";
};

/// A storage over a database: writes go through one queue and one writer thread, reads through a
/// few threads. Owns: all of them. Thread: any; completions run on its threads or within the call.
class QueuedStorage : public DurableStorage, public ReliabilityStore
{
public:
    /// The clock outlives it.
    QueuedStorage(std::unique_ptr<Database> database, const Clock &clock,
                  const QueuedStorageOptions &options);
    ~QueuedStorage() override;

    [[nodiscard]] StorageStats stats() const override;
    void keepClock(Completion<void> done) override;
    [[nodiscard]] Result<void, QString>
    rememberKeys(const std::vector<std::int64_t> &fingerprints) override;
    void finishBy(Instant when) override;

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
    void removeAcknowledged(Uaid uaid, ChannelId channel, SortKey key,
                            Completion<bool> done) override;
    void removeTopic(Uaid uaid, ChannelId channel, QByteArray topic,
                     std::function<bool(SortKey)> isMeant, Completion<bool> done) override;
    void removeExpired(int limit, Expired which, Completion<ExpiredRows> done) override;
    void check(Completion<void> done) override;

    void recordMilestones(std::vector<MilestoneRecord> records,
                          Completion<RecordOutcome> done) override;
    void tidyTimelines(Time expiredBefore, Time removedBefore, int limit,
                       Completion<TidyOutcome> done) override;
    void countStates(Completion<StateCounts> done) override;
    void findTimeline(QByteArray id, Completion<std::optional<Timeline>> done) override;
    void findTimelines(TimelineQuery query, Completion<TimelinePage> done) override;

private:
    // Destroyed from below: first the writer, who still may hand over reads.
    const std::unique_ptr<Database> m_database;
    WriteQueue m_queue;
    ReaderPool m_readers;
    BatchWriter m_writer;
};

} // namespace Carillon
