// SPDX-License-Identifier: MPL-2.0
#include "core/base/durationtext.h"

#include <algorithm>

namespace Carillon {

using namespace Qt::StringLiterals;

QString counted(qint64 count, const QString &unit)
{
    return u"%1 %2%3"_s.arg(QString::number(count), unit, count == 1 ? u""_s : u"s"_s);
}

QString durationText(std::chrono::milliseconds duration)
{
    using namespace std::chrono;
    const milliseconds shown = std::max(duration, milliseconds::zero());
    if (shown < seconds(1))
        return u"%1 ms"_s.arg(shown.count());
    if (shown < minutes(2))
        return counted(duration_cast<seconds>(shown).count(), u"second"_s);
    if (shown < hours(2))
        return counted(duration_cast<minutes>(shown).count(), u"minute"_s);
    if (shown < hours(48))
        return counted(duration_cast<hours>(shown).count(), u"hour"_s);
    return counted(duration_cast<hours>(shown).count() / 24, u"day"_s);
}

} // namespace Carillon
