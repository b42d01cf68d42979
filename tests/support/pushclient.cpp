// SPDX-License-Identifier: MPL-2.0
#include "tests/support/pushclient.h"

#include "tests/support/peerwire.h"

#include <QElapsedTimer>
#include <QHostAddress>
#include <QJsonDocument>
#include <QRandomGenerator>
#include <QtEndian>

namespace Carillon::Testing {

using namespace Qt::StringLiterals;

namespace {

/// Empty if it is no JSON object.
QJsonObject parsed(const QByteArray &json)
{
    return QJsonDocument::fromJson(json).object();
}

/// The path alone: "/wpush/v1/…".
QByteArray pathOf(const QByteArray &url)
{
    const qsizetype slash = url.indexOf('/', url.indexOf("//") + 2);
    return slash < 0 ? QByteArray() : url.mid(slash);
}

} // namespace

QByteArray text(const QJsonObject &object, const char *name)
{
    return object.value(QLatin1StringView(name)).toString().toUtf8();
}

bool PushClient::open(const HttpHeaders &extraHeaders)
{
    if (!connectPeer(m_socket, m_port != 0 ? m_port : m_server.connectPort()))
        return false;
    QByteArray head = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
                      "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    for (const auto &[name, value] : extraHeaders)
        head += name + ": " + value + "\r\n";
    m_socket.write(head + "\r\n");

    qsizetype end = -1;
    while ((end = m_read.indexOf("\r\n\r\n")) < 0) {
        if (!m_socket.waitForReadyRead(static_cast<int>(Patience.count())))
            return false;
        m_read += m_socket.readAll();
    }
    const QByteArrayList lines = m_read.left(end).replace("\r\n", "\n").split('\n');
    m_read.remove(0, end + 4);
    m_upgrade.status = lines.first().mid(9, 3).toInt();
    for (const QByteArray &line : lines.mid(1)) {
        const qsizetype colon = line.indexOf(':');
        m_upgrade.headers.emplace_back(line.left(colon), line.mid(colon + 1).trimmed());
    }
    return m_upgrade.status == 101;
}

void PushClient::sendJson(const QJsonObject &object)
{
    sendText(QJsonDocument(object).toJson(QJsonDocument::Compact));
}

void PushClient::sendFrame(Opcode opcode, const QByteArray &payload, bool isFinal)
{
    QByteArray frame;
    frame.append(static_cast<char>(static_cast<int>(opcode) | (isFinal ? 0x80 : 0)));
    if (payload.size() < 126) {
        frame.append(static_cast<char>(0x80 | payload.size()));
    } else if (payload.size() <= 0xFFFF) {
        frame.append(static_cast<char>(0x80 | 126)).append(2, '\0');
        qToBigEndian(static_cast<quint16>(payload.size()), frame.data() + 2);
    } else {
        frame.append(static_cast<char>(0x80 | 127)).append(8, '\0');
        qToBigEndian(static_cast<quint64>(payload.size()), frame.data() + 2);
    }
    const quint32 mask = QRandomGenerator::global()->generate();
    const char *maskBytes = reinterpret_cast<const char *>(&mask);
    frame.append(maskBytes, 4);
    const qsizetype start = frame.size();
    frame.append(payload);
    for (qsizetype i = 0; i < payload.size(); ++i)
        frame[start + i] = static_cast<char>(payload[i] ^ maskBytes[i % 4]);
    sendBytes(frame);
}

void PushClient::sendBytes(const QByteArray &bytes)
{
    m_socket.write(bytes);
    while (m_socket.bytesToWrite() > 0) {
        if (!m_socket.waitForBytesWritten(static_cast<int>(Patience.count())))
            return; // the server may close before it has read all
    }
}

bool PushClient::readFrame(std::chrono::milliseconds atMost)
{
    QElapsedTimer timer;
    timer.start();
    while (true) {
        qsizetype size = m_read.size() < 2 ? 0 : m_read[1] & 0x7F;
        qsizetype head = size < 126 ? 2 : size == 126 ? 4 : 10;
        if (m_read.size() >= head) {
            if (size == 126)
                size = qFromBigEndian<quint16>(m_read.constData() + 2);
            else if (size == 127)
                size = static_cast<qsizetype>(qFromBigEndian<quint64>(m_read.constData() + 2));
            if (m_read.size() >= head + size) {
                const int first = m_read[0];
                const QByteArray payload = m_read.mid(head, size);
                m_read.remove(0, head + size);
                frameRead(static_cast<Opcode>(first & 0x0F), (first & 0x80) != 0, payload);
                return true;
            }
        }
        const auto left = atMost.count() - timer.elapsed();
        if (m_socket.bytesAvailable() == 0
            && !m_socket.waitForReadyRead(static_cast<int>(std::max<qint64>(0, left))))
            return false;
        m_read += m_socket.readAll();
    }
}

void PushClient::frameRead(Opcode opcode, bool isFinal, const QByteArray &payload)
{
    switch (opcode) {
    case Opcode::Text:
    case Opcode::Continuation:
        m_fragments += payload;
        if (isFinal) {
            m_messages.append(std::exchange(m_fragments, {}));
        }
        return;
    case Opcode::Binary:
        m_messages.append("(binary)");
        return;
    case Opcode::Close:
        m_closeCode = payload.size() < 2 ? 1005 : qFromBigEndian<quint16>(payload.constData());
        m_closeReason = payload.mid(2);
        return;
    case Opcode::Ping:
        ++m_pings;
        if (m_answersPings)
            sendFrame(Opcode::Pong, payload);
        return;
    case Opcode::Pong:
        ++m_pongs;
        m_lastPong = payload;
        return;
    }
}

QJsonObject PushClient::next(std::chrono::milliseconds atMost)
{
    QElapsedTimer timer;
    timer.start();
    while (m_messages.isEmpty() && m_closeCode == 0) {
        const auto left = std::chrono::milliseconds(atMost.count() - timer.elapsed());
        if (!readFrame(left))
            return {};
    }
    return m_messages.isEmpty() ? QJsonObject() : parsed(m_messages.takeFirst());
}

QByteArray PushClient::nextText()
{
    while (m_messages.isEmpty() && m_closeCode == 0) {
        if (!readFrame(Patience))
            return {};
    }
    return m_messages.isEmpty() ? QByteArray() : m_messages.takeFirst();
}

QJsonObject PushClient::nextOf(const QString &type)
{
    qsizetype looked = 0;
    while (true) {
        for (; looked < m_messages.size(); ++looked) {
            const QJsonObject message = parsed(m_messages[looked]);
            if (message.value(u"messageType"_s).toString() == type) {
                m_messages.removeAt(looked);
                return message;
            }
        }
        if (m_closeCode != 0 || !readFrame(Patience))
            return {};
    }
}

bool PushClient::waitForCount(int &count)
{
    while (count == 0) {
        if (m_closeCode != 0 || !readFrame(Patience))
            return false;
    }
    --count;
    return true;
}

int PushClient::waitForClose()
{
    while (m_closeCode == 0) {
        if (!readFrame(Patience))
            return m_socket.state() == QAbstractSocket::ConnectedState ? 0 : 1006;
    }
    return m_closeCode;
}

bool PushClient::waitForTcpEnd()
{
    while (readFrame(Patience)) { }
    return m_socket.state() != QAbstractSocket::ConnectedState;
}

QJsonObject PushClient::hello(const QByteArray &uaid, QJsonObject extra)
{
    if (m_upgrade.status == 0 && !open())
        return {};
    extra.insert(u"messageType"_s, u"hello"_s);
    extra.insert(u"use_webpush"_s, true);
    if (!uaid.isNull())
        extra.insert(u"uaid"_s, QString::fromUtf8(uaid));
    sendJson(extra);
    QJsonObject answer = nextOf(u"hello"_s);
    m_uaid = text(answer, "uaid");
    m_server.remember(m_uaid);
    return answer;
}

QByteArray PushClient::subscribe(const QByteArray &channel, const QByteArray &key)
{
    QJsonObject message { { u"messageType"_s, u"register"_s },
                          { u"channelID"_s, QString::fromUtf8(channel) } };
    if (!key.isEmpty())
        message.insert(u"key"_s, QString::fromUtf8(key));
    sendJson(message);
    const QJsonObject answer = nextOf(u"register"_s);
    if (answer.value(u"status"_s).toInt() != 200 || text(answer, "channelID") != channel)
        return {};
    const QByteArray path = pathOf(text(answer, "pushEndpoint"));
    m_server.remember(path.mid(path.lastIndexOf('/') + 1));
    return path;
}

int PushClient::unregister(const QByteArray &channel)
{
    sendJson(
        { { u"messageType"_s, u"unregister"_s }, { u"channelID"_s, QString::fromUtf8(channel) } });
    return nextOf(u"unregister"_s).value(u"status"_s).toInt();
}

void PushClient::acknowledge(const QJsonObject &notification, int code)
{
    sendJson({ { u"messageType"_s, u"ack"_s },
               { u"updates"_s,
                 QJsonArray { QJsonObject { { u"channelID"_s, notification.value(u"channelID"_s) },
                                            { u"version"_s, notification.value(u"version"_s) },
                                            { u"code"_s, code } } } } });
}

void PushClient::acknowledge(const QList<QJsonObject> &notifications)
{
    QJsonArray updates;
    for (const QJsonObject &notification : notifications) {
        updates.append(QJsonObject { { u"channelID"_s, notification.value(u"channelID"_s) },
                                     { u"version"_s, notification.value(u"version"_s) },
                                     { u"code"_s, 100 } });
    }
    sendJson({ { u"messageType"_s, u"ack"_s }, { u"updates"_s, updates } });
}

bool PushClient::barrier()
{
    return unregister(randomChannel()) == 200;
}

QList<QJsonObject> PushClient::takeWaiting()
{
    QList<QJsonObject> taken;
    for (qsizetype i = 0; i < m_messages.size();) {
        const QJsonObject message = parsed(m_messages[i]);
        if (message.value(u"messageType"_s).toString() == "notification"_L1) {
            taken.append(message);
            m_messages.removeAt(i);
        } else {
            ++i;
        }
    }
    return taken;
}

} // namespace Carillon::Testing
