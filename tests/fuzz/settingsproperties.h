// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/settings/settingsloader.h"

#include <QByteArrayView>

namespace Carillon::Fuzz {

/// Puts the bytes into a file for the settings to name, the same each time; gives its path.
[[nodiscard]] QString fileWith(QByteArrayView bytes);

/// Loads the settings, with a secret among them that nothing may show. Refused ones are told why;
/// those that are taken are, listed and read again, the same.
void checkSettings(SettingsSource source);

} // namespace Carillon::Fuzz
