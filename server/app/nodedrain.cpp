// SPDX-License-Identifier: MPL-2.0
#include "server/app/nodedrain.h"

#include "core/base/log.h"
#include "server/app/operations.h"
#include "server/app/stations.h"

namespace Carillon {
namespace {

constexpr std::chrono::milliseconds Interval { 200 };

} // namespace

NodeDrain::NodeDrain(Stations &stations, OperationsState &operations, const Clock &clock)
    : m_stations(stations), m_operations(operations), m_clock(clock)
{
    m_closing.setInterval(Interval);
    connect(&m_closing, &QTimer::timeout, this, &NodeDrain::closeSome);
}

void NodeDrain::start(std::chrono::milliseconds period)
{
    qCInfo(lcApp) << "draining this node within" << period.count() << "ms";
    m_operations.isOutOfService = true;
    m_stations.setAccepting(false);
    m_until = m_clock.steadyNow() + period;
    closeSome();
    m_closing.start();
}

void NodeDrain::resume()
{
    if (!m_operations.isOutOfService.exchange(false))
        return;
    qCInfo(lcApp) << "this node accepts clients again";
    m_closing.stop();
    m_stations.setAccepting(true);
}

/// Of the clients that are left, as many as there are turns left; in the last one all.
void NodeDrain::closeSome()
{
    const auto left = std::chrono::floor<std::chrono::milliseconds>(m_until - m_clock.steadyNow());
    if (left <= Interval)
        m_closing.stop();
    const double share = left <= Interval
        ? 1.0
        : static_cast<double>(Interval.count()) / static_cast<double>(left.count());
    m_stations.closeClients(share);
}

} // namespace Carillon
