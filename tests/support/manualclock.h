// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"

#include <atomic>

namespace Carillon {

/// A clock that stands still until the test moves it. Thread: any may read it.
class ManualClock final : public Clock
{
public:
    explicit ManualClock(Time now) : m_now(now) { }

    [[nodiscard]] Time now() const override { return m_now; }
    [[nodiscard]] Instant steadyNow() const override { return m_steady; }

    void advance(std::chrono::microseconds by)
    {
        m_now = m_now.load() + by;
        m_steady = m_steady.load() + by;
    }
    /// Sets wall time alone, as an administrator or NTP does.
    void step(Time now) { m_now = now; }

private:
    std::atomic<Time> m_now;
    std::atomic<Instant> m_steady { Instant() };
};

} // namespace Carillon
