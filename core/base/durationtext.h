// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QString>

#include <chrono>

namespace Carillon {

/// "1 message", "3 messages". unit: a noun that takes an s.
[[nodiscard]] QString counted(qint64 count, const QString &unit);
/// A length of time for a sentence, in the largest unit of which it has at least two ("40 ms",
/// "90 seconds", "3 minutes", "5 hours", "400 days"); seconds from 1 on. A negative one is shown
/// as 0.
[[nodiscard]] QString durationText(std::chrono::milliseconds duration);

} // namespace Carillon
