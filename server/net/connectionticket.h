// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/net/ipaddress.h"

#include <cstdint>
#include <utility>

namespace Carillon {

class ConnectionLimits;

/// Counts one connection in the totals of ConnectionLimits, and in the count of its address once
/// take() has succeeded. The destructor releases both. Thread: one at a time.
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

    /// Counts the connection for this address instead of the address before. Returns false, and
    /// changes nothing, if the address has as many connections as the limit allows. Loopback
    /// addresses and listeners without limits are not counted.
    [[nodiscard]] bool take(const IpAddress &address);
    /// IpAddress::limitKey() of that address; 0: the connection is not limited by address.
    [[nodiscard]] std::uint64_t limitKey() const { return m_limitKey; }

private:
    friend class ConnectionLimits;
    explicit ConnectionTicket(ConnectionLimits &limits) : m_limits(&limits) { }

    ConnectionLimits *m_limits = nullptr;
    std::uint64_t m_limitKey = 0; // 0: counted for no address
};

} // namespace Carillon
