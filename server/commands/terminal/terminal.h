// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/commands/terminal/palette.h"

namespace Carillon {

/// What standard output can show.
struct Terminal
{
    bool isTerminal = false;
    /// Columns; 0: no limit, because it is no terminal.
    int width = 0;
    int height = 0;
    Palette palette;

    /// Asks the kernel and the environment. No colours with NO_COLOR (no-color.org), or if TERM is
    /// "dumb". COLUMNS sets the width of a terminal that has none.
    [[nodiscard]] static Terminal ofStandardOutput();
};

} // namespace Carillon
