// SPDX-License-Identifier: MPL-2.0
#include "server/net/connectionticket.h"

#include "server/net/connectionlimits.h"

namespace Carillon {

ConnectionTicket::~ConnectionTicket()
{
    if (!m_limits)
        return;
    if (m_limitKey != 0)
        m_limits->releasePlace(m_limitKey);
    m_limits->close();
}

bool ConnectionTicket::take(const IpAddress &address)
{
    if (!m_limits || address.limitKey() == m_limitKey)
        return true;
    const bool isFree = address.isLoopback();
    if (!isFree && !m_limits->takePlace(address))
        return false;
    if (m_limitKey != 0)
        m_limits->releasePlace(m_limitKey);
    m_limitKey = isFree ? 0 : address.limitKey();
    return true;
}

} // namespace Carillon
