// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/storage/reliabilitystore.h"
#include "core/storage/storage.h"

#include <variant>

namespace Carillon {

/// A call of Storage that waits for the writer. Its outcome is a failure until the writer sets
/// another one. complete() passes it to the caller, once.
template<typename T> struct Call
{
    Completion<T> done;
    Result<T> outcome = Unexpected(ErrorCode::StorageUnavailable);

    void complete() { done(std::move(outcome)); }
};

struct StoreMessage
{
    Notification message;
    std::vector<SortKey> inFlight;
    /// Sent to its client at the same time: an ack meanwhile settles it, whatever becomes of it.
    bool whileSending = false;
    Call<StoreOutcome> call;
};

/// What is left of a message with a topic whose ack came first: its predecessor goes.
struct RemoveSuperseded
{
    Uaid uaid;
    ChannelId channel;
    QByteArray topic;
    SortKey key {};
    std::vector<RemovedMessage> superseded;
    Completion<StoreOutcome> stored;
    Completion<bool> removed;
};

struct RemoveMessage
{
    Uaid uaid;
    ChannelId channel;
    SortKey key {};
    Call<bool> call;
};

struct RemoveTopic
{
    Uaid uaid;
    ChannelId channel;
    QByteArray topic;
    std::function<bool(SortKey)> isMeant;
    Call<bool> call;
};

struct ClaimClient
{
    Uaid uaid;
    Claim claim;
    Call<std::optional<ClientRecord>> call;
};

struct SetNode
{
    Uaid uaid;
    NodeId node; // empty: none
    std::int64_t connectedAt = 0;
    Call<bool> call;
};

struct RenewClients
{
    std::vector<Uaid> uaids;
    Call<void> call;
};

struct RemoveClient
{
    Uaid uaid;
    Call<bool> call;
};

struct AddChannel
{
    Uaid uaid;
    Claim claim;
    ChannelId channel;
    QByteArray keyHash;
    int maxChannels = 0;
    Call<void> call;
};

struct RemoveChannel
{
    Uaid uaid;
    ChannelId channel;
    Call<bool> call;
};

struct RemoveExpired
{
    int limit = 0;
    Expired which = Expired::Messages;
    Call<ExpiredRows> call;
};

struct CheckWrite
{
    Call<void> call;
};

/// Server time is to be remembered, and a leap of it carried out if one is due.
struct KeepClock
{
    Call<void> call;
};

/// ReliabilityStore::recordMilestones(): a failure is its own, and fails no other write.
struct RecordMilestones
{
    std::vector<MilestoneRecord> records;
    Call<RecordOutcome> call;
};

struct TidyTimelines
{
    Time expiredBefore;
    Time removedBefore;
    int limit = 0;
    Call<TidyOutcome> call;
};

/// A read that has to come after the writes before it, whether or not they succeeded.
struct ReadAfter
{
    Uaid uaid;
    /// Begins the read, or fails it if its turn never came.
    UniqueFunction<void(bool inTurn)> read;
    bool inTurn = false;
};

using Write =
    std::variant<StoreMessage, RemoveSuperseded, RemoveMessage, RemoveTopic, ClaimClient, SetNode,
                 RenewClients, RemoveClient, AddChannel, RemoveChannel, RemoveExpired, CheckWrite,
                 KeepClock, RecordMilestones, TidyTimelines, ReadAfter>;

/// Whether a write only takes away: tried again when a full disk has failed its batch.
[[nodiscard]] bool isRemoval(const Write &write);
/// Undoes what a batch that was rolled back has set.
void resetOutcome(Write &write);
/// Tells the caller.
void complete(Write &write);
/// Memory that a waiting write holds, about.
[[nodiscard]] std::int64_t weight(const Write &write);

} // namespace Carillon
