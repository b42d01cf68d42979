// SPDX-License-Identifier: MPL-2.0
#include "tests/support/rawwebsocket.h"

#include <QtEndian>

#include <array>

namespace Carillon::Testing {

QByteArray RawWebSocket::handshake(QByteArrayView extraHeaders)
{
    QByteArray head = "GET / HTTP/1.1\r\n"
                      "Host: 127.0.0.1\r\n"
                      "Connection: keep-alive, Upgrade\r\n"
                      "Upgrade: websocket\r\n"
                      "Sec-WebSocket-Version: 13\r\n"
                      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    head.append(extraHeaders).append("\r\n");
    return head;
}

QByteArray RawWebSocket::frame(int opcode, QByteArrayView payload, FrameOptions options)
{
    static constexpr std::array<char, 4> Mask { 0x37, 0x0a, 0x5c, 0x11 };
    QByteArray bytes;
    bytes.append(
        static_cast<char>((options.isFinal ? 0x80 : 0) | (options.reservedBits << 4) | opcode));
    const int maskBit = options.isMasked ? 0x80 : 0;
    if (payload.size() < 126) {
        bytes.append(static_cast<char>(maskBit | static_cast<int>(payload.size())));
    } else if (payload.size() < 65'536) {
        bytes.append(static_cast<char>(maskBit | 126));
        const quint16 size = qToBigEndian(static_cast<quint16>(payload.size()));
        bytes.append(reinterpret_cast<const char *>(&size), sizeof size);
    } else {
        bytes.append(static_cast<char>(maskBit | 127));
        const quint64 size = qToBigEndian(static_cast<quint64>(payload.size()));
        bytes.append(reinterpret_cast<const char *>(&size), sizeof size);
    }
    if (!options.isMasked)
        return bytes.append(payload);
    bytes.append(Mask.data(), Mask.size());
    for (qsizetype i = 0; i < payload.size(); ++i)
        bytes.append(static_cast<char>(payload[i] ^ Mask[static_cast<std::size_t>(i % 4)]));
    return bytes;
}

bool RawWebSocket::open(quint16 port, QByteArrayView extraHeaders)
{
    if (!m_socket.isConnected() && !m_socket.connectTo(port))
        return false;
    const auto response = m_socket.exchange(handshake(extraHeaders));
    m_answer = response.value_or(RawResponse {});
    return m_answer.status == 101;
}

bool RawWebSocket::sendClose(int code, QByteArrayView reason)
{
    QByteArray payload;
    payload.append(static_cast<char>(code >> 8)).append(static_cast<char>(code & 0xff));
    return sendFrame(Close, payload.append(reason));
}

std::optional<RawFrame> RawWebSocket::readFrame()
{
    const QByteArray header = m_socket.read(2);
    if (header.size() != 2)
        return std::nullopt;
    RawFrame frame;
    frame.opcode = header[0] & 0x0f;
    frame.isFinal = (header[0] & 0x80) != 0;
    frame.reservedBits = (header[0] >> 4) & 0x07;
    qsizetype size = header[1] & 0x7f;
    if (size == 126)
        size = qFromBigEndian<quint16>(m_socket.read(2).leftJustified(2, '\0').constData());
    else if (size == 127)
        size = qFromBigEndian<qint64>(m_socket.read(8).leftJustified(8, '\0').constData());
    frame.payload = m_socket.read(size);
    if (frame.payload.size() != size)
        return std::nullopt;
    return frame;
}

QByteArray RawWebSocket::readText()
{
    const auto frame = readFrame();
    return frame && frame->opcode == Text ? frame->payload : QByteArray();
}

RawClose RawWebSocket::readClose()
{
    for (auto frame = readFrame(); frame; frame = readFrame()) {
        if (frame->opcode != Close)
            continue;
        if (frame->payload.size() < 2)
            return { 1005, {} };
        return { qFromBigEndian<quint16>(frame->payload.constData()), frame->payload.sliced(2) };
    }
    return {};
}

} // namespace Carillon::Testing
