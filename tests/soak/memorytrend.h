// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace Carillon::Soak {

/// How much memory grew while so much happened. What comes and goes must not count, so the lowest
/// tenth of a stretch stands for it: what has leaked is in that too.
class MemoryTrend
{
public:
    void add(double bytes, std::uint64_t events) { m_samples.push_back({ bytes, events }); }

    struct Growth
    {
        double before = 0;
        double bytes = 0;
        double events = 0;
    };
    /// From the first to the last third of the samples.
    [[nodiscard]] Growth growth() const
    {
        const std::size_t third = m_samples.size() / 3;
        if (third == 0)
            return {};
        const Sample first = low(0, third);
        const Sample last = low(m_samples.size() - third, m_samples.size());
        return { first.bytes, last.bytes - first.bytes,
                 static_cast<double>(last.events - first.events) };
    }

private:
    struct Sample
    {
        double bytes;
        std::uint64_t events;
    };
    /// The lowest tenth's highest, with the events of the stretch's middle.
    [[nodiscard]] Sample low(std::size_t begin, std::size_t end) const
    {
        std::vector<double> sorted;
        for (std::size_t i = begin; i < end; ++i)
            sorted.push_back(m_samples[i].bytes);
        std::ranges::sort(sorted);
        return { sorted[sorted.size() / 10], m_samples[(begin + end) / 2].events };
    }

    std::vector<Sample> m_samples;
};

} // namespace Carillon::Soak
