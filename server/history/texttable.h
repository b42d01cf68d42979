// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArray>
#include <QByteArrayView>
#include <QHash>

#include <cstdint>
#include <vector>

namespace Carillon {

/// Texts that many events share, each kept once and counted. It has room for MostTexts of at most
/// MostBytes; a longer one is cut, and what finds no room is not kept.
/// Thread: one at a time.
class TextTable
{
public:
    static constexpr std::size_t MostTexts = 2'048;
    static constexpr qsizetype MostBytes = 200;

    /// Its place for take(), text() and release(); 0: it is empty, or there is no room. Each call
    /// that gives a place is to be followed by a release() of it.
    [[nodiscard]] std::uint16_t take(QByteArrayView whole);
    void release(std::uint16_t place);
    /// Empty for 0.
    [[nodiscard]] const QByteArray &text(std::uint16_t place) const;
    /// Memory that it takes, about.
    [[nodiscard]] std::int64_t bytes() const;

private:
    struct Entry
    {
        QByteArray text;
        std::uint32_t uses = 0;
    };
    [[nodiscard]] bool isAt(std::uint16_t place, QByteArrayView text) const;

    std::vector<Entry> m_entries; // the first is the empty text
    std::vector<std::uint16_t> m_free;
    QHash<QByteArray, std::uint16_t> m_places;
    // Where the last two different texts were found: a worker often has the same again.
    std::uint16_t m_last = 0;
    std::uint16_t m_lastButOne = 0;
};

} // namespace Carillon
