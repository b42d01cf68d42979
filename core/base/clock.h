// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <chrono>
#include <cstdint>

namespace Carillon {

/// Wall time as it is stored and signed. Microseconds since 1970 (UTC).
using Time = std::chrono::sys_time<std::chrono::microseconds>;
/// Time that only goes forward, for intervals.
using Instant = std::chrono::steady_clock::time_point;

/// Where core takes the time from. Thread: any.
class Clock
{
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Time now() const = 0;
    [[nodiscard]] virtual Instant steadyNow() const = 0;
};

/// The system's clocks.
class SystemClock final : public Clock
{
public:
    [[nodiscard]] Time now() const override
    {
        return std::chrono::time_point_cast<std::chrono::microseconds>(
            std::chrono::system_clock::now());
    }
    [[nodiscard]] Instant steadyNow() const override { return std::chrono::steady_clock::now(); }
};

[[nodiscard]] inline std::int64_t toSeconds(Time time)
{
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}
[[nodiscard]] inline std::int64_t toMilliseconds(Time time)
{
    return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}
[[nodiscard]] inline Time fromSeconds(std::int64_t seconds)
{
    return Time(std::chrono::seconds(seconds));
}

} // namespace Carillon
