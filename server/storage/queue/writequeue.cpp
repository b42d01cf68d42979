// SPDX-License-Identifier: MPL-2.0
#include "server/storage/queue/writequeue.h"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace Carillon {

namespace {

/// Bounds of one transaction: beyond them a commit's cost is spread thin enough, and a longer one
/// only keeps the first in it waiting.
constexpr std::size_t BatchItems = 512;
constexpr std::int64_t BatchBytes = 2 << 20;

bool isMessage(const Write &write)
{
    return std::holds_alternative<StoreMessage>(write);
}

/// Whether a message must not be sent to its client before this write is over.
bool isBarrier(const Write &write)
{
    if (const auto *store = std::get_if<StoreMessage>(&write))
        return !store->whileSending;
    return std::holds_alternative<ClaimClient>(write) || std::holds_alternative<SetNode>(write)
        || std::holds_alternative<RemoveClient>(write) || std::holds_alternative<AddChannel>(write)
        || std::holds_alternative<RemoveChannel>(write);
}

/// Whether what its client was sent before waits no longer for an ack (Storage::endWait()).
bool endsWait(const Write &write)
{
    return !std::holds_alternative<RemoveMessage>(write)
        && !std::holds_alternative<ReadAfter>(write);
}

bool removesWithoutKey(const Write &write)
{
    return std::holds_alternative<RemoveSuperseded>(write)
        || std::holds_alternative<RemoveTopic>(write) || std::holds_alternative<RemoveClient>(write)
        || std::holds_alternative<RemoveChannel>(write);
}

SortKey keyOf(const WriteQueue::Entry &entry)
{
    return std::get<StoreMessage>(entry.write).message.sortKey;
}

} // namespace

WriteQueue::WriteQueue(const Clock &clock, WriteQueueOptions options, SortKeys keys)
    : m_clock(clock), m_options(options), m_keys(keys)
{
}

WriteQueue::~WriteQueue()
{
    for (Entries *const entries : { &m_waiting, &m_postponed }) {
        for (Entry &entry : *entries)
            complete(entry.write);
    }
    for (auto &[uaid, client] : m_clients) {
        for (Entry &entry : client.queue)
            complete(entry.write);
    }
}

void WriteQueue::add(Write write, std::optional<Uaid> uaid)
{
    {
        const MutexLock lock(m_mutex);
        if (!refuses(write)) {
            push(std::move(write), uaid.value_or(Uaid()));
            return;
        }
    }
    complete(write);
}

void WriteQueue::addStore(Notification message, std::vector<SortKey> inFlight,
                          Completion<StoreOutcome> done)
{
    Write write =
        StoreMessage { std::move(message), std::move(inFlight), false, { std::move(done) } };
    {
        const MutexLock lock(m_mutex);
        auto &store = std::get<StoreMessage>(write);
        const std::optional<SortKey> key =
            m_options.givesKeys ? m_keys.nextStored(m_clock.now()) : SortKey {};
        if (key && !refuses(write)) {
            store.message.sortKey = *key;
            const Uaid uaid = store.message.uaid;
            push(std::move(write), uaid);
            return;
        }
    }
    complete(write);
}

std::optional<SortKey> WriteQueue::addWhileSending(Notification message,
                                                   std::vector<SortKey> inFlight,
                                                   Completion<StoreOutcome> done)
{
    {
        const MutexLock lock(m_mutex);
        const auto client = m_clients.find(message.uaid);
        const bool mayBeSent =
            m_options.givesKeys && (client == m_clients.end() || client->second.barriers == 0);
        if (mayBeSent) {
            Write write =
                StoreMessage { std::move(message), std::move(inFlight), true, { std::move(done) } };
            auto &store = std::get<StoreMessage>(write);
            const std::optional<SortKey> key =
                hasRoom(write) ? m_keys.nextStored(m_clock.now()) : std::nullopt;
            if (key) {
                store.message.sortKey = *key;
                hold(std::move(write));
                reserveIfKeysRunLow();
                return key;
            }
            message = std::move(store.message);
            inFlight = std::move(store.inFlight);
            done = std::move(store.call.done);
        }
    }
    addStore(std::move(message), std::move(inFlight), std::move(done));
    return std::nullopt;
}

void WriteQueue::addRemoval(RemoveMessage removal)
{
    remove(std::move(removal), false);
}

void WriteQueue::addAck(RemoveMessage removal)
{
    remove(std::move(removal), m_options.removalWait.count() > 0);
}

