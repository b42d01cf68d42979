// SPDX-License-Identifier: MPL-2.0
#include "server/commands/terminal/table.h"

#include "server/commands/terminal/text.h"

#include <algorithm>
#include <optional>

namespace Carillon {

namespace {

constexpr int Gap = 2;
/// A text keeps this many columns until other columns have been left out.
constexpr int LeastText = 10;

QString shown(const QString &text, ColumnKind kind, bool whole)
{
    return kind == ColumnKind::Id && !whole ? shortId(text) : text;
}

} // namespace

/// How wide each column becomes.
struct Table::Fit
{
    struct Place
    {
        int width = 0;
        int wholeWidth = 0; // of an id that is not shortened
        int least = 0;
        bool isWhole = false;
        bool isLeftOut = false;
    };

    Fit(const std::vector<Column> &columns, const std::vector<std::vector<Cell>> &rows);

    [[nodiscard]] int total() const;
    void narrow(const std::vector<Column> &columns, int width);
    void widenIds(const std::vector<Column> &columns, int width);
    void showAll();

    std::vector<Place> places;
};

Table::Fit::Fit(const std::vector<Column> &columns, const std::vector<std::vector<Cell>> &rows)
{
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const Column &column = columns[i];
        const int title = displayWidth(column.title);
        Place place { .width = title, .wholeWidth = title };
        for (const std::vector<Cell> &row : rows) {
            place.wholeWidth = std::max(place.wholeWidth, displayWidth(row[i].text));
            place.width =
                std::max(place.width, displayWidth(shown(row[i].text, column.kind, false)));
        }
        place.least = column.kind == ColumnKind::Text
            ? std::min(place.width, std::max(title, LeastText))
            : place.width;
        place.isWhole = place.width == place.wholeWidth;
        places.push_back(place);
    }
}

int Table::Fit::total() const
{
    int sum = -Gap;
    for (const Place &place : places)
        sum += place.isLeftOut ? 0 : place.width + Gap;
    return std::max(0, sum);
}

/// Leaves out what has no room even if texts are cut, then cuts the texts.
void Table::Fit::narrow(const std::vector<Column> &columns, int width)
{
    const auto leastTotal = [this] {
        int sum = -Gap;
        for (const Place &place : places)
            sum += place.isLeftOut ? 0 : place.least + Gap;
        return sum;
    };
    while (leastTotal() > width) {
        std::optional<std::size_t> last;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (!places[i].isLeftOut && columns[i].rank > 0
                && (!last || columns[i].rank >= columns[*last].rank))
                last = i;
        }
        if (!last)
            break;
        places[*last].isLeftOut = true;
    }
    // The widest text gives way first, so that a long one does not cost the others anything.
    for (int excess = total() - width; excess > 0; --excess) {
        Place *widest = nullptr;
        for (Place &place : places) {
            if (!place.isLeftOut && place.width > place.least
                && (widest == nullptr || place.width > widest->width))
                widest = &place;
        }
        if (widest == nullptr)
            break;
        --widest->width;
    }
}

/// Shows ids in full where that leaves everything else as it is, the most important first.
void Table::Fit::widenIds(const std::vector<Column> &columns, int width)
{
    std::vector<std::size_t> ids;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (columns[i].kind == ColumnKind::Id && !places[i].isLeftOut && !places[i].isWhole)
            ids.push_back(i);
    }
    std::ranges::stable_sort(ids, {}, [&](std::size_t i) { return columns[i].rank; });
    int spare = width - total();
    for (const std::size_t i : ids) {
        Place &place = places[i];
        if (const int more = place.wholeWidth - place.width; more <= spare) {
            spare -= more;
            place.width = place.wholeWidth;
            place.isWhole = true;
        }
    }
}

void Table::Fit::showAll()
{
    for (Place &place : places) {
        place.width = place.wholeWidth;
        place.isWhole = true;
    }
}

void Table::add(std::vector<Cell> row)
{
    row.resize(m_columns.size());
    for (Cell &cell : row)
        cell.text = printable(cell.text);
    m_rows.push_back(std::move(row));
}

QString Table::line(const Fit &fit, const std::vector<Cell> &cells, int limit,
                    const Palette &palette) const
{
    QString text;
    int used = 0;
    int owed = 0; // spaces before the next text, so that no line ends with some
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const Fit::Place &place = fit.places[i];
        if (place.isLeftOut)
            continue;
        const int room = limit > 0 ? std::min(place.width, limit - used - owed) : place.width;
        if (room <= 0)
            break;
        const QString cell = elided(shown(cells[i].text, m_columns[i].kind, place.isWhole), room);
        const int spaces = std::max(0, room - displayWidth(cell));
        const bool atTheRight = m_columns[i].kind == ColumnKind::Number;
        if (!cell.isEmpty()) {
            const int before = owed + (atTheRight ? spaces : 0);
            text += QString(before, u' ') + palette.paint(cell, cells[i].tone);
            used += before + displayWidth(cell);
            owed = 0;
        } else if (atTheRight) {
            owed += spaces;
        }
        owed += Gap + (atTheRight ? 0 : spaces);
    }
    return text;
}

Table::Layout Table::layout(int width, const Palette &palette) const
{
    Fit fit(m_columns, m_rows);
    if (width > 0) {
        fit.narrow(m_columns, width);
        fit.widenIds(m_columns, width);
    } else {
        fit.showAll();
    }
    Layout result;
    std::vector<Cell> titles;
    for (std::size_t i = 0; i < m_columns.size(); ++i) {
        titles.push_back({ m_columns[i].title, Tone::Heading });
        if (fit.places[i].isLeftOut)
            result.leftOut << m_columns[i].title;
    }
    result.lines << line(fit, titles, width, palette);
    for (const std::vector<Cell> &row : m_rows)
        result.lines << line(fit, row, width, palette);
    return result;
}

} // namespace Carillon
