// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/mutex.h"
#include "core/storage/sortkeys.h"
#include "server/storage/queue/openwrites.h"
#include "server/storage/queue/write.h"

#include <deque>
#include <list>
#include <optional>
#include <unordered_map>
#include <vector>

namespace Carillon {

struct WriteQueueOptions
{
    /// So many messages may wait, and apart from them twice as many other writes: whatever clients
    /// ask for, there is room for pushes.
    int maxItems = 50'000;
    /// Of all together; without messages up to twice as much.
    std::int64_t maxBytes = 64 << 20;
    /// How long a message that is being sent waits for its ack before its write may begin.
    std::chrono::milliseconds ackWait { 0 };
    /// How long the removal of an acknowledged message waits for another write, to share its
    /// transaction.
    std::chrono::milliseconds removalWait { 0 };
    /// Whether sort keys are given here, on entry.
    bool givesKeys = true;
};

/// What the queue has seen so far.
struct WriteQueueStats
{
    std::uint64_t asked = 0;
    /// Messages whose ack spared the write.
    std::uint64_t cancelled = 0;
    std::uint64_t refused = 0;
    /// Removals that wait for another write included.
    std::size_t queued = 0;
    std::size_t waitingForAck = 0;
    std::int64_t bytes = 0;
    /// Age of the oldest write that is not done: OpenWrites::age().
    std::chrono::microseconds oldest {};
};

/// The writes that one writer thread has yet to do, in the order asked for each UAID, the UAIDs in
/// turn: whatever one asks for keeps the others waiting for one write of its own at a time. With
/// the rules of storeWhileSending(): who waits for an ack, whose write is spared, what must not be
/// sent. A write begins when take() gives it out and is over when finish() has run.
///
/// Two kinds of writes wait so that transactions are fewer: a message that is being sent, for its
/// ack; and the removal of an acknowledged message, for any other write. When a message has waited
/// long enough, those that have waited at least half as long go with it.
///
/// Owns: the calls until they are completed. Thread: any; take(), tryTake() and finish() are the
/// writer's.
class WriteQueue
{
public:
    struct Entry
    {
        Write write;
        /// Null: its order does not matter.
        Uaid uaid;
        std::int64_t weight = 0;
        /// When it has waited long enough.
        Instant ripeAt;
        /// For its ack.
        bool isWaiting = false;
        std::uint32_t period = 0; // of OpenWrites
    };
    struct Batch
    {
        std::list<Entry> entries;
        /// Up to here sort keys shall be reserved in the same transaction.
        std::optional<std::int64_t> reserve;

        [[nodiscard]] bool isEmpty() const { return entries.empty() && !reserve; }
    };

    WriteQueue(const Clock &clock, WriteQueueOptions options, SortKeys keys);
    ~WriteQueue();

    /// Queues a write for this UAID (none: its order does not matter). Full: it is completed as
    /// failed.
    void add(Write write, std::optional<Uaid> uaid);
    void addStore(Notification message, std::vector<SortKey> inFlight,
                  Completion<StoreOutcome> done);
    [[nodiscard]] std::optional<SortKey> addWhileSending(Notification message,
                                                         std::vector<SortKey> inFlight,
                                                         Completion<StoreOutcome> done);
    void addRemoval(RemoveMessage removal);
    /// The same for a message that its client has acknowledged: may wait for another write.
    void addAck(RemoveMessage removal);
    [[nodiscard]] SortKey transientKey();
    void endWait(const Uaid &uaid);

    /// The keys of this UAID whose removal was asked and is not committed. nullopt: removals that
    /// have no key are on their way too, so a read has to go through the queue (ReadAfter).
    [[nodiscard]] std::optional<std::vector<SortKey>> openRemovals(const Uaid &uaid) const;

    /// Waits for something to write. Empty: stopped, and all is written.
    [[nodiscard]] Batch take();
    /// The same without waiting. nullopt: there is nothing to write yet.
    [[nodiscard]] std::optional<Batch> tryTake();
    /// Ends the writes of a batch and tells their callers. reserved: the batch's reservation is
    /// committed; floor: the highest key that others may have given before it.
    void finish(Batch batch, bool reserved, std::int64_t floor);
    /// Lets take() give out all that is left, without waiting for acks, then end.
    void stop();

    [[nodiscard]] std::int64_t lastKey() const;
    /// To be called about once a second.
    [[nodiscard]] WriteQueueStats stats() const;

private:
    using Entries = std::list<Entry>;

