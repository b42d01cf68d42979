// SPDX-License-Identifier: MPL-2.0
#include "core/base/timekeeper.h"

#include <algorithm>

namespace Carillon {

namespace {

std::chrono::microseconds distance(std::chrono::microseconds left, std::chrono::microseconds right)
{
    return std::chrono::abs(left - right);
}

} // namespace

TimeKeeper::TimeKeeper(const ClockReading &now, const std::optional<ClockMark> &mark,
                       WallTime earliest)
    : m_seenOffset(now.wall.time_since_epoch() - now.sinceBoot), m_steadySince(now.sinceBoot),
      m_boot(now.boot), m_earliest(earliest)
{
    if (!mark) {
        m_offset = m_seenOffset;
        m_wallOffset = m_seenOffset;
        m_knownSince = Time(m_offset + now.sinceBoot);
    } else if (mark->boot == now.boot && mark->sinceBoot <= now.sinceBoot) {
        m_offset = mark->time.time_since_epoch() - mark->sinceBoot;
        m_wallOffset = mark->wall.time_since_epoch() - mark->sinceBoot;
        m_knownSince = mark->knownSince;
    } else {
        const std::chrono::microseconds passed = now.wall - mark->wall;
        const bool isBelieved = passed >= std::chrono::microseconds::zero()
            && (now.isSynchronized || passed <= Tolerance);
        const std::chrono::microseconds off =
            isBelieved ? passed : std::chrono::microseconds::zero();
        // What is dated later than the mark came after it.
        m_knownSince = mark->time + off + std::chrono::microseconds(1);
        m_offset = m_knownSince.time_since_epoch() - now.sinceBoot;
        m_wallOffset = mark->wall.time_since_epoch() + off - now.sinceBoot;
        m_isAfterBoot = true;
    }
}

ClockMark TimeKeeper::mark(std::chrono::microseconds sinceBoot) const
{
    return { Time(m_offset + sinceBoot), WallTime(m_wallOffset + sinceBoot), sinceBoot, m_boot,
             m_knownSince };
}

std::chrono::microseconds TimeKeeper::wallAhead(const ClockReading &now) const
{
    return now.wall.time_since_epoch() - now.sinceBoot - m_wallOffset;
}

/// Whether the wall time has run evenly for so long that it is believed for want of better.
bool TimeKeeper::isSteady(const ClockReading &now) const
{
    return now.sinceBoot - m_steadySince >= Grace
        && distance(now.wall.time_since_epoch() - now.sinceBoot, m_seenOffset) < NoticedStep;
}

WallTrust TimeKeeper::trust(const ClockReading &now) const
{
    if (now.isSynchronized || isSteady(now))
        return WallTrust::Trusted;
    if (std::chrono::abs(wallAhead(now)) > Tolerance || now.wall < m_earliest)
        return WallTrust::Doubtful;
    return m_isAfterBoot && now.sinceBoot < SettlingTime ? WallTrust::MayBeBehind
                                                         : WallTrust::Trusted;
}

ClockChange TimeKeeper::look(const ClockReading &now)
{
    ClockChange change;
    const std::chrono::microseconds seen = now.wall.time_since_epoch() - now.sinceBoot;
    if (distance(seen, m_seenOffset) >= NoticedStep) {
        change.step = seen - m_seenOffset;
        m_steadySince = now.sinceBoot;
    }
    m_seenOffset = seen;

    const bool isDoubtful = trust(now) == WallTrust::Doubtful;
    change.becameDoubtful = isDoubtful && !m_isDoubtful;
    change.becameTrusted = !isDoubtful && m_isDoubtful;
    m_isDoubtful = isDoubtful;
    const std::chrono::microseconds ahead = wallAhead(now);
    m_dueLeap = !isDoubtful && ahead > Tolerance ? ahead : std::chrono::microseconds::zero();
    if (!isDoubtful && ahead <= Tolerance)
        m_wallOffset = seen;
    return change;
}

std::optional<ClockLeap> TimeKeeper::dueLeap() const
{
    if (m_dueLeap == std::chrono::microseconds::zero())
        return std::nullopt;
    return ClockLeap { m_dueLeap, m_knownSince };
}

std::optional<ClockLeap> TimeKeeper::leapTo(const ClockMark &mark) const
{
    const std::chrono::microseconds by = mark.time.time_since_epoch() - mark.sinceBoot - m_offset;
    if (mark.boot != m_boot || by <= std::chrono::microseconds::zero())
        return std::nullopt;
    return ClockLeap { by, m_knownSince };
}

void TimeKeeper::leap(const ClockLeap &leap)
{
    m_offset += leap.by;
    m_wallOffset += leap.by;
    m_knownSince += leap.by;
    m_dueLeap = std::max(m_dueLeap - leap.by, std::chrono::microseconds::zero());
}

} // namespace Carillon
