// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"

#include <algorithm>
#include <cstdint>

namespace Carillon {

/// A number of events in a time on average, and at most `burst` at once. The default is no limit.
struct Rate
{
    std::int64_t count = 0;
    std::chrono::seconds per { 1 };
    std::int64_t burst = 0;

    [[nodiscard]] bool isLimited() const { return count > 0; }
    /// Time in which one token comes. Precondition: isLimited().
    [[nodiscard]] std::chrono::nanoseconds interval() const
    {
        return std::max(std::chrono::nanoseconds(1), std::chrono::nanoseconds(per) / count);
    }
    bool operator==(const Rate &) const = default;
};

/// A bucket that starts full of tokens and is refilled at a rate. It stores only the time at which
/// it will be full. The caller passes the time. Thread: one at a time.
class TokenBucket
{
public:
    /// Takes a token. If there is none, takes nothing and returns the time until there is one.
    [[nodiscard]] std::chrono::nanoseconds take(std::chrono::nanoseconds interval,
                                                std::int64_t burst, Instant now)
    {
        const std::chrono::nanoseconds left = wait(interval, burst, now);
        if (left.count() == 0)
            m_full = std::max(m_full, now) + interval;
        return left;
    }
    /// The time until there is a token.
    [[nodiscard]] std::chrono::nanoseconds wait(std::chrono::nanoseconds interval,
                                                std::int64_t burst, Instant now) const
    {
        const std::chrono::nanoseconds missing = std::max(m_full, now) - now;
        return std::max(std::chrono::nanoseconds(), missing - interval * (burst - 1));
    }
    /// The bucket can be forgotten without changing its effect.
    [[nodiscard]] bool isFull(Instant now) const { return m_full <= now; }

private:
    Instant m_full {};
};

} // namespace Carillon
