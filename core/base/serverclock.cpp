// SPDX-License-Identifier: MPL-2.0
#include "core/base/serverclock.h"

namespace Carillon {

namespace {

/// A thread may still give the old time for a moment. Leaps are longer.
constexpr std::chrono::seconds Race { 60 };

} // namespace

ServerClock::ServerClock(const ClockSource &source, WallTime earliest)
    : m_source(source), m_earliest(earliest), m_keeper(source.read(), std::nullopt, earliest)
{
    m_offset = m_keeper.offset();
}

WallTrust ServerClock::wallTrust() const
{
    const ClockReading reading = m_source.read();
    const MutexLock lock(m_mutex);
    return m_keeper.trust(reading);
}

void ServerClock::begin(const std::optional<ClockMark> &mark)
{
    const ClockReading reading = m_source.read();
    const MutexLock lock(m_mutex);
    m_keeper = TimeKeeper(reading, mark, m_earliest);
    m_offset = m_keeper.offset();
}

ClockMark ServerClock::mark() const
{
    const MutexLock lock(m_mutex);
    return m_keeper.mark(m_source.sinceBoot());
}

ClockChange ServerClock::look()
{
    const ClockReading reading = m_source.read();
    const MutexLock lock(m_mutex);
    return m_keeper.look(reading);
}

std::chrono::microseconds ServerClock::wallAhead() const
{
    const ClockReading reading = m_source.read();
    const MutexLock lock(m_mutex);
    return m_keeper.wallAhead(reading);
}

std::optional<ClockLeap> ServerClock::dueLeap() const
{
    const MutexLock lock(m_mutex);
    return m_keeper.dueLeap();
}

std::optional<ClockLeap> ServerClock::leapTo(const ClockMark &mark) const
{
    const MutexLock lock(m_mutex);
    return m_keeper.leapTo(mark);
}

void ServerClock::leap(const ClockLeap &leap)
{
    const MutexLock lock(m_mutex);
    m_leaps.push_back({ leap, now() });
    m_hasLeapt = true;
    m_keeper.leap(leap);
    m_offset = m_keeper.offset();
}

Time ServerClock::redated(Time time) const
{
    if (!m_hasLeapt)
        return time;
    const MutexLock lock(m_mutex);
    for (const PastLeap &past : m_leaps) {
        if (time >= past.leap.from && time <= past.at + Race)
            time += past.leap.by;
    }
    return time;
}

} // namespace Carillon
