// SPDX-License-Identifier: MPL-2.0
#include "server/history/eventring.h"

#include <algorithm>
#include <limits>

namespace Carillon {

namespace {

/// A chunk is the unit in which old events go: a small part of the whole.
constexpr std::size_t MostEventsOfChunk = 512;
constexpr std::size_t LeastChunks = 64;
/// A reader holds the lock of a shard for so many events.
constexpr std::size_t Slice = 128;

std::size_t chunkSize(std::size_t capacity)
{
    return std::clamp<std::size_t>(capacity / LeastChunks, 1, MostEventsOfChunk);
}

bool matches(const CompactEvent &event, const EventQuery &query, const TextTable &texts)
{
    if (!query.kinds.contains(event.kind))
        return false;
    if (query.uaid && (!event.hasUaid || event.uaid != *query.uaid))
        return false;
    if (query.channelId && (!event.hasChannelId || event.channelId != *query.channelId))
        return false;
    if (query.sortKey && event.sortKey != *query.sortKey && event.by() != *query.sortKey)
        return false;
    if (query.sender && (!event.hasSender || event.sender != *query.sender))
        return false;
    if (query.since && event.time < *query.since)
        return false;
    if (query.until && event.time >= *query.until)
        return false;
    return query.subject.isEmpty() || texts.text(event.subject) == query.subject;
}

} // namespace

EventRing::EventRing(std::size_t capacity, std::uint64_t lastId)
    : m_chunkSize(chunkSize(capacity)),
      m_mostChunks(std::max<std::size_t>(1, capacity / m_chunkSize)), m_lastId(lastId)
{
}

EventRing::~EventRing() = default;

EventRing::Shard &EventRing::ownShard(std::array<Shard, ShardCount> &shards)
{
    static std::atomic<std::size_t> threads = 0;
    thread_local const std::size_t mine = threads++ % ShardCount;
    return shards[mine];
}

bool EventRing::isFull(const Chunks &chunks) const
{
    return chunks.empty() || chunks.back()->count == m_chunkSize;
}

void EventRing::append(CompactEvent &event, QByteArrayView text, QByteArrayView subject)
{
    Shard &shard = ownShard(m_shards);
    MutexLock lock(shard.mutex);
    while (isFull(shard.chunks)) {
        lock.unlock(); // it may be this shard that has the oldest
        std::unique_ptr<Chunk> chunk = freshChunk();
        lock.lock();
        if (isFull(shard.chunks))
            shard.chunks.push_back(std::move(chunk));
        else
            --m_chunkCount; // another thread of this shard was faster
    }
    event.text = shard.texts.take(text);
    event.subject = shard.texts.take(subject);
    // Under the lock, so that the ids of a shard increase.
    event.id = ++m_lastId;
    Chunk &chunk = *shard.chunks.back();
    chunk.events[chunk.count++] = event;
}

/// An empty chunk: a new one as long as there may be more of them.
std::unique_ptr<EventRing::Chunk> EventRing::freshChunk()
{
    if (++m_chunkCount > m_mostChunks) {
        if (std::unique_ptr<Chunk> displaced = displaceOldest()) {
            --m_chunkCount;
            return displaced;
        }
    }
    return std::make_unique<Chunk>(m_chunkSize);
}

/// Takes the chunk that begins with the oldest event out of its shard.
std::unique_ptr<EventRing::Chunk> EventRing::displaceOldest()
{
    Shard *oldest = nullptr;
    std::uint64_t id = std::numeric_limits<std::uint64_t>::max();
    for (Shard &shard : m_shards) {
        const MutexLock lock(shard.mutex);
        if (shard.chunks.empty() || shard.chunks.front()->count == 0
            || shard.chunks.front()->events[0].id >= id)
            continue;
        id = shard.chunks.front()->events[0].id;
        oldest = &shard;
    }
    if (!oldest)
        return nullptr;
    const MutexLock lock(oldest->mutex);
    if (oldest->chunks.empty()) // another thread has taken it
        return nullptr;
    std::unique_ptr<Chunk> chunk = std::move(oldest->chunks.front());
    oldest->chunks.erase(oldest->chunks.begin());
    for (std::size_t i = 0; i < chunk->count; ++i) {
        oldest->texts.release(chunk->events[i].text);
        oldest->texts.release(chunk->events[i].subject);
    }
    chunk->count = 0;
    return chunk;
}

std::vector<Event> EventRing::find(const EventQuery &query) const
{
    // What is recorded from here on is left out: it might be found in one shard, while an event
    // before it is on its way into another one that was already read.
    EventQuery bounded = query;
    const std::uint64_t end = newestId() + 1;
    bounded.before = query.before == 0 ? end : std::min(query.before, end);
    std::vector<Event> found;
    for (const Shard &shard : m_shards)
        findIn(shard, bounded, found);
    query.arrange(found);
    return found;
}

/// Appends at most query.limit events, in the query's order.
void EventRing::findIn(const Shard &shard, const EventQuery &query, std::vector<Event> &found) const
{
    std::uint64_t after = query.after;
    std::uint64_t before = query.before;
    int left = query.limit;
    const auto look = [&](const CompactEvent &event) CARILLON_REQUIRES(shard.mutex) {
        if (!matches(event, query, shard.texts))
            return;
        Event whole = event.expanded();
        whole.text = shard.texts.text(event.text);
        whole.subject = shard.texts.text(event.subject);
        found.push_back(std::move(whole));
        --left;
    };
    while (left > 0 && after + 1 < before) {
        const MutexLock lock(shard.mutex);
        const Chunks &chunks = shard.chunks;
        if (query.newestFirst) {
            // The last chunk that begins before the bound.
            auto chunk = std::ranges::partition_point(chunks, [&](const auto &each) {
                return each->count > 0 && each->events[0].id < before;
            });
            if (chunk == chunks.begin())
                return;
            --chunk;
            const CompactEvent *const events = (*chunk)->events.get();
            const CompactEvent *event =
                std::partition_point(events, events + (*chunk)->count,
                                     [&](const CompactEvent &each) { return each.id < before; });
            for (std::size_t i = 0; i < Slice && left > 0 && event != events; ++i) {
                --event;
                before = event->id;
                if (event->id <= after || (query.since && event->time < *query.since))
                    return;
                look(*event);
            }
        } else {
            // The first chunk that ends after the bound.
            const auto chunk = std::ranges::partition_point(chunks, [&](const auto &each) {
                return each->count > 0 && each->events[each->count - 1].id <= after;
            });
            if (chunk == chunks.end())
                return;
            const CompactEvent *const end = (*chunk)->events.get() + (*chunk)->count;
            const CompactEvent *event =
                std::partition_point(static_cast<const CompactEvent *>((*chunk)->events.get()), end,
                                     [&](const CompactEvent &each) { return each.id <= after; });
            if (event == end)
                return; // it is empty
            for (std::size_t i = 0; i < Slice && left > 0 && event != end; ++i, ++event) {
                after = event->id;
                if (event->id >= before || (query.until && event->time >= *query.until))
                    return;
                look(*event);
            }
        }
    }
}

std::int64_t EventRing::bytes() const
{
    std::int64_t bytes = 0;
    for (const Shard &shard : m_shards) {
        const MutexLock lock(shard.mutex);
        bytes += std::ssize(shard.chunks)
            * static_cast<std::int64_t>(sizeof(Chunk) + m_chunkSize * sizeof(CompactEvent));
        bytes += shard.texts.bytes();
    }
    return bytes;
}

} // namespace Carillon
