// SPDX-License-Identifier: MPL-2.0
#include "tests/support/megaphone.h"

#include "tests/support/testserver.h"

#include <QJsonDocument>
#include <QJsonObject>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace Carillon::Testing {

using namespace Qt::StringLiterals;

Megaphone::Megaphone() : m_listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
{
    sockaddr_in address {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto *generic = reinterpret_cast<sockaddr *>(&address);
    if (::bind(m_listener, generic, size) != 0 || ::listen(m_listener, 16) != 0
        || ::getsockname(m_listener, generic, &size) != 0)
        qFatal("no port for the megaphone");
    m_port = ntohs(address.sin_port);
    answer({});
    m_thread = std::thread([this] { serve(); });
}

Megaphone::~Megaphone()
{
    ::shutdown(m_listener, SHUT_RDWR); // ends accept()
    m_thread.join();
    ::close(m_listener);
}

QByteArray Megaphone::url() const
{
    return "http://127.0.0.1:" + QByteArray::number(m_port) + "/v1/broadcasts";
}

void Megaphone::answer(const QMap<QByteArray, QByteArray> &versions)
{
    QJsonObject broadcasts;
    for (auto it = versions.cbegin(); it != versions.cend(); ++it)
        broadcasts.insert(QString::fromUtf8(it.key()), QString::fromUtf8(it.value()));
    const QByteArray body = QJsonDocument(QJsonObject { { u"broadcasts"_s, broadcasts } }).toJson();
    answerRaw("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
              "Content-Length: "
              + QByteArray::number(body.size()) + "\r\n\r\n" + body);
}

void Megaphone::answerRaw(const QByteArray &reply)
{
    const std::lock_guard lock(m_mutex);
    m_reply = reply;
}

void Megaphone::delay(std::chrono::milliseconds wait)
{
    const std::lock_guard lock(m_mutex);
    m_delay = wait;
}

bool Megaphone::waitForPolls()
{
    std::unique_lock lock(m_mutex);
    const int wanted = m_polls + 2; // when the second is asked, the first is understood
    return m_polled.wait_for(lock, Patience, [&] { return m_polls >= wanted; });
}

void Megaphone::serve()
{
    while (true) {
        const int peer = ::accept4(m_listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (peer < 0)
            return;
        const timeval patience { 2, 0 };
        ::setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        QByteArray request;
        char buffer[4096];
        while (!request.contains("\r\n\r\n")) {
            const ssize_t size = ::read(peer, buffer, sizeof buffer);
            if (size <= 0)
                break;
            request.append(buffer, size);
        }
        std::chrono::milliseconds wait;
        {
            const std::lock_guard lock(m_mutex);
            wait = m_delay;
        }
        std::this_thread::sleep_for(wait);
        {
            const std::lock_guard lock(m_mutex);
            [[maybe_unused]] const ssize_t written = ::send(
                peer, m_reply.constData(), static_cast<std::size_t>(m_reply.size()), MSG_NOSIGNAL);
            ++m_polls;
        }
        m_polled.notify_all();
        ::close(peer);
    }
}

} // namespace Carillon::Testing
