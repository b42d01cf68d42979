// SPDX-License-Identifier: MPL-2.0
#include "server/housekeeping/clockwatch.h"

#include "core/base/log.h"
#include "server/metrics/metrics.h"

#include <utility>

namespace Carillon {
namespace {

using namespace std::chrono_literals;

constexpr auto ClockLookInterval = 1s;
constexpr auto ClockKeepInterval = 60s;

/// A clock that is about what it should be is doubted for one reason only.
QByteArray whatIsWrong(std::chrono::microseconds ahead)
{
    if (std::chrono::abs(ahead) <= TimeKeeper::Tolerance)
        return "earlier than this program was built";
    return durationText(ahead) + (ahead < 0s ? " behind" : " ahead of") + " what it should be";
}

} // namespace

QByteArray durationText(std::chrono::microseconds duration)
{
    const auto minutes = std::chrono::abs(std::chrono::round<std::chrono::minutes>(duration));
    const auto hours = std::chrono::floor<std::chrono::hours>(minutes);
    const auto days = std::chrono::floor<std::chrono::days>(hours);
    if (days.count() > 0)
        return QByteArray::number(qint64(days.count())) + " d "
            + QByteArray::number(qint64((hours - days).count())) + " h";
    if (hours.count() > 0)
        return QByteArray::number(qint64(hours.count())) + " h "
            + QByteArray::number(qint64((minutes - hours).count())) + " min";
    return QByteArray::number(qint64(minutes.count())) + " min";
}

ClockWatch::ClockWatch(ServerClock &clock, Metrics &metrics, std::function<void()> keep)
    : m_clock(clock), m_metrics(metrics), m_keep(std::move(keep))
{
    connect(&m_looking, &QTimer::timeout, this, &ClockWatch::look);
    m_looking.start(ClockLookInterval);
    connect(&m_keeping, &QTimer::timeout, this, m_keep);
    m_keeping.start(ClockKeepInterval);
    look();
}

void ClockWatch::look()
{
    const ClockChange change = m_clock.look();
    const std::chrono::microseconds ahead = m_clock.wallAhead();
    if (change.becameDoubtful) {
        qCWarning(lcApp,
                  "the system clock cannot be trusted: it is %s; messages and clients expire by "
                  "elapsed time, and VAPID tokens that fail only by their time are answered 503",
                  whatIsWrong(ahead).constData());
    } else if (change.becameTrusted) {
        qCInfo(lcApp, "the system clock can be trusted again");
    } else if (change.step != 0s) {
        qCInfo(lcApp, "the system clock was set %s %s", durationText(change.step).constData(),
               change.step < 0s ? "back" : "ahead");
    }
    m_metrics.set(Metric::ClockIsTrusted, m_clock.wallTrust() == WallTrust::Doubtful ? 0 : 1);
    m_metrics.set(Metric::ClockAhead, ahead.count());
    if (m_clock.dueLeap())
        m_keep();
}

} // namespace Carillon
