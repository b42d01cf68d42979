// SPDX-License-Identifier: MPL-2.0
#include "server/commands/admin/adminfeed.h"

#include "server/net/http/httphead.h"
#include "server/net/http/httpwriter.h"
#include "server/net/http/responsereader.h"

#include <QCryptographicHash>
#include <QJsonDocument>
#include <QRandomGenerator>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

constexpr std::int64_t LargestMessage = std::int64_t { 16 } * 1024 * 1024;
constexpr std::int64_t LargestRefusal = 64 * 1024;
/// A feed that says nothing for this long is asked whether it is there.
constexpr std::chrono::seconds PingAfter { 30 };
constexpr qsizetype CloseCodeBytes = 2;

QByteArray randomBytes(qsizetype size)
{
    QByteArray bytes;
    while (bytes.size() < size)
        bytes.append(static_cast<char>(QRandomGenerator::system()->generate()));
    return bytes;
}

QByteArray handshake(const AdminAddress &address, const QByteArray &key)
{
    QByteArray request = "GET /api/v1/live HTTP/1.1\r\nHost: " + adminAuthority(address)
        + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
          "Sec-WebSocket-Key: "
        + key + "\r\n";
    for (const HttpHeader &header : adminHeaders(address))
        request += header.name + ": " + header.value + "\r\n";
    return request + "\r\n";
}

/// RFC 6455 §4.2.2.
QByteArray acceptOf(const QByteArray &key)
{
    return QCryptographicHash::hash(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11",
                                    QCryptographicHash::Sha1)
        .toBase64();
}

/// Whether a whole head accepts the handshake.
bool isAccepted(QByteArrayView head, const QByteArray &key)
{
    const QByteArrayView line = takeLine(head);
    HttpFields fields;
    return line.startsWith("HTTP/1.1 101 ") && readFields(head, HeadLimits(), fields)
        && fields.value("sec-websocket-accept") == acceptOf(key);
}

} // namespace

AdminFeed::AdminFeed(AdminAddress address, AdminPatience patience, AdminConnection connection)
    : m_address(std::move(address)), m_patience(patience), m_connection(std::move(connection)),
      m_reader(LargestMessage, FrameSource::Server)
{
}

Result<AdminFeed, AdminFailure> AdminFeed::open(const AdminAddress &address,
                                                const AdminPatience &patience)
{
    CARILLON_TRY(AdminConnection connection,
                 AdminConnection::open(address, QDeadlineTimer(patience.connection)));
    const QByteArray key = randomBytes(16).toBase64();
    const QDeadlineTimer deadline(patience.answer);
    CARILLON_TRY_VOID(connection.write(handshake(address, key), deadline));
    QByteArray received;
    for (;;) {
        CARILLON_TRY(const QByteArray bytes, connection.read(deadline));
        received += bytes;
        const auto head = findHead(received, HeadLimits());
        if (!head || (bytes.isEmpty() && !*head))
            return Unexpected(notCarillon(address));
        if (!*head)
            continue;
        if (isAccepted(QByteArrayView(received).first(**head), key)) {
            AdminFeed feed(address, patience, std::move(connection));
            CARILLON_TRY_VOID(feed.take(received.sliced(**head)));
            return feed;
        }
        break;
    }
    // A refusal: a response as to any request.
    ResponseReader reader(LargestRefusal);
    QByteArrayView rest(received);
    while (true) {
        if (const auto isComplete = reader.read(rest); !isComplete)
            return Unexpected(notCarillon(address));
        else if (*isComplete)
            break;
        CARILLON_TRY(received, connection.read(deadline));
        if (received.isEmpty() && !reader.end())
            return Unexpected(notCarillon(address));
        if (received.isEmpty())
            break;
        rest = received;
    }
    const HttpClientResponse response = reader.takeResponse();
    return Unexpected(failureOf(address, response.status, response.body));
}

Result<void, AdminFailure> AdminFeed::write(Opcode opcode, QByteArrayView payload)
{
    const QByteArray random = randomBytes(FrameMaskBytes);
    std::array<char, FrameMaskBytes> mask {};
    std::copy_n(random.begin(), mask.size(), mask.begin());
    QByteArray frame;
    appendMaskedFrame(frame, opcode, payload, mask);
    return m_connection.write(frame, QDeadlineTimer(m_patience.answer));
}

Result<void, AdminFailure> AdminFeed::send(const QJsonObject &message)
{
    return write(Opcode::Text, QJsonDocument(message).toJson(QJsonDocument::Compact));
}

Result<void, AdminFailure> AdminFeed::take(QByteArray bytes)
{
    std::span<char> rest(bytes.data(), static_cast<std::size_t>(bytes.size()));
    while (!m_isEnded) {
        const auto input = m_reader.next(rest);
        if (!input)
            return Unexpected(notCarillon(m_address));
        if (!*input)
            break;
        const QByteArrayView payload = (*input)->payload;
        if ((*input)->opcode == Opcode::Text) {
            m_messages.push_back(QJsonDocument::fromJson(payload.toByteArray()).object());
        } else if ((*input)->opcode == Opcode::Ping) {
            CARILLON_TRY_VOID(write(Opcode::Pong, payload));
        } else if ((*input)->opcode == Opcode::Close) {
            m_isEnded = true;
            if (payload.size() > CloseCodeBytes)
                m_reason = QString::fromUtf8(payload.sliced(CloseCodeBytes));
        }
    }
    return {};
}

Result<std::optional<QJsonObject>, AdminFailure> AdminFeed::next()
{
    bool isAsked = false;
    while (m_messages.empty() && !m_isEnded) {
        const auto bytes = m_connection.read(QDeadlineTimer(PingAfter));
        if (bytes) {
            m_isEnded = bytes->isEmpty();
            CARILLON_TRY_VOID(take(*bytes));
            isAsked = false;
            continue;
        }
        if (isAsked)
            return Unexpected(bytes.error());
        CARILLON_TRY_VOID(write(Opcode::Ping, {}));
        isAsked = true;
    }
    if (m_messages.empty())
        return std::optional<QJsonObject>();
    const std::optional message(std::move(m_messages.front()));
    m_messages.pop_front();
    return message;
}

} // namespace Carillon
