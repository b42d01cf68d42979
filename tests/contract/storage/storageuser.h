// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/storage/storage.h"

#include <QByteArrayList>

#include <chrono>
#include <future>
#include <utility>

namespace Carillon {

/// The outcome of one call, from whatever thread it comes.
template<typename T> class Awaited
{
public:
    Awaited() : m_future(m_promise.get_future()) { }

    [[nodiscard]] Completion<T> completion()
    {
        return [promise = std::move(m_promise)](Result<T> result) mutable {
            promise.set_value(std::move(result));
        };
    }
    [[nodiscard]] bool isDone() const
    {
        return m_future.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    }
    /// RequestTimeout, which no storage says, if it does not come.
    [[nodiscard]] Result<T> wait()
    {
        if (m_future.wait_for(std::chrono::seconds(30)) != std::future_status::ready)
            return Unexpected(ErrorCode::RequestTimeout);
        return m_future.get();
    }

private:
    std::promise<Result<T>> m_promise;
    std::future<Result<T>> m_future;
};

/// Asks a storage and waits for the answer.
class StorageUser
{
public:
    explicit StorageUser(Storage &storage) : m_storage(storage) { }

    Result<std::optional<ClientRecord>> findClient(const Uaid &uaid)
    {
        return ask<std::optional<ClientRecord>>(&Storage::findClient, uaid);
    }
    Result<std::optional<Route>> findRoute(const Uaid &uaid, const ChannelId &channel)
    {
        return ask<std::optional<Route>>(&Storage::findRoute, uaid, channel);
    }
    Result<std::optional<ClientRecord>> claim(const Uaid &uaid, const Claim &claim)
    {
        return ask<std::optional<ClientRecord>>(&Storage::claimClient, uaid, claim);
    }
    Result<bool> release(const Uaid &uaid, std::int64_t connectedAt)
    {
        return ask<bool>(&Storage::releaseClient, uaid, connectedAt);
    }
    Result<bool> reclaim(const Uaid &uaid, const NodeId &node, std::int64_t connectedAt)
    {
        return ask<bool>(&Storage::reclaimClient, uaid, node, connectedAt);
    }
    Result<std::vector<ClientNews>> findNews(const NodeId &node, const std::vector<Uaid> &uaids)
    {
        return ask<std::vector<ClientNews>>(&Storage::findNews, node, uaids);
    }
    Result<void> renew(const std::vector<Uaid> &uaids)
    {
        return ask<void>(&Storage::renewClients, uaids);
    }
    Result<bool> removeClient(const Uaid &uaid) { return ask<bool>(&Storage::removeClient, uaid); }
    Result<void> addChannel(const Uaid &uaid, const ChannelId &channel, int maxChannels = 100,
                            const Claim &claim = {})
    {
        return ask<void>(&Storage::addChannel, uaid, claim, channel, QByteArray(), maxChannels);
    }
    Result<bool> removeChannel(const Uaid &uaid, const ChannelId &channel)
    {
        return ask<bool>(&Storage::removeChannel, uaid, channel);
    }
    Result<StoreOutcome> store(const Notification &message)
    {
        using Store = void (Storage::*)(Notification, Completion<StoreOutcome>);
        return ask<StoreOutcome>(static_cast<Store>(&Storage::store), message);
    }
    Result<FetchPage> fetch(const FetchRequest &request)
    {
        return ask<FetchPage>(&Storage::fetch, request);
    }
    Result<FetchPage> fetchAll(const Uaid &uaid)
    {
        FetchRequest request;
        request.uaid = uaid;
        request.limit = 10'000;
        request.maxBytes = 1 << 30;
        return fetch(request);
    }
    Result<bool> remove(const Notification &message, SortKey key)
    {
        return ask<bool>(&Storage::removeMessage, message.uaid, message.channelId, key);
    }
    Result<bool> removeTopic(const Notification &message, std::function<bool(SortKey)> isMeant = {})
    {
        return ask<bool>(&Storage::removeTopic, message.uaid, message.channelId, message.topic,
                         std::move(isMeant));
    }
    Result<ExpiredRows> expire(int limit, Expired which = Expired::MessagesAndClients)
    {
        return ask<ExpiredRows>(&Storage::removeExpired, limit, which);
    }
    /// How many rows went.
    Result<int> removeExpired(int limit, Expired which = Expired::MessagesAndClients)
    {
        const auto removed = expire(limit, which);
        if (!removed)
            return Unexpected(removed.error());
        return removed->rows;
    }
    Result<void> check() { return ask<void>(&Storage::check); }

private:
    template<typename T, typename Function, typename... Values>
    Result<T> ask(Function function, Values... values)
    {
        Awaited<T> answer;
        (m_storage.*function)(std::move(values)..., answer.completion());
        return answer.wait();
    }

    Storage &m_storage;
};

/// Bodies of a page, in its order.
[[nodiscard]] inline QByteArrayList bodies(const Result<FetchPage> &page)
{
    QByteArrayList texts;
    if (!page)
        return { QByteArrayLiteral("the fetch failed") };
    for (const Notification &message : page->messages)
        texts.push_back(message.body);
    return texts;
}

} // namespace Carillon
