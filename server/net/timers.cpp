// SPDX-License-Identifier: MPL-2.0
#include "server/net/timers.h"

#include <QThread>
#include <QTimer>

#include <algorithm>

namespace Carillon {

Timers::Timers(QObject *parent)
    : QObject(parent), m_wheel(std::chrono::steady_clock::now()), m_timer(new QTimer(this))
{
    m_timer->setSingleShot(true);
    m_timer->setTimerType(Qt::PreciseTimer);
    connect(m_timer, &QTimer::timeout, this, &Timers::tick);
}

void Timers::start(Timer &timer, std::chrono::milliseconds delay)
{
    Q_ASSERT(QThread::currentThread() == thread());
    m_wheel.start(timer, std::chrono::steady_clock::now() + delay);
    // A timer that is already running early enough finds out at its tick what to do next.
    const std::optional<Instant> next = m_wheel.next();
    if (next && (!m_armed || *next < *m_armed))
        arm();
}

void Timers::tick()
{
    m_armed.reset();
    m_wheel.advance(std::chrono::steady_clock::now());
    arm();
}

void Timers::arm()
{
    m_armed = m_wheel.next();
    if (!m_armed) {
        m_timer->stop();
        return;
    }
    const auto wait =
        std::chrono::ceil<std::chrono::milliseconds>(*m_armed - std::chrono::steady_clock::now());
    m_timer->start(std::max(wait, std::chrono::milliseconds(0)));
}

} // namespace Carillon
