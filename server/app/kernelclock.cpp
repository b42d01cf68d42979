// SPDX-License-Identifier: MPL-2.0
#include "server/app/kernelclock.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QFile>
#include <QFileInfo>
#include <QRandomGenerator>

#ifdef Q_OS_LINUX
#include <sys/timex.h>
#endif

#include <ctime>

namespace Carillon {

namespace {

#ifdef Q_OS_LINUX
constexpr clockid_t BootClock = CLOCK_BOOTTIME;
#else
constexpr clockid_t BootClock = CLOCK_MONOTONIC;
#endif

/// From the kernel's random id of this start of the machine. Without one, every start of the
/// process counts as one of the machine: less is assumed then.
std::int64_t thisBoot()
{
    QFile file(QStringLiteral("/proc/sys/kernel/random/boot_id"));
    if (file.open(QIODevice::ReadOnly)) {
        bool isNumber = false;
        const quint64 boot = file.readAll().replace('-', "").first(16).toULongLong(&isNumber, 16);
        if (isNumber)
            return static_cast<std::int64_t>(boot);
    }
    return static_cast<std::int64_t>(QRandomGenerator::system()->generate64());
}

bool isSynchronized()
{
#ifdef Q_OS_LINUX
    timex status {};
    return adjtimex(&status) >= 0 && (status.status & STA_UNSYNC) == 0;
#else
    return false;
#endif
}

} // namespace

KernelClock::KernelClock() : m_boot(thisBoot()) { }

std::chrono::microseconds KernelClock::sinceBoot() const
{
    timespec now {};
    clock_gettime(BootClock, &now);
    return std::chrono::seconds(now.tv_sec)
        + std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::nanoseconds(now.tv_nsec));
}

ClockReading KernelClock::read() const
{
    return {
        .wall = wall(), .sinceBoot = sinceBoot(), .boot = m_boot, .isSynchronized = isSynchronized()
    };
}

WallTime earliestWallTime()
{
    const QDateTime built =
        QFileInfo(QCoreApplication::applicationFilePath()).lastModified().toUTC();
    return WallTime(std::chrono::milliseconds(built.toMSecsSinceEpoch())) - std::chrono::days(1);
}

} // namespace Carillon
