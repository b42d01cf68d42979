// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/net/ipaddress.h"

#include <QByteArray>
#include <QByteArrayView>

#include <optional>
#include <vector>

namespace Carillon {

/// An address prefix.
class IpNetwork
{
public:
    /// Reads "10.0.0.0/8", "fd00::/8", or a single address. Bits after the prefix must be zero, so
    /// that a mistyped prefix length is noticed.
    [[nodiscard]] static std::optional<IpNetwork> parse(QByteArrayView text);
    [[nodiscard]] bool contains(const IpAddress &address) const;
    [[nodiscard]] QByteArray toText() const;

    bool operator==(const IpNetwork &) const = default;

private:
    IpAddress m_address;
    int m_prefix = 128; // of the address held as IPv6
};

[[nodiscard]] bool contains(const std::vector<IpNetwork> &networks, const IpAddress &address);

} // namespace Carillon
