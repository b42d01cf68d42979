// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <cstdint>

namespace Carillon {

/// An element of the wheel's circular lists; the head of a list is one, too.
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

/// One time-out, a member of the object that it belongs to:
/// `Timer m_idle = Timer::of<&Connection::idle>(this);`. The destructor cancels it; objects may be
/// destroyed within a callback of the same wheel.
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

} // namespace Carillon
