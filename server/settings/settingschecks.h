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

/// Where the state is kept without a setting, as systemd (STATE_DIRECTORY, the first of its list)
/// and the XDG base directories say.
[[nodiscard]] QString stateDirectory(const QMap<QString, QString> &environment);

/// Whether one of the role's listeners can be reached from other machines.
[[nodiscard]] bool listensPublicly(const Settings &settings);

} // namespace Carillon
