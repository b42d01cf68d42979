// SPDX-License-Identifier: MPL-2.0
#include "server/admin/admintime.h"

#include <QDateTime>
#include <QTimeZone>

#include <algorithm>

namespace Carillon {

QString timeText(WallTime time)
{
    const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(time);
    return QDateTime::fromMSecsSinceEpoch(milliseconds.time_since_epoch().count(), Qt::UTC)
        .toString(Qt::ISODateWithMs);
}

QString timeText(Time time)
{
    return timeText(WallTime(time.time_since_epoch()));
}

WallTime timeFromText(const QString &text)
{
    // Log records are dated in nanoseconds, which end in 2262.
    constexpr qint64 Latest = 9'000'000'000'000;
    const qint64 milliseconds = QDateTime::fromString(text, Qt::ISODateWithMs).toMSecsSinceEpoch();
    return WallTime(std::chrono::milliseconds(std::clamp<qint64>(milliseconds, 0, Latest)));
}

} // namespace Carillon
