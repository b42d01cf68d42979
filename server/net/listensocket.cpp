// SPDX-License-Identifier: MPL-2.0
#include "server/net/listensocket.h"

#include "server/net/socketaddress.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace Carillon {

namespace {

QString faultAt(const QHostAddress &address, quint16 port, int error)
{
    const QString where = address.protocol() == QAbstractSocket::IPv6Protocol
        ? QStringLiteral("[%1]:%2").arg(address.toString()).arg(port)
        : QStringLiteral("%1:%2").arg(address.toString()).arg(port);
    if (error == EADDRINUSE)
        return QStringLiteral("%1 is in use by another server.").arg(where);
    return QStringLiteral("Cannot listen on %1: %2.")
        .arg(where, QString::fromLocal8Bit(std::strerror(error)));
}

Result<int, QString> bound(const QHostAddress &address, quint16 port, bool shared)
{
    const SocketAddress native = toNative(address, port);
    const int fd =
        ::socket(native.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return Unexpected(faultAt(address, port, errno));
    const int on = 1;
    // The wildcard is for both families, whatever net.ipv6.bindv6only says.
    const int onlyV6 = address == QHostAddress(QHostAddress::AnyIPv6) ? 0 : 1;
    // SO_REUSEADDR forgives what is in TIME_WAIT, never another listener.
    bool ok = ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0;
    if (shared)
        ok = ok && ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0;
    if (native.storage.ss_family == AF_INET6)
        ok = ok && ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &onlyV6, sizeof onlyV6) == 0;
    ok = ok && ::bind(fd, native.raw(), native.size) == 0;
    if (!ok) {
        const int error = errno;
        ::close(fd);
        return Unexpected(faultAt(address, port, error));
    }
    return fd;
}

} // namespace

Result<int, QString> openListeningSocket(const QHostAddress &address, quint16 port)
{
    Result<int, QString> fd = bound(address, port, true);
    if (!fd)
        return fd;
    if (::listen(*fd, SOMAXCONN) != 0) {
        const int error = errno;
        ::close(*fd);
        return Unexpected(faultAt(address, port, error));
    }
    return fd;
}

Result<int, QString> shareListeningSocket(int descriptor)
{
    const int shared = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    if (shared < 0 || ::fcntl(shared, F_SETFL, ::fcntl(shared, F_GETFL) | O_NONBLOCK) < 0)
        return Unexpected(QStringLiteral("Cannot share a listening socket: %1.")
                              .arg(QString::fromLocal8Bit(std::strerror(errno))));
    return shared;
}

QHostAddress localAddress(int descriptor)
{
    sockaddr_storage storage {};
    socklen_t size = sizeof storage;
    if (::getsockname(descriptor, reinterpret_cast<sockaddr *>(&storage), &size) != 0)
        return {};
    return QHostAddress(reinterpret_cast<const sockaddr *>(&storage));
}

quint16 localPort(int descriptor)
{
    sockaddr_storage storage {};
    socklen_t size = sizeof storage;
    if (::getsockname(descriptor, reinterpret_cast<sockaddr *>(&storage), &size) != 0)
        return 0;
    if (storage.ss_family == AF_INET6)
        return ntohs(reinterpret_cast<const sockaddr_in6 *>(&storage)->sin6_port);
    return storage.ss_family == AF_INET
        ? ntohs(reinterpret_cast<const sockaddr_in *>(&storage)->sin_port)
        : quint16(0);
}

Result<void, QString> probePort(const QHostAddress &address, quint16 port)
{
    if (port == 0)
        return {};
    const Result<int, QString> fd = bound(address, port, false);
    if (!fd)
        return Unexpected(fd.error());
    ::close(*fd);
    return {};
}

bool hasAddress(const QHostAddress &address)
{
    const SocketAddress native = toNative(address, 0);
    const int fd = ::socket(native.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return errno != EAFNOSUPPORT;
    const bool isMissing = ::bind(fd, native.raw(), native.size) != 0 && errno == EADDRNOTAVAIL;
    ::close(fd);
    return !isMissing;
}

Result<void, QString> probePort(const std::vector<QHostAddress> &addresses, quint16 port)
{
    for (const QHostAddress &address : addresses) {
        if (auto free = probePort(address, port); !free)
            return free;
    }
    return {};
}

bool leaveOutMissing(std::vector<QHostAddress> &addresses)
{
    const QHostAddress loopback6(QHostAddress::LocalHostIPv6);
    if (std::ranges::find(addresses, QHostAddress(QHostAddress::LocalHost)) == addresses.end()
        || std::ranges::find(addresses, loopback6) == addresses.end() || hasAddress(loopback6))
        return false;
    std::erase(addresses, loopback6);
    return true;
}

void disableNagle(int descriptor)
{
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

} // namespace Carillon
