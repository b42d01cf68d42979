// SPDX-License-Identifier: MPL-2.0
#include "server/net/socketaddress.h"

#include <cstring>

#include <net/if.h>
#include <netinet/in.h>

namespace Carillon {

namespace {

/// The interface that a link-local address is of ("fe80::1%eth0", "%2"); 0: none is named.
std::uint32_t zoneOf(const QHostAddress &address)
{
    const QByteArray zone = address.scopeId().toLocal8Bit();
    bool isNumber = false;
    const uint number = zone.toUInt(&isNumber);
    return isNumber ? number : ::if_nametoindex(zone.constData());
}

} // namespace

SocketAddress toNative(const QHostAddress &address, quint16 port)
{
    SocketAddress native;
    if (address.protocol() == QAbstractSocket::IPv4Protocol) {
        sockaddr_in in {};
        in.sin_family = AF_INET;
        in.sin_port = htons(port);
        in.sin_addr.s_addr = htonl(address.toIPv4Address());
        native.size = sizeof in;
        std::memcpy(&native.storage, &in, sizeof in);
    } else {
        sockaddr_in6 in {};
        in.sin6_family = AF_INET6;
        in.sin6_port = htons(port);
        in.sin6_scope_id = zoneOf(address);
        const Q_IPV6ADDR bytes = address.toIPv6Address();
        std::memcpy(&in.sin6_addr, &bytes, sizeof in.sin6_addr);
        native.size = sizeof in;
        std::memcpy(&native.storage, &in, sizeof in);
    }
    return native;
}

} // namespace Carillon
