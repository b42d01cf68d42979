// SPDX-License-Identifier: MPL-2.0
#include "server/net/peerfacts.h"

#include "server/net/ipaddress.h"

#include <linux/tcp.h> // glibc's tcp_info ends before tcpi_bytes_acked
#include <netinet/in.h>
#include <sys/socket.h>

namespace Carillon {

PeerFacts peerFacts(int descriptor, std::uint64_t limitKey)
{
    PeerFacts facts;
    sockaddr_storage native {};
    socklen_t size = sizeof native;
    if (::getpeername(descriptor, reinterpret_cast<sockaddr *>(&native), &size) == 0) {
        const IpAddress address = IpAddress::fromNative(native);
        const bool isClients = limitKey == 0 || address.limitKey() == limitKey;
        facts.address = isClients ? address.toText() : IpAddress::limitKeyText(limitKey);
    }
    tcp_info info {};
    size = sizeof info;
    if (::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) == 0) {
        facts.bytesIn = static_cast<std::int64_t>(info.tcpi_bytes_received);
        facts.bytesOut = static_cast<std::int64_t>(info.tcpi_bytes_acked);
    }
    return facts;
}

} // namespace Carillon
