// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/mutex.h"
#include "server/net/connectionlimits.h"
#include "server/net/http/forwarded.h"

namespace Carillon {

/// Which connections a listener accepts, at what rate, and which address a request is attributed
/// to. Shared by all workers that listen there.
/// Owns: the token bucket of the accept rate. Thread: any.
class ListenerPolicy
{
public:
    struct Rules
    {
        ConnectionLimits::Share share = ConnectionLimits::Share::AllPlaces;
        /// Connections accepted in a time; further ones wait in the kernel's queue.
        Rate acceptRate = {};
        /// Proxies that may state the client's address.
        std::vector<IpNetwork> trustedProxies = {};
        /// Connections of trusted proxies begin with a PROXY header (proxyprotocol.h).
        bool proxyProtocol = false;
    };

    ListenerPolicy(ConnectionLimits &limits, Rules rules);

    void setAcceptRate(const Rate &rate);
    /// How long to wait before the next accept().
    [[nodiscard]] std::chrono::nanoseconds pause(Instant now);
    /// Reports that a connection was accepted.
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
    /// Counts a connection for this address; false if the address has too many. A connection of a
    /// trusted proxy is counted for its client, once that is known.
    [[nodiscard]] bool admits(ConnectionTicket &ticket, const IpAddress &peer) const
    {
        return isTrusted(peer) || ticket.take(peer);
    }
    /// The address, as text, of the client that sent this request over a connection of `peer`.
    [[nodiscard]] QByteArray clientOf(const QByteArray &peer, const HttpRequest &request) const;

private:
    ConnectionLimits &m_limits;
    const Rules m_rules;
    Mutex m_mutex;
    Rate m_rate CARILLON_GUARDED_BY(m_mutex);
    TokenBucket m_bucket CARILLON_GUARDED_BY(m_mutex);
};

} // namespace Carillon
