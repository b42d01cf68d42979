// SPDX-License-Identifier: MPL-2.0
#include "server/commands/terminal/figures.h"

#include <QLocale>

#include <array>
#include <cmath>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

const QLocale &english()
{
    static const QLocale locale(QLocale::English, QLocale::UnitedStates);
    return locale;
}

} // namespace

QString numberText(double value)
{
    const double size = std::abs(value);
    const bool isWhole = std::abs(value - std::round(value)) < 0.005;
    const int decimals = isWhole || size >= 100 ? 0 : size >= 10 ? 1 : 2;
    return english().toString(value, 'f', decimals);
}

QString bytesText(double bytes)
{
    constexpr double Step = 1000;
    constexpr double LeastInUnits = 10'000;
    if (std::abs(bytes) < LeastInUnits)
        return numberText(bytes) + " B"_L1;
    static const std::array units { "kB"_L1, "MB"_L1, "GB"_L1, "TB"_L1 };
    std::size_t unit = 0;
    bytes /= Step;
    while (std::abs(bytes) >= Step && unit + 1 < units.size()) {
        bytes /= Step;
        ++unit;
    }
    return english().toString(bytes, 'f', std::abs(bytes) < 100 ? 1 : 0) + u' ' + units.at(unit);
}

QString latencyText(double milliseconds)
{
    if (milliseconds < 1)
        return numberText(std::round(milliseconds * 1000)) + u" µs"_s;
    if (milliseconds < 1000)
        return numberText(milliseconds) + " ms"_L1;
    return numberText(milliseconds / 1000) + " s"_L1;
}

QString spanText(std::chrono::seconds span)
{
    using namespace std::chrono;
    const auto size = std::chrono::abs(span);
    if (size < 2min)
        return u"%1 s"_s.arg(span.count());
    if (size < 2h)
        return u"%1 min"_s.arg(duration_cast<minutes>(span).count());
    if (size < 48h)
        return u"%1 h"_s.arg(duration_cast<hours>(span).count());
    return u"%1 d"_s.arg(duration_cast<hours>(span).count() / 24);
}

QString relativeText(const QDateTime &time, const QDateTime &now)
{
    const std::chrono::seconds past(time.secsTo(now));
    if (past.count() == 0)
        return u"now"_s;
    return past.count() > 0 ? spanText(past) + " ago"_L1 : "in "_L1 + spanText(-past);
}

QString absoluteText(const QDateTime &time)
{
    return time.toUTC().toString(Qt::ISODate);
}

} // namespace Carillon
