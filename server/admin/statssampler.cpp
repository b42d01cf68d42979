// SPDX-License-Identifier: MPL-2.0
#include "server/admin/statssampler.h"

#include "core/base/errorcode.h"
#include "server/admin/admintime.h"
#include "server/metrics/metrics.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>

#include <cmath>

#include <sys/resource.h>
#include <unistd.h>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

/// Counting descriptors takes milliseconds where there are many.
constexpr int DescriptorSeconds = 10;

enum class FigureKind { Rate, Gauge };

struct Source
{
    Figure figure;
    FigureKind kind;
    std::vector<Metric> metrics; // their sum; empty: measured here
    const char *name;
};

const std::vector<Source> &sources()
{
    static const std::vector<Source> all {
        { Figure::Connections, FigureKind::Gauge, { Metric::Connections }, "connections" },
        { Figure::Connects,
          FigureKind::Rate,
          { Metric::HellosNew, Metric::HellosKnown },
          "connects" },
        { Figure::Pushes, FigureKind::Rate, { Metric::PushesReceived }, "pushes" },
        { Figure::Accepted, FigureKind::Rate, { Metric::PushesAccepted }, "accepted" },
        { Figure::Delivered,
          FigureKind::Rate,
          { Metric::NotificationsDirect, Metric::NotificationsStored },
          "delivered" },
        { Figure::Acked,
          FigureKind::Rate,
          { Metric::AcksDelivered, Metric::AcksNotDecrypted, Metric::AcksNotDelivered,
            Metric::AcksOther },
          "acked" },
        { Figure::Stored, FigureKind::Rate, { Metric::MessagesStored }, "stored" },
        { Figure::Expired, FigureKind::Rate, { Metric::MessagesExpired }, "expired" },
        { Figure::Errors, FigureKind::Rate, {}, "errors" },
        { Figure::StorageQueue, FigureKind::Gauge, { Metric::StorageQueue }, "storage_queue" },
        { Figure::StorageBytes, FigureKind::Gauge, { Metric::StorageBytes }, "storage_bytes" },
        { Figure::Cpu, FigureKind::Gauge, {}, "cpu" },
        { Figure::Memory, FigureKind::Gauge, {}, "memory" },
        { Figure::Descriptors, FigureKind::Gauge, {}, "descriptors" },
    };
    return all;
}

std::size_t index(Figure figure)
{
    return static_cast<std::size_t>(figure);
}

