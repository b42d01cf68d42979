// SPDX-License-Identifier: MPL-2.0
#include "tests/bench/loop.h"

#include <algorithm>

#include <unistd.h>

namespace Carillon::Bench {
namespace {

constexpr std::size_t ReadBufferBytes = 256 * 1024;

} // namespace

Loop::Loop() : m_epoll(::epoll_create1(EPOLL_CLOEXEC)), m_readBuffer(ReadBufferBytes) { }

Loop::~Loop()
{
    ::close(m_epoll);
}

bool Loop::watch(int descriptor, std::uint32_t events, Watched &by)
{
    epoll_event event {};
    event.events = events | EPOLLET;
    event.data.ptr = &by;
    return ::epoll_ctl(m_epoll, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

void Loop::forget(Watched &by)
{
    for (int i = m_nextEvent; i < m_eventCount; ++i) {
        epoll_event &event = m_events[static_cast<std::size_t>(i)];
        if (event.data.ptr == &by)
            event.data.ptr = nullptr;
    }
}

bool Loop::run(Moment deadline, const std::function<bool()> &done)
{
    return run(deadline, done, [](Moment) { return Moment::max(); });
}

bool Loop::run(Moment deadline, const std::function<bool()> &done,
               const std::function<Moment(Moment)> &schedule)
{
    deadline = std::min(deadline, m_limit);
    Moment due = Moment::min();
    while (!done()) {
        const Moment current = now();
        if (current >= deadline)
            return false;
        if (current >= due)
            due = schedule(current);
        callDue(current);
        const Moment next = m_later.empty() ? Moment::max() : m_later.begin()->first;
        handleEvents(std::min({ due, next, deadline }));
    }
    return true;
}

void Loop::callDue(Moment current)
{
    while (!m_later.empty() && m_later.begin()->first <= current)
        m_later.extract(m_later.begin()).mapped()();
}

void Loop::wait(std::chrono::milliseconds duration)
{
    [[maybe_unused]] const bool never = run(now() + duration, [] { return false; });
}

void Loop::handleEvents(Moment until)
{
    const auto left =
        std::max(std::chrono::nanoseconds(0), std::chrono::nanoseconds(until - now()));
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    const timespec timeout { .tv_sec = seconds.count(), .tv_nsec = (left - seconds).count() };
    m_eventCount = ::epoll_pwait2(m_epoll, m_events.data(), static_cast<int>(m_events.size()),
                                  &timeout, nullptr);
    for (m_nextEvent = 0; m_nextEvent < m_eventCount;) {
        const epoll_event event = m_events[static_cast<std::size_t>(m_nextEvent++)];
        if (event.data.ptr)
            static_cast<Watched *>(event.data.ptr)->ready(event.events);
    }
    m_eventCount = 0;
}

} // namespace Carillon::Bench
