// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/metrics/metrics.h"
#include "server/net/listenergate.h"
#include "server/routing/ratelimits.h"
#include "server/settings/settings.h"

#include <QStringList>

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

/// How many descriptors this process may have open once serve has raised the soft limit.
[[nodiscard]] std::int64_t descriptorLimit();
/// limits.connections, or what there is room for.
[[nodiscard]] std::int64_t connectionsInAll(const Settings &settings);
/// Whether there is room for limits.connections.
[[nodiscard]] QStringList doubtsOfConnections(const Settings &settings);
/// Threads that hold connections.
[[nodiscard]] int workerCount(const Settings &settings);

} // namespace Carillon
