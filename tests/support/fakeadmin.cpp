// SPDX-License-Identifier: MPL-2.0
#include "tests/support/fakeadmin.h"

#include <QCryptographicHash>
#include <QFile>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace Carillon::Testing {

namespace {

/// False: the peer is gone.
bool receive(int socket, QByteArray &bytes)
{
    std::array<char, 4096> part {};
    const ssize_t count = ::recv(socket, part.data(), part.size(), 0);
    if (count <= 0)
        return false;
    bytes.append(part.data(), count);
    return true;
}

void send(int socket, const QByteArray &bytes)
{
    for (qsizetype at = 0; at < bytes.size();) {
        const ssize_t count = ::send(socket, bytes.constData() + at,
                                     static_cast<std::size_t>(bytes.size() - at), MSG_NOSIGNAL);
        if (count <= 0)
            return;
        at += count;
    }
}

QByteArray field(const QByteArray &head, const QByteArray &name)
{
    for (const QByteArray &line : head.split('\n')) {
        if (line.toLower().startsWith(name + ':'))
            return line.mid(name.size() + 1).trimmed();
    }
    return {};
}

/// The payload of a client's masked frame of up to 65,535 bytes at the start of bytes, which it is
/// taken from; null: it is not whole.
QByteArray takeFrame(QByteArray &bytes)
{
    if (bytes.size() < 6)
        return {};
    qsizetype length = static_cast<unsigned char>(bytes[1]) & 0x7f;
    qsizetype at = 2;
    if (length == 126) {
        if (bytes.size() < 8)
            return {};
        length = static_cast<unsigned char>(bytes[2]) << 8 | static_cast<unsigned char>(bytes[3]);
        at = 4;
    }
    if (bytes.size() < at + 4 + length)
        return {};
    const QByteArray mask = bytes.mid(at, 4);
    QByteArray payload = bytes.mid(at + 4, length);
    for (qsizetype i = 0; i < length; ++i)
        payload[i] = static_cast<char>(payload[i] ^ mask[i % 4]);
    bytes.remove(0, at + 4 + length);
    return payload.isNull() ? QByteArray("") : payload;
}

} // namespace

FakeAdmin::FakeAdmin(const QString &socketPath)
{
    const QByteArray path = QFile::encodeName(socketPath);
    sockaddr_un address {};
    address.sun_family = AF_UNIX;
    std::memcpy(
        address.sun_path, path.constData(),
        std::min<std::size_t>(static_cast<std::size_t>(path.size()), sizeof address.sun_path - 1));
    ::unlink(path.constData());
    m_listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::bind(m_listener, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0
        || ::listen(m_listener, 16) != 0)
        qFatal("no socket at %s", path.constData());
    m_thread = std::thread([this] { accept(); });
}

FakeAdmin::~FakeAdmin()
{
    std::vector<std::thread> peers;
    {
        const std::lock_guard lock(m_mutex);
        m_isEnding = true;
        for (const int socket : m_sockets)
            ::shutdown(socket, SHUT_RDWR);
    }
    ::shutdown(m_listener, SHUT_RDWR);
    m_thread.join();
    {
        const std::lock_guard lock(m_mutex);
        peers.swap(m_peers);
    }
    for (std::thread &peer : peers)
        peer.join();
    for (const int socket : m_sockets)
        ::close(socket);
    ::close(m_listener);
}

void FakeAdmin::answer(const QByteArray &request, const Answer &answer)
{
    const std::lock_guard lock(m_mutex);
    m_answers[request] = answer;
}

void FakeAdmin::feed(const QByteArray &frames)
{
    const std::lock_guard lock(m_mutex);
    m_feed = frames;
}

QByteArrayList FakeAdmin::requests() const
{
    const std::lock_guard lock(m_mutex);
    return m_requests;
}

QByteArray FakeAdmin::lastHead() const
{
    const std::lock_guard lock(m_mutex);
    return m_lastHead;
}

QByteArrayList FakeAdmin::messages() const
{
    const std::lock_guard lock(m_mutex);
    return m_messages;
}

void FakeAdmin::accept()
{
    for (;;) {
        const int socket = ::accept4(m_listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0)
            return;
        const std::lock_guard lock(m_mutex);
        m_sockets.push_back(socket);
        if (m_isEnding)
            return;
        ++m_connections;
        m_peers.emplace_back([this, socket] {
            serve(socket);
            ::shutdown(socket, SHUT_RDWR);
        });
    }
}

FakeAdmin::Answer FakeAdmin::find(const QByteArray &request) const
{
    const std::lock_guard lock(m_mutex);
    const auto whole = m_answers.constFind(request);
    if (whole != m_answers.cend())
        return *whole;
    const auto without = m_answers.constFind(request.split('?').first());
    if (without != m_answers.cend())
        return *without;
    return { .status = 404,
             .body = R"({"status":404,"title":"There is no such thing"})",
             .type = "application/problem+json" };
}

void FakeAdmin::serve(int socket)
{
    QByteArray bytes;
    for (;;) {
        qsizetype end = -1;
        while ((end = bytes.indexOf("\r\n\r\n")) < 0) {
            if (!receive(socket, bytes))
                return;
        }
        const QByteArray head = bytes.first(end);
        bytes.remove(0, end + 4);
        const qsizetype length = field(head, "content-length").toLongLong();
        while (bytes.size() < length) {
            if (!receive(socket, bytes))
                return;
        }
        const QByteArray line = head.left(head.indexOf(" HTTP/1.1"));
        {
            const std::lock_guard lock(m_mutex);
            m_requests << (length > 0 ? line + ' ' + bytes.first(length) : line);
            m_lastHead = head;
        }
        bytes.remove(0, length);
        if (!field(head, "upgrade").isEmpty() && find(line).status == 404) {
            serveFeed(socket, head);
            return;
        }
        const Answer answer = find(line);
        if (answer.isSilent) {
            while (receive(socket, bytes)) { }
            return;
        }
        if (!answer.raw.isEmpty()) {
            send(socket, answer.raw);
            return;
        }
        send(socket,
             "HTTP/1.1 " + QByteArray::number(answer.status)
                 + " X\r\nDate: Sat, 28 Nov 2026 15:00:00 GMT\r\nContent-Type: " + answer.type
                 + "\r\nContent-Length: " + QByteArray::number(answer.body.size()) + "\r\n\r\n"
                 + answer.body);
        if (answer.closes)
            return;
    }
}

void FakeAdmin::serveFeed(int socket, const QByteArray &head)
{
    const QByteArray accepted =
        QCryptographicHash::hash(field(head, "sec-websocket-key")
                                     + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11",
                                 QCryptographicHash::Sha1)
            .toBase64();
    send(socket,
         "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Accept: "
             + accepted + "\r\n\r\n");
    QByteArray bytes;
    bool isFed = false;
    while (receive(socket, bytes)) {
        for (QByteArray frame = takeFrame(bytes); !frame.isNull(); frame = takeFrame(bytes)) {
            const std::lock_guard lock(m_mutex);
            m_messages << frame;
            if (!std::exchange(isFed, true))
                send(socket, m_feed);
        }
    }
}

} // namespace Carillon::Testing
