// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QHash>

#include <algorithm>
#include <list>
#include <utility>

namespace Carillon {

/// Stores at most `capacity` values and evicts the least recently used one. Key needs == and a
/// seeded qHash. Owns: the values. Thread: one at a time.
template<typename Key, typename Value> class LruCache
{
public:
    explicit LruCache(size_t capacity) : m_capacity(std::max<size_t>(capacity, 1)) { }

    /// The value, now the most recently used; null: not here. Valid until the next insert().
    [[nodiscard]] Value *find(const Key &key)
    {
        const auto place = m_places.constFind(key);
        if (place == m_places.cend())
            return nullptr;
        m_entries.splice(m_entries.begin(), m_entries, *place);
        return &m_entries.front().second;
    }

    /// Inserts a value, replacing one with the same key.
    Value &insert(const Key &key, Value value)
    {
        remove(key);
        if (m_entries.size() >= m_capacity) {
            m_places.remove(m_entries.back().first);
            m_entries.pop_back();
        }
        m_entries.emplace_front(key, std::move(value));
        m_places.insert(key, m_entries.begin());
        return m_entries.front().second;
    }

    void remove(const Key &key)
    {
        const auto place = m_places.constFind(key);
        if (place == m_places.cend())
            return;
        m_entries.erase(*place);
        m_places.erase(place);
    }

    [[nodiscard]] size_t size() const { return m_entries.size(); }

private:
    using Entries = std::list<std::pair<Key, Value>>;

    size_t m_capacity;
    Entries m_entries; // most recently used first
    QHash<Key, typename Entries::iterator> m_places;
};

} // namespace Carillon
