// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "tests/bench/loop.h"

#include <vector>

namespace Carillon::Bench {

/// Durations, all of them kept: percentiles are exact, and what is measured is bounded.
class Histogram
{
public:
    void reserve(std::size_t count) { m_micros.reserve(count); }
    void add(std::chrono::nanoseconds duration)
    {
        m_micros.push_back(static_cast<float>(Microseconds(duration).count()));
    }
    [[nodiscard]] std::size_t count() const { return m_micros.size(); }
    /// The smallest duration that so much (0…1) of all do not exceed, in µs; 0 if there are none.
    [[nodiscard]] double percentile(double share) const;

private:
    std::vector<float> m_micros;
};

} // namespace Carillon::Bench
