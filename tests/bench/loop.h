// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include <sys/epoll.h>

namespace Carillon::Bench {

using Moment = std::chrono::steady_clock::time_point;
using Microseconds = std::chrono::duration<double, std::micro>;

[[nodiscard]] inline Moment now()
{
    return std::chrono::steady_clock::now();
}

/// Something with a descriptor in the loop.
class Watched
{
public:
    virtual ~Watched() = default;
    /// events: of epoll_wait. May open, close and forget others, but destroys nothing watched.
    virtual void ready(std::uint32_t events) = 0;
};

/// The generator's one event loop: epoll, edge-triggered.
/// Owns: the epoll descriptor and a buffer that all connections read into. Thread: the only one.
class Loop
{
public:
    Loop();
    ~Loop();
    Loop(const Loop &) = delete;
    Loop &operator=(const Loop &) = delete;

    [[nodiscard]] bool watch(int descriptor, std::uint32_t events, Watched &by);
    /// Events already read for it are dropped. The descriptor is closed by its owner.
    void forget(Watched &by);

    /// Handles events until done() holds (true), or the deadline or the limit has come (false).
    [[nodiscard]] bool run(Moment deadline, const std::function<bool()> &done);
    /// The same, with schedule() called whenever the moment has come that it gave last.
    [[nodiscard]] bool run(Moment deadline, const std::function<bool()> &done,
                           const std::function<Moment(Moment)> &schedule);
    /// Calls what() once, at that moment or soon after it, while the loop runs.
    void at(Moment when, std::function<void()> what) { m_later.emplace(when, std::move(what)); }
    /// Handles events for so long.
    void wait(std::chrono::milliseconds duration);

    /// No run() goes beyond it.
    void setLimit(Moment limit) { m_limit = limit; }
    [[nodiscard]] std::vector<char> &readBuffer() { return m_readBuffer; }

private:
    void callDue(Moment current);
    void handleEvents(Moment until);

    int m_epoll;
    Moment m_limit = Moment::max();
    std::multimap<Moment, std::function<void()>> m_later;
    std::array<epoll_event, 256> m_events {};
    int m_eventCount = 0;
    int m_nextEvent = 0;
    std::vector<char> m_readBuffer;
};

} // namespace Carillon::Bench
