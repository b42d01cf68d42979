// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/journal/event.h"

#include <QByteArray>

#include <bitset>
#include <cstdint>
#include <optional>
#include <vector>

namespace Carillon {

/// A set of kinds; empty: all of them.
class EventKinds
{
public:
    void add(EventKind kind) { m_kinds.set(static_cast<std::size_t>(kind)); }
    [[nodiscard]] bool areAll() const { return m_kinds.none(); }
    [[nodiscard]] bool contains(EventKind kind) const
    {
        return areAll() || m_kinds.test(static_cast<std::size_t>(kind));
    }
    bool operator==(const EventKinds &) const = default;

private:
    std::bitset<EventKindCount> m_kinds;
};

/// Which events of the history are wanted: those that meet all conditions that are set.
struct EventQuery
{
    /// The UAID itself, also with history.hash_uaids.
    std::optional<Uaid> uaid = {};
    std::optional<ChannelId> channelId = {};
    /// Also the message that took the place of another (Event::by).
    std::optional<SortKey> sortKey = {};
    std::optional<SenderMark> sender = {};
    /// The sender's sub, as a whole; empty: any.
    QByteArray subject = {};
    EventKinds kinds = {};
    /// since ≤ time < until
    std::optional<Time> since = {};
    std::optional<Time> until = {};
    /// after < id < before; 0: no bound.
    std::uint64_t after = 0;
    std::uint64_t before = 0;
    int limit = 100;
    /// Which events are found if more than limit match, and their order: descending by id, or
    /// ascending.
    bool newestFirst = true;

    /// Whether an event meets all conditions. uaid is compared as it is.
    [[nodiscard]] bool matches(const Event &event) const;
    /// Puts events that were found in several places into the order of the query, each once, and
    /// leaves out what is beyond its limit.
    void arrange(std::vector<Event> &found) const;
};

} // namespace Carillon
