// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/storage/storage.h"

#include <QByteArray>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace Carillon {

// What an administrator looks at: lists of clients and messages, single ones in full, and figures
// of all queues.

/// All UAIDs that begin with the same hex digits.
struct UaidRange
{
    Uaid first;
    Uaid last;
    [[nodiscard]] bool contains(const Uaid &uaid) const { return first <= uaid && uaid <= last; }
};
/// Reads 1 to 32 hex digits in either case, with or without the dashes of a UUID.
[[nodiscard]] std::optional<UaidRange> parseUaidPrefix(QByteArrayView text);

/// Which part of a list to read. A list is in the order of a key; a page goes on where another
/// ended, however many rows came and went meanwhile. So a row whose key does not change is listed
/// once.
struct ListRequest
{
    /// Maximum number of rows.
    int limit = 100;
    /// From the end.
    bool reverse = false;
    /// `next` of the page before, of the same sort and direction; empty: the first page.
    QByteArray after {};
};

/// An order of clients. Each has an index, so that every page costs the same.
enum class ClientSort : std::uint8_t {
    Id, ///< its UAID
    /// ClientRecord::expires: as last seen, but for differences of up to a sixtieth of the lifetime
    /// (wantsRenewal()).
    Expiry,
    /// By number of stored messages. Only clients with at least DeepQueue messages.
    Depth,
};

/// From how many stored messages on a client is in the list by depth.
inline constexpr std::int64_t DeepQueue = 16;

/// Conditions that a listed client meets, all of them.
struct ClientFilter
{
    std::optional<UaidRange> uaids {};
    /// Empty: any.
    QByteArray routerType {};
    /// An empty NodeId: clients that no process has.
    std::optional<NodeId> node {};
    /// A part of the user agent, in any case; empty: any.
    QByteArray userAgent {};
    std::optional<bool> hasMessages {};
    std::optional<Time> lastSeenBefore {};
    /// A condition that storage does not know; empty: none. May run on a thread of the storage.
    std::function<bool(const Uaid &)> isWanted {};
    /// Whether every client meets them.
    [[nodiscard]] bool isEmpty() const;
};

struct ClientQuery
{
    ClientFilter filter {};
    ClientSort sort = ClientSort::Id;
    ListRequest page {};
    // Where the first page begins, if not at the end of the list.
    std::optional<Uaid> seekUaid {}; ///< sort Id
    std::optional<Time> seekExpiry {}; ///< sort Expiry
    std::optional<std::int64_t> seekDepth {}; ///< sort Depth
};

/// A client as lists show it.
struct ClientSummary
{
    /// Without its channels.
    ClientRecord record;
    int channels = 0;
    /// What is stored for it, expired messages that are not removed yet included.
    std::int64_t messages = 0;
    /// Sum of storedSize().
    std::int64_t bytes = 0;
};

/// Whether a client meets the conditions.
[[nodiscard]] bool matches(const ClientFilter &filter, const ClientSummary &client);

struct ClientPage
{
    std::vector<ClientSummary> clients;
    /// For ListRequest::after; empty: the list ends here. A page may be short, even empty, and the
    /// list goes on: a page looks at a limited number of rows.
    QByteArray next;
    /// How many rows the list has in all, where that is known.
    std::optional<std::int64_t> total {};
};

struct ChannelDetails
{
    ChannelId id;
    /// As in Storage::addChannel().
    QByteArray keyHash;
    Time created;
    /// What is stored for it and has not expired.
    std::int64_t messages = 0;
    std::int64_t bytes = 0;
};

struct ClientDetails
{
    ClientSummary summary;
    /// In the order of their ids.
    std::vector<ChannelDetails> channels;
    /// The oldest message that is stored for it; absent: none is.
    std::optional<Time> oldest;
};

/// A channel and whose it is.
struct ChannelOwner
{
    Uaid uaid;
    ChannelId channelId;
};

/// An order of stored messages.
enum class MessageSort : std::uint8_t {
    Stored, ///< oldest first; where MessageFilter::uaid is set, by sort key
    Expiry, ///< the next to expire first
};

/// Conditions that a listed message meets, all of them. Expired messages are never listed.
struct MessageFilter
{
    std::optional<Uaid> uaid {};
    std::optional<ChannelId> channelId {};
    QByteArray topic {};
    std::optional<Urgency> urgency {};
    std::optional<Time> acceptedBefore {};
    std::optional<Time> expiresBefore {};
    /// storedSize()
    std::optional<std::int64_t> largerThan {};
    /// Whether it has a reliability id.
    std::optional<bool> tracked {};
    QByteArray senderKeyHash {};
    bool operator==(const MessageFilter &) const = default;
};

struct MessageQuery
{
    MessageFilter filter {};
    MessageSort sort = MessageSort::Stored;
    ListRequest page {};
    /// Where the first page begins, if not at the end of the list: Notification::accepted or
    /// expires(), as the sort says.
    std::optional<Time> seek {};
};

/// A message as it is stored.
struct StoredMessage
{
    /// Lists leave out its body and its legacy headers (encryption, cryptoKey).
    Notification message;
    std::int64_t bodySize = 0;
    /// storedSize()
    std::int64_t size = 0;
};

