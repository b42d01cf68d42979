// SPDX-License-Identifier: MPL-2.0
// Variables, one NAME=VALUE on each line: CARILLON__* and autopush's lists in the formats of its
// two daemons. Behind a line "file" stands a file of autopush's.
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/settingsproperties.h"

namespace Carillon::Fuzz {

void check(QByteArrayView input)
{
    SettingsSource source;
    while (!input.isEmpty()) {
        const QByteArrayView line = takeLine(input);
        if (line == "file") {
            source.autopushFiles = { fileWith(input) };
            break;
        }
        const qsizetype equals = line.indexOf('=');
        if (equals > 0) {
            source.environment.insert(QString::fromUtf8(line.first(equals)),
                                      QString::fromUtf8(line.sliced(equals + 1)));
        }
    }
    checkSettings(source);
}

} // namespace Carillon::Fuzz
