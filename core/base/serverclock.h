// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/mutex.h"
#include "core/base/timekeeper.h"

#include <atomic>
#include <optional>
#include <vector>

namespace Carillon {

/// Reads the machine's clocks. Thread: any.
class ClockSource
{
public:
    ClockSource() = default;
    virtual ~ClockSource() = default;
    ClockSource(const ClockSource &) = delete;
    ClockSource &operator=(const ClockSource &) = delete;

    [[nodiscard]] virtual std::chrono::microseconds sinceBoot() const = 0;
    [[nodiscard]] virtual WallTime wall() const = 0;
    [[nodiscard]] virtual ClockReading read() const = 0;
};

/// The clock of a server, which keeps server time over restarts (TimeKeeper). The storage backend
/// calls begin() with the mark that is stored with its rows, writes the current mark periodically,
/// and applies leaps to its rows. Before begin(), server time starts at the wall time. Thread: any;
/// begin() is called before any other thread uses the clock. The source outlives it.
class ServerClock final : public Clock
{
public:
    /// earliest: wall time is certainly later than this.
    explicit ServerClock(const ClockSource &source, WallTime earliest = {});

    [[nodiscard]] Time now() const override
    {
        return Time(m_offset.load(std::memory_order_relaxed) + m_source.sinceBoot());
    }
    [[nodiscard]] WallTime wall() const override { return m_source.wall(); }
    [[nodiscard]] WallTrust wallTrust() const override;
    [[nodiscard]] Instant steadyNow() const override { return std::chrono::steady_clock::now(); }

    /// Continues from a mark; nullopt: nothing is stored yet.
    void begin(const std::optional<ClockMark> &mark);
    [[nodiscard]] ClockMark mark() const;

    /// Reads the machine's clocks. To be called every few seconds.
    ClockChange look();
    /// How far the wall time is ahead of what is known; negative: behind.
    [[nodiscard]] std::chrono::microseconds wallAhead() const;

    [[nodiscard]] std::optional<ClockLeap> dueLeap() const;
    [[nodiscard]] std::optional<ClockLeap> leapTo(const ClockMark &mark) const;
    /// Moves server time ahead by this.
    void leap(const ClockLeap &leap);
    /// Converts a time that this clock returned earlier: adds the leaps that it has made since.
    [[nodiscard]] Time redated(Time time) const;

private:
    struct PastLeap
    {
        ClockLeap leap;
        Time at; // as it was dated before
    };

    const ClockSource &m_source;
    const WallTime m_earliest;
    std::atomic<std::chrono::microseconds> m_offset;
    mutable Mutex m_mutex;
    TimeKeeper m_keeper CARILLON_GUARDED_BY(m_mutex);
    std::vector<PastLeap> m_leaps CARILLON_GUARDED_BY(m_mutex); // few
    std::atomic<bool> m_hasLeapt = false;
};

} // namespace Carillon
