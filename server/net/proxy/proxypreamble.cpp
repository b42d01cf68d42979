// SPDX-License-Identifier: MPL-2.0
#include "server/net/proxy/proxypreamble.h"

#include <cerrno>

#include <sys/socket.h>
#include <unistd.h>

namespace Carillon {

ProxyPreamble::ProxyPreamble(int descriptor, const IpAddress &proxy, ConnectionTicket ticket)
    : m_fd(descriptor), m_client(proxy), m_ticket(std::move(ticket))
{
}

ProxyPreamble::~ProxyPreamble()
{
    if (m_fd >= 0)
        ::close(m_fd);
}

Result<bool> ProxyPreamble::read()
{
    std::array<char, MaxProxyHeaderBytes> buffer {};
    const ssize_t seen = ::recv(m_fd, buffer.data(), buffer.size(), MSG_PEEK);
    if (seen < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (seen <= 0)
        return Unexpected(ErrorCode::BadRequest);
    const qsizetype before = m_read.size();
    m_read.append(buffer.data(), seen);
    const auto header = readProxyHeader(m_read);
    if (!header)
        return Unexpected(header.error());
    // What was only looked at is taken now, as far as it is the header's.
    const qsizetype mine = *header ? (*header)->size - before : seen;
    if (::recv(m_fd, buffer.data(), static_cast<std::size_t>(mine), 0) != mine)
        return Unexpected(ErrorCode::BadRequest);
    if (*header && (*header)->client)
        m_client = *(*header)->client;
    return header->has_value();
}

} // namespace Carillon
