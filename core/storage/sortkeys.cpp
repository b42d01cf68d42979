// SPDX-License-Identifier: MPL-2.0
#include "core/storage/sortkeys.h"

#include <algorithm>

namespace Carillon {

namespace {

std::int64_t microseconds(Time time)
{
    return time.time_since_epoch().count();
}

} // namespace

std::optional<SortKey> SortKeys::nextStored(Time now)
{
    const std::int64_t key = next(now, 0);
    if (key > m_reserved)
        return std::nullopt;
    m_last = key;
    return SortKey { key };
}

SortKey SortKeys::nextTransient(Time now)
{
    m_last = next(now, 1);
    return SortKey { m_last };
}

bool SortKeys::runsLow(Time now) const
{
    return m_reserved != Unlimited
        && std::max(microseconds(now), m_last) > m_reserved - Window * 3 / 4;
}

std::int64_t SortKeys::proposal(Time now) const
{
    return std::max(microseconds(now), m_last) + Window;
}

void SortKeys::reserve(std::int64_t reserved, std::int64_t floor)
{
    m_reserved = std::max(m_reserved, reserved);
    m_last = std::max(m_last, floor);
}

std::int64_t SortKeys::next(Time now, std::int64_t parity) const
{
    const std::int64_t key =
        std::max(m_last + 1, std::min(microseconds(now), m_reserved - Window / 2));
    return (key & 1) == parity ? key : key + 1;
}

} // namespace Carillon
