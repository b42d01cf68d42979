// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/mutex.h"
#include "server/net/connectionlimits.h"
#include "server/net/http/forwarded.h"

namespace Carillon {

/// Who comes in at a listener, how fast, and under which address. One for all workers that listen
/// there.
/// Owns: the pace. Thread: any.
class ListenerPolicy
{
public:
    struct Rules
    {
        ConnectionLimits::Share share = ConnectionLimits::Share::AllPlaces;
        /// Connections taken in a time; those over it wait in the kernel.
        Rate acceptRate = {};
        /// Whose word about the client's address counts.
        std::vector<IpNetwork> trustedProxies = {};
        /// Connections of trusted proxies begin with a PROXY header (proxyprotocol.h).
        bool proxyProtocol = false;
    };

    ListenerPolicy(ConnectionLimits &limits, Rules rules);

    void setAcceptRate(const Rate &rate);
    /// The time until one more connection may be accepted.
    [[nodiscard]] std::chrono::nanoseconds pause(Instant now);
    /// One was.
    void accepted(Instant now);
    [[nodiscard]] ConnectionLimits &limits() const { return m_limits; }
    [[nodiscard]] ConnectionLimits::Share share() const { return m_rules.share; }

    [[nodiscard]] bool isTrusted(const IpAddress &peer) const
    {
        return !m_rules.trustedProxies.empty() && contains(m_rules.trustedProxies, peer);
    }
    [[nodiscard]] bool wantsProxyHeader(const IpAddress &peer) const
    {
        return m_rules.proxyProtocol && isTrusted(peer);
    }
    /// Takes a place for a connection from this address. A trusted proxy needs none: its clients
    /// do, one by one.
    [[nodiscard]] bool admits(ConnectionTicket &ticket, const IpAddress &peer) const
    {
        return isTrusted(peer) || ticket.take(peer);
    }
    /// Whose request it is that came from this peer, in text.
    [[nodiscard]] QByteArray clientOf(const QByteArray &peer, const HttpRequest &request) const;

private:
    ConnectionLimits &m_limits;
    const Rules m_rules;
    Mutex m_mutex;
    Rate m_rate CARILLON_GUARDED_BY(m_mutex);
    TokenBucket m_bucket CARILLON_GUARDED_BY(m_mutex);
};

} // namespace Carillon
