// SPDX-License-Identifier: MPL-2.0
#include "tests/bench/histogram.h"

#include <algorithm>
#include <cmath>

namespace Carillon::Bench {

double Histogram::percentile(double share) const
{
    if (m_micros.empty())
        return 0;
    std::vector<float> sorted = m_micros;
    const double rank = std::ceil(share * static_cast<double>(sorted.size()));
    const auto index = static_cast<std::ptrdiff_t>(std::max(rank, 1.0)) - 1;
    const auto nth = sorted.begin() + std::min(index, std::ssize(sorted) - 1);
    std::nth_element(sorted.begin(), nth, sorted.end());
    return static_cast<double>(*nth);
}

} // namespace Carillon::Bench
