// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"

#include <chrono>
#include <cstdint>
#include <optional>

namespace Carillon {

/// The machine's clocks at one instant.
struct ClockReading
{
    WallTime wall;
    /// Time since boot, including the time that the machine was suspended (CLOCK_BOOTTIME).
    std::chrono::microseconds sinceBoot {};
    /// Identifies this boot.
    std::int64_t boot = 0;
    /// The kernel reports that the wall time is synchronized (adjtimex(2)).
    bool isSynchronized = false;
};

/// Server time at one instant, as a database stores it.
struct ClockMark
{
    Time time;
    /// The wall time at that instant, as far as it was known.
    WallTime wall;
    std::chrono::microseconds sinceBoot {};
    std::int64_t boot = 0;
    /// Since this time, elapsed time is known exactly. How long the machine was off before it is
    /// not known.
    Time knownSince;
};

/// What changed since the last look, for the log.
struct ClockChange
{
    /// By how much wall time has stepped; 0: it has not.
    std::chrono::microseconds step {};
    bool becameDoubtful = false;
    bool becameTrusted = false;
};

/// Server time leaps ahead because the machine turned out to have been off for longer.
struct ClockLeap
{
    std::chrono::microseconds by {};
    /// What is dated from here on is redated by the leap, because that time has been measured.
    Time from;
};

/// Computes server time from the machine's clocks and the mark that the last run stored
/// (docs/decisions/0007):
/// - Within the same boot, server time is the mark plus the time measured since.
/// - After another boot, the time in between is taken from the wall time if that is synchronized
///     or not more than Tolerance ahead; else none is assumed to have passed, until the wall time
///     is trusted.
///   - Wall time is doubted while it is more than Tolerance away from what is known, until it is
///     synchronized or has run steadily for a Grace.
/// Pure: it reads no clock. Thread: none of its own; guarded by its owner.
class TimeKeeper
{
public:
    static constexpr std::chrono::hours Tolerance { 1 };
    static constexpr std::chrono::hours Grace { 24 };
    /// After a boot, a clock that is not synchronized may continue from where it stood when the
    /// machine was switched off.
    static constexpr std::chrono::hours SettlingTime { 1 };
    /// Smaller steps are corrections and are not reported.
    static constexpr std::chrono::minutes NoticedStep { 1 };

    /// mark: nullopt: nothing is stored yet. earliest: wall time is certainly later than this.
    TimeKeeper(const ClockReading &now, const std::optional<ClockMark> &mark, WallTime earliest);

    /// Server time is the time since boot plus this.
    [[nodiscard]] std::chrono::microseconds offset() const { return m_offset; }
    [[nodiscard]] ClockMark mark(std::chrono::microseconds sinceBoot) const;
    /// Whether the wall time in this reading is trusted, also between two calls of look().
    [[nodiscard]] WallTrust trust(const ClockReading &now) const;
    /// How far the wall time is ahead of what is known.
    [[nodiscard]] std::chrono::microseconds wallAhead(const ClockReading &now) const;

    /// To be called every few seconds.
    ClockChange look(const ClockReading &now);

    /// The leap that is due. The storage backend redates its rows and then calls leap().
    [[nodiscard]] std::optional<ClockLeap> dueLeap() const;
    /// The leap by which another process over the same database has gone ahead. That process has
    /// redated the rows.
    [[nodiscard]] std::optional<ClockLeap> leapTo(const ClockMark &mark) const;
    void leap(const ClockLeap &leap);

private:
    [[nodiscard]] bool isSteady(const ClockReading &now) const;

    // All are differences to the time since boot.
    std::chrono::microseconds m_offset {};
    std::chrono::microseconds m_wallOffset {}; // of the wall time that is known
    std::chrono::microseconds m_seenOffset {}; // of the wall time at the last look
    std::chrono::microseconds m_steadySince; // time since boot
    std::chrono::microseconds m_dueLeap {};
    std::int64_t m_boot;
    Time m_knownSince;
    WallTime m_earliest;
    bool m_isAfterBoot = false; // the mark is of another start of the machine
    bool m_isDoubtful = false;
};

} // namespace Carillon
