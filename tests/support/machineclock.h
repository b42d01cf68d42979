// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/serverclock.h"

#include <atomic>

namespace Carillon {

/// The clocks of a machine that a test runs, switches off and sets. Thread: any may read it.
class MachineClock final : public ClockSource
{
public:
    explicit MachineClock(WallTime now) : m_real(now) { }

    [[nodiscard]] std::chrono::microseconds sinceBoot() const override { return m_sinceBoot; }
    [[nodiscard]] WallTime wall() const override { return m_real.load() + m_error.load(); }
    [[nodiscard]] ClockReading read() const override
    {
        return { wall(), m_sinceBoot, m_boot, m_isSynchronized };
    }

    /// Time passes.
    void run(std::chrono::microseconds duration)
    {
        m_real = m_real.load() + duration;
        m_sinceBoot = m_sinceBoot.load() + duration;
    }
    /// The machine is switched off, and on again after this time.
    void reboot(std::chrono::microseconds off)
    {
        m_real = m_real.load() + off;
        m_sinceBoot = std::chrono::seconds(20);
        m_boot = m_boot + 1;
        m_isSynchronized = false;
    }
    /// The wall time is wrong by this.
    void setError(std::chrono::microseconds error) { m_error = error; }
    void setSynchronized(bool isSynchronized) { m_isSynchronized = isSynchronized; }

private:
    std::atomic<WallTime> m_real;
    std::atomic<std::chrono::microseconds> m_error { std::chrono::microseconds(0) };
    std::atomic<std::chrono::microseconds> m_sinceBoot { std::chrono::hours(5) };
    std::atomic<std::int64_t> m_boot = 1;
    std::atomic<bool> m_isSynchronized = false;
};

} // namespace Carillon
