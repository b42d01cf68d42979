// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/serverclock.h"

namespace Carillon {

/// The clocks of this machine's kernel. Thread: any.
class KernelClock final : public ClockSource
{
public:
    KernelClock();

    /// CLOCK_BOOTTIME; where there is none, CLOCK_MONOTONIC.
    [[nodiscard]] std::chrono::microseconds sinceBoot() const override;
    [[nodiscard]] WallTime wall() const override { return SystemClock().wall(); }
    [[nodiscard]] ClockReading read() const override;

private:
    const std::int64_t m_boot;
};

/// Wall time is later than this: it is when the program was built, as its file tells, and a day of
/// patience for the clock of whoever built it.
[[nodiscard]] WallTime earliestWallTime();

} // namespace Carillon
