// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <chrono>
#include <cstdint>

namespace Carillon {

/// Keeps Time apart from other times, as std::chrono::local_t does; whoever wants the time asks a
/// Clock.
struct ServerTimeline
{
};

/// The server's own time, by which everything that is stored is dated and expires. It begins at the
/// wall time of the first start and then measures elapsed time; it never goes back, and no step of
/// the system's clock moves it (docs/decisions/0007). Microseconds.
using Time = std::chrono::time_point<ServerTimeline, std::chrono::microseconds>;
/// What the system's clock says: for what others have dated or will read, such as tokens, headers
/// and certificates. It may be wrong, and it may step. Microseconds since 1970 (UTC).
using WallTime = std::chrono::sys_time<std::chrono::microseconds>;
/// Time that only goes forward, for intervals within a process.
using Instant = std::chrono::steady_clock::time_point;

/// How far the system's clock can be relied on.
enum class WallTrust : std::uint8_t {
    Trusted,
    MayBeBehind, ///< nothing speaks against it, but it may have stood still while the machine was
                 ///< off
    Doubtful, ///< it contradicts what is known
};

/// Where core takes the time from. Thread: any.
class Clock
{
public:
    Clock() = default;
    virtual ~Clock() = default;
    Clock(const Clock &) = delete;
    Clock &operator=(const Clock &) = delete;

    [[nodiscard]] virtual Time now() const = 0;
    [[nodiscard]] virtual WallTime wall() const = 0;
    /// Of wall() at this moment.
    [[nodiscard]] virtual WallTrust wallTrust() const { return WallTrust::Trusted; }
    [[nodiscard]] virtual Instant steadyNow() const = 0;
};

/// The system's clocks as they are, with the wall time for the server's: for programs that store
/// nothing.
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
