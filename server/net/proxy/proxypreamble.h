// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/net/connectionticket.h"
#include "server/net/proxy/proxyprotocol.h"

namespace Carillon {

/// A connection of a trusted proxy before its PROXY header is whole. Takes off the wire what
/// belongs to the header and not a byte more, so that TLS or HTTP finds the rest. Owns: the
/// descriptor until release(). Thread: one.
class ProxyPreamble
{
public:
    /// Takes a connected, non-blocking descriptor.
    ProxyPreamble(int descriptor, const IpAddress &proxy, ConnectionTicket ticket);
    ~ProxyPreamble();
    ProxyPreamble(const ProxyPreamble &) = delete;
    ProxyPreamble &operator=(const ProxyPreamble &) = delete;

    /// Reads on: whether the header is whole now. An error: none will come of it.
    [[nodiscard]] Result<bool> read();

    // Once it is whole.

    /// Where the connection comes from: the client's address, or the proxy's if it is its own.
    [[nodiscard]] const IpAddress &client() const { return m_client; }
    [[nodiscard]] ConnectionTicket &ticket() { return m_ticket; }
    [[nodiscard]] int descriptor() const { return m_fd; }
    /// The descriptor is the caller's now.
    [[nodiscard]] int release() { return std::exchange(m_fd, -1); }

private:
    int m_fd;
    IpAddress m_client;
    ConnectionTicket m_ticket;
    QByteArray m_read; // of the header
};

} // namespace Carillon
