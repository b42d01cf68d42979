// SPDX-License-Identifier: MPL-2.0
#include "server/connect/pings.h"

#include "server/net/timers.h"
#include "server/routing/clientport.h"

#include <utility>

namespace Carillon {

bool Pings::add(ConnectionId connection, Done done)
{
    std::unique_ptr<Open> &open = m_open[connection];
    const bool isFirst = !open;
    if (isFirst) {
        open = std::make_unique<Open>(*this, connection, std::chrono::steady_clock::now());
        m_timers->start(open->timer, ClientPort::PingPatience);
    }
    open->done.push_back(std::move(done));
    return isFirst;
}

void Pings::answered(ConnectionId connection)
{
    finish(connection, true);
}

void Pings::forget(ConnectionId connection)
{
    finish(connection, false);
}

void Pings::finish(ConnectionId connection, bool isAnswered)
{
    const auto ended = m_open.extract(connection);
    if (ended.empty())
        return;
    const Open &open = *ended.mapped();
    std::optional<std::chrono::microseconds> time;
    if (isAnswered)
        time = std::chrono::duration_cast<std::chrono::microseconds>(
            std::chrono::steady_clock::now() - open.sent);
    for (Done &done : ended.mapped()->done)
        done(time);
}

} // namespace Carillon
