// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QDateTime>
#include <QString>

#include <chrono>
#include <cstdint>

// Figures as people read them; the same words in every command.
namespace Carillon {

/// "104,311", "0.25", "12.5".
[[nodiscard]] QString numberText(double value);
/// "512 B", "48.0 MB".
[[nodiscard]] QString bytesText(double bytes);
/// "320 µs", "12 ms", "1.5 s".
[[nodiscard]] QString latencyText(double milliseconds);
/// A span in its largest unit: "12 s", "3 min", "5 h", "9 d".
[[nodiscard]] QString spanText(std::chrono::seconds span);
/// A time as seen from `now`: "12 s ago", "in 3 min", "now".
[[nodiscard]] QString relativeText(const QDateTime &time, const QDateTime &now);
/// RFC 3339 in UTC with seconds.
[[nodiscard]] QString absoluteText(const QDateTime &time);

} // namespace Carillon
