// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"

#include <QString>

#include <optional>

namespace Carillon {

/// A time as the API writes it: RFC 3339, UTC, with milliseconds.
[[nodiscard]] QString timeText(WallTime time);
[[nodiscard]] QString timeText(Time time);
/// A time as AdminTypes::time() accepts it. Precondition: it does.
[[nodiscard]] WallTime timeFromText(const QString &text);

} // namespace Carillon
