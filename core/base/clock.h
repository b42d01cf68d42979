// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <chrono>
#include <cstdint>

namespace Carillon {

/// Makes Time a type of its own, as std::chrono::local_t does. The time comes from a Clock.
struct ServerTimeline
{
};

/// The server's own time, by which everything that is stored is dated and expires. It begins at the
/// wall time of the first start and then measures elapsed time. It never goes back, and a step of
/// the system clock does not change it (docs/decisions/0007). Microseconds.
using Time = std::chrono::time_point<ServerTimeline, std::chrono::microseconds>;
/// The time of the system clock, for what others date or read, such as tokens, headers and
/// certificates. It may be wrong, and it may step. Microseconds since 1970 (UTC).
using WallTime = std::chrono::sys_time<std::chrono::microseconds>;
/// Time that only goes forward, for intervals within a process.
using Instant = std::chrono::steady_clock::time_point;

/// Whether the system clock is trusted.
enum class WallTrust : std::uint8_t {
    Trusted,
    MayBeBehind, ///< nothing speaks against it, but it may have stood still while the machine was
                 ///< off
    Doubtful, ///< it contradicts what is known
};

/// The source of time for core. Thread: any.
class Clock
{
public:
    Clock() = default;
    virtual ~Clock() = default;
    Clock(const Clock &) = delete;
    Clock &operator=(const Clock &) = delete;

    [[nodiscard]] virtual Time now() const = 0;
    [[nodiscard]] virtual WallTime wall() const = 0;
    /// Whether wall() is trusted at this moment.
    [[nodiscard]] virtual WallTrust wallTrust() const { return WallTrust::Trusted; }
    [[nodiscard]] virtual Instant steadyNow() const = 0;
};

/// The system's clocks, with wall time as server time: for programs that store nothing.
class SystemClock final : public Clock
{
public:
    [[nodiscard]] Time now() const override { return Time(wall().time_since_epoch()); }
    [[nodiscard]] WallTime wall() const override
    {
        return std::chrono::time_point_cast<std::chrono::microseconds>(
            std::chrono::system_clock::now());
    }
    [[nodiscard]] Instant steadyNow() const override { return std::chrono::steady_clock::now(); }
};

/// Whole seconds and milliseconds since 1970, rounded down.
template<typename Timeline>
[[nodiscard]] std::int64_t
toSeconds(std::chrono::time_point<Timeline, std::chrono::microseconds> time)
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
[[nodiscard]] inline WallTime wallFromSeconds(std::int64_t seconds)
{
    return WallTime(std::chrono::seconds(seconds));
}

} // namespace Carillon
