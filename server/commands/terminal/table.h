// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/commands/terminal/palette.h"

#include <QString>
#include <QStringList>

#include <cstdint>
#include <vector>

namespace Carillon {

enum class ColumnKind : std::uint8_t {
    Text, ///< may be cut at its end
    Id, ///< without its middle where there is no room for all of it
    Number, ///< aligned at the right, never cut
};

struct Column
{
    QString title;
    ColumnKind kind = ColumnKind::Text;
    /// Where there is no room for all columns, those with the highest number are left out first.
    /// Those with 0 always stay.
    int rank = 0;
};

struct Cell
{
    QString text; ///< need not be printable
    Tone tone = Tone::Plain;
};

/// Rows in columns, fitted to a width. A pure function of its cells.
class Table
{
public:
    explicit Table(std::vector<Column> columns) : m_columns(std::move(columns)) { }

    /// One cell for each column.
    void add(std::vector<Cell> row);
    [[nodiscard]] bool isEmpty() const { return m_rows.empty(); }

    struct Layout
    {
        QStringList lines; ///< the titles first
        QStringList leftOut; ///< titles of columns without room
    };
    /// width: columns of the terminal; 0: no limit, everything is shown in full. In a terminal that
    /// is too narrow even for the columns that always stay, lines are cut.
    [[nodiscard]] Layout layout(int width, const Palette &palette) const;

private:
    struct Fit;
    [[nodiscard]] QString line(const Fit &fit, const std::vector<Cell> &cells, int limit,
                               const Palette &palette) const;

    std::vector<Column> m_columns;
    std::vector<std::vector<Cell>> m_rows; // printable
};

} // namespace Carillon
