// SPDX-License-Identifier: MPL-2.0
#include "server/net/connectionticket.h"

#include "server/net/connectionlimits.h"

namespace Carillon {

ConnectionTicket::~ConnectionTicket()
{
    if (!m_limits)
        return;
    if (m_holder != 0)
        m_limits->releasePlace(m_holder);
    m_limits->close();
}

bool ConnectionTicket::take(const IpAddress &address)
{
    if (!m_limits || address.holder() == m_holder)
        return true;
    const bool isFree = address.isLoopback();
    if (!isFree && !m_limits->takePlace(address))
        return false;
    if (m_holder != 0)
        m_limits->releasePlace(m_holder);
    m_holder = isFree ? 0 : address.holder();
    return true;
}

} // namespace Carillon
