// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/mutex.h"
#include "core/storage/memorybrowser.h"
#include "core/storage/sortkeys.h"
#include "core/storage/storage.h"

#include <map>
#include <unordered_map>
#include <vector>

namespace Carillon {

struct MemoryOptions
{
    QueueLimits limits;
    /// Time after which a client that was not seen is removed.
    std::chrono::seconds clientLifetime = std::chrono::days(60);
    /// Holds back what storeWhileSending() stores until its ack, endWait() or another call for its
    /// UAID, as a storage that avoids writes does. There is no time limit, so this is for tests.
    bool waitForAck = false;
};

/// A client with all that it has, as a MemoryBrowser sees it.
struct MemoryCopy
{
    ClientSummary summary;
    std::vector<ChannelDetails> channels;
    std::vector<Notification> messages;
};

/// Storage in memory: every call is carried out and completed before it returns. It documents the
/// interface, and is used by tests and by servers that need no permanent storage. Owns: all
/// clients, channels and messages. Thread: any; one mutex, not held by completions.
class MemoryStorage : public Storage
{
public:
    explicit MemoryStorage(const Clock &clock, MemoryOptions options = {});
    ~MemoryStorage() override;

    /// While unavailable every call fails with StorageUnavailable and changes nothing.
    void setAvailable(bool available);

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
    void removeExpired(int limit, Expired which, Completion<ExpiredRows> done) override;
    void check(Completion<void> done) override;
    StorageBrowser &browser() override { return m_browser; }

    /// A copy of everything, or of one client; nullopt: unavailable.
    [[nodiscard]] std::optional<std::vector<MemoryCopy>> copy(std::optional<Uaid> only);
    [[nodiscard]] Time now() const { return m_clock.now(); }

private:
    struct Channel
    {
        /// The hash of the sender's key, or empty.
        QByteArray keyHash;
        Time created;
    };
    struct Client
    {
        /// Its list of channels is filled in when it is read.
        ClientRecord record;
        std::map<ChannelId, Channel> channels;
        std::map<SortKey, Notification> messages;
    };
    struct Held
    {
        Notification message;
        std::vector<SortKey> inFlight;
        Completion<StoreOutcome> done;
    };

    template<typename T, typename Change>
    void carryOut(Completion<T> done, std::optional<Uaid> endsWaitOf, Change change);
    [[nodiscard]] Client *find(const Uaid &uaid) CARILLON_REQUIRES(m_mutex);
    [[nodiscard]] ClientRecord recordOf(const Client &client) const CARILLON_REQUIRES(m_mutex);
    [[nodiscard]] Result<StoreOutcome> insert(const Notification &message,
                                              const std::vector<SortKey> &inFlight)
        CARILLON_REQUIRES(m_mutex);
    [[nodiscard]] Result<std::vector<RemovedMessage>>
    makeRoom(Client &client, const Notification &message, const std::vector<SortKey> &inFlight)
        CARILLON_REQUIRES(m_mutex);
    [[nodiscard]] bool hasGroupRoom(const Uaid &uaid, std::int64_t bytes) const
        CARILLON_REQUIRES(m_mutex);
    std::optional<RemovedMessage> removeOfTopic(Client &client, ChannelId channel,
                                                const QByteArray &topic,
                                                const std::function<bool(SortKey)> &isMeant)
        CARILLON_REQUIRES(m_mutex);
    void writeHeld(const Uaid &uaid, std::vector<Task> &finished) CARILLON_REQUIRES(m_mutex);

    const Clock &m_clock;
    const MemoryOptions m_options;
    Mutex m_mutex;
    bool m_available CARILLON_GUARDED_BY(m_mutex) = true;
    SortKeys m_keys CARILLON_GUARDED_BY(m_mutex);
    /// In order, so that a group is together.
    std::map<Uaid, Client> m_clients CARILLON_GUARDED_BY(m_mutex);
    std::unordered_map<Uaid, std::vector<Held>, IdHash> m_held CARILLON_GUARDED_BY(m_mutex);
    MemoryBrowser m_browser { *this };
};

} // namespace Carillon
