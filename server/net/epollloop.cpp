// SPDX-License-Identifier: MPL-2.0
#include "server/net/epollloop.h"

#include "core/base/clock.h"
#include "server/net/http/httpwriter.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <sys/epoll.h>
#include <unistd.h>

namespace Carillon {

namespace {

/// Descriptors served before timers and queued calls get their turn.
constexpr int EventsPerTurn = 128;
/// What one connection may bring in one turn; also what may wait behind a request of it.
constexpr std::size_t ReadBytes = 16 * 1024;
/// A write buffer that grew beyond this is given back.
constexpr qsizetype KeptWriteBytes = 64 * 1024;

} // namespace

EpollLoop::EpollLoop(Ready ready)
    : m_ready(std::move(ready)), m_epoll(::epoll_create1(EPOLL_CLOEXEC)), m_readBuffer(ReadBytes)
{
    if (m_epoll < 0)
        qFatal("epoll_create1: %s", std::strerror(errno));
    m_notifier = std::make_unique<QSocketNotifier>(m_epoll, QSocketNotifier::Read);
    QObject::connect(m_notifier.get(), &QSocketNotifier::activated, m_notifier.get(),
                     [this] { turn(); });
}

EpollLoop::~EpollLoop()
{
    m_notifier.reset();
    ::close(m_epoll);
}

bool EpollLoop::watch(int descriptor, std::uint64_t key, std::uint32_t events)
{
    epoll_event event {};
    event.events = events;
    event.data.u64 = key;
    return ::epoll_ctl(m_epoll, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

void EpollLoop::change(int descriptor, std::uint64_t key, std::uint32_t events)
{
    epoll_event event {};
    event.events = events;
    event.data.u64 = key;
    ::epoll_ctl(m_epoll, EPOLL_CTL_MOD, descriptor, &event);
}

void EpollLoop::unwatch(int descriptor)
{
    ::epoll_ctl(m_epoll, EPOLL_CTL_DEL, descriptor, nullptr);
}

void EpollLoop::turn()
{
    std::array<epoll_event, EventsPerTurn> events {};
    const int count = ::epoll_wait(m_epoll, events.data(), EventsPerTurn, 0);
    for (int i = 0; i < count; ++i) {
        const epoll_event &event = events[static_cast<std::size_t>(i)];
        m_ready(event.data.u64, event.events);
    }
}

QByteArray &EpollLoop::writeBuffer()
{
    if (m_writeBuffer.capacity() > KeptWriteBytes)
        m_writeBuffer = {};
    m_writeBuffer.resize(0);
    return m_writeBuffer;
}

const QByteArray &EpollLoop::date()
{
    const WallTime now = SystemClock().wall();
    if (m_date.isNull() || m_dateSeconds != toSeconds(now)) {
        m_date = httpDate(now);
        m_dateSeconds = toSeconds(now);
    }
    return m_date;
}

} // namespace Carillon