    /// The open writes of one UAID.
    struct ClientWrites
    {
        /// Ripe and not begun.
        Entries queue;
        /// Whether m_turns has it, perhaps with nothing left in its queue.
        bool hasTurn = false;
        /// Being sent and not begun, by rising key.
        std::vector<Entries::iterator> sends;
        /// Asked and not committed.
        std::vector<SortKey> removals;
        int removalsWithoutKey = 0;
        /// Writes that forbid to send past them.
        int barriers = 0;

        [[nodiscard]] bool isEmpty() const
        {
            return !hasTurn && queue.empty() && sends.empty() && removals.empty()
                && removalsWithoutKey == 0 && barriers == 0;
        }
    };

    using Clients = std::unordered_map<Uaid, ClientWrites, IdHash>;

    static void begin(const Entry &entry, ClientWrites &client);
    static void settle(Write &write, const ClientWrites &client);
    static void count(const Entry &entry, int change, ClientWrites &client);
    void remove(RemoveMessage removal, bool mayWait);
    [[nodiscard]] std::optional<Batch> nextBatch() CARILLON_REQUIRES(m_mutex);
    [[nodiscard]] Batch makeBatch() CARILLON_REQUIRES(m_mutex);
    void wait(MutexLock &lock) CARILLON_REQUIRES(m_mutex);
    void wakeWriter(Instant by = Instant::min()) CARILLON_REQUIRES(m_mutex);
    [[nodiscard]] bool hasRoom(const Write &write) const CARILLON_REQUIRES(m_mutex);
    [[nodiscard]] bool refuses(const Write &write) CARILLON_REQUIRES(m_mutex);
    void push(Write write, const Uaid &uaid) CARILLON_REQUIRES(m_mutex);
    void hold(Write write) CARILLON_REQUIRES(m_mutex);
    void postpone(Write removal, const Uaid &uaid) CARILLON_REQUIRES(m_mutex);
    void queuePostponed() CARILLON_REQUIRES(m_mutex);
    void makeRipe(Entries::iterator entry, Clients::value_type &client) CARILLON_REQUIRES(m_mutex);
    bool makeRipe(Clients::value_type &client) CARILLON_REQUIRES(m_mutex);
    void makeDueRipe(Instant now) CARILLON_REQUIRES(m_mutex);
    void reserveIfKeysRunLow() CARILLON_REQUIRES(m_mutex);
    void enqueued(Clients::value_type &client) CARILLON_REQUIRES(m_mutex);
    void moveNext(Batch &batch) CARILLON_REQUIRES(m_mutex);
    void endFirstTurn() CARILLON_REQUIRES(m_mutex);
    void forgetIfEmpty(const Clients::value_type &client) CARILLON_REQUIRES(m_mutex);

    const Clock &m_clock;
    const WriteQueueOptions m_options;
    mutable Mutex m_mutex;
    Condition m_wake;
    SortKeys m_keys CARILLON_GUARDED_BY(m_mutex);
    bool m_stopping CARILLON_GUARDED_BY(m_mutex) = false;
    bool m_reserveNow CARILLON_GUARDED_BY(m_mutex) = false;
    std::int64_t m_bytes CARILLON_GUARDED_BY(m_mutex) = 0;
    /// In the queues of all clients.
    std::size_t m_queued CARILLON_GUARDED_BY(m_mutex) = 0;
    /// Of those, and of the waiting, what is no message.
    std::size_t m_others CARILLON_GUARDED_BY(m_mutex) = 0;
    /// In the order in which they become ripe, which is the order asked.
    Entries m_waiting CARILLON_GUARDED_BY(m_mutex);
    /// Removals that wait for another write, in the same order.
    Entries m_postponed CARILLON_GUARDED_BY(m_mutex);
    /// When the writer looks for work by itself; the past while it does not wait.
    Instant m_wakesAt CARILLON_GUARDED_BY(m_mutex) = Instant::min();
    Clients m_clients CARILLON_GUARDED_BY(m_mutex);
    std::deque<Clients::value_type *> m_turns CARILLON_GUARDED_BY(m_mutex);
    WriteQueueStats m_stats CARILLON_GUARDED_BY(m_mutex);
    mutable OpenWrites m_open CARILLON_GUARDED_BY(m_mutex);
};

} // namespace Carillon
