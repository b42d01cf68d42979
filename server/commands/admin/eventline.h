// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/commands/terminal/palette.h"

#include <QJsonObject>
#include <QString>

namespace Carillon {

/// How lines of events and of log records are shown.
struct LineStyle
{
    Palette palette;
    /// Ids and times in full.
    bool isWide = false;
    /// Columns of the terminal, at which lines are cut; 0: never.
    int width = 0;
};

/// An event of the history as one line: when, what, whose, and what else is known.
[[nodiscard]] QString eventLine(const QJsonObject &event, const LineStyle &style);
/// A log record as one line.
[[nodiscard]] QString logLine(const QJsonObject &record, const LineStyle &style);

} // namespace Carillon
