// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"

#include <cstdint>
#include <deque>

namespace Carillon {

/// How long the oldest open write has been open, without a clock reading for each write: writes
/// are counted by the period between two calls of age() in which they came.
/// Thread: its owner's.
class OpenWrites
{
public:
    /// Counts one more. Returns its period, for remove().
    std::uint32_t add()
    {
        ++m_periods.back().open;
        return m_first + static_cast<std::uint32_t>(m_periods.size()) - 1;
    }
    void remove(std::uint32_t period) { --m_periods[period - m_first].open; }

    /// At least so old is the oldest, and at most older by the time since the call before. Begins a
    /// new period; to be called about once a second.
    [[nodiscard]] std::chrono::microseconds age(Instant now)
    {
        while (m_periods.size() > 1 && m_periods.front().open == 0) {
            m_periods.pop_front();
            ++m_first;
        }
        const bool isOld = m_periods.size() > 1;
        const Instant since = isOld ? m_periods.front().ended : now;
        if (m_periods.back().open > 0) {
            m_periods.back().ended = now;
            m_periods.emplace_back();
        }
        return std::chrono::duration_cast<std::chrono::microseconds>(now - since);
    }

private:
    struct Period
    {
        Instant ended; // not of the last, which goes on
        std::int64_t open = 0;
    };
    std::deque<Period> m_periods { Period() };
    std::uint32_t m_first = 0; // number of the first
};

} // namespace Carillon
