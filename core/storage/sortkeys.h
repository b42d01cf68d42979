// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "core/base/ids.h"

#include <cstdint>
#include <limits>
#include <optional>

namespace Carillon {

/// Gives out sort keys: each greater than the one before, near the time in microseconds, even for
/// messages that are stored, odd for those that never are.
///
/// So that none is given twice over restarts, crashes and clock steps, its owner keeps a persistent
/// reservation: keys come only from below it, and after a restart from above it. Keys follow the
/// clock up to the middle of the last window; in its second half they go in steps of two whatever
/// the time, so that 15 million of them bridge the time until a new reservation is committed.
/// Thread: none of its own; guarded by its owner.
class SortKeys
{
public:
    static constexpr std::int64_t Window = 60'000'000;
    static constexpr std::int64_t Unlimited = std::numeric_limits<std::int64_t>::max();

    /// The first key comes after `last` and, but for transient ones, none after `reserved`.
    explicit SortKeys(std::int64_t last = 0, std::int64_t reserved = Unlimited)
        : m_last(last), m_reserved(reserved)
    {
    }

    /// An even key; nullopt: the reservation is used up.
    [[nodiscard]] std::optional<SortKey> nextStored(Time now);
    /// An odd key. It is given beyond the reservation if that is used up.
    [[nodiscard]] SortKey nextTransient(Time now);

    /// The highest key given.
    [[nodiscard]] std::int64_t last() const { return m_last; }
    /// Whether a new reservation should be made: up to proposal().
    [[nodiscard]] bool runsLow(Time now) const;
    [[nodiscard]] std::int64_t proposal(Time now) const;
    /// The reservation is committed. `floor`: the highest key others may have given.
    void reserve(std::int64_t reserved, std::int64_t floor);

private:
    [[nodiscard]] std::int64_t next(Time now, std::int64_t parity) const;

    std::int64_t m_last;
    std::int64_t m_reserved;
};

} // namespace Carillon
