// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"

#include <QString>

namespace Carillon {

/// "2026-11-28 11:02:10 UTC", without the date if it is that of now.
[[nodiscard]] QString clockText(Time time, Time now);

} // namespace Carillon
