// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/settings/settingsloader.h"

namespace Carillon {

/// Fills in what depends on other settings or the machine: state directory, database path, public
/// URLs, what dev means.
void deriveSettings(LoadedSettings &loaded, const QMap<QString, QString> &environment);

/// The rules that concern several settings. Gives what is wrong, as complaint() words it.
[[nodiscard]] QStringList checkSettings(const LoadedSettings &loaded);
/// What is allowed, and hardly meant.
[[nodiscard]] QStringList doubtsOfSettings(const LoadedSettings &loaded);

/// Whether one of the role's listeners can be reached from other machines.
[[nodiscard]] bool listensPublicly(const Settings &settings);

} // namespace Carillon
