// SPDX-License-Identifier: MPL-2.0
#include "server/app/trafficlimits.h"

#include "core/base/log.h"
#include "server/app/capacity.h"
#include "server/settings/topology.h"

namespace Carillon {
namespace {

/// Administrators are few. Their connections are counted apart, so that they get in when clients
/// have taken all places.
constexpr std::int64_t AdminConnections = 256;

ListenerPolicy::Rules rulesOf(const Settings &settings, ConnectionLimits::Share share)
{
    return { .share = share,
             .trustedProxies = settings.trustedProxies,
             .proxyProtocol = settings.proxyProtocol };
}

/// Clients stay for days: some room is kept for those who have something for them.
ConnectionLimits::Share shareOfClients(const Settings &settings)
{
    const Topology topology(settings);
    return topology.holdsClients() && topology.takesPushes() ? ConnectionLimits::Share::MostPlaces
                                                             : ConnectionLimits::Share::AllPlaces;
}

} // namespace

TrafficLimits::TrafficLimits(const Settings &settings, Metrics &metrics, const Clock &clock)
    : m_rateLimits(clock, metrics),
      m_connections({}, [&metrics](Metric metric, std::int64_t by) { metrics.add(metric, by); }),
      m_clients(m_connections, rulesOf(settings, shareOfClients(settings))),
      m_senders(m_connections, rulesOf(settings, ConnectionLimits::Share::AllPlaces)),
      m_adminConnections({ .inAll = AdminConnections }),
      m_admins(m_adminConnections, rulesOf(settings, ConnectionLimits::Share::AllPlaces))
{
    apply(settings);
}

void TrafficLimits::apply(const Settings &settings)
{
    const std::int64_t most = connectionsInAll(settings);
    qCDebug(lcApp) << "room for" << most << "connections";
    m_connections.setMost({ most, settings.connections.perAddress });
    m_clients.setAcceptRate(settings.connections.acceptRate);
    m_senders.setAcceptRate(settings.connections.acceptRate);
    m_rateLimits.setRates(settings.rateLimits);
}

ListenerPolicy *TrafficLimits::policy(ListenerName listener)
{
    switch (listener) {
    case ListenerName::Connect:
        return &m_clients;
    case ListenerName::Endpoint:
        return &m_senders;
    case ListenerName::Router:
        break;
    case ListenerName::Admin:
        return &m_admins;
    }
    return nullptr;
}

} // namespace Carillon