std::int64_t cpuMicroseconds()
{
    rusage usage {};
    ::getrusage(RUSAGE_SELF, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * std::int64_t { 1'000'000 }
    + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

/// proc_pid_statm(5).
std::int64_t residentBytes()
{
    QFile file(u"/proc/self/statm"_s);
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    return file.readAll().split(' ').value(1).toLongLong() * ::sysconf(_SC_PAGESIZE);
}

std::int64_t openDescriptors()
{
    return QDir(u"/proc/self/fd"_s)
        .entryList(QDir::Files | QDir::System | QDir::NoDotAndDotDot)
        .size();
}

/// Few digits: a series is read by people and charts.
double rounded(double value)
{
    return std::round(value * 1'000) / 1'000;
}

} // namespace

QString figureName(Figure figure)
{
    for (const Source &source : sources()) {
        if (source.figure == figure)
            return QLatin1StringView(source.name);
    }
    Q_UNREACHABLE();
}

StatsSampler::StatsSampler(const Metrics &metrics, const Clock &clock)
    : m_metrics(metrics), m_clock(clock), m_last(count())
{
    sample();
}

StatsSampler::Counted StatsSampler::count() const
{
    Counted counted { .at = m_clock.steadyNow(), .cpuMicroseconds = cpuMicroseconds() };
    for (const Source &source : sources()) {
        std::int64_t &sum = counted.counters[index(source.figure)];
        for (const Metric metric : source.metrics)
            sum += m_metrics.value(metric);
    }
    std::int64_t &refused = counted.counters[index(Figure::Errors)];
    for (int i = 0; i < ErrorCodeCount; ++i) {
        counted.errors.push_back(
            m_metrics.value(ErrorMetric::PushesRefused, static_cast<ErrorCode>(i)));
        refused += counted.errors.back();
    }
    return counted;
}

void StatsSampler::sample()
{
    Counted counted = count();
    const double seconds = std::chrono::duration<double>(counted.at - m_last.at).count();
    const auto rate = [seconds](std::int64_t before, std::int64_t after) {
        return seconds > 0 ? static_cast<double>(after - before) / seconds : 0.0;
    };
    Point point { .time = m_clock.wall() };
    for (const Source &source : sources()) {
        const std::size_t i = index(source.figure);
        point.figures[i] = static_cast<float>(source.kind == FigureKind::Rate
                                                  ? rate(m_last.counters[i], counted.counters[i])
                                                  : static_cast<double>(counted.counters[i]));
    }
    m_errorRates.clear();
    for (std::size_t i = 0; i < counted.errors.size(); ++i)
        m_errorRates.push_back(rate(m_last.errors[i], counted.errors[i]));
    if (--m_untilDescriptors <= 0) {
        m_descriptors = static_cast<float>(openDescriptors());
        m_untilDescriptors = DescriptorSeconds;
    }
    point.figures[index(Figure::Cpu)] =
        static_cast<float>(rate(m_last.cpuMicroseconds, counted.cpuMicroseconds) / 10'000);
    point.figures[index(Figure::Memory)] = static_cast<float>(residentBytes());
    point.figures[index(Figure::Descriptors)] = m_descriptors;
    m_last = std::move(counted);

    m_seconds.push_back(point);
    if (m_seconds.size() > MostSeconds)
        m_seconds.pop_front();
    takeMinute(point);
}

void StatsSampler::takeMinute(const Point &point)
{
    for (std::size_t i = 0; i < FigureCount; ++i)
        m_minute.figures[i] += point.figures[i];
    if (++m_inMinute < 60)
        return;
    for (float &sum : m_minute.figures)
        sum /= 60;
    m_minute.time = point.time;
    m_minutes.push_back(m_minute);
    if (m_minutes.size() > MostMinutes)
        m_minutes.pop_front();
    m_minute = {};
    m_inMinute = 0;
}

QJsonObject StatsSampler::now() const
{
    const Point &point = m_seconds.back();
    const auto figure = [&point](Figure each) {
        return rounded(static_cast<double>(point.figures[index(each)]));
    };
    QJsonObject rates;
    for (const Source &source : sources()) {
        if (source.kind == FigureKind::Rate)
            rates.insert(QLatin1StringView(source.name), figure(source.figure));
    }
    QJsonObject errors;
    for (std::size_t i = 0; i < m_errorRates.size(); ++i) {
        if (m_errorRates[i] > 0)
            errors.insert(QString::fromLatin1(errorName(static_cast<ErrorCode>(i))),
                          rounded(m_errorRates[i]));
    }
    return {
        { u"time"_s, timeText(point.time) },
        { u"connections"_s, figure(Figure::Connections) },
        { u"rates"_s, rates },
        { u"errors"_s, errors },
        { u"storage"_s,
          QJsonObject { { u"queue"_s, figure(Figure::StorageQueue) },
                        { u"bytes"_s, figure(Figure::StorageBytes) } } },
        { u"process"_s,
          QJsonObject { { u"cpu"_s, figure(Figure::Cpu) },
                        { u"memory"_s, figure(Figure::Memory) },
                        { u"descriptors"_s, figure(Figure::Descriptors) } } },
    };
}

QJsonObject StatsSampler::history(int step, const std::optional<WallTime> &from) const
{
    const Points &points = step == 1 ? m_seconds : m_minutes;
    QJsonArray times;
    std::array<QJsonArray, FigureCount> columns;
    for (const Point &point : points) {
        if (from && point.time < *from)
            continue;
        times.append(timeText(point.time));
        for (std::size_t i = 0; i < FigureCount; ++i)
            columns[i].append(rounded(static_cast<double>(point.figures[i])));
    }
    QJsonObject series;
    for (int i = 0; i < FigureCount; ++i)
        series.insert(figureName(static_cast<Figure>(i)), columns[static_cast<std::size_t>(i)]);
    return { { u"step"_s, step }, { u"times"_s, times }, { u"series"_s, series } };
}

} // namespace Carillon
