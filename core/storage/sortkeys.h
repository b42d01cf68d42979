// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "core/base/ids.h"

#include <cstdint>
#include <limits>
#include <optional>

namespace Carillon {

/// Assigns sort keys. Each is greater than the one before and close to the time in microseconds.
/// Keys are even for messages that are stored and odd for messages that never are.
///
/// No key is assigned twice, even after restarts, crashes and clock steps: the owner stores a
/// reservation. Keys are assigned only below it, and after a restart only above it. Keys follow the
/// clock up to the middle of the last window. In its second half they increase by two,
/// independently of the time, so that 15 million keys are available until a new reservation is
/// committed. Thread: none of its own; guarded by its owner.
class SortKeys
{
public:
    static constexpr std::int64_t Window = 60'000'000;
    static constexpr std::int64_t Unlimited = std::numeric_limits<std::int64_t>::max();

    /// The first key is greater than `last`. No key is greater than `reserved`, except transient
    /// ones.
    explicit SortKeys(std::int64_t last = 0, std::int64_t reserved = Unlimited)
        : m_last(last), m_reserved(reserved)
    {
    }

    /// An even key; nullopt: the reservation is exhausted.
    [[nodiscard]] std::optional<SortKey> nextStored(Time now);
    /// An odd key. If the reservation is exhausted, the key is above it.
    [[nodiscard]] SortKey nextTransient(Time now);

    /// The highest key assigned.
    [[nodiscard]] std::int64_t last() const { return m_last; }
    /// Whether a new reservation should be made: up to proposal().
    [[nodiscard]] bool runsLow(Time now) const;
    [[nodiscard]] std::int64_t proposal(Time now) const;
    /// The reservation is committed. `floor`: the highest key that other processes may have
    /// assigned.
    void reserve(std::int64_t reserved, std::int64_t floor);

private:
    [[nodiscard]] std::int64_t next(Time now, std::int64_t parity) const;

    std::int64_t m_last;
    std::int64_t m_reserved;
};

} // namespace Carillon