[[nodiscard]] bool matches(const MessageFilter &filter, const StoredMessage &stored);

struct MessagePage
{
    std::vector<StoredMessage> messages;
    /// As ClientPage::next.
    QByteArray next;
    std::optional<std::int64_t> total {};
};

enum class WithBody : std::uint8_t { No, Yes };

/// Figures of everything that is stored. They are collected in the background, a little at a time.
struct QueueSurvey
{
    static constexpr std::size_t Bounds = 9;
    /// Counts up to each bound, and above the last one.
    using Histogram = std::array<std::int64_t, Bounds + 1>;
    static constexpr std::array<std::chrono::seconds, Bounds> AgeBounds {
        std::chrono::minutes(1), std::chrono::minutes(10), std::chrono::hours(1),
        std::chrono::hours(6),   std::chrono::days(1),     std::chrono::days(3),
        std::chrono::days(7),    std::chrono::days(14),    std::chrono::days(30)
    };
    /// Of storedSize().
    static constexpr std::array<std::int64_t, Bounds> SizeBounds { 0,    64,   128,  256, 512,
                                                                   1024, 2048, 4096, 8192 };
    /// Stored messages of a client.
    static constexpr std::array<std::int64_t, Bounds> DepthBounds { 0,   1,     4,     16,    64,
                                                                    256, 1'024, 4'096, 16'384 };
    struct Queue
    {
        Uaid uaid;
        std::int64_t messages = 0;
        std::int64_t bytes = 0;
    };
    struct Sender
    {
        /// Empty: pushes without a key.
        QByteArray keyHash;
        std::int64_t messages = 0;
        std::int64_t bytes = 0;
    };
    /// How many deepest queues and senders are kept.
    static constexpr int Listed = 50;

    /// When collecting began and ended.
    Time began;
    Time ended;
    std::int64_t clients = 0;
    std::int64_t clientsWithMessages = 0;
    std::int64_t messages = 0;
    /// Sum of storedSize().
    std::int64_t bytes = 0;
    std::int64_t withTopic = 0;
    std::int64_t tracked = 0;
    /// By Urgency.
    std::array<std::int64_t, 4> byUrgency {};
    /// When the oldest was accepted; absent: nothing is stored.
    std::optional<Time> oldest;
    Histogram ages {};
    Histogram sizes {};
    Histogram depths {};
    /// Deepest first.
    std::vector<Queue> deepest;
    /// Those with the most stored messages first.
    std::vector<Sender> senders;
};

/// What is known of all queues at this moment.
struct QueueOverview
{
    // Exact, a few seconds old at most.
    std::int64_t clients = 0;
    std::int64_t channels = 0;
    std::int64_t messages = 0;
    /// The newest survey; absent: the first one is still being made.
    std::optional<QueueSurvey> survey;
};

/// Reads a storage for administrators, beside what serves clients and senders: a call costs those
/// nothing but a share of the machine. Each call takes a bounded time, with a million rows as with
/// ten. What is still queued for writing is not seen.
///
/// Thread: any; completions run on a thread of the storage or within the call. Errors:
/// StorageUnavailable: the storage failed, too many calls wait, or the answer took too long;
/// BadRequest: ListRequest::after was not made by this list.
class StorageBrowser
{
public:
    StorageBrowser() = default;
    virtual ~StorageBrowser() = default;
    StorageBrowser(const StorageBrowser &) = delete;
    StorageBrowser &operator=(const StorageBrowser &) = delete;

    virtual void listClients(ClientQuery query, Completion<ClientPage> done) = 0;
    /// Those of the given clients that exist, in the order given.
    virtual void findClients(std::vector<Uaid> uaids,
                             Completion<std::vector<ClientSummary>> done) = 0;
    /// One client in full; nullopt: there is none.
    virtual void findClient(Uaid uaid, Completion<std::optional<ClientDetails>> done) = 0;
    /// Which clients have this channel; hardly ever more than one. At most MaxOwners.
    virtual void findChannel(ChannelId channel, Completion<std::vector<Uaid>> done) = 0;
    /// Channels that are restricted to this key. At most MaxOwners.
    virtual void findChannelsOfSender(QByteArray keyHash,
                                      Completion<std::vector<ChannelOwner>> done) = 0;
    static constexpr int MaxOwners = 100;

    virtual void listMessages(MessageQuery query, Completion<MessagePage> done) = 0;
    /// One stored message, also an expired one that is not removed yet; nullopt: there is none.
    virtual void findMessage(Uaid uaid, SortKey key, WithBody withBody,
                             Completion<std::optional<StoredMessage>> done) = 0;
    /// The message of a topic.
    virtual void findTopic(Uaid uaid, ChannelId channel, QByteArray topic, WithBody withBody,
                           Completion<std::optional<StoredMessage>> done) = 0;

    /// Figures of all queues. Surveys are made while somebody asks for them.
    virtual void overview(Completion<QueueOverview> done) = 0;
};

} // namespace Carillon
