// SPDX-License-Identifier: MPL-2.0
#include "server/metrics/statsdsender.h"

#include "core/base/log.h"
#include "server/metrics/metrics.h"
#include "server/metrics/statsdtext.h"

#include <QHostAddress>

#include <cerrno>
#include <cstring>
#include <utility>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace Carillon {
namespace {

using namespace std::chrono_literals;

/// The name may move to another address.
constexpr auto LookUpInterval = 1min;
/// The kernel reports an unreachable port at the send after the one that met it, so that every
/// second one seems to work.
constexpr int GoodFlushes = 3;

/// Connects a socket of this address' family; -1 and errno: not possible.
int connectedSocket(const QHostAddress &address, quint16 port)
{
    sockaddr_storage storage {};
    socklen_t size = 0;
    if (address.protocol() == QAbstractSocket::IPv4Protocol) {
        sockaddr_in to {};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(address.toIPv4Address());
        size = sizeof to;
        std::memcpy(&storage, &to, size);
    } else {
        sockaddr_in6 to {};
        to.sin6_family = AF_INET6;
        to.sin6_port = htons(port);
        const Q_IPV6ADDR bytes = address.toIPv6Address();
        std::memcpy(&to.sin6_addr, bytes.c, sizeof bytes.c);
        size = sizeof to;
        std::memcpy(&storage, &to, size);
    }
    const int descriptor =
        ::socket(storage.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_UDP);
    if (descriptor < 0)
        return -1;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): as the interface wants it
    if (::connect(descriptor, reinterpret_cast<const sockaddr *>(&storage), size) == 0)
        return descriptor;
    const int error = errno;
    ::close(descriptor);
    errno = error;
    return -1;
}

} // namespace

StatsdSender::StatsdSender(StatsdOptions options, Metrics &metrics)
    : m_options(std::move(options)), m_metrics(metrics)
{
    connect(&m_timer, &QTimer::timeout, this, &StatsdSender::tick);
    m_timer.start(m_options.interval);
    lookUp();
}

StatsdSender::~StatsdSender()
{
    if (m_socket >= 0)
        flush();
    closeSocket();
}

void StatsdSender::tick()
{
    if (std::chrono::steady_clock::now() - m_lookedUp >= LookUpInterval || m_socket < 0)
        lookUp();
    if (m_socket >= 0)
        flush();
}

void StatsdSender::lookUp()
{
    if (std::exchange(m_isLookingUp, true))
        return;
    m_lookedUp = std::chrono::steady_clock::now();
    // A slot by name: a functor Qt 6.4 leaks when the receiver goes first.
    QHostInfo::lookupHost(m_options.host, this, SLOT(found(QHostInfo)));
}

void StatsdSender::found(const QHostInfo &info)
{
    m_isLookingUp = false;
    const QList<QHostAddress> addresses = info.addresses();
    if (addresses.contains(m_address) && m_socket >= 0)
        return;
    if (!addresses.isEmpty())
        use(addresses.front());
    else if (m_socket < 0)
        failed(1, info.errorString());
}

void StatsdSender::use(const QHostAddress &address)
{
    closeSocket();
    m_socket = connectedSocket(address, m_options.port);
    m_address = address;
    if (m_socket < 0)
        failed(1, QString::fromLocal8Bit(std::strerror(errno)));
}

void StatsdSender::closeSocket()
{
    if (m_socket >= 0)
        ::close(std::exchange(m_socket, -1));
}

void StatsdSender::flush()
{
    const MetricsSnapshot now = m_metrics.snapshot();
    const QByteArrayList packets = statsdPackets(MetricsChange(m_sent, now), m_options);
    m_sent = now;
    int sent = 0;
    int error = 0;
    for (const QByteArray &packet : packets) {
        if (::send(m_socket, packet.constData(), static_cast<std::size_t>(packet.size()),
                   MSG_NOSIGNAL)
            >= 0)
            ++sent;
        else
            error = errno;
    }
    m_metrics.add(Metric::StatsdPacketsSent, sent);
    if (error != 0)
        failed(static_cast<int>(packets.size()) - sent,
               QString::fromLocal8Bit(std::strerror(error)));
    else if (sent > 0)
        worked();
}

void StatsdSender::failed(int packets, const QString &why)
{
    m_metrics.add(Metric::StatsdPacketsFailed, packets);
    m_goodFlushes = 0;
    if (!std::exchange(m_isDown, true))
        qCWarning(lcApp).noquote().nospace()
            << "metrics cannot be sent to StatsD at " << m_options.host << ", port "
            << m_options.port << ": " << why;
}

void StatsdSender::worked()
{
    if (++m_goodFlushes >= GoodFlushes && std::exchange(m_isDown, false))
        qCInfo(lcApp, "metrics can be sent to StatsD again");
}

} // namespace Carillon
