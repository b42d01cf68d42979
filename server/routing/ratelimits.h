// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/ids.h"
#include "core/base/logthrottle.h"
#include "core/base/ratelimiter.h"
#include "server/routing/ratelimitoptions.h"

#include <QByteArrayView>

#include <optional>

namespace Carillon {

class Metrics;
enum class Metric : std::uint8_t;

/// How often senders, subscriptions and addresses may come, and how often clients may register,
/// over the whole process. Loopback may always. Each function takes a token and says how long to
/// wait where there is none, at least a second; absent: go on. Owns: the buckets. Thread: any.
class RateLimits
{
public:
    using Wait = std::optional<std::chrono::seconds>;

    RateLimits(const Clock &clock, Metrics &metrics) : m_clock(clock), m_metrics(metrics) { }

    void setRates(const RateLimitOptions &rates);

    /// peer: the client's address in text, as HttpRequest has it.
    [[nodiscard]] Wait ofAddress(QByteArrayView peer);
    /// subscription: bytes that name it.
    [[nodiscard]] Wait ofSubscription(QByteArrayView peer, QByteArrayView subscription);
    [[nodiscard]] Wait ofSender(QByteArrayView peer, QByteArrayView keyHash);
    /// Whether a client at this address may register a channel. holder: IpAddress::limitKey(); 0:
    /// no limit applies. isNew: the register creates the client's record.
    [[nodiscard]] bool mayRegister(std::uint64_t holder, const Uaid &client, bool isNew);

private:
    [[nodiscard]] bool takeOfHolder(RateLimiter &limiter, std::uint64_t holder, Metric refused,
                                    LogThrottle &throttle, const char *setting);
    [[nodiscard]] Wait take(RateLimiter &limiter, std::uint64_t key, Metric refused);

    const Clock &m_clock;
    Metrics &m_metrics;
    RateLimiter m_senders;
    RateLimiter m_subscriptions;
    RateLimiter m_addresses;
    RateLimiter m_registrations;
    RateLimiter m_clientRegistrations;
    RateLimiter m_newClients;
    LogThrottle m_registrationLines;
    LogThrottle m_newClientLines;
};

} // namespace Carillon
