// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <unordered_map>

namespace Carillon {

/// Counts failed logins for each address (IpAddress::limitKey()), so that nobody can try tokens at
/// will. Owns: at most MostAddresses counts. Thread: one.
class FailedLogins
{
public:
    static constexpr int Most = 10;
    static constexpr std::chrono::seconds Window { 60 };
    static constexpr std::size_t MostAddresses = 4'096;

    /// How long the address has to wait; absent: it may try.
    [[nodiscard]] std::optional<std::chrono::seconds> wait(std::uint64_t address,
                                                           Instant now) const;
    void add(std::uint64_t address, Instant now);

private:
    struct Count
    {
        Instant first;
        int failures = 0;
    };
    std::unordered_map<std::uint64_t, Count> m_counts;
};

} // namespace Carillon
