// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/metrics/metrics.h"
#include "server/net/listenerpolicy.h"
#include "server/routing/ratelimits.h"
#include "server/settings/settings.h"

namespace Carillon {

/// Limits of connections and of rates, for each listener (design.md §7), made of settings. One for
/// the process. Owns: the policies of all listeners, the buckets. Thread: main; what it gives out,
/// any.
class TrafficLimits
{
public:
    /// Metrics and clock outlive it.
    TrafficLimits(const Settings &settings, Metrics &metrics, const Clock &clock);

    /// Applies the limits of these settings. The trusted proxies do not change.
    void apply(const Settings &settings);

    /// Null: the listener has no limits.
    [[nodiscard]] ListenerPolicy *policy(ListenerName listener);
    [[nodiscard]] RateLimits &rateLimits() { return m_rateLimits; }

private:
    RateLimits m_rateLimits;
    ConnectionLimits m_connections;
    ListenerPolicy m_clients;
    ListenerPolicy m_senders;
    ConnectionLimits m_adminConnections;
    ListenerPolicy m_admins;
};

} // namespace Carillon
