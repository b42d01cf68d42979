// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/ratelimiter.h"

#include <QByteArrayView>

#include <optional>

namespace Carillon {

class Metrics;
enum class Metric : std::uint8_t;

/// How often senders, subscriptions and addresses may come, over the whole process. Loopback may
/// always. Each function takes a token and says how long to wait where there is none, at least a
/// second; absent: go on.
/// Owns: the buckets. Thread: any.
class RateLimits
{
public:
    struct Rates
    {
        Rate sender;
        Rate subscription;
        Rate address;
    };
    using Wait = std::optional<std::chrono::seconds>;

    RateLimits(const Clock &clock, Metrics &metrics) : m_clock(clock), m_metrics(metrics) { }

    void setRates(const Rates &rates);

    /// peer: the client's address in text, as HttpRequest has it.
    [[nodiscard]] Wait ofAddress(QByteArrayView peer);
    /// subscription: bytes that name it.
    [[nodiscard]] Wait ofSubscription(QByteArrayView peer, QByteArrayView subscription);
    [[nodiscard]] Wait ofSender(QByteArrayView peer, QByteArrayView keyHash);

private:
    [[nodiscard]] Wait take(RateLimiter &limiter, std::uint64_t key, Metric refused);

    const Clock &m_clock;
    Metrics &m_metrics;
    RateLimiter m_senders;
    RateLimiter m_subscriptions;
    RateLimiter m_addresses;
};

} // namespace Carillon
