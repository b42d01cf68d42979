// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "core/base/uniquefunction.h"
#include "server/net/connectionid.h"
#include "server/net/timer.h"

#include <chrono>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace Carillon {

class Timers;

struct ConnectionIdHash
{
    std::size_t operator()(const ConnectionId &id) const { return id.slot; }
};

/// The pings of one worker's connections that somebody measures; usually none, so that a connection
/// that is not measured keeps nothing for it. Any pong counts as the answer, also that of a ping
/// that the session has sent for itself shortly before.
/// Thread: its worker's.
class Pings
{
public:
    /// Gets the time until the answer; absent: there was none.
    using Done = UniqueFunction<void(std::optional<std::chrono::microseconds>)>;

    /// Called once, before the others.
    void setTimers(Timers &timers) { m_timers = &timers; }

    /// Whether the caller has to send a ping; if not, one is on its way.
    [[nodiscard]] bool add(ConnectionId connection, Done done);
    [[nodiscard]] bool isEmpty() const { return m_open.empty(); }
    /// A pong of this connection has come.
    void answered(ConnectionId connection);
    /// The connection has ended.
    void forget(ConnectionId connection);

private:
    struct Open
    {
        Open(Pings &owner, ConnectionId which, Instant now)
            : pings(owner), connection(which), sent(now)
        {
        }
        void isLate() { pings.forget(connection); }

        Pings &pings;
        const ConnectionId connection;
        const Instant sent;
        std::vector<Done> done;
        Timer timer = Timer::of<&Open::isLate>(this);
    };

    void finish(ConnectionId connection, bool isAnswered);

    Timers *m_timers = nullptr;
    std::unordered_map<ConnectionId, std::unique_ptr<Open>, ConnectionIdHash> m_open;
};

} // namespace Carillon
