// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/storage/reliabilitystore.h"
#include "core/storage/storage.h"

#include <optional>
#include <variant>
#include <vector>

namespace Carillon {

struct FindClient
{
    Uaid uaid;
    Completion<std::optional<ClientRecord>> done;
};

struct FindRoute
{
    Uaid uaid;
    ChannelId channel;
    Completion<std::optional<Route>> done;
};

struct FetchMessages
{
    FetchRequest request;
    /// Asked to be removed before this fetch.
    std::vector<SortKey> removed;
    Completion<FetchPage> done;
};

struct FindNews
{
    NodeId node;
    std::vector<Uaid> uaids;
    Completion<std::vector<ClientNews>> done;
};

struct CountStates
{
    Completion<StateCounts> done;
};

struct FindTimeline
{
    QByteArray id;
    Completion<std::optional<Timeline>> done;
};

struct FindTimelines
{
    TimelineQuery query;
    Completion<TimelinePage> done;
};

/// A call of Storage or ReliabilityStore that waits for a thread that reads.
using Read = std::variant<FindClient, FindRoute, FetchMessages, FindNews, CountStates, FindTimeline,
                          FindTimelines>;

} // namespace Carillon