/// What has not begun is not written at all.
void WriteQueue::remove(RemoveMessage removal, bool mayWait)
{
    Write spared = ReadAfter {};
    {
        const MutexLock lock(m_mutex);
        const Uaid uaid = removal.uaid;
        const auto client = m_clients.find(uaid);
        if (client != m_clients.end()) {
            auto &sends = client->second.sends;
            const auto found = std::lower_bound(
                sends.begin(), sends.end(), removal.key,
                [](const auto &entry, SortKey key) { return keyOf(*entry) < key; });
            if (found != sends.end() && keyOf(**found) == removal.key
                && std::get<StoreMessage>((*found)->write).message.channelId == removal.channel) {
                const Entries::iterator entry = *found;
                auto &store = std::get<StoreMessage>(entry->write);
                ++m_stats.cancelled;
                if (!store.message.topic.isEmpty()) {
                    if (makeRipe(*client))
                        wakeWriter();
                    sends.erase(found);
                    entry->write = RemoveSuperseded { uaid,
                                                      store.message.channelId,
                                                      store.message.topic,
                                                      store.message.sortKey,
                                                      {},
                                                      std::move(store.call.done),
                                                      std::move(removal.call.done) };
                    ++m_others;
                    count(*entry, 1, client->second);
                    return;
                }
                sends.erase(found);
                spared = std::move(entry->write);
                m_bytes -= entry->weight;
                m_open.remove(entry->period);
                m_queued -= entry->isWaiting ? 0 : 1;
                (entry->isWaiting ? m_waiting : client->second.queue).erase(entry);
                forgetIfEmpty(*client);
            }
        }
        if (!isMessage(spared)) {
            Write write = std::move(removal);
            if (!refuses(write)) {
                if (mayWait)
                    postpone(std::move(write), uaid);
                else
                    push(std::move(write), uaid);
                return;
            }
            spared = std::move(write);
        }
    }
    if (!isMessage(spared)) {
        complete(spared);
        return;
    }
    auto &store = std::get<StoreMessage>(spared);
    store.call.outcome =
        StoreOutcome { StoreOutcome::State::Acknowledged, store.message.sortKey, {}, 0 };
    store.call.complete();
    // NOLINTNEXTLINE(bugprone-use-after-move): it was moved only where there was nothing to spare.
    removal.call.done(true);
}

SortKey WriteQueue::transientKey()
{
    const MutexLock lock(m_mutex);
    const SortKey key = m_keys.nextTransient(m_clock.now());
    reserveIfKeysRunLow();
    return key;
}

void WriteQueue::endWait(const Uaid &uaid)
{
    const MutexLock lock(m_mutex);
    if (const auto client = m_clients.find(uaid); client != m_clients.end() && makeRipe(*client))
        wakeWriter();
}

std::optional<std::vector<SortKey>> WriteQueue::openRemovals(const Uaid &uaid) const
{
    const MutexLock lock(m_mutex);
    const auto client = m_clients.find(uaid);
    if (client == m_clients.end())
        return std::vector<SortKey>();
    if (client->second.removalsWithoutKey > 0)
        return std::nullopt;
    return client->second.removals;
}

WriteQueue::Batch WriteQueue::take()
{
    MutexLock lock(m_mutex);
    for (;;) {
        if (auto batch = nextBatch())
            return std::move(*batch);
        wait(lock);
    }
}

std::optional<WriteQueue::Batch> WriteQueue::tryTake()
{
    const MutexLock lock(m_mutex);
    return nextBatch();
}

std::optional<WriteQueue::Batch> WriteQueue::nextBatch()
{
    const Instant now = m_clock.steadyNow();
    makeDueRipe(now);
    // It may have been asked for once more while the last one was being committed.
    m_reserveNow = m_reserveNow && m_keys.runsLow(m_clock.now());
    const bool isDue = !m_postponed.empty() && m_postponed.front().ripeAt <= now;
    if (m_queued > 0 || m_reserveNow || m_stopping || isDue)
        queuePostponed();
    if (m_queued > 0 || m_reserveNow)
        return makeBatch();
    while (!m_turns.empty()) // whose writes were spared
        endFirstTurn();
    if (m_stopping)
        return Batch();
    return std::nullopt;
}

void WriteQueue::wait(MutexLock &lock)
{
    Instant due = Instant::max();
    for (const Entries *const entries : { &m_waiting, &m_postponed }) {
        if (!entries->empty())
            due = std::min(due, entries->front().ripeAt);
    }
    m_wakesAt = due;
    if (due == Instant::max())
        m_wake.wait(lock);
    else
        m_wake.waitUntil(lock, std::chrono::steady_clock::now() + (due - m_clock.steadyNow()));
    m_wakesAt = Instant::min();
}

/// Unless it looks for work by then anyway.
void WriteQueue::wakeWriter(Instant by)
{
    if (by >= m_wakesAt)
        return;
    m_wakesAt = Instant::min();
    m_wake.notifyOne();
}

