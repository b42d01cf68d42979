// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "tests/support/rawsocket.h"

namespace Carillon::Testing {

/// The bits of a frame header that a polite client has no choice about (RFC 6455 §5.2).
struct FrameOptions
{
    bool isFinal = true;
    bool isMasked = true;
    int reservedBits = 0; // 4: RSV1, 2: RSV2, 1: RSV3
};

struct RawFrame
{
    int opcode = -1;
    bool isFinal = true;
    int reservedBits = 0;
    QByteArray payload;
};

/// What ended a WebSocket, as the client sees it.
struct RawClose
{
    /// 1005: a Close frame without a code; 1006: TCP ended without a Close frame.
    int code = 1006;
    QByteArray reason;
};

/// The client's end of a WebSocket over a RawSocket, polite or not: it answers nothing by itself.
/// Thread: one.
class RawWebSocket
{
public:
    enum Opcode { Continuation = 0, Text = 1, Binary = 2, Close = 8, Ping = 9, Pong = 10 };

    /// The head of a good handshake; each extra header ends with CRLF.
    [[nodiscard]] static QByteArray handshake(QByteArrayView extraHeaders = {});
    /// A frame as it goes on the wire.
    [[nodiscard]] static QByteArray frame(int opcode, QByteArrayView payload,
                                          FrameOptions options = {});

    /// Connects unless the socket is, and asks for the upgrade; false unless the answer is 101.
    [[nodiscard]] bool open(quint16 port, QByteArrayView extraHeaders = {});
    [[nodiscard]] const RawResponse &answer() const { return m_answer; }
    [[nodiscard]] RawSocket &socket() { return m_socket; }

    bool sendText(QByteArrayView text) { return sendFrame(Text, text); }
    bool sendFrame(int opcode, QByteArrayView payload, FrameOptions options = {})
    {
        return m_socket.send(frame(opcode, payload, options));
    }
    bool sendClose(int code, QByteArrayView reason = {});

    /// The next frame of any kind; absent when none comes whole.
    [[nodiscard]] std::optional<RawFrame> readFrame();
    /// The next frame if it is a text, else null.
    [[nodiscard]] QByteArray readText();
    /// Reads to the Close frame, passing over all others.
    [[nodiscard]] RawClose readClose();

private:
    RawSocket m_socket;
    RawResponse m_answer;
};

} // namespace Carillon::Testing
