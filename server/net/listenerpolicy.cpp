// SPDX-License-Identifier: MPL-2.0
#include "server/net/listenerpolicy.h"

namespace Carillon {

ListenerPolicy::ListenerPolicy(ConnectionLimits &limits, Rules rules)
    : m_limits(limits), m_rules(std::move(rules)), m_rate(m_rules.acceptRate)
{
}

void ListenerPolicy::setAcceptRate(const Rate &rate)
{
    const MutexLock lock(m_mutex);
    m_rate = rate;
}

std::chrono::nanoseconds ListenerPolicy::pause(Instant now)
{
    const MutexLock lock(m_mutex);
    return m_rate.isLimited() ? m_bucket.wait(m_rate.interval(), m_rate.burst, now)
                              : std::chrono::nanoseconds();
}

void ListenerPolicy::accepted(Instant now)
{
    const MutexLock lock(m_mutex);
    // Where two workers came for the last token, one of them has none to take.
    if (m_rate.isLimited())
        static_cast<void>(m_bucket.take(m_rate.interval(), m_rate.burst, now));
}

QByteArray ListenerPolicy::clientOf(const QByteArray &peer, const HttpRequest &request) const
{
    if (m_rules.trustedProxies.empty())
        return peer;
    const std::optional<IpAddress> address = IpAddress::parse(peer);
    if (!address)
        return peer;
    const IpAddress client = clientAddress(*address, request, m_rules.trustedProxies);
    return client == *address ? peer : client.toText();
}

} // namespace Carillon
