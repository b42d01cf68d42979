// SPDX-License-Identifier: MPL-2.0
#include "tests/bench/connection.h"

#include <cerrno>
#include <cstring>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace Carillon::Bench {
namespace {

constexpr int SourceAddresses = 16;
constexpr in_addr_t FirstSource = 0x7f000010; // 127.0.0.16

void setOption(int descriptor, int level, int name, int value)
{
    ::setsockopt(descriptor, level, name, &value, sizeof value);
}

sockaddr_in socketAddress(in_addr_t address, std::uint16_t port)
{
    sockaddr_in result {};
    result.sin_family = AF_INET;
    result.sin_addr.s_addr = htonl(address);
    result.sin_port = htons(port);
    return result;
}

const sockaddr *generic(const sockaddr_in &address)
{
    return reinterpret_cast<const sockaddr *>(&address);
}

} // namespace

Connection::~Connection()
{
    close();
}

bool Connection::open(const Dial &dial)
{
    close();
    m_descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (m_descriptor < 0)
        return false;
    setOption(m_descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
    // The kernel chooses the port at connect(), per destination, so the address has 28,000 of them.
    setOption(m_descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
    if (dial.receiveBuffer > 0)
        setOption(m_descriptor, SOL_SOCKET, SO_RCVBUF, dial.receiveBuffer);
    if (dial.tls) {
        m_tls.reset(SSL_new(dial.tls));
        SSL_set_fd(m_tls.get(), m_descriptor);
        SSL_set_connect_state(m_tls.get());
    }
    const auto offset = static_cast<in_addr_t>(dial.source % SourceAddresses);
    const sockaddr_in from = socketAddress(FirstSource + offset, 0);
    const sockaddr_in to = socketAddress(INADDR_LOOPBACK, dial.port);
    const bool started = ::bind(m_descriptor, generic(from), sizeof from) == 0
        && (::connect(m_descriptor, generic(to), sizeof to) == 0 || errno == EINPROGRESS)
        && m_loop.watch(m_descriptor, EPOLLIN | EPOLLOUT, *this);
    if (!started)
        close();
    return started;
}

bool Connection::adopt(int descriptor)
{
    close();
    m_descriptor = descriptor;
    m_connected = true;
    setOption(m_descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
    return m_loop.watch(m_descriptor, EPOLLIN | EPOLLOUT, *this);
}

void Connection::write(std::string_view bytes)
{
    if (!m_connected)
        return;
    if (m_out.empty()) {
        const ssize_t written = sendSome(bytes);
        // An error shows itself once more when the descriptor is read.
        bytes.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
    }
    m_out.append(bytes);
}

void Connection::close()
{
    if (m_descriptor < 0)
        return;
    m_loop.forget(*this);
    m_tls.reset();
    const linger reset { .l_onoff = 1, .l_linger = 0 };
    ::setsockopt(m_descriptor, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    ::close(m_descriptor);
    m_descriptor = -1;
    m_connected = false;
    m_in = {};
    m_out = {};
}

void Connection::setReading(bool reading)
{
    m_reading = reading;
    if (m_reading && m_connected)
        read();
}

void Connection::ready(std::uint32_t events)
{
    if (!m_connected) {
        int error = 0;
        socklen_t size = sizeof error;
        ::getsockopt(m_descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error != 0) {
            fail(std::strerror(error));
            return;
        }
        if (!(events & EPOLLOUT) || !shakeHands())
            return;
        m_connected = true;
        opened();
    }
    if (isOpen() && (events & EPOLLOUT) && !m_out.empty())
        flush();
    if (isOpen() && m_reading && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
        read();
}

void Connection::read()
{
    std::vector<char> &buffer = m_loop.readBuffer();
    while (isOpen() && m_reading) {
        const ssize_t size = receiveSome(buffer);
        if (size < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (size <= 0) {
            fail(size == 0 ? "the server closed the connection" : std::strerror(errno));
            return;
        }
        const std::string_view fresh(buffer.data(), static_cast<std::size_t>(size));
        if (m_in.empty()) {
            const std::size_t taken = received(fresh);
            if (isOpen())
                m_in.assign(fresh.substr(taken));
        } else {
            m_in.append(fresh);
            const std::size_t taken = received(m_in);
            if (isOpen())
                m_in.erase(0, taken);
        }
        if (m_in.empty() && m_in.capacity() > 256)
            m_in = {}; // ten thousand clients read big messages, one after another
    }
}

bool Connection::shakeHands()
{
    if (!m_tls)
        return true;
    const int result = SSL_do_handshake(m_tls.get());
    if (result == 1)
        return true;
    const int error = SSL_get_error(m_tls.get(), result);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
        fail("the TLS handshake failed");
    return false;
}

ssize_t Connection::sendSome(std::string_view bytes)
{
    if (!m_tls)
        return ::send(m_descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    return SSL_write(m_tls.get(), bytes.data(), static_cast<int>(bytes.size()));
}

ssize_t Connection::receiveSome(std::vector<char> &buffer)
{
    if (!m_tls)
        return ::recv(m_descriptor, buffer.data(), buffer.size(), 0);
    const int size = SSL_read(m_tls.get(), buffer.data(), static_cast<int>(buffer.size()));
    if (size > 0)
        return size;
    const int error = SSL_get_error(m_tls.get(), size);
    errno = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? EAGAIN : ECONNRESET;
    return error == SSL_ERROR_ZERO_RETURN ? 0 : -1;
}

void Connection::flush()
{
    const ssize_t written = sendSome(m_out);
    if (written > 0)
        m_out.erase(0, static_cast<std::size_t>(written));
}

void Connection::fail(std::string_view why)
{
    const std::string reason(why);
    close();
    ended(reason);
}

} // namespace Carillon::Bench
