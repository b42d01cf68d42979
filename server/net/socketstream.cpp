// SPDX-License-Identifier: MPL-2.0
#include "server/net/socketstream.h"

#include <cerrno>

#include <sys/socket.h>
#include <unistd.h>

namespace Carillon {

namespace {

SocketStream::Transfer toTransfer(ssize_t result, SocketStream::Outcome whenNone)
{
    if (result > 0)
        return { SocketStream::Outcome::Moved, static_cast<std::size_t>(result) };
    if (result == 0)
        return { whenNone, 0 };
    const bool passes = errno == EAGAIN || errno == EINTR || errno == ENOBUFS || errno == ENOMEM;
    return { passes ? SocketStream::Outcome::Blocked : SocketStream::Outcome::Failed, 0 };
}

} // namespace

SocketStream::~SocketStream()
{
    ::close(m_fd);
}

SocketStream::Transfer SocketStream::receive(std::span<char> buffer)
{
    return toTransfer(::recv(m_fd, buffer.data(), buffer.size(), 0), Outcome::Ended);
}

SocketStream::Transfer SocketStream::send(QByteArrayView bytes)
{
    return toTransfer(
        ::send(m_fd, bytes.data(), static_cast<std::size_t>(bytes.size()), MSG_NOSIGNAL),
        Outcome::Blocked);
}

void SocketStream::finishSending()
{
    ::shutdown(m_fd, SHUT_WR);
}

void SocketStream::cut()
{
    ::shutdown(m_fd, SHUT_RDWR);
}

} // namespace Carillon
