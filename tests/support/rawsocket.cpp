// SPDX-License-Identifier: MPL-2.0
#include "tests/support/rawsocket.h"

#include "tests/support/rawtls.h"

#include <QByteArrayList>

#include <array>
#include <cerrno>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace Carillon::Testing {

using std::chrono::steady_clock;

namespace {

bool waitFor(int fd, short events, steady_clock::time_point deadline)
{
    for (;;) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now());
        pollfd entry { fd, events, 0 };
        const int ready = ::poll(&entry, 1, static_cast<int>(std::max(left.count(), 0L)));
        if (ready > 0)
            return true;
        if (ready == 0 || errno != EINTR)
            return false;
    }
}

RawSocket::Wire wireOfAll = RawSocket::Wire::Plain;

} // namespace

QByteArray RawResponse::header(QByteArrayView name) const
{
    for (const QByteArray &line : head.split('\n')) {
        const qsizetype colon = line.indexOf(':');
        if (colon > 0 && line.first(colon).compare(name, Qt::CaseInsensitive) == 0) {
            const QByteArray value = line.sliced(colon + 1).trimmed();
            return value.isNull() ? QByteArray("") : value;
        }
    }
    return {};
}

void RawSocket::speak(Wire wire)
{
    wireOfAll = wire;
}

RawSocket::Wire RawSocket::spoken()
{
    return wireOfAll;
}

RawSocket::RawSocket() = default;

RawSocket::~RawSocket()
{
    close();
}

bool RawSocket::prepare()
{
    close();
    m_ended = false;
    m_buffer.clear();
    m_fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    return m_fd >= 0 && ::setsockopt(m_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0;
}

void RawSocket::setReceiveBuffer(int bytes)
{
    // Into a window smaller than a record TCP sends by its slow probes only.
    const int size = wireOfAll == Wire::Tls ? std::max(bytes, 65'536) : bytes;
    ::setsockopt(m_fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

bool RawSocket::connectTo(quint16 port)
{
    if (m_fd < 0 && !prepare())
        return false;
    sockaddr_in address {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    m_connected =
        ::connect(m_fd, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0;
    if (m_connected && wireOfAll == Wire::Tls)
        m_tls = std::make_unique<RawTls>(m_fd);
    return m_connected;
}

RawTls &RawSocket::wrap(std::unique_ptr<RawTls> tls)
{
    m_tls = std::move(tls);
    return *m_tls;
}

bool RawSocket::send(QByteArrayView bytes)
{
    const auto deadline = steady_clock::now() + Patience;
    while (!bytes.isEmpty()) {
        const ssize_t sent = m_tls
            ? m_tls->send(bytes)
            : ::send(m_fd, bytes.data(), static_cast<std::size_t>(bytes.size()),
                     MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0)
            bytes = bytes.sliced(sent);
        else if (errno != EAGAIN && errno != EINTR)
            return false;
        else if (!waitFor(m_fd, POLLOUT, deadline))
            return false;
    }
    return true;
}

void RawSocket::finishSending()
{
    if (m_tls)
        m_tls->finish();
    ::shutdown(m_fd, SHUT_WR);
}

void RawSocket::close()
{
    m_tls.reset();
    if (m_fd >= 0)
        ::close(m_fd);
    m_fd = -1;
    m_connected = false;
}

void RawSocket::reset()
{
    const linger now { 1, 0 };
    ::setsockopt(m_fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
}

bool RawSocket::fill(steady_clock::time_point deadline)
{
    std::array<char, 65'536> chunk {};
    ssize_t got = -1;
    do {
        if (m_ended || m_fd < 0
            || !((m_tls && m_tls->hasPending()) || waitFor(m_fd, POLLIN, deadline)))
            return false;
        got = m_tls ? m_tls->receive(chunk) : ::recv(m_fd, chunk.data(), chunk.size(), 0);
    } while (got < 0 && errno == EAGAIN);
    if (got > 0)
        m_buffer.append(chunk.data(), got);
    else
        m_ended = true;
    return got > 0;
}

QByteArray RawSocket::read(qsizetype count)
{
    const auto deadline = steady_clock::now() + Patience;
    while (m_buffer.size() < count && fill(deadline)) { }
    const QByteArray taken = m_buffer.first(std::min(count, m_buffer.size()));
    m_buffer.remove(0, taken.size());
    return taken;
}

QByteArray RawSocket::readUntil(QByteArrayView marker)
{
    const auto deadline = steady_clock::now() + Patience;
    qsizetype at = m_buffer.indexOf(marker);
    while (at < 0 && fill(deadline))
        at = m_buffer.indexOf(marker);
    return at < 0 ? QByteArray() : read(at + marker.size());
}

QByteArray RawSocket::readToEnd()
{
    const auto deadline = steady_clock::now() + Patience;
    while (fill(deadline)) { }
    return std::exchange(m_buffer, {});
}

std::optional<RawResponse> RawSocket::readResponse(bool isHead)
{
    RawResponse response;
    response.head = readUntil("\r\n\r\n");
    if (!response.head.startsWith("HTTP/1.1 "))
        return std::nullopt;
    response.status = response.head.sliced(9, 3).toInt();
    const bool withoutBody =
        isHead || response.status < 200 || response.status == 204 || response.status == 304;
    const qsizetype length = withoutBody ? 0 : response.header("content-length").toLongLong();
    response.body = read(length);
    if (response.body.size() != length)
        return std::nullopt;
    return response;
}

std::optional<RawResponse> RawSocket::exchange(QByteArrayView request, bool isHead)
{
    send(request);
    return readResponse(isHead);
}

bool RawSocket::waitForEnd(std::chrono::milliseconds atMost)
{
    const auto deadline = steady_clock::now() + atMost;
    while (fill(deadline)) { }
    return m_ended;
}

bool RawSocket::waitForInput(std::chrono::milliseconds atMost)
{
    const auto deadline = steady_clock::now() + atMost;
    if (!m_tls)
        return !m_buffer.isEmpty() || m_ended || waitFor(m_fd, POLLIN, deadline);
    // What comes may be TLS's own.
    while (m_buffer.isEmpty() && fill(deadline)) { }
    return !m_buffer.isEmpty() || m_ended;
}

} // namespace Carillon::Testing
