// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/net/connectionticket.h"
#include "server/net/proxy/proxyprotocol.h"

namespace Carillon {

/// A connection of a trusted proxy until its PROXY header is complete. Reads exactly the header
/// from the socket, so that TLS or HTTP finds the rest. Owns: the descriptor until release().
/// Thread: one.
class ProxyPreamble
{
public:
    /// Takes a connected, non-blocking descriptor.
    ProxyPreamble(int descriptor, const IpAddress &proxy, ConnectionTicket ticket);
    ~ProxyPreamble();
    ProxyPreamble(const ProxyPreamble &) = delete;
    ProxyPreamble &operator=(const ProxyPreamble &) = delete;

    /// Reads what is available. Returns whether the header is complete; an error if it is invalid
    /// or the connection ended.
    [[nodiscard]] Result<bool> read();

    // Once the header is complete:

    /// The client's address; the proxy's if the connection is its own.
    [[nodiscard]] const IpAddress &client() const { return m_client; }
    [[nodiscard]] ConnectionTicket &ticket() { return m_ticket; }
    [[nodiscard]] int descriptor() const { return m_fd; }
    /// Passes the descriptor to the caller.
    [[nodiscard]] int release() { return std::exchange(m_fd, -1); }

private:
    int m_fd;
    IpAddress m_client;
    ConnectionTicket m_ticket;
    QByteArray m_read; // of the header
};

} // namespace Carillon
