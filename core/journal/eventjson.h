// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/journal/event.h"

#include <QJsonObject>

namespace Carillon {

/// An event as the admin API shows it (docs/history.md). Absent values are left out.
[[nodiscard]] QJsonObject toJson(const Event &event);

} // namespace Carillon
