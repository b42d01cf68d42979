// SPDX-License-Identifier: MPL-2.0
#include "core/storage/memorystorage.h"

#include <algorithm>
#include <utility>

namespace Carillon {

namespace {

bool contains(const std::vector<SortKey> &keys, SortKey key)
{
    return std::find(keys.begin(), keys.end(), key) != keys.end();
}

bool isOfTopic(const Notification &message, ChannelId channel, const QByteArray &topic)
{
    return !topic.isEmpty() && message.topic == topic && message.channelId == channel;
}

bool isAsked(const Notification &message, const FetchRequest &request, Time now)
{
    if (message.expires() <= now || message.urgency < request.minimumUrgency)
        return false;
    switch (request.which) {
    case FetchRequest::Which::All:
        return true;
    case FetchRequest::Which::Topics:
        return !message.topic.isEmpty();
    case FetchRequest::Which::Plain:
        return message.topic.isEmpty();
    }
    return false;
}

} // namespace

MemoryStorage::MemoryStorage(const Clock &clock, MemoryOptions options)
    : m_clock(clock), m_options(options)
{
}

MemoryStorage::~MemoryStorage()
{
    std::vector<Task> finished;
    while (!m_held.empty())
        writeHeld(Uaid(m_held.begin()->first), finished);
    for (Task &task : finished)
        task();
}

void MemoryStorage::setAvailable(bool available)
{
    const MutexLock lock(m_mutex);
    m_available = available;
}

/// Every call's frame: what was held back for this UAID goes first, completions run unlocked.
template<typename T, typename Change>
void MemoryStorage::carryOut(Completion<T> done, std::optional<Uaid> endsWaitOf, Change change)
{
    std::vector<Task> finished;
    Result<T> result = Unexpected(ErrorCode::StorageUnavailable);
    {
        const MutexLock lock(m_mutex);
        if (m_available) {
            if (endsWaitOf)
                writeHeld(*endsWaitOf, finished);
            result = change();
        }
    }
    for (Task &task : finished)
        task();
    done(std::move(result));
}

MemoryStorage::Client *MemoryStorage::find(const Uaid &uaid)
{
    const auto found = m_clients.find(uaid);
    return found == m_clients.end() ? nullptr : &found->second;
}

ClientRecord MemoryStorage::recordOf(const Client &client) const
{
    ClientRecord record = client.record;
    for (const auto &[id, channel] : client.channels)
        record.channels.push_back(id);
    return record;
}

void MemoryStorage::findClient(Uaid uaid, Completion<std::optional<ClientRecord>> done)
{
    carryOut(std::move(done), std::nullopt, [&]() -> Result<std::optional<ClientRecord>> {
        m_mutex.assertHeld();
        const Client *client = find(uaid);
        return client ? std::optional(recordOf(*client)) : std::nullopt;
    });
}

void MemoryStorage::findRoute(Uaid uaid, ChannelId channel, Completion<std::optional<Route>> done)
{
    carryOut(std::move(done), std::nullopt, [&]() -> Result<std::optional<Route>> {
        m_mutex.assertHeld();
        const Client *client = find(uaid);
        if (!client)
            return std::optional<Route>();
        return std::optional(Route { client->record.routerType, client->record.node,
                                     client->record.connectedAt,
                                     client->channels.contains(channel) });
    });
}

void MemoryStorage::claimClient(Uaid uaid, Claim claim,
                                Completion<std::optional<ClientRecord>> done)
{
    carryOut(std::move(done), uaid, [&]() -> Result<std::optional<ClientRecord>> {
        m_mutex.assertHeld();
        Client *client = find(uaid);
        if (!client)
            return std::optional<ClientRecord>();
        const Time now = m_clock.now();
        ClientRecord &record = client->record;
        NodeId previousNode = std::exchange(record.node, claim.node);
        record.userAgent = claim.userAgent;
        record.connectedAt = std::max(toMilliseconds(now), record.connectedAt + 1);
        const Time fresh = now + m_options.clientLifetime;
        if (wantsRenewal(record, fresh, m_options.clientLifetime))
            record.expires = fresh;
        record.lastSeen = now;
        ClientRecord claimed = recordOf(*client);
        claimed.mayHaveMessages = !client->messages.empty();
        claimed.previousNode = std::move(previousNode);
        return std::optional(std::move(claimed));
    });
}

void MemoryStorage::releaseClient(Uaid uaid, std::int64_t connectedAt, Completion<bool> done)
{
    reclaimClient(uaid, NodeId(), connectedAt, std::move(done));
}

void MemoryStorage::reclaimClient(Uaid uaid, NodeId node, std::int64_t connectedAt,
                                  Completion<bool> done)
{
    carryOut(std::move(done), uaid, [&]() -> Result<bool> {
        m_mutex.assertHeld();
        Client *client = find(uaid);
        if (!client || client->record.connectedAt != connectedAt)
            return false;
        client->record.node = std::move(node);
        return true;
    });
}

void MemoryStorage::findNews(NodeId node, std::vector<Uaid> uaids,
                             Completion<std::vector<ClientNews>> done)
{
    carryOut(std::move(done), std::nullopt, [&]() -> Result<std::vector<ClientNews>> {
        m_mutex.assertHeld();
        std::vector<ClientNews> news;
        for (const Uaid &uaid : uaids) {
            const Client *client = find(uaid);
            if (!client || (client->record.node == node && client->messages.empty()))
                continue;
            news.push_back({ .uaid = uaid,
                             .node = client->record.node,
                             .connectedAt = client->record.connectedAt,
                             .newest = client->messages.empty()
                                 ? SortKey {}
                                 : client->messages.rbegin()->first });
        }
        return news;
    });
}

void MemoryStorage::renewClients(std::vector<Uaid> uaids, Completion<void> done)
{
    carryOut(std::move(done), std::nullopt, [&]() -> Result<void> {
        m_mutex.assertHeld();
        const Time now = m_clock.now();
        for (const Uaid &uaid : uaids) {
            if (Client *client = find(uaid)) {
                client->record.lastSeen = now;
                client->record.expires = now + m_options.clientLifetime;
            }
        }
        return {};
    });
}

void MemoryStorage::removeClient(Uaid uaid, Completion<bool> done)
{
    carryOut(std::move(done), uaid, [&]() -> Result<bool> {
        m_mutex.assertHeld();
        const bool wasThere = find(uaid) != nullptr;
        m_clients.erase(uaid);
        return wasThere;
    });
}

void MemoryStorage::addChannel(Uaid uaid, Claim claim, ChannelId channel, QByteArray keyHash,
                               int maxChannels, Completion<void> done)
{
    carryOut(std::move(done), uaid, [&]() -> Result<void> {
        m_mutex.assertHeld();
        Client *client = find(uaid);
        const auto others = client ? client->channels.size() - client->channels.count(channel) : 0;
        if (client && claim.connectedAt != 0 && client->record.connectedAt > claim.connectedAt)
            return Unexpected(ErrorCode::Ghost);
        if (std::cmp_greater_equal(others, maxChannels))
            return Unexpected(ErrorCode::TooManyChannels);
        const bool isNew = !client || !client->channels.contains(channel);
        if (isNew && !hasGroupRoom(uaid, ChannelRowBytes))
            return Unexpected(ErrorCode::RateLimited);
        if (!client) {
            const Time now = m_clock.now();
            client = &m_clients[uaid];
            ClientRecord &record = client->record;
            record.uaid = uaid;
            record.node = claim.node;
            record.connectedAt = claim.connectedAt != 0 ? claim.connectedAt : toMilliseconds(now);
            record.lastSeen = now;
            record.expires = now + m_options.clientLifetime;
            record.userAgent = claim.userAgent;
        }
        client->channels.try_emplace(channel, Channel { {}, m_clock.now() }).first->second.keyHash =
            keyHash;
        return {};
    });
}

void MemoryStorage::removeChannel(Uaid uaid, ChannelId channel, Completion<bool> done)
{
    carryOut(std::move(done), uaid, [&]() -> Result<bool> {
        m_mutex.assertHeld();
        Client *client = find(uaid);
        if (!client || client->channels.erase(channel) == 0)
            return false;
        std::erase_if(client->messages,
                      [&](const auto &entry) { return entry.second.channelId == channel; });
        return true;
    });
}

/// The conditions of store(), in the order in which they are reported.
Result<StoreOutcome> MemoryStorage::insert(const Notification &message,
                                           const std::vector<SortKey> &inFlight)
{
    Client *client = find(message.uaid);
    if (!client)
        return Unexpected(ErrorCode::NoSuchUser);
    if (!client->channels.contains(message.channelId))
        return Unexpected(ErrorCode::NoSuchSubscription);
    StoreOutcome outcome;
    if (auto room = makeRoom(*client, message, inFlight); room)
        outcome.removed = std::move(*room);
    else
        return Unexpected(room.error());
    if (auto replaced = removeOfTopic(*client, message.channelId, message.topic, {}))
        outcome.removed.push_back(std::move(*replaced));
    const SortKey predecessor =
        client->messages.empty() ? SortKey {} : client->messages.rbegin()->first;
    client->messages[message.sortKey] = message;
    outcome.sortKey = message.sortKey;
    outcome.node = client->record.node;
    outcome.connectedAt = client->record.connectedAt;
    outcome.predecessor = predecessor;
    return outcome;
}

/// Gives what was removed.
Result<std::vector<RemovedMessage>> MemoryStorage::makeRoom(Client &client,
                                                            const Notification &message,
                                                            const std::vector<SortKey> &inFlight)
{
    const QueueLimits &limits = m_options.limits;
    if (!hasGroupRoom(message.uaid, MessageRowBytes + storedSize(message)))
        return Unexpected(ErrorCode::QueueFull);

    const Time now = m_clock.now();
    std::int64_t count = 1;
    std::int64_t bytes = storedSize(message);
    std::vector<const Notification *> droppable;
    for (const auto &[key, stored] : client.messages) {
        if (stored.expires() <= now || isOfTopic(stored, message.channelId, message.topic))
            continue;
        count += 1;
        bytes += storedSize(stored);
        if (stored.channelId == message.channelId && !contains(inFlight, key))
            droppable.push_back(&stored);
    }
    std::vector<RemovedMessage> dropped;
    if (limits.onFull == OnFull::DropOldest) {
        // The messages came by key, so that among equals the oldest stays first.
        std::stable_sort(droppable.begin(), droppable.end(),
                         [](const Notification *left, const Notification *right) {
                             return left->urgency < right->urgency;
                         });
        for (const Notification *stored : droppable) {
            if (limits.allow(count, bytes))
                break;
            count -= 1;
            bytes -= storedSize(*stored);
            dropped.push_back(removed(*stored, RemovedMessage::Why::Displaced));
        }
    }
    if (!limits.allow(count, bytes))
        return Unexpected(ErrorCode::QueueFull);
    for (const RemovedMessage &gone : dropped)
        client.messages.erase(gone.sortKey);
    return dropped;
}

bool MemoryStorage::hasGroupRoom(const Uaid &uaid, std::int64_t bytes) const
{
    const std::int64_t most = m_options.limits.maxGroupBytes;
    Uaid::Bytes first {};
    std::ranges::copy(prefixOf(uaid), first.begin());
    for (auto it = m_clients.lower_bound(Uaid(first)); most > 0 && bytes <= most
         && it != m_clients.end() && prefixOf(it->first) == prefixOf(uaid);
         ++it) {
        const Client &client = it->second;
        bytes += ClientRowBytes + ChannelRowBytes * std::ssize(client.channels);
        for (const auto &[key, stored] : client.messages)
            bytes += MessageRowBytes + storedSize(stored);
    }
    return most == 0 || bytes <= most;
}

std::optional<RemovedMessage>
MemoryStorage::removeOfTopic(Client &client, ChannelId channel, const QByteArray &topic,
                             const std::function<bool(SortKey)> &isMeant)
{
    const auto found = std::ranges::find_if(client.messages, [&](const auto &entry) {
        return isOfTopic(entry.second, channel, topic) && (!isMeant || isMeant(entry.first));
    });
    if (found == client.messages.end())
        return std::nullopt;
    RemovedMessage gone = removed(found->second, RemovedMessage::Why::Replaced);
    client.messages.erase(found);
    return gone;
}

void MemoryStorage::store(Notification message, std::vector<SortKey> inFlight,
                          Completion<StoreOutcome> done)
{
    carryOut(std::move(done), message.uaid, [&]() -> Result<StoreOutcome> {
        m_mutex.assertHeld();
        message.sortKey = *m_keys.nextStored(m_clock.now());
        return insert(message, inFlight);
    });
}

std::optional<SortKey> MemoryStorage::storeWhileSending(Notification message,
                                                        std::vector<SortKey> inFlight,
                                                        Completion<StoreOutcome> done)
{
    MutexLock lock(m_mutex);
    if (!m_available) {
        lock.unlock();
        done(Unexpected(ErrorCode::StorageUnavailable));
        return std::nullopt;
    }
    const SortKey key = *m_keys.nextStored(m_clock.now());
    message.sortKey = key;
    if (m_options.waitForAck) {
        const Uaid uaid = message.uaid;
        m_held[uaid].push_back({ std::move(message), std::move(inFlight), std::move(done) });
        return key;
    }
    Result<StoreOutcome> outcome = insert(message, inFlight);
    lock.unlock();
    done(std::move(outcome));
    return key;
}

SortKey MemoryStorage::transientKey()
{
    const MutexLock lock(m_mutex);
    return m_keys.nextTransient(m_clock.now());
}

void MemoryStorage::endWait(Uaid uaid)
{
    carryOut<void>([](const Result<void> &) {}, uaid, []() -> Result<void> { return {}; });
}

void MemoryStorage::writeHeld(const Uaid &uaid, std::vector<Task> &finished)
{
    const auto held = m_held.extract(uaid);
    if (held.empty())
        return;
    for (Held &entry : held.mapped()) {
        finished.emplace_back([done = std::move(entry.done),
                               outcome = insert(entry.message, entry.inFlight)]() mutable {
            done(std::move(outcome));
        });
    }
}

void MemoryStorage::fetch(FetchRequest request, Completion<FetchPage> done)
{
    carryOut(std::move(done), std::nullopt, [&]() -> Result<FetchPage> {
        m_mutex.assertHeld();
        FetchPage page;
        const Client *client = find(request.uaid);
        if (!client)
            return page;
        std::int64_t bytes = 0;
        const Time now = m_clock.now();
        const auto &messages = client->messages;
        for (auto it = messages.upper_bound(request.after); it != messages.end(); ++it) {
            const Notification &message = it->second;
            if (!isAsked(message, request, now))
                continue;
            bytes += message.body.size();
            const bool fits = page.messages.empty() || bytes <= request.maxBytes;
            if (!fits || std::cmp_greater_equal(page.messages.size(), request.limit)) {
                page.more = true;
                break;
            }
            page.messages.push_back(message);
        }
        return page;
    });
}

void MemoryStorage::removeMessage(Uaid uaid, ChannelId channel, SortKey key, Completion<bool> done)
{
    Completion<StoreOutcome> acknowledged;
    StoreOutcome outcome { StoreOutcome::State::Acknowledged, key, NodeId(), 0 };
    {
        const MutexLock lock(m_mutex);
        const auto held = m_held.find(uaid);
        if (m_available && held != m_held.end()) {
            const auto entry =
                std::find_if(held->second.begin(), held->second.end(), [&](const Held &one) {
                    return one.message.sortKey == key && one.message.channelId == channel;
                });
            if (entry != held->second.end()) {
                Client *const client = find(uaid);
                if (auto replaced = client
                        ? removeOfTopic(*client, channel, entry->message.topic, {})
                        : std::nullopt)
                    outcome.removed.push_back(std::move(*replaced));
                acknowledged = std::move(entry->done);
                held->second.erase(entry);
            }
        }
    }
    if (acknowledged) {
        acknowledged(std::move(outcome));
        done(true);
        return;
    }
    carryOut(std::move(done), std::nullopt, [&]() -> Result<bool> {
        m_mutex.assertHeld();
        Client *client = find(uaid);
        if (!client)
            return false;
        const auto found = client->messages.find(key);
        if (found == client->messages.end() || found->second.channelId != channel)
            return false;
        client->messages.erase(found);
        return true;
    });
}

void MemoryStorage::removeTopic(Uaid uaid, ChannelId channel, QByteArray topic,
                                std::function<bool(SortKey)> isMeant, Completion<bool> done)
{
    carryOut(std::move(done), uaid, [&]() -> Result<bool> {
        m_mutex.assertHeld();
        Client *client = find(uaid);
        return client && removeOfTopic(*client, channel, topic, isMeant).has_value();
    });
}

void MemoryStorage::removeExpired(int limit, Expired which, Completion<ExpiredRows> done)
{
    carryOut(std::move(done), std::nullopt, [&]() -> Result<ExpiredRows> {
        m_mutex.assertHeld();
        ExpiredRows gone;
        const Time now = m_clock.now();
        for (auto client = m_clients.begin(); client != m_clients.end() && gone.rows < limit;) {
            const bool mayGo = which == Expired::MessagesAndClients;
            if (mayGo && client->second.record.expires <= now) {
                gone.clients.push_back(client->first);
                client = m_clients.erase(client);
                ++gone.rows;
                continue;
            }
            auto &messages = client->second.messages;
            for (auto it = messages.begin(); it != messages.end() && gone.rows < limit;) {
                if (it->second.expires() <= now) {
                    gone.messages.push_back(removed(it->second, RemovedMessage::Why::Expired));
                    it = messages.erase(it);
                    ++gone.rows;
                } else {
                    ++it;
                }
            }
            ++client;
        }
        return gone;
    });
}

void MemoryStorage::check(Completion<void> done)
{
    carryOut(std::move(done), std::nullopt, []() -> Result<void> { return {}; });
}

std::optional<std::vector<MemoryCopy>> MemoryStorage::copy(std::optional<Uaid> only)
{
    const MutexLock lock(m_mutex);
    if (!m_available)
        return std::nullopt;
    std::vector<MemoryCopy> copies;
    for (const auto &[uaid, client] : m_clients) {
        if (only && *only != uaid)
            continue;
        MemoryCopy &copy = copies.emplace_back();
        copy.summary.record = client.record;
        copy.summary.channels = static_cast<int>(client.channels.size());
        for (const auto &[id, channel] : client.channels)
            copy.channels.push_back(
                { .id = id, .keyHash = channel.keyHash, .created = channel.created });
        for (const auto &[key, message] : client.messages) {
            copy.messages.push_back(message);
            ++copy.summary.messages;
            copy.summary.bytes += storedSize(message);
        }
    }
    return copies;
}

} // namespace Carillon