WriteQueue::Batch WriteQueue::makeBatch()
{
    Batch batch;
    std::int64_t bytes = 0;
    while (m_queued > 0 && batch.entries.size() < BatchItems && bytes < BatchBytes) {
        moveNext(batch);
        bytes += batch.entries.back().weight;
    }
    // An empty batch would be the end, so what was found low is so, whatever the clock does.
    const Time now = m_clock.now();
    if (std::exchange(m_reserveNow, false) || m_keys.runsLow(now))
        batch.reserve = m_keys.proposal(now);
    return batch;
}

void WriteQueue::finish(Batch batch, bool reserved, std::int64_t floor)
{
    {
        const MutexLock lock(m_mutex);
        if (batch.reserve && reserved)
            m_keys.reserve(*batch.reserve, floor);
        for (Entry &entry : batch.entries) {
            m_bytes -= entry.weight;
            m_open.remove(entry.period);
            if (auto *read = std::get_if<ReadAfter>(&entry.write))
                read->inTurn = true;
            const auto client = m_clients.find(entry.uaid);
            if (client == m_clients.end())
                continue;
            settle(entry.write, client->second);
            count(entry, -1, client->second);
            if (client->second.isEmpty())
                m_clients.erase(client);
        }
    }
    for (Entry &entry : batch.entries)
        complete(entry.write);
}

void WriteQueue::stop()
{
    const MutexLock lock(m_mutex);
    m_stopping = true;
    wakeWriter();
}

std::int64_t WriteQueue::lastKey() const
{
    const MutexLock lock(m_mutex);
    return m_keys.last();
}

WriteQueueStats WriteQueue::stats() const
{
    const MutexLock lock(m_mutex);
    WriteQueueStats stats = m_stats;
    stats.queued = m_queued + m_postponed.size();
    stats.waitingForAck = m_waiting.size();
    stats.bytes = m_bytes;
    stats.oldest = m_open.age(m_clock.steadyNow());
    return stats;
}

/// Other writes are small, and what they free or settle is worth more than another message.
bool WriteQueue::hasRoom(const Write &write) const
{
    const int times = isMessage(write) ? 1 : 2;
    const std::size_t messages = m_queued + m_waiting.size() + m_postponed.size() - m_others;
    const std::size_t items = isMessage(write) ? messages : m_others;
    return std::cmp_less(items, times * std::int64_t { m_options.maxItems })
        && m_bytes + weight(write) <= times * m_options.maxBytes;
}

bool WriteQueue::refuses(const Write &write)
{
    if (hasRoom(write))
        return false;
    ++m_stats.refused;
    return true;
}

void WriteQueue::push(Write write, const Uaid &uaid)
{
    const std::int64_t bytes = weight(write);
    m_bytes += bytes;
    m_others += isMessage(write) ? 0 : 1;
    ++m_stats.asked;
    Clients::value_type &client = *m_clients.try_emplace(uaid).first;
    queuePostponed();
    if (endsWait(write))
        makeRipe(client);
    client.second.queue.push_back(
        { std::move(write), uaid, bytes, Instant(), false, m_open.add() });
    count(client.second.queue.back(), 1, client.second);
    enqueued(client);
    wakeWriter();
}

void WriteQueue::hold(Write write)
{
    const Uaid uaid = std::get<StoreMessage>(write).message.uaid;
    const std::int64_t bytes = weight(write);
    const bool waits = m_options.ackWait.count() > 0 && !m_stopping;
    Clients::value_type &client = *m_clients.try_emplace(uaid).first;
    if (!waits)
        queuePostponed();
    Entries &entries = waits ? m_waiting : client.second.queue;
    m_bytes += bytes;
    ++m_stats.asked;
    const Instant ripeAt = waits ? m_clock.steadyNow() + m_options.ackWait : Instant::min();
    entries.push_back({ std::move(write), uaid, bytes, ripeAt, waits, m_open.add() });
    client.second.sends.push_back(std::prev(entries.end()));
    if (!waits)
        enqueued(client);
    wakeWriter(ripeAt);
}

void WriteQueue::postpone(Write removal, const Uaid &uaid)
{
    const std::int64_t bytes = weight(removal);
    m_bytes += bytes;
    ++m_others;
    ++m_stats.asked;
    Clients::value_type &client = *m_clients.try_emplace(uaid).first;
    const Instant ripeAt = m_clock.steadyNow() + m_options.removalWait;
    m_postponed.push_back({ std::move(removal), uaid, bytes, ripeAt, false, m_open.add() });
    count(m_postponed.back(), 1, client.second);
    const bool fillsBatch = m_postponed.size() >= BatchItems;
    if (fillsBatch)
        queuePostponed();
    wakeWriter(fillsBatch ? Instant::min() : ripeAt);
}

