// SPDX-License-Identifier: MPL-2.0
#include "server/routing/ratelimits.h"

#include "core/base/log.h"
#include "server/metrics/metrics.h"
#include "server/net/ipaddress.h"

namespace Carillon {

namespace {

std::uint64_t keyOf(QByteArrayView bytes)
{
    return qHash(bytes, QHashSeed::globalSeed());
}

/// The address that the limit applies to; absent: it does not apply to this client.
std::optional<IpAddress> limited(const RateLimiter &limiter, QByteArrayView peer)
{
    if (!limiter.isOn())
        return std::nullopt;
    const IpAddress address = IpAddress::parse(peer).value_or(IpAddress::unnamed());
    return address.isLoopback() ? std::nullopt : std::optional(address);
}

} // namespace

void RateLimits::setRates(const RateLimitOptions &rates)
{
    m_senders.setRate(rates.sender);
    m_subscriptions.setRate(rates.subscription);
    m_addresses.setRate(rates.address);
    m_registrations.setRate(rates.registration);
    m_clientRegistrations.setRate(rates.clientRegistration);
    m_newClients.setRate(rates.newClient);
}

RateLimits::Wait RateLimits::ofAddress(QByteArrayView peer)
{
    const std::optional<IpAddress> address = limited(m_addresses, peer);
    return address ? take(m_addresses, address->limitKey(), Metric::RateLimitedAddress)
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

bool RateLimits::mayRegister(std::uint64_t holder, const Uaid &client, bool isNew)
{
    if (holder == 0)
        return true;
    // Its own limit first: a client that runs wild uses up nothing of its neighbours'.
    const auto own = qHashBits(client.bytes().data(), Uaid::Size, QHashSeed::globalSeed());
    if (m_clientRegistrations.isOn()
        && take(m_clientRegistrations, own, Metric::RateLimitedClientRegistration))
        return false;
    if (isNew
        && !takeOfHolder(m_newClients, holder, Metric::RateLimitedNewClient, m_newClientLines,
                         "new_client"))
        return false;
    return takeOfHolder(m_registrations, holder, Metric::RateLimitedRegistration,
                        m_registrationLines, "registration");
}

bool RateLimits::takeOfHolder(RateLimiter &limiter, std::uint64_t holder, Metric refused,
                              LogThrottle &throttle, const char *setting)
{
    if (!limiter.isOn() || !take(limiter, holder, refused))
        return true;
    if (const auto leftOut = throttle.pass(m_clock.steadyNow()))
        qCWarning(lcRouting).noquote().nospace()
            << "refused a registration from " << IpAddress::limitKeyText(holder) << ": rate_limits."
            << setting << " allows no more for now" << leftOutText(*leftOut)
            << ". If this is the address of a proxy, name it in trusted_proxies.";
    return false;
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
