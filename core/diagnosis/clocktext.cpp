// SPDX-License-Identifier: MPL-2.0
#include "core/diagnosis/clocktext.h"

#include <QDateTime>

namespace Carillon {

using namespace Qt::StringLiterals;

QString clockText(Time time, Time now)
{
    const auto dateTime = [](Time of) {
        return QDateTime::fromMSecsSinceEpoch(toMilliseconds(of), Qt::UTC);
    };
    const bool isToday = dateTime(time).date() == dateTime(now).date();
    return dateTime(time).toString(isToday ? u"HH:mm:ss 'UTC'"_s : u"yyyy-MM-dd HH:mm:ss 'UTC'"_s);
}

} // namespace Carillon