/// All, whatever comes first: the next transaction takes them along. Within a client they stay
/// behind what was asked before them, and before what is asked after them.
void WriteQueue::queuePostponed()
{
    while (!m_postponed.empty()) {
        Clients::value_type &client = *m_clients.find(m_postponed.front().uaid);
        Entries &queue = client.second.queue;
        queue.splice(queue.end(), m_postponed, m_postponed.begin());
        enqueued(client);
    }
}

void WriteQueue::makeRipe(Entries::iterator entry, Clients::value_type &client)
{
    queuePostponed();
    entry->isWaiting = false;
    client.second.queue.splice(client.second.queue.end(), m_waiting, entry);
    enqueued(client);
}

/// Whether anything became ripe.
bool WriteQueue::makeRipe(Clients::value_type &client)
{
    bool any = false;
    for (const Entries::iterator entry : client.second.sends) {
        if (!entry->isWaiting)
            continue;
        makeRipe(entry, client);
        any = true;
    }
    return any;
}

void WriteQueue::makeDueRipe(Instant now)
{
    if (m_waiting.empty() || (!m_stopping && m_waiting.front().ripeAt > now))
        return;
    // Those that will be ripe soon share its transaction.
    const auto soon = std::chrono::microseconds(m_options.ackWait) / 2;
    const Instant until = m_stopping ? Instant::max() : now + soon;
    while (!m_waiting.empty() && m_waiting.front().ripeAt <= until)
        makeRipe(m_waiting.begin(), *m_clients.find(m_waiting.front().uaid));
}

void WriteQueue::reserveIfKeysRunLow()
{
    if (m_reserveNow || !m_keys.runsLow(m_clock.now()))
        return;
    m_reserveNow = true;
    wakeWriter();
}

void WriteQueue::enqueued(Clients::value_type &client)
{
    ++m_queued;
    if (!std::exchange(client.second.hasTurn, true))
        m_turns.push_back(&client);
}

/// Moves one write of the client whose turn it is. Precondition: something is queued.
void WriteQueue::moveNext(Batch &batch)
{
    while (m_turns.front()->second.queue.empty())
        endFirstTurn();
    Clients::value_type &client = *m_turns.front();
    Entries &queue = client.second.queue;
    batch.entries.splice(batch.entries.end(), queue, queue.begin());
    --m_queued;
    const Entry &entry = batch.entries.back();
    m_others -= isMessage(entry.write) ? 0 : 1;
    begin(entry, client.second);
    if (!queue.empty())
        m_turns.push_back(&client);
    else
        client.second.hasTurn = false;
    m_turns.pop_front();
    forgetIfEmpty(client);
}

void WriteQueue::endFirstTurn()
{
    Clients::value_type &client = *m_turns.front();
    m_turns.pop_front();
    client.second.hasTurn = false;
    forgetIfEmpty(client);
}

/// From now on its ack deletes the row instead of sparing the write.
void WriteQueue::begin(const Entry &entry, ClientWrites &client)
{
    const auto *store = std::get_if<StoreMessage>(&entry.write);
    if (!store || !store->whileSending)
        return;
    client.sends.erase(std::find_if(client.sends.begin(), client.sends.end(),
                                    [&](const auto &send) { return &*send == &entry; }));
}

/// A message whose write failed has arrived all the same if its client has said so meanwhile.
void WriteQueue::settle(Write &write, const ClientWrites &client)
{
    auto *const store = std::get_if<StoreMessage>(&write);
    if (!store || !store->whileSending || store->call.outcome)
        return;
    const SortKey key = store->message.sortKey;
    if (std::find(client.removals.begin(), client.removals.end(), key) != client.removals.end())
        store->call.outcome = StoreOutcome { StoreOutcome::State::Acknowledged, key, {}, 0 };
}

void WriteQueue::count(const Entry &entry, int change, ClientWrites &client)
{
    if (const auto *removal = std::get_if<RemoveMessage>(&entry.write)) {
        auto &removals = client.removals;
        if (change > 0)
            removals.push_back(removal->key);
        else
            removals.erase(std::find(removals.begin(), removals.end(), removal->key));
        return;
    }
    client.barriers += isBarrier(entry.write) ? change : 0;
    client.removalsWithoutKey += removesWithoutKey(entry.write) ? change : 0;
}

void WriteQueue::forgetIfEmpty(const Clients::value_type &client)
{
    if (client.second.isEmpty())
        m_clients.erase(Uaid(client.first)); // a copy: the key goes with the entry
}

} // namespace Carillon
