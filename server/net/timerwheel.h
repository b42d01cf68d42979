// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"

#include <QObject>

#include <array>
#include <bit>
#include <chrono>
#include <cstdint>
#include <optional>

class QTimer;

namespace Carillon {

/// A link of the wheel's rings; a ring's head is a link of its own.
struct TimerLink
{
    TimerLink *previous = this;
    TimerLink *next = this;

    TimerLink() = default;
    TimerLink(const TimerLink &) = delete;
    TimerLink &operator=(const TimerLink &) = delete;
    ~TimerLink() { unlink(); }
    [[nodiscard]] bool isLinked() const { return next != this; }
    void unlink()
    {
        previous->next = next;
        next->previous = previous;
        previous = next = this;
    }
    void insertBefore(TimerLink &other)
    {
        previous = other.previous;
        next = &other;
        previous->next = this;
        other.previous = this;
    }
};

/// One time-out, a member of what it times: `Timer m_idle = Timer::of<&Connection::idle>(this);`.
/// Cancels itself at destruction, also from inside a call-back of the same wheel.
/// Thread: its wheel's.
class Timer : private TimerLink
{
public:
    /// A timer that calls (owner->*Member)().
    template<auto Member, typename Owner> [[nodiscard]] static Timer of(Owner *owner)
    {
        return Timer([](void *target) { (static_cast<Owner *>(target)->*Member)(); }, owner);
    }

    [[nodiscard]] bool isActive() const { return isLinked(); }
    void cancel() { unlink(); }

private:
    friend class TimerWheel;
    using Callback = void (*)(void *);
    Timer(Callback callback, void *target) : m_callback(callback), m_target(target) { }

    Callback m_callback;
    void *m_target;
    std::uint64_t m_tick = 0;
};

/// Time-outs in hashed rings of 64 slots, each ring 64 times coarser than the one before: start and
/// cancel are O(1) and allocate nothing. A timer fires at the first advance() at or after its
/// deadline, rounded up to Tick; never early. Deadlines may be four days away and beyond.
/// Owns: nothing; timers unlink themselves. Thread: one.
class TimerWheel
{
public:
    static constexpr std::chrono::milliseconds Tick { 20 };

    explicit TimerWheel(Instant now) : m_epoch(now) { }

    /// Starts or restarts a timer.
    void start(Timer &timer, Instant deadline);
    /// Calls what is due at `now`; call-backs may start, cancel and destroy any timer.
    void advance(Instant now);
    /// When advance() next has work, at the latest; absent while nothing is armed.
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

/// Drives a wheel from an event loop with one QTimer, which runs only while something is armed.
/// Owns: the wheel. Thread: the one it lives in.
class Timers final : public QObject
{
    Q_OBJECT
public:
    explicit Timers(QObject *parent = nullptr);

    /// Starts or restarts a timer; it fires no earlier than after `delay`.
    void start(Timer &timer, std::chrono::milliseconds delay);

private:
    void tick();
    void arm();

    TimerWheel m_wheel;
    QTimer *m_timer; // child
    std::optional<Instant> m_armed;
};

} // namespace Carillon
