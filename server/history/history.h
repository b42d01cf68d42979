// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/journal/eventquery.h"
#include "core/storage/storage.h"
#include "server/history/eventlistener.h"

#include <cstdint>
#include <vector>

namespace Carillon {

/// The history of messages and clients, for those who read it. Thread: any, for every function.
class History
{
public:
    History() = default;
    virtual ~History() = default;
    History(const History &) = delete;
    History &operator=(const History &) = delete;

    /// Finds events in memory and in the history file. With a file it reads a disk, so done runs on
    /// a thread of the history; without one it runs before the call returns.
    virtual void find(EventQuery query, Completion<std::vector<Event>> done) = 0;

    /// Finds events that are still in memory. It takes some milliseconds for the whole of it, and
    /// does not disturb those who record. Readers of a live feed can call it with `after`.
    [[nodiscard]] virtual std::vector<Event> recent(const EventQuery &query) const = 0;

    /// The id of the newest event; all events up to it are found by recent() unless they were
    /// displaced.
    [[nodiscard]] virtual std::uint64_t newestId() const = 0;

    /// A listener outlives its removal: removeListener() returns when no call to it is running.
    virtual void addListener(EventListener &listener) = 0;
    virtual void removeListener(EventListener &listener) = 0;
};

} // namespace Carillon
