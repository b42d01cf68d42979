// SPDX-License-Identifier: MPL-2.0
#include "server/history/texttable.h"

#include <utility>

namespace Carillon {

namespace {

/// Cut where a character of UTF-8 begins.
QByteArrayView shortened(QByteArrayView text)
{
    qsizetype size = std::min(text.size(), TextTable::MostBytes);
    while (size > 0 && size < text.size()
           && (static_cast<std::uint8_t>(text[size]) & 0xC0U) == 0x80U)
        --size;
    return text.first(size);
}

} // namespace

std::uint16_t TextTable::take(QByteArrayView whole)
{
    if (whole.isEmpty())
        return 0;
    const QByteArrayView text = shortened(whole);
    if (isAt(m_lastButOne, text))
        std::swap(m_last, m_lastButOne);
    if (isAt(m_last, text)) {
        ++m_entries[m_last].uses;
        return m_last;
    }
    std::uint16_t place = m_places.value(QByteArray::fromRawData(text.data(), text.size()), 0);
    if (place == 0) {
        if (m_entries.empty())
            m_entries.emplace_back();
        if (!m_free.empty()) {
            place = m_free.back();
            m_free.pop_back();
        } else if (m_entries.size() <= MostTexts) {
            place = static_cast<std::uint16_t>(m_entries.size());
            m_entries.emplace_back();
        } else {
            return 0;
        }
        m_entries[place].text = text.toByteArray();
        m_places.insert(m_entries[place].text, place);
    }
    ++m_entries[place].uses;
    m_lastButOne = std::exchange(m_last, place);
    return place;
}

void TextTable::release(std::uint16_t place)
{
    if (place == 0 || --m_entries[place].uses > 0)
        return;
    m_places.remove(m_entries[place].text);
    m_entries[place].text = {};
    m_free.push_back(place);
}

const QByteArray &TextTable::text(std::uint16_t place) const
{
    static const QByteArray none;
    return place == 0 ? none : m_entries[place].text;
}

std::int64_t TextTable::bytes() const
{
    constexpr std::int64_t PerText = sizeof(Entry) + 64; // in m_places, and of the allocation
    std::int64_t bytes = 0;
    for (const Entry &entry : m_entries)
        bytes += PerText + entry.text.capacity();
    return bytes;
}

bool TextTable::isAt(std::uint16_t place, QByteArrayView text) const
{
    return place != 0 && m_entries[place].uses > 0 && m_entries[place].text == text;
}

} // namespace Carillon
