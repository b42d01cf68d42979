// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/settings/settings.h"

#include <QStringList>

namespace Carillon {

/// The settings that differ and that a running server does not take over at SIGHUP, by name. Both
/// as loadSettings() gave them.
[[nodiscard]] QStringList needRestart(const Settings &running, const Settings &wanted);

} // namespace Carillon
