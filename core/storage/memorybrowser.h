// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/storage/storagebrowser.h"

namespace Carillon {

class MemoryStorage;
struct MemoryCopy;

/// The lists of a MemoryStorage. It looks at everything for each call, and so documents the
/// interface rather than its speed. Thread: as MemoryStorage.
class MemoryBrowser final : public StorageBrowser
{
public:
    /// The storage outlives it.
    explicit MemoryBrowser(MemoryStorage &storage) : m_storage(storage) { }

    void listClients(ClientQuery query, Completion<ClientPage> done) override;
    void findClients(std::vector<Uaid> uaids, Completion<std::vector<ClientSummary>> done) override;
    void findClient(Uaid uaid, Completion<std::optional<ClientDetails>> done) override;
    void findChannel(ChannelId channel, Completion<std::vector<Uaid>> done) override;
    void findChannelsOfSender(QByteArray keyHash,
                              Completion<std::vector<ChannelOwner>> done) override;
    void listMessages(MessageQuery query, Completion<MessagePage> done) override;
    void findMessage(Uaid uaid, SortKey key, WithBody withBody,
                     Completion<std::optional<StoredMessage>> done) override;
    void findTopic(Uaid uaid, ChannelId channel, QByteArray topic, WithBody withBody,
                   Completion<std::optional<StoredMessage>> done) override;
    void overview(Completion<QueueOverview> done) override;

private:
    using Copies = std::vector<MemoryCopy>;
    template<typename T, typename Make>
    void answer(Completion<T> done, std::optional<Uaid> only, Make make);

    MemoryStorage &m_storage;
};

} // namespace Carillon
