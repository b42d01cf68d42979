// SPDX-License-Identifier: MPL-2.0
#include "server/app/drain.h"

#include <algorithm>

namespace Carillon {
namespace {

using namespace std::chrono_literals;

constexpr auto CheckInterval = 20ms;
/// Of the period, for answers to those whose writes storage has given up by then.
constexpr std::chrono::milliseconds LastAnswers { 200 };

} // namespace

Drain::Drain(const Clock &clock, std::chrono::milliseconds period, Steps steps)
    : m_clock(clock), m_period(period), m_steps(std::move(steps))
{
    connect(&m_checking, &QTimer::timeout, this, &Drain::check);
    m_lastAnswers.setSingleShot(true);
    connect(&m_lastAnswers, &QTimer::timeout, this, [this] { m_steps.refuseOpenRequests(); });
    m_limit.setSingleShot(true);
    connect(&m_limit, &QTimer::timeout, this, &Drain::finish);
}

void Drain::start()
{
    m_steps.finishStorageBy(m_clock.steadyNow() + m_period - std::min(m_period / 4, LastAnswers));
    m_steps.stopServing();
    m_checking.start(CheckInterval);
    m_lastAnswers.start(m_period - std::min(m_period / 8, LastAnswers / 2));
    m_limit.start(m_period);
}

void Drain::check()
{
    if (m_steps.openWork() == 0)
        finish();
}

void Drain::finish()
{
    m_checking.stop();
    m_lastAnswers.stop();
    m_limit.stop();
    Q_EMIT finished();
}

} // namespace Carillon
