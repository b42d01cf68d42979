// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/app/settings.h"
#include "server/metrics/metrics.h"
#include "server/net/listenergate.h"
#include "server/routing/ratelimits.h"

namespace Carillon {

/// Who may come in, how many at a time and how often: the limits of design.md §7, made of settings.
/// One for the process.
/// Owns: the gates of all listeners, the buckets. Thread: main; what it gives out, any.
class Admission
{
public:
    /// Metrics and clock outlive it.
    Admission(const Settings &settings, Metrics &metrics, const Clock &clock);

    /// Takes over the limits of these settings; who is trusted stays.
    void apply(const Settings &settings);

    /// Null: everybody may come in.
    [[nodiscard]] ListenerGate *gate(ListenerName listener);
    [[nodiscard]] RateLimits &rateLimits() { return m_rateLimits; }

private:
    RateLimits m_rateLimits;
    ConnectionLimits m_connections;
    ListenerGate m_clients;
    ListenerGate m_senders;
};

/// Threads that hold connections.
[[nodiscard]] int workerCount(const Settings &settings);

} // namespace Carillon
