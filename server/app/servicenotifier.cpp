// SPDX-License-Identifier: MPL-2.0
#include "server/app/servicenotifier.h"

#include <chrono>
#include <cstdint>

#ifdef CARILLON_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

namespace Carillon {

namespace {

void notify(const QByteArray &state)
{
#ifdef CARILLON_SYSTEMD
    ::sd_notify(0, state.constData());
#else
    static_cast<void>(state);
#endif
}

/// After how long a silence we are taken for dead; 0: never.
std::chrono::microseconds watchdogPeriod()
{
    std::uint64_t period = 0;
#ifdef CARILLON_SYSTEMD
    if (::sd_watchdog_enabled(0, &period) <= 0)
        period = 0;
#endif
    return std::chrono::microseconds(period);
}

} // namespace

ServiceNotifier::ServiceNotifier(Probe probe) : m_probe(std::move(probe))
{
    m_watchdog.callOnTimeout([this] { this->probe(); });
}

void ServiceNotifier::ready(const QByteArray &status)
{
    notify("READY=1\nSTATUS=" + status);
    // Half of it, as sd_watchdog_enabled(3) recommends.
    const auto half = std::chrono::duration_cast<std::chrono::milliseconds>(watchdogPeriod() / 2);
    if (half.count() > 0)
        m_watchdog.start(half);
}

void ServiceNotifier::reloading()
{
    notify("RELOADING=1");
}

void ServiceNotifier::reloaded()
{
    notify("READY=1");
}

void ServiceNotifier::stopping()
{
    notify("STOPPING=1");
}

void ServiceNotifier::probe()
{
    if (m_isProbing)
        return;
    m_isProbing = true;
    m_probe([this] {
        m_isProbing = false;
        notify("WATCHDOG=1");
    });
}

} // namespace Carillon
