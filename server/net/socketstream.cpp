// SPDX-License-Identifier: MPL-2.0
#include "server/net/socketstream.h"

#include "server/net/tls/tlsserver.h"

#include <cerrno>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace Carillon {

namespace {

// A connection without TLS pays a pointer for what others have.
static_assert(sizeof(SocketStream) == 2 * sizeof(void *));

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

SocketStream::SocketStream(int descriptor, const TlsServer *tls)
    : m_fd(descriptor), m_tls(tls ? tls->accept(descriptor) : nullptr)
{
}

SocketStream::~SocketStream()
{
    ::close(m_fd);
}

void SocketStream::startTls(const TlsServer &tls, std::span<const char> received)
{
    m_tls = tls.accept(m_fd);
    m_tls->begin(received);
}

SocketStream::Transfer SocketStream::receive(std::span<char> buffer)
{
    if (m_tls) {
        const Transfer transfer = m_tls->receive(buffer);
        if (transfer.outcome == Outcome::NotTls)
            m_tls.reset();
        return transfer;
    }
    return toTransfer(::recv(m_fd, buffer.data(), buffer.size(), 0), Outcome::Ended);
}

SocketStream::Transfer SocketStream::send(QByteArrayView bytes)
{
    if (m_tls)
        return m_tls->send(bytes);
    return toTransfer(
        ::send(m_fd, bytes.data(), static_cast<std::size_t>(bytes.size()), MSG_NOSIGNAL),
        Outcome::Blocked);
}

void SocketStream::finishSending()
{
    m_finishing = m_tls && !m_tls->finish();
    if (m_finishing)
        return;
    m_tls.reset();
    ::shutdown(m_fd, SHUT_WR);
}

void SocketStream::cut()
{
    ::shutdown(m_fd, SHUT_RDWR);
}

QByteArray SocketStream::tlsVersion() const
{
    return m_tls ? m_tls->version() : QByteArray();
}

bool SocketStream::hasPending() const
{
    return m_tls && m_tls->hasPending();
}

std::uint32_t SocketStream::receiveEvent() const
{
    return m_tls ? m_tls->receiveEvent() : std::uint32_t { EPOLLIN };
}

std::uint32_t SocketStream::sendEvent() const
{
    return m_tls ? m_tls->sendEvent() : std::uint32_t { EPOLLOUT };
}

} // namespace Carillon
