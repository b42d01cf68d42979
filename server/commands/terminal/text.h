// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QString>
#include <QStringView>

// Text on a terminal, as pure functions. A column is the width of a Latin letter.
namespace Carillon {

/// Replaces what a terminal would obey or hide by U+FFFD: control characters, line and paragraph
/// separators, changes of the writing direction, characters without width, surrogates without a
/// partner. Combining marks stay.
[[nodiscard]] QString printable(QStringView text);
/// Columns that text takes. Precondition: it is printable().
[[nodiscard]] int displayWidth(QStringView text);
/// Cuts text to at most `width` columns, ends it with "…" if it was longer. Precondition: as above;
/// width > 0.
[[nodiscard]] QString elided(const QString &text, int width);
/// An id without its middle: "3f2a91c0…9c41". Ids of up to 13 characters stay whole.
[[nodiscard]] QString shortId(const QString &id);
/// Fills up with spaces to `width` columns.
[[nodiscard]] QString padded(const QString &text, int width, bool atTheLeft = false);

} // namespace Carillon
