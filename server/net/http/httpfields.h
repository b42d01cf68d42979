// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArray>
#include <QByteArrayView>

#include <cstddef>
#include <iterator>
#include <vector>

namespace Carillon {

/// The header fields of a received head: their text in one buffer, and the position of each.
class HttpFields
{
public:
    struct Field
    {
        QByteArrayView name; // in lower case
        QByteArrayView value; // never null
    };
    /// Visits the fields in the order received.
    class Iterator
    {
    public:
        // NOLINTBEGIN(readability-identifier-naming): std::iterator_traits asks for these
        using iterator_category = std::input_iterator_tag;
        using value_type = Field;
        using difference_type = std::ptrdiff_t;
        using pointer = void;
        using reference = Field;
        // NOLINTEND(readability-identifier-naming)

        [[nodiscard]] Field operator*() const { return (*m_fields)[m_index]; }
        Iterator &operator++()
        {
            ++m_index;
            return *this;
        }
        Iterator operator++(int) { return { *m_fields, m_index++ }; }
        bool operator==(const Iterator &other) const { return m_index == other.m_index; }

    private:
        friend class HttpFields;
        Iterator(const HttpFields &fields, std::size_t index)
            : m_fields(&fields), m_index(index) { }
        const HttpFields *m_fields;
        std::size_t m_index;
    };

    /// Reserves space for so many bytes of names and values.
    void reserve(qsizetype bytes);
    void add(QByteArrayView name, QByteArrayView value);

    [[nodiscard]] std::size_t size() const { return m_places.size(); }
    /// Of the first field of this name (given in lower case); null if there is none.
    [[nodiscard]] QByteArrayView value(QByteArrayView name) const;
    /// Of all fields of this name, as one list in their order (RFC 9110 §5.3), without those that
    /// are empty; null if there is none. Of a single field it is no copy, and valid as long as this
    /// is.
    [[nodiscard]] QByteArray joined(QByteArrayView name) const;
    [[nodiscard]] Field operator[](std::size_t index) const;
    [[nodiscard]] Iterator begin() const { return { *this, 0 }; }
    [[nodiscard]] Iterator end() const { return { *this, size() }; }

private:
    struct Place
    {
        qsizetype start = 0;
        qsizetype nameSize = 0;
        qsizetype valueSize = 0;
    };
    QByteArray m_text;
    std::vector<Place> m_places;
};

} // namespace Carillon
