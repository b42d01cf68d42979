// SPDX-License-Identifier: MPL-2.0
#include "server/net/timerwheel.h"

#include <algorithm>

namespace Carillon {

void TimerWheel::start(Timer &timer, Instant deadline)
{
    timer.cancel();
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(deadline - m_epoch);
    const auto tick = wait.count() <= 0 ? 0 : (wait + Tick - std::chrono::milliseconds(1)) / Tick;
    timer.m_tick = std::max(static_cast<std::uint64_t>(tick), m_now + 1);
    insert(timer);
}

void TimerWheel::insert(Timer &timer)
{
    // Beyond the last ring a timer waits in its farthest slot and is sorted again from there.
    constexpr std::uint64_t Reach = (std::uint64_t { 1 } << (Bits * Levels)) - 1;
    const std::uint64_t tick = std::min(timer.m_tick, m_now + Reach);
    const std::uint64_t distance = tick - m_now;
    int level = 0;
    while (level < Levels - 1 && distance >> (Bits * (level + 1)) != 0)
        ++level;
    const auto ring = static_cast<std::size_t>(level);
    const std::uint64_t slot = (tick >> (Bits * level)) % Slots;
    timer.insertBefore(m_rings[ring][slot]);
    m_occupied[ring] |= std::uint64_t { 1 } << slot;
}

void TimerWheel::advance(Instant now)
{
    if (now < m_epoch)
        return;
    const auto target = static_cast<std::uint64_t>((now - m_epoch) / Tick);
    for (;;) {
        const std::optional<std::uint64_t> tick = nextTick();
        if (!tick || *tick > target)
            break;
        m_now = *tick;
        for (int level = Levels - 1; level > 0; --level) {
            if (m_now % (std::uint64_t { 1 } << (Bits * level)) == 0)
                cascade(level);
        }
        fire();
    }
    m_now = std::max(m_now, target);
}

void TimerWheel::cascade(int level)
{
    const auto ring = static_cast<std::size_t>(level);
    const std::uint64_t slot = (m_now >> (Bits * level)) % Slots;
    m_occupied[ring] &= ~(std::uint64_t { 1 } << slot);
    TimerLink due;
    while (m_rings[ring][slot].isLinked()) {
        TimerLink *link = m_rings[ring][slot].next;
        link->unlink();
        link->insertBefore(due);
    }
    while (due.isLinked()) {
        auto *timer = static_cast<Timer *>(due.next);
        timer->cancel();
        insert(*timer);
    }
}

void TimerWheel::fire()
{
    const std::uint64_t slot = m_now % Slots;
    m_occupied[0] &= ~(std::uint64_t { 1 } << slot);
    // A call-back that starts its timer anew lands at m_now + 1 or later, never in this slot.
    TimerLink &ring = m_rings[0][slot];
    while (ring.isLinked()) {
        auto *timer = static_cast<Timer *>(ring.next);
        timer->cancel();
        timer->m_callback(timer->m_target);
    }
}

std::optional<std::uint64_t> TimerWheel::nextTick() const
{
    std::optional<std::uint64_t> best;
    for (int level = 0; level < Levels; ++level) {
        const auto ring = static_cast<std::size_t>(level);
        const std::uint64_t base = (m_now >> (Bits * level)) + 1;
        while (m_occupied[ring] != 0) {
            const int ahead =
                std::countr_zero(std::rotr(m_occupied[ring], static_cast<int>(base % Slots)));
            const std::uint64_t step = base + static_cast<std::uint64_t>(ahead);
            if (!m_rings[ring][step % Slots].isLinked()) {
                m_occupied[ring] &= ~(std::uint64_t { 1 } << (step % Slots));
                continue;
            }
            const std::uint64_t tick = step << (Bits * level);
            best = best ? std::min(*best, tick) : tick;
            break;
        }
    }
    return best;
}

std::optional<Instant> TimerWheel::next() const
{
    const std::optional<std::uint64_t> tick = nextTick();
    if (!tick)
        return std::nullopt;
    return m_epoch + static_cast<std::int64_t>(*tick) * Tick;
}

} // namespace Carillon
