// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArray>
#include <QByteArrayView>

#include <array>
#include <cstdint>
#include <optional>
#include <span>

struct sockaddr_storage;

namespace Carillon {

/// An IPv4 or IPv6 address, held as IPv6: IPv4 is ::ffff:a.b.c.d, however it was written.
class IpAddress
{
public:
    IpAddress() = default;
    /// Dotted or colon notation, nothing else: no port, no zone, no brackets.
    [[nodiscard]] static std::optional<IpAddress> parse(QByteArrayView text);
    /// 4 or 16 bytes in network order.
    [[nodiscard]] static IpAddress fromBytes(std::span<const std::uint8_t> bytes);
    /// The address used for clients that their proxy does not identify, so that all of them share
    /// one limit. It is in the discard-only network (RFC 6666), where no client can be.
    [[nodiscard]] static IpAddress unnamed();
    [[nodiscard]] static IpAddress fromNative(const sockaddr_storage &native);

    [[nodiscard]] bool isIPv4() const;
    [[nodiscard]] bool isLoopback() const;
    /// In a network that is not routed on the Internet (RFC 1918, 6598, 4193, 3927, 4291).
    [[nodiscard]] bool isPrivate() const;
    [[nodiscard]] QByteArray toText() const;
    /// What limits by address are counted under: the whole of an IPv4 address, the /64 of an IPv6
    /// address, since a site usually gets at least that much.
    [[nodiscard]] std::uint64_t limitKey() const;
    /// A limit key as logs show it: "192.0.2.1", "2001:db8::/64".
    [[nodiscard]] static QByteArray limitKeyText(std::uint64_t limitKey);
    [[nodiscard]] const std::array<std::uint8_t, 16> &bytes() const { return m_bytes; }

    bool operator==(const IpAddress &) const = default;

private:
    std::array<std::uint8_t, 16> m_bytes {};
};

} // namespace Carillon
