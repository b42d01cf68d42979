// SPDX-License-Identifier: MPL-2.0
#include "server/net/http/httpfields.h"

#include <algorithm>

namespace Carillon {

namespace {

/// Fields that most requests stay below.
constexpr std::size_t UsualFields = 16;

} // namespace

void HttpFields::reserve(qsizetype bytes)
{
    m_text.reserve(bytes);
    m_places.reserve(UsualFields);
}

void HttpFields::add(QByteArrayView name, QByteArrayView value)
{
    const qsizetype start = m_text.size();
    m_places.push_back({ start, name.size(), value.size() });
    m_text.append(name).append(value);
    char *const text = m_text.data() + start;
    std::transform(text, text + name.size(), text,
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
}

HttpFields::Field HttpFields::operator[](std::size_t index) const
{
    const Place &place = m_places[index];
    const char *const text = m_text.constData() + place.start;
    return { { text, place.nameSize }, { text + place.nameSize, place.valueSize } };
}

QByteArrayView HttpFields::value(QByteArrayView name) const
{
    const auto found =
        std::find_if(begin(), end(), [name](const Field &field) { return field.name == name; });
    return found == end() ? QByteArrayView() : (*found).value;
}

QByteArray HttpFields::joined(QByteArrayView name) const
{
    QByteArray list;
    for (const Field field : *this) {
        if (field.name != name)
            continue;
        if (list.isEmpty()) // none yet, or an empty one, which says nothing
            list = QByteArray::fromRawData(field.value.data(), field.value.size());
        else if (!field.value.isEmpty())
            list.append(", ").append(field.value);
    }
    return list;
}

} // namespace Carillon
