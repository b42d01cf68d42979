// SPDX-License-Identifier: MPL-2.0
#include "server/app/admission.h"

#include "core/base/log.h"

#include <QThread>

#include <sys/resource.h>

namespace Carillon {
namespace {

ListenerGate::Rules rulesOf(const Settings &settings, ConnectionLimits::Share share)
{
    return { .share = share,
             .trustedProxies = settings.trustedProxies,
             .proxyProtocol = settings.proxyProtocol };
}

/// Clients stay for days: some room is kept for those who have something for them.
ConnectionLimits::Share shareOfClients(const Settings &settings)
{
    return settings.role == Role::All ? ConnectionLimits::Share::MostPlaces
                                      : ConnectionLimits::Share::AllPlaces;
}

} // namespace

Admission::Admission(const Settings &settings, Metrics &metrics, const Clock &clock)
    : m_rateLimits(clock, metrics),
      m_connections({}, [&metrics](Metric metric, std::int64_t by) { metrics.add(metric, by); }),
      m_clients(m_connections, rulesOf(settings, shareOfClients(settings))),
      m_senders(m_connections, rulesOf(settings, ConnectionLimits::Share::AllPlaces))
{
    apply(settings);
}

void Admission::apply(const Settings &settings)
{
    const std::int64_t most = connectionsInAll(settings);
    qCDebug(lcApp) << "room for" << most << "connections";
    m_connections.setMost({ most, settings.connections.perAddress });
    m_clients.setAcceptRate(settings.connections.acceptRate);
    m_senders.setAcceptRate(settings.connections.acceptRate);
    const Settings::RateLimits &rates = settings.rateLimits;
    m_rateLimits.setRates({ .sender = rates.sender,
                            .subscription = rates.subscription,
                            .address = rates.address,
                            .registration = rates.registration,
                            .clientRegistration = rates.clientRegistration,
                            .newClient = rates.newClient });
}

ListenerGate *Admission::gate(ListenerName listener)
{
    switch (listener) {
    case ListenerName::Connect:
        return &m_clients;
    case ListenerName::Endpoint:
        return &m_senders;
    case ListenerName::Router:
        break;
    }
    return nullptr;
}

std::int64_t descriptorLimit()
{
    constexpr rlim_t Plenty = 1 << 30;
    rlimit limit {};
    return ::getrlimit(RLIMIT_NOFILE, &limit) == 0
        ? static_cast<std::int64_t>(std::min(limit.rlim_max, Plenty))
        : 1'024;
}

std::int64_t connectionsInAll(const Settings &settings)
{
    const std::int64_t wanted = settings.connections.inAll;
    return wanted == 0 ? ConnectionLimits::placesOf(descriptorLimit(), workerCount(settings))
                       : wanted;
}

QStringList doubtsOfConnections(const Settings &settings)
{
    const std::int64_t places =
        ConnectionLimits::placesOf(descriptorLimit(), workerCount(settings));
    const std::int64_t wanted = settings.connections.inAll;
    if (wanted <= places)
        return {};
    return { QStringLiteral("limits.connections is %1 and the descriptor limit has room for %2 "
                            "only; raise LimitNOFILE")
                 .arg(wanted)
                 .arg(places) };
}

int workerCount(const Settings &settings)
{
    return settings.workers > 0 ? settings.workers : QThread::idealThreadCount();
}

} // namespace Carillon
