// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/mutex.h"
#include "core/journal/eventquery.h"
#include "server/history/compactevent.h"
#include "server/history/texttable.h"

#include <QByteArrayView>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

namespace Carillon {

/// The newest events, in memory. It takes memory as it fills, in chunks; once it has as many as it
/// may, each new chunk displaces the one that begins with the oldest event.
///
/// Threads: any, for every function. Each thread writes to a shard of its own (until there are more
/// threads than shards), whose lock is free except while somebody reads, for some microseconds at a
/// time. Ids increase over all threads.
class EventRing
{
public:
    /// capacity: at most so many events are kept; 1 or more. Ids begin above lastId.
    EventRing(std::size_t capacity, std::uint64_t lastId);
    ~EventRing();
    EventRing(const EventRing &) = delete;
    EventRing &operator=(const EventRing &) = delete;

    /// Gives the event an id and adds it. text and subject are copied.
    void append(CompactEvent &event, QByteArrayView text, QByteArrayView subject);

    /// Every event up to newestId() is found, unless it was displaced.
    [[nodiscard]] std::vector<Event> find(const EventQuery &query) const;
    [[nodiscard]] std::uint64_t newestId() const { return m_lastId.load(); }

    /// Memory of the chunks and texts, about.
    [[nodiscard]] std::int64_t bytes() const;

private:
    static constexpr std::size_t ShardCount = 16;

    struct Chunk
    {
        explicit Chunk(std::size_t capacity)
            : events(std::make_unique_for_overwrite<CompactEvent[]>(capacity))
        {
        }
        std::unique_ptr<CompactEvent[]> events;
        std::size_t count = 0;
    };
    using Chunks = std::vector<std::unique_ptr<Chunk>>;
    struct alignas(64) Shard
    {
        mutable Mutex mutex;
        Chunks chunks CARILLON_GUARDED_BY(mutex); // the last one is being filled
        TextTable texts CARILLON_GUARDED_BY(mutex);
    };

    static Shard &ownShard(std::array<Shard, ShardCount> &shards);
    [[nodiscard]] bool isFull(const Chunks &chunks) const;
    [[nodiscard]] std::unique_ptr<Chunk> freshChunk();
    [[nodiscard]] std::unique_ptr<Chunk> displaceOldest();
    void findIn(const Shard &shard, const EventQuery &query, std::vector<Event> &found) const;

    const std::size_t m_chunkSize;
    const std::size_t m_mostChunks;
    std::atomic<std::size_t> m_chunkCount = 0;
    std::atomic<std::uint64_t> m_lastId;
    std::array<Shard, ShardCount> m_shards;
};

} // namespace Carillon
