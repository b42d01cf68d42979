// SPDX-License-Identifier: MPL-2.0
#include "server/storage/queue/queuedstorage.h"

#include <utility>

namespace Carillon {

QueuedStorage::QueuedStorage(std::unique_ptr<Database> database, const Clock &clock,
                             const QueuedStorageOptions &options)
    : m_database(std::move(database)), m_queue(clock, options.queue, options.keys),
      m_readers(*m_database, options.readers),
      m_writer(m_database->writer(), m_queue, clock,
               { .transaction = { .givesKeys = !options.queue.givesKeys,
                                  .reserved = options.reservedKeys,
                                  .keptClock = options.keptClock },
                 .threadName = options.writerThreadName })
{
}

QueuedStorage::~QueuedStorage()
{
    m_queue.stop();
}

StorageStats QueuedStorage::stats() const
{
    StorageStats stats;
    const WriteQueueStats queue = m_queue.stats();
    stats.asked = queue.asked;
    stats.spared = queue.cancelled;
    stats.refused = queue.refused;
    stats.queuedWrites = queue.queued;
    stats.waitingForAck = queue.waitingForAck;
    stats.queuedBytes = queue.bytes;
    stats.oldestWrite = queue.oldest;
    stats.queuedReads = m_readers.queued();
    m_writer.addTo(stats);
    m_database->addTo(stats);
    return stats;
}

Result<void, QString> QueuedStorage::rememberKeys(const std::vector<std::int64_t> &fingerprints)
{
    return m_database->rememberKeys(fingerprints);
}

void QueuedStorage::finishBy(Instant when)
{
    m_database->finishBy(when);
}

void QueuedStorage::findClient(Uaid uaid, Completion<std::optional<ClientRecord>> done)
{
    m_readers.add(FindClient { uaid, std::move(done) });
}

void QueuedStorage::findRoute(Uaid uaid, ChannelId channel, Completion<std::optional<Route>> done)
{
    m_readers.add(FindRoute { uaid, channel, std::move(done) });
}

void QueuedStorage::claimClient(Uaid uaid, Claim claim,
                                Completion<std::optional<ClientRecord>> done)
{
    m_queue.add(ClaimClient { uaid, std::move(claim), { std::move(done) } }, uaid);
}

void QueuedStorage::releaseClient(Uaid uaid, std::int64_t connectedAt, Completion<bool> done)
{
    reclaimClient(uaid, NodeId(), connectedAt, std::move(done));
}

void QueuedStorage::reclaimClient(Uaid uaid, NodeId node, std::int64_t connectedAt,
                                  Completion<bool> done)
{
    m_queue.add(SetNode { uaid, std::move(node), connectedAt, { std::move(done) } }, uaid);
}

void QueuedStorage::findNews(NodeId node, std::vector<Uaid> uaids,
                             Completion<std::vector<ClientNews>> done)
{
    m_readers.add(FindNews { std::move(node), std::move(uaids), std::move(done) });
}

void QueuedStorage::renewClients(std::vector<Uaid> uaids, Completion<void> done)
{
    m_queue.add(RenewClients { std::move(uaids), { std::move(done) } }, std::nullopt);
}

void QueuedStorage::removeClient(Uaid uaid, Completion<bool> done)
{
    m_queue.add(RemoveClient { uaid, { std::move(done) } }, uaid);
}

void QueuedStorage::addChannel(Uaid uaid, Claim claim, ChannelId channel, QByteArray keyHash,
                               int maxChannels, Completion<void> done)
{
    m_queue.add(
        AddChannel {
            uaid, std::move(claim), channel, std::move(keyHash), maxChannels, { std::move(done) } },
        uaid);
}

void QueuedStorage::removeChannel(Uaid uaid, ChannelId channel, Completion<bool> done)
{
    m_queue.add(RemoveChannel { uaid, channel, { std::move(done) } }, uaid);
}

void QueuedStorage::store(Notification message, std::vector<SortKey> inFlight,
                          Completion<StoreOutcome> done)
{
    m_queue.addStore(std::move(message), std::move(inFlight), std::move(done));
}

std::optional<SortKey> QueuedStorage::storeWhileSending(Notification message,
                                                        std::vector<SortKey> inFlight,
                                                        Completion<StoreOutcome> done)
{
    return m_queue.addWhileSending(std::move(message), std::move(inFlight), std::move(done));
}

SortKey QueuedStorage::transientKey()
{
    return m_queue.transientKey();
}

void QueuedStorage::endWait(Uaid uaid)
{
    m_queue.endWait(uaid);
}

void QueuedStorage::fetch(FetchRequest request, Completion<FetchPage> done)
{
    const Uaid uaid = request.uaid;
    auto removed = m_queue.openRemovals(uaid);
    const bool mayReadNow = removed.has_value();
    FetchMessages read { request, mayReadNow ? std::move(*removed) : std::vector<SortKey>(),
                         std::move(done) };
    if (mayReadNow) {
        m_readers.add(std::move(read));
        return;
    }
    auto later = [this, read = std::move(read)](bool inTurn) mutable {
        if (inTurn)
            m_readers.add(std::move(read));
        else
            read.done(Unexpected(ErrorCode::StorageUnavailable));
    };
    m_queue.add(ReadAfter { uaid, std::move(later) }, uaid);
}

void QueuedStorage::removeMessage(Uaid uaid, ChannelId channel, SortKey key, Completion<bool> done)
{
    m_queue.addRemoval({ uaid, channel, key, { std::move(done) } });
}

void QueuedStorage::removeAcknowledged(Uaid uaid, ChannelId channel, SortKey key,
                                       Completion<bool> done)
{
    m_queue.addAck({ uaid, channel, key, { std::move(done) } });
}

void QueuedStorage::removeTopic(Uaid uaid, ChannelId channel, QByteArray topic,
                                std::function<bool(SortKey)> isMeant, Completion<bool> done)
{
    m_queue.add(
        RemoveTopic { uaid, channel, std::move(topic), std::move(isMeant), { std::move(done) } },
        uaid);
}

void QueuedStorage::removeExpired(int limit, Expired which, Completion<ExpiredRows> done)
{
    m_queue.add(RemoveExpired { limit, which, { std::move(done) } }, std::nullopt);
}

void QueuedStorage::keepClock(Completion<void> done)
{
    m_queue.add(KeepClock { { std::move(done) } }, std::nullopt);
}

void QueuedStorage::check(Completion<void> done)
{
    m_queue.add(CheckWrite { { std::move(done) } }, std::nullopt);
}

void QueuedStorage::recordMilestones(std::vector<MilestoneRecord> records,
                                     Completion<RecordOutcome> done)
{
    m_queue.add(RecordMilestones { std::move(records), { std::move(done) } }, std::nullopt);
}

void QueuedStorage::tidyTimelines(Time expiredBefore, Time removedBefore, int limit,
                                  Completion<TidyOutcome> done)
{
    m_queue.add(TidyTimelines { expiredBefore, removedBefore, limit, { std::move(done) } },
                std::nullopt);
}

void QueuedStorage::countStates(Completion<StateCounts> done)
{
    m_readers.add(CountStates { std::move(done) });
}

void QueuedStorage::findTimeline(QByteArray id, Completion<std::optional<Timeline>> done)
{
    m_readers.add(FindTimeline { std::move(id), std::move(done) });
}

void QueuedStorage::findTimelines(TimelineQuery query, Completion<TimelinePage> done)
{
    m_readers.add(FindTimelines { query, std::move(done) });
}

} // namespace Carillon
