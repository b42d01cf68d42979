// SPDX-License-Identifier: MPL-2.0
#include "server/net/ipaddress.h"

#include "server/net/ipnetwork.h"

#include <algorithm>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace Carillon {

namespace {

constexpr std::size_t MappedPrefix = 12; // bytes of ::ffff:0:0/96

} // namespace

std::optional<IpAddress> IpAddress::parse(QByteArrayView text)
{
    std::array<char, INET6_ADDRSTRLEN> terminated {};
    if (text.isEmpty() || static_cast<std::size_t>(text.size()) >= terminated.size()
        || text.contains('\0'))
        return std::nullopt;
    std::copy(text.begin(), text.end(), terminated.begin());
    std::array<std::uint8_t, 16> bytes {};
    if (::inet_pton(AF_INET, terminated.data(), bytes.data()) == 1)
        return fromBytes(std::span(bytes).first(4));
    if (::inet_pton(AF_INET6, terminated.data(), bytes.data()) == 1)
        return fromBytes(bytes);
    return std::nullopt;
}

IpAddress IpAddress::fromBytes(std::span<const std::uint8_t> bytes)
{
    IpAddress address;
    if (bytes.size() == 4)
        address.m_bytes[10] = address.m_bytes[11] = 0xff;
    std::copy(bytes.begin(), bytes.end(),
              address.m_bytes.end() - static_cast<std::ptrdiff_t>(bytes.size()));
    return address;
}

IpAddress IpAddress::unnamed()
{
    IpAddress address;
    address.m_bytes[0] = 0x01; // 100::
    return address;
}

IpAddress IpAddress::fromNative(const sockaddr_storage &native)
{
    std::array<std::uint8_t, 16> bytes {};
    if (native.ss_family == AF_INET6) {
        std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in6 &>(native).sin6_addr, 16);
        return fromBytes(bytes);
    }
    std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in &>(native).sin_addr, 4);
    return fromBytes(std::span(bytes).first(4));
}

bool IpAddress::isIPv4() const
{
    static const IpNetwork mapped = *IpNetwork::parse("::ffff:0:0/96");
    return mapped.contains(*this);
}

bool IpAddress::isLoopback() const
{
    if (isIPv4())
        return m_bytes[MappedPrefix] == 127;
    return m_bytes.back() == 1
        && std::all_of(m_bytes.begin(), m_bytes.end() - 1, [](auto byte) { return byte == 0; });
}

bool IpAddress::isPrivate() const
{
    static const std::vector<IpNetwork> networks {
        *IpNetwork::parse("10.0.0.0/8"),     *IpNetwork::parse("172.16.0.0/12"),
        *IpNetwork::parse("192.168.0.0/16"), *IpNetwork::parse("100.64.0.0/10"),
        *IpNetwork::parse("169.254.0.0/16"), *IpNetwork::parse("fc00::/7"),
        *IpNetwork::parse("fe80::/10"),
    };
    return contains(networks, *this);
}

QByteArray IpAddress::toText() const
{
    std::array<char, INET6_ADDRSTRLEN> text {};
    const bool v4 = isIPv4();
    ::inet_ntop(v4 ? AF_INET : AF_INET6, m_bytes.data() + (v4 ? MappedPrefix : 0), text.data(),
                text.size());
    return text.data();
}

std::uint64_t IpAddress::limitKey() const
{
    // No network begins with four bytes of zero, so the two kinds never meet.
    const auto from = isIPv4() ? m_bytes.begin() + MappedPrefix : m_bytes.begin();
    const auto to = isIPv4() ? m_bytes.end() : m_bytes.begin() + 8;
    std::uint64_t number = 0;
    std::for_each(from, to, [&number](std::uint8_t byte) { number = number << 8 | byte; });
    return number;
}

QByteArray IpAddress::limitKeyText(std::uint64_t limitKey)
{
    constexpr std::size_t IPv4Bytes = 4;
    const bool isIPv4 = limitKey >> (8 * IPv4Bytes) == 0;
    std::array<std::uint8_t, 16> bytes {};
    const std::size_t size = isIPv4 ? IPv4Bytes : 8;
    for (std::size_t i = size; i > 0; --i, limitKey >>= 8)
        bytes[i - 1] = static_cast<std::uint8_t>(limitKey);
    return isIPv4 ? fromBytes(std::span(bytes).first(IPv4Bytes)).toText()
                  : fromBytes(bytes).toText() + "/64";
}

} // namespace Carillon
