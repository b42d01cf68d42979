// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/net/ipaddress.h"

#include <cstdint>
#include <utility>

namespace Carillon {

class ConnectionLimits;

/// The right of one connection to be there, and the place that it takes from its address's.
/// Gives both back at its end. Thread: one at a time.
class ConnectionTicket
{
public:
    ConnectionTicket() = default;
    ConnectionTicket(ConnectionTicket &&other) noexcept
        : m_limits(std::exchange(other.m_limits, nullptr)), m_limitKey(other.m_limitKey)
    {
    }
    ConnectionTicket &operator=(ConnectionTicket &&other) noexcept
    {
        std::swap(m_limits, other.m_limits);
        std::swap(m_limitKey, other.m_limitKey);
        return *this;
    }
    ~ConnectionTicket();

    /// Takes one of the address's places, in exchange for the one held before; false, and the old
    /// one is kept, when all are taken. Loopback has no end of them; so has everyone where the
    /// listener has no limits.
    [[nodiscard]] bool take(const IpAddress &address);
    /// IpAddress::limitKey() of that address; 0: none, whom no limit by address meets.
    [[nodiscard]] std::uint64_t limitKey() const { return m_limitKey; }

private:
    friend class ConnectionLimits;
    explicit ConnectionTicket(ConnectionLimits &limits) : m_limits(&limits) { }

    ConnectionLimits *m_limits = nullptr;
    std::uint64_t m_limitKey = 0; // 0: no place is held
};

} // namespace Carillon
