// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "server/net/timer.h"

#include <array>
#include <bit>
#include <chrono>
#include <cstdint>
#include <optional>

namespace Carillon {

/// A hierarchical timing wheel: rings of 64 slots, each ring 64 times coarser than the one before.
/// Start and cancel are O(1) and allocate nothing. A timer fires at the first advance() at or after
/// its deadline, rounded up to Tick, and never early. Deadlines beyond the last ring (four days)
/// are allowed. Owns: nothing; timers unlink themselves. Thread: one.
class TimerWheel
{
public:
    static constexpr std::chrono::milliseconds Tick { 20 };

    explicit TimerWheel(Instant now) : m_epoch(now) { }

    /// Starts or restarts a timer.
    void start(Timer &timer, Instant deadline);
    /// Calls the callbacks due at `now`, which may start, cancel and destroy any timer.
    void advance(Instant now);
    /// When advance() must be called next; absent if no timer is running.
    [[nodiscard]] std::optional<Instant> next() const;

private:
    static constexpr int Levels = 4;
    static constexpr int Bits = 6;
    static constexpr std::uint64_t Slots = 1U << Bits;
    using Ring = std::array<TimerLink, Slots>;

    void insert(Timer &timer);
    void cascade(int level);
    void fire();
    [[nodiscard]] std::optional<std::uint64_t> nextTick() const;

    Instant m_epoch;
    std::uint64_t m_now = 0; // the last tick done
    std::array<Ring, Levels> m_rings;
    // A set bit: the slot may hold timers. Cleared lazily, as cancelling does not know its slot.
    mutable std::array<std::uint64_t, Levels> m_occupied {};
};

} // namespace Carillon
