// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/settings/settingsloader.h"

#include <QJsonArray>

namespace Carillon {

/// A configuration file with every setting at its default, each commented out and explained.
[[nodiscard]] QString sampleConfiguration();
/// docs/configuration.md.
[[nodiscard]] QString configurationPage();
/// The settings in force as TOML, each with where it came from; secrets hidden.
[[nodiscard]] QString listing(const LoadedSettings &loaded);
/// The same for programs, as /config of the admin API has it.
[[nodiscard]] QJsonArray listingJson(const LoadedSettings &loaded);

} // namespace Carillon
