// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"
#include "server/net/ipaddress.h"

#include <QByteArrayView>

#include <optional>

// The header that a TCP proxy sends in front of a connection it forwards (HAProxy's PROXY protocol,
// versions 1 and 2):
//
//   v1 = "PROXY " ( "TCP4 " or "TCP6 " ) from " " to " " port " " port CRLF
//      / "PROXY UNKNOWN" *text CRLF                    107 bytes at most
//   v2 = 0D 0A 0D 0A 00 0D 0A 51 55 49 54 0A  version-command  family  length(16)  addresses  *tlv
//        version-command: 20 LOCAL (of the proxy itself), 21 PROXY
//        family: 11 TCP over IPv4 (12 bytes of addresses), 21 over IPv6 (36), 00 unspecified
namespace Carillon {

struct ProxyHeader
{
    /// Its bytes; the client's follow.
    qsizetype size = 0;
    /// Absent: the connection is the proxy's own. IpAddress::unnamed(): the proxy does not know it.
    std::optional<IpAddress> client;
};

/// The longest header accepted; version 2 may carry extensions (TLVs) of any kind.
inline constexpr qsizetype MaxProxyHeaderBytes = 2'048;

/// Reads the header at the start of `bytes`; absent while it is incomplete. BadRequest as soon as
/// the bytes cannot begin a valid header, and for transports other than TCP. A pure function of
/// bytes.
[[nodiscard]] Result<std::optional<ProxyHeader>> readProxyHeader(QByteArrayView bytes);

} // namespace Carillon
