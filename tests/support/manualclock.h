// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"

#include <atomic>

namespace Carillon {

/// A clock that stands still until the test moves it. Its wall time begins as its server time and
/// goes with it until one of them is stepped. Thread: any may read it.
class ManualClock final : public Clock
{
public:
    explicit ManualClock(Time now) : m_now(now), m_wall(WallTime(now.time_since_epoch())) { }

    [[nodiscard]] Time now() const override { return m_now; }
    [[nodiscard]] WallTime wall() const override { return m_wall; }
    [[nodiscard]] WallTrust wallTrust() const override { return m_trust; }
    [[nodiscard]] Instant steadyNow() const override
    {
        return m_steadyRuns ? std::chrono::steady_clock::now() : m_steady.load();
    }

    void advance(std::chrono::microseconds by)
    {
        m_now = m_now.load() + by;
        m_wall = m_wall.load() + by;
        m_steady = m_steady.load() + by;
    }
    /// Moves server time alone, as an adopted leap does.
    void step(Time now) { m_now = now; }
    /// Sets wall time alone, as an administrator or NTP does.
    void stepWall(WallTime now) { m_wall = now; }
    void setTrust(WallTrust trust) { m_trust = trust; }
    /// From now on intervals are real ones.
    void letSteadyTimeRun() { m_steadyRuns = true; }

private:
    std::atomic<Time> m_now;
    std::atomic<WallTime> m_wall;
    std::atomic<WallTrust> m_trust = WallTrust::Trusted;
    std::atomic<Instant> m_steady { Instant() };
    std::atomic<bool> m_steadyRuns = false;
};

} // namespace Carillon
