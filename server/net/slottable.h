// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/net/connectionid.h"

#include <memory>
#include <utility>
#include <vector>

namespace Carillon {

/// Connections by ConnectionId. A slot is reused with a new generation, so an old id never refers
/// to a newer connection (until a slot was used 2^32 times).
/// Owns: the values. Thread: one.
template<typename T> class SlotTable
{
public:
    /// The id for the next insert().
    [[nodiscard]] ConnectionId reserve()
    {
        if (m_free.empty()) {
            m_free.push_back(static_cast<std::uint32_t>(m_slots.size()));
            m_slots.emplace_back();
        }
        const std::uint32_t slot = m_free.back();
        return { slot, m_slots[slot].generation };
    }
    /// Precondition: id is from reserve(), with no insert() or take() in between.
    void insert(ConnectionId id, std::unique_ptr<T> value)
    {
        m_free.pop_back();
        m_slots[id.slot].value = std::move(value);
    }
    [[nodiscard]] T *find(ConnectionId id) const
    {
        if (id.slot >= m_slots.size() || m_slots[id.slot].generation != id.generation)
            return nullptr;
        return m_slots[id.slot].value.get();
    }
    /// Removes and returns a value; its id becomes invalid.
    [[nodiscard]] std::unique_ptr<T> take(ConnectionId id)
    {
        if (!find(id))
            return nullptr;
        ++m_slots[id.slot].generation;
        m_free.push_back(id.slot);
        return std::exchange(m_slots[id.slot].value, nullptr);
    }
    /// Calls visit for each value; visit may insert and take.
    template<typename Visit> void forEach(const Visit &visit) const
    {
        for (std::size_t i = 0; i < m_slots.size(); ++i) {
            if (T *value = m_slots[i].value.get())
                visit(*value);
        }
    }
    [[nodiscard]] std::size_t size() const { return m_slots.size() - m_free.size(); }

private:
    struct Slot
    {
        std::unique_ptr<T> value;
        std::uint32_t generation = 1;
    };
    std::vector<Slot> m_slots;
    std::vector<std::uint32_t> m_free;
};

} // namespace Carillon
