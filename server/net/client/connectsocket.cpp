// SPDX-License-Identifier: MPL-2.0
#include "server/net/client/connectsocket.h"

#include "server/net/listensocket.h"
#include "server/net/socketaddress.h"

#include <cerrno>

#include <sys/socket.h>
#include <unistd.h>

namespace Carillon {

int openConnection(const QHostAddress &address, quint16 port)
{
    const SocketAddress native = toNative(address, port);
    const int fd =
        ::socket(native.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    disableNagle(fd);
    if (::connect(fd, native.raw(), native.size) == 0 || errno == EINPROGRESS)
        return fd;
    const int why = errno;
    ::close(fd);
    return -why;
}

int connectError(int descriptor)
{
    int why = 0;
    socklen_t size = sizeof why;
    return ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &why, &size) == 0 ? why : errno;
}

} // namespace Carillon
