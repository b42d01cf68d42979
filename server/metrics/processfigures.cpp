// SPDX-License-Identifier: MPL-2.0
#include "server/metrics/processfigures.h"

#include "server/metrics/metrics.h"

#include <QFile>
#include <QList>

#include <dirent.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

namespace Carillon {
namespace {

// Fields of /proc/self/stat (proc(5)), counted from the one behind the program's name, which may
// contain anything.
constexpr qsizetype UserTicks = 11;
constexpr qsizetype SystemTicks = 12;
constexpr qsizetype StartTicks = 19;
constexpr qsizetype VirtualBytes = 20;
constexpr qsizetype ResidentPages = 21;

/// Where descriptors have to be counted one by one, only every so many calls.
constexpr int CountInterval = 10;

QList<QByteArray> statFields()
{
    QFile file(QStringLiteral("/proc/self/stat"));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const QByteArray text = file.readAll();
    QList<QByteArray> fields = text.sliced(text.lastIndexOf(')') + 1).trimmed().split(' ');
    return fields.size() > ResidentPages ? fields : QList<QByteArray>();
}

std::int64_t microsecondsOf(const timespec &time)
{
    return std::int64_t { time.tv_sec } * 1'000'000 + time.tv_nsec / 1'000;
}

std::int64_t fromTicks(const QByteArray &ticks)
{
    static const long perSecond = ::sysconf(_SC_CLK_TCK);
    return ticks.toLongLong() * 1'000'000 / perSecond;
}

/// Linux 6.2 and later say it as the size of the directory.
std::int64_t descriptorsAtOnce()
{
    struct stat status
    {
    };
    return ::stat("/proc/self/fd", &status) == 0 ? std::int64_t { status.st_size } : 0;
}

std::int64_t descriptorsOneByOne()
{
    DIR *const directory = ::opendir("/proc/self/fd");
    if (!directory)
        return 0;
    std::int64_t count = -3; // ".", ".." and the directory itself
    while (::readdir(directory)) // NOLINT(concurrency-mt-unsafe): each thread has its own
        ++count;
    ::closedir(directory);
    return count;
}

} // namespace

ProcessFigures::ProcessFigures(Metrics &metrics) : m_metrics(metrics)
{
    const QList<QByteArray> fields = statFields();
    if (!fields.isEmpty()) {
        timespec wall {};
        timespec sinceBoot {};
        ::clock_gettime(CLOCK_REALTIME, &wall);
        ::clock_gettime(CLOCK_BOOTTIME, &sinceBoot);
        m_metrics.set(Metric::ProcessStartTime,
                      microsecondsOf(wall) - microsecondsOf(sinceBoot)
                          + fromTicks(fields[StartTicks]));
    }
    publish();
}

void ProcessFigures::publish()
{
    publishStat();
    publishDescriptors();
    ++m_calls;
}

void ProcessFigures::publishStat()
{
    const QList<QByteArray> fields = statFields();
    if (fields.isEmpty())
        return;
    m_metrics.set(Metric::ProcessCpu,
                  fromTicks(fields[UserTicks]) + fromTicks(fields[SystemTicks]));
    m_metrics.set(Metric::ProcessVirtualMemory, fields[VirtualBytes].toLongLong());
    m_metrics.set(Metric::ProcessResidentMemory,
                  fields[ResidentPages].toLongLong() * ::sysconf(_SC_PAGESIZE));
}

void ProcessFigures::publishDescriptors()
{
    rlimit limit {};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0)
        m_metrics.set(Metric::ProcessMaxDescriptors, static_cast<std::int64_t>(limit.rlim_cur));
    if (const std::int64_t open = descriptorsAtOnce(); open > 0)
        m_metrics.set(Metric::ProcessOpenDescriptors, open);
    else if (m_calls % CountInterval == 0)
        m_metrics.set(Metric::ProcessOpenDescriptors, descriptorsOneByOne());
}

} // namespace Carillon
