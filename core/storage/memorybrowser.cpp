// SPDX-License-Identifier: MPL-2.0
#include "core/storage/memorybrowser.h"

#include "core/storage/listcursor.h"
#include "core/storage/memorystorage.h"
#include "core/storage/surveycollector.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <tuple>
#include <utility>

namespace Carillon {

namespace {

using List = ListCursor::List;

/// A row of a list and its place.
template<typename Row> struct Placed
{
    ListCursor place;
    Row row;
};

auto orderOf(const ListCursor &place)
{
    return std::tuple(place.key, place.row, place.uaid);
}

/// The page of the rows that come after `from`; nullopt: from the list's end.
template<typename Row>
std::pair<std::vector<Row>, QByteArray> cut(std::vector<Placed<Row>> rows, const ListRequest &page,
                                            const std::optional<ListCursor> &from)
{
    const auto isBefore = [&](const ListCursor &left, const ListCursor &right) {
        return page.reverse ? orderOf(right) < orderOf(left) : orderOf(left) < orderOf(right);
    };
    std::ranges::sort(rows, isBefore, &Placed<Row>::place);
    auto row = rows.begin();
    while (from && row != rows.end() && !isBefore(*from, row->place))
        ++row;
    std::pair<std::vector<Row>, QByteArray> cut;
    for (; row != rows.end() && std::cmp_less(cut.first.size(), page.limit); ++row) {
        cut.second = row->place.encoded();
        cut.first.push_back(std::move(row->row));
    }
    if (row == rows.end())
        cut.second.clear();
    return cut;
}

/// Just before a key, in the direction of the list.
ListCursor besides(List list, std::int64_t key, bool reverse)
{
    const auto farthest = std::numeric_limits<std::int64_t>::max();
    return { .list = list, .uaid = {}, .key = reverse ? key : key - 1, .row = farthest };
}

Result<std::optional<ListCursor>> cursorOf(const ListRequest &page, List list)
{
    if (page.after.isEmpty())
        return std::optional<ListCursor>();
    const auto cursor = ListCursor::decode(page.after);
    if (!cursor || cursor->list != list)
        return Unexpected(ErrorCode::BadRequest);
    return cursor;
}

List listOf(ClientSort sort)
{
    switch (sort) {
    case ClientSort::Id:
        return List::ClientsById;
    case ClientSort::Expiry:
        return List::ClientsByExpiry;
    case ClientSort::Depth:
        return List::ClientsByDepth;
    }
    Q_UNREACHABLE();
}

std::int64_t keyOf(ClientSort sort, const ClientSummary &client)
{
    switch (sort) {
    case ClientSort::Id:
        return 0;
    case ClientSort::Expiry:
        return client.record.expires.time_since_epoch().count();
    case ClientSort::Depth:
        return client.messages;
    }
    Q_UNREACHABLE();
}

std::optional<ListCursor> seekOf(const ClientQuery &query)
{
    const List list = listOf(query.sort);
    const bool reverse = query.page.reverse;
    if (query.sort == ClientSort::Id && query.seekUaid) {
        const auto beside = reverse ? after(*query.seekUaid) : before(*query.seekUaid);
        return beside ? std::optional(ListCursor { .list = list, .uaid = *beside }) : std::nullopt;
    }
    if (query.sort == ClientSort::Expiry && query.seekExpiry)
        return besides(list, query.seekExpiry->time_since_epoch().count(), reverse);
    if (query.sort == ClientSort::Depth && query.seekDepth)
        return besides(list, *query.seekDepth, reverse);
    return std::nullopt;
}

StoredMessage stored(const Notification &message, WithBody withBody)
{
    StoredMessage stored { message, message.body.size(), storedSize(message) };
    if (withBody == WithBody::No)
        stored.message.body.clear();
    return stored;
}

} // namespace

/// Makes the answer of a copy of what is stored.
template<typename T, typename Make>
void MemoryBrowser::answer(Completion<T> done, std::optional<Uaid> only, Make make)
{
    const auto copies = m_storage.copy(only);
    if (copies)
        done(make(*copies));
    else
        done(Unexpected(ErrorCode::StorageUnavailable));
}

void MemoryBrowser::listClients(ClientQuery query, Completion<ClientPage> done)
{
    answer(std::move(done), std::nullopt, [&](const Copies &copies) -> Result<ClientPage> {
        const List list = listOf(query.sort);
        CARILLON_TRY(auto from, cursorOf(query.page, list));
        if (!from)
            from = seekOf(query);
        std::vector<Placed<ClientSummary>> rows;
        for (const MemoryCopy &copy : copies) {
            const ClientSummary &client = copy.summary;
            const bool isListed = query.sort != ClientSort::Depth || client.messages >= DeepQueue;
            if (!isListed || !matches(query.filter, client))
                continue;
            rows.push_back(
                { { .list = list, .uaid = client.record.uaid, .key = keyOf(query.sort, client) },
                  client });
        }
        ClientPage page;
        if (query.sort != ClientSort::Depth && query.filter.isEmpty())
            page.total = std::ssize(copies);
        std::tie(page.clients, page.next) = cut(std::move(rows), query.page, from);
        return page;
    });
}

void MemoryBrowser::findClients(std::vector<Uaid> uaids,
                                Completion<std::vector<ClientSummary>> done)
{
    answer(std::move(done), std::nullopt,
           [&](const Copies &copies) -> Result<std::vector<ClientSummary>> {
               std::vector<ClientSummary> found;
               for (const Uaid &uaid : uaids) {
                   for (const MemoryCopy &copy : copies) {
                       if (copy.summary.record.uaid == uaid)
                           found.push_back(copy.summary);
                   }
               }
               return found;
           });
}

void MemoryBrowser::findClient(Uaid uaid, Completion<std::optional<ClientDetails>> done)
{
    answer(std::move(done), uaid,
           [&](const Copies &copies) -> Result<std::optional<ClientDetails>> {
               if (copies.empty())
                   return std::optional<ClientDetails>();
               const MemoryCopy &copy = copies.front();
               ClientDetails details { copy.summary, copy.channels, std::nullopt };
               for (const Notification &message : copy.messages) {
                   if (message.expires() <= m_storage.now())
                       continue;
                   details.oldest =
                       std::min(details.oldest.value_or(message.accepted), message.accepted);
                   for (ChannelDetails &channel : details.channels) {
                       if (channel.id == message.channelId) {
                           ++channel.messages;
                           channel.bytes += storedSize(message);
                       }
                   }
               }
               return std::optional(std::move(details));
           });
}

void MemoryBrowser::findChannel(ChannelId channel, Completion<std::vector<Uaid>> done)
{
    answer(std::move(done), std::nullopt, [&](const Copies &copies) -> Result<std::vector<Uaid>> {
        std::vector<Uaid> owners;
        for (const MemoryCopy &copy : copies) {
            for (const ChannelDetails &one : copy.channels) {
                if (one.id == channel && std::cmp_less(owners.size(), MaxOwners))
                    owners.push_back(copy.summary.record.uaid);
            }
        }
        return owners;
    });
}

void MemoryBrowser::findChannelsOfSender(QByteArray keyHash,
                                         Completion<std::vector<ChannelOwner>> done)
{
    answer(std::move(done), std::nullopt,
           [&](const Copies &copies) -> Result<std::vector<ChannelOwner>> {
               std::vector<ChannelOwner> owners;
               for (const MemoryCopy &copy : copies) {
                   for (const ChannelDetails &one : copy.channels) {
                       if (!keyHash.isEmpty() && one.keyHash == keyHash
                           && std::cmp_less(owners.size(), MaxOwners))
                           owners.push_back({ copy.summary.record.uaid, one.id });
                   }
               }
               return owners;
           });
}

void MemoryBrowser::listMessages(MessageQuery query, Completion<MessagePage> done)
{
    answer(std::move(done), query.filter.uaid, [&](const Copies &copies) -> Result<MessagePage> {
        const bool isByExpiry = query.sort == MessageSort::Expiry && !query.filter.uaid;
        const List list = query.filter.uaid ? List::MessagesOfClient
            : isByExpiry                    ? List::MessagesByExpiry
                                            : List::MessagesByAge;
        CARILLON_TRY(auto from, cursorOf(query.page, list));
        if (!from && query.seek)
            from = besides(list, query.seek->time_since_epoch().count(), query.page.reverse);
        std::vector<Placed<StoredMessage>> rows;
        std::int64_t total = 0;
        for (const MemoryCopy &copy : copies) {
            total += std::ssize(copy.messages);
            for (const Notification &message : copy.messages) {
                StoredMessage one = stored(message, WithBody::No);
                if (message.expires() <= m_storage.now() || !matches(query.filter, one))
                    continue;
                one.message.encryption.clear();
                one.message.cryptoKey.clear();
                const Time time = isByExpiry ? message.expires() : message.accepted;
                rows.push_back({ { .list = list,
                                   .uaid = message.uaid,
                                   .key = query.filter.uaid ? toInt(message.sortKey)
                                                            : time.time_since_epoch().count(),
                                   .row = toInt(message.sortKey) },
                                 std::move(one) });
            }
        }
        MessagePage page;
        if (query.filter == MessageFilter())
            page.total = total;
        std::tie(page.messages, page.next) = cut(std::move(rows), query.page, from);
        return page;
    });
}

void MemoryBrowser::findMessage(Uaid uaid, SortKey key, WithBody withBody,
                                Completion<std::optional<StoredMessage>> done)
{
    answer(std::move(done), uaid,
           [&](const Copies &copies) -> Result<std::optional<StoredMessage>> {
               for (const MemoryCopy &copy : copies) {
                   for (const Notification &message : copy.messages) {
                       if (message.sortKey == key)
                           return std::optional(stored(message, withBody));
                   }
               }
               return std::optional<StoredMessage>();
           });
}

void MemoryBrowser::findTopic(Uaid uaid, ChannelId channel, QByteArray topic, WithBody withBody,
                              Completion<std::optional<StoredMessage>> done)
{
    answer(
        std::move(done), uaid, [&](const Copies &copies) -> Result<std::optional<StoredMessage>> {
            for (const MemoryCopy &copy : copies) {
                for (const Notification &message : copy.messages) {
                    if (!topic.isEmpty() && message.channelId == channel && message.topic == topic)
                        return std::optional(stored(message, withBody));
                }
            }
            return std::optional<StoredMessage>();
        });
}

void MemoryBrowser::overview(Completion<QueueOverview> done)
{
    answer(std::move(done), std::nullopt, [&](const Copies &copies) -> Result<QueueOverview> {
        const Time now = m_storage.now();
        QueueOverview overview;
        SurveyCollector collector(now);
        for (const MemoryCopy &copy : copies) {
            ++overview.clients;
            overview.channels += std::ssize(copy.channels);
            overview.messages += std::ssize(copy.messages);
            collector.addClient(copy.summary.record.uaid, copy.summary.messages,
                                copy.summary.bytes);
            for (const Notification &message : copy.messages) {
                if (message.expires() <= now)
                    continue;
                collector.addMessage({ .accepted = message.accepted,
                                       .urgency = message.urgency,
                                       .size = storedSize(message),
                                       .senderKeyHash = message.senderKeyHash,
                                       .hasTopic = !message.topic.isEmpty(),
                                       .isTracked = !message.reliabilityId.isEmpty() });
            }
        }
        overview.survey = collector.finish(now);
        return overview;
    });
}

} // namespace Carillon
