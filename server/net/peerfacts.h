// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArray>

#include <cstdint>

namespace Carillon {

/// What is known of the peer of a connection, for an administrator.
struct PeerFacts
{
    /// "192.0.2.1"; "2001:db8::/64": the network of a client whose proxy has named its address;
    /// empty: unknown.
    QByteArray address;
    /// "TLSv1.3"; empty: the connection is not encrypted here.
    QByteArray tls;
    /// Bytes of TCP in each direction, all headers and TLS included.
    std::int64_t bytesIn = 0;
    std::int64_t bytesOut = 0;
};

/// Asks the kernel about a connected TCP socket. limitKey: of the client's address, which differs
/// from the socket's behind a proxy; 0: there is none.
[[nodiscard]] PeerFacts peerFacts(int descriptor, std::uint64_t limitKey);

} // namespace Carillon
