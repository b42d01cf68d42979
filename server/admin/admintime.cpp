// SPDX-License-Identifier: MPL-2.0
#include "server/admin/admintime.h"

#include <QDateTime>
#include <QTimeZone>

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
    return WallTime(std::chrono::milliseconds(
        QDateTime::fromString(text, Qt::ISODateWithMs).toMSecsSinceEpoch()));
}

} // namespace Carillon
