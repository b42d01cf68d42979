// SPDX-License-Identifier: MPL-2.0
#include "server/routing/ratelimits.h"

#include "server/metrics/metrics.h"
#include "server/net/ipaddress.h"

namespace Carillon {

namespace {

std::uint64_t keyOf(QByteArrayView bytes)
{
    return qHash(bytes, QHashSeed::globalSeed());
}

/// Whom limits are for; absent: nobody whom they would meet.
std::optional<IpAddress> limited(const RateLimiter &limiter, QByteArrayView peer)
{
    if (!limiter.isOn())
        return std::nullopt;
    const IpAddress address = IpAddress::parse(peer).value_or(IpAddress::unnamed());
    return address.isLoopback() ? std::nullopt : std::optional(address);
}

} // namespace

void RateLimits::setRates(const Rates &rates)
{
    m_senders.setRate(rates.sender);
    m_subscriptions.setRate(rates.subscription);
    m_addresses.setRate(rates.address);
}

RateLimits::Wait RateLimits::ofAddress(QByteArrayView peer)
{
    const std::optional<IpAddress> address = limited(m_addresses, peer);
    return address ? take(m_addresses, address->holder(), Metric::RateLimitedAddress)
                   : std::nullopt;
}

RateLimits::Wait RateLimits::ofSubscription(QByteArrayView peer, QByteArrayView subscription)
{
    return limited(m_subscriptions, peer)
        ? take(m_subscriptions, keyOf(subscription), Metric::RateLimitedSubscription)
        : std::nullopt;
}

RateLimits::Wait RateLimits::ofSender(QByteArrayView peer, QByteArrayView keyHash)
{
    return limited(m_senders, peer) ? take(m_senders, keyOf(keyHash), Metric::RateLimitedSender)
                                    : std::nullopt;
}

RateLimits::Wait RateLimits::take(RateLimiter &limiter, std::uint64_t key, Metric refused)
{
    const RateLimiter::Verdict verdict = limiter.take(key, m_clock.steadyNow());
    switch (verdict.outcome) {
    case RateLimiter::Outcome::Passed:
        break;
    case RateLimiter::Outcome::Crowded:
        m_metrics.add(Metric::RateLimitsCrowded);
        break;
    case RateLimiter::Outcome::Refused:
        m_metrics.add(refused);
        return std::max(std::chrono::ceil<std::chrono::seconds>(verdict.wait),
                        std::chrono::seconds(1));
    }
    return std::nullopt;
}

} // namespace Carillon
