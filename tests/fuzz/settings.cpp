// SPDX-License-Identifier: MPL-2.0
// A configuration file.
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/settingsproperties.h"

namespace Carillon::Fuzz {

void check(QByteArrayView input)
{
    SettingsSource source;
    source.configFiles = { fileWith(input) };
    checkSettings(source);
}

} // namespace Carillon::Fuzz
