// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QHostAddress>

#include <sys/socket.h>

namespace Carillon {

/// An address and port as the kernel takes them.
struct SocketAddress
{
    sockaddr_storage storage {};
    socklen_t size = 0;
    [[nodiscard]] const sockaddr *raw() const
    {
        return reinterpret_cast<const sockaddr *>(&storage);
    }
};

/// IPv4 as IPv4, all else as IPv6.
[[nodiscard]] SocketAddress toNative(const QHostAddress &address, quint16 port);

} // namespace Carillon
