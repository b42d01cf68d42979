// SPDX-License-Identifier: MPL-2.0
#include "server/net/websocket/websocketreader.h"

#include <algorithm>
#include <cstring>
#include <utility>

// RFC 6455 §5, what a peer may send here:
//
//   input     = message | control
//   message   = text-frame *( *control continuation-frame )      the last one with FIN
//   control   = close-frame | ping-frame | pong-frame            FIN, at most 125 bytes
//   frame     = FIN(1) RSV(3)=0 opcode(4)  MASK(1) length(7)  [ length(16) | length(64) ]
//               [ mask(32) ] payload                           MASK: exactly if from a client
//   close     = [ code(16) reason ]                              reason: UTF-8
//   code      = 1000–1003 | 1007–1014 | 3000–4999
//
// Lengths are written in the fewest bytes. Binary messages are refused by their first frame.

namespace Carillon {

namespace {

bool isCloseCode(int code)
{
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014)
        || (code >= 3000 && code <= 4999);
}

Result<void> judgeClose(QByteArrayView payload)
{
    if (payload.isEmpty())
        return {};
    if (payload.size() == 1)
        return Unexpected(ErrorCode::ProtocolViolation);
    const int code =
        static_cast<std::uint8_t>(payload[0]) << 8 | static_cast<std::uint8_t>(payload[1]);
    if (!isCloseCode(code))
        return Unexpected(ErrorCode::ProtocolViolation);
    Utf8Validator utf8;
    if (!utf8.feed(payload.sliced(2)) || !utf8.isComplete())
        return Unexpected(ErrorCode::InvalidUtf8);
    return {};
}

} // namespace

Result<std::optional<WebSocketInput>> WebSocketReader::next(std::span<char> &bytes)
{
    if (std::exchange(m_delivered, false))
        m_message = {};
    for (;;) {
        if (const Result<bool> whole = readHeader(bytes); !whole)
            return Unexpected(whole.error());
        else if (!*whole)
            return std::optional<WebSocketInput>();
        const bool control = isControl();
        auto input = control ? readControl(bytes) : readData(bytes);
        // A fragment that ended without ending its message: on to the next frame.
        if (!input || *input || m_headerSize != 0)
            return input;
    }
}

std::size_t WebSocketReader::headerLength() const
{
    if (m_headerSize < 2)
        return 2;
    const int length = m_header[1] & 0x7f;
    const std::size_t extra = length == FrameLength16 ? 2 : length == FrameLength64 ? 8 : 0;
    return 2 + extra + m_maskBytes;
}

Result<bool> WebSocketReader::readHeader(std::span<char> &bytes)
{
    const bool wasWhole = m_headerSize >= 2 && m_headerSize == headerLength();
    if (wasWhole)
        return true;
    while (!bytes.empty()) {
        m_header[m_headerSize++] = static_cast<std::uint8_t>(bytes.front());
        bytes = bytes.subspan(1);
        if (m_headerSize < 2)
            continue;
        if (m_headerSize == 2) {
            if (const Result<void> judged = judgeStart(); !judged)
                return Unexpected(judged.error());
        }
        if (m_headerSize == headerLength()) {
            if (const Result<void> judged = judgeLength(); !judged)
                return Unexpected(judged.error());
            return true;
        }
    }
    return false;
}

Result<void> WebSocketReader::judgeStart() const
{
    const auto violation = Unexpected(ErrorCode::ProtocolViolation);
    const bool isMasked = (m_header[1] & 0x80) != 0;
    if ((m_header[0] & 0x70) != 0 || isMasked != (m_maskBytes != 0))
        return violation;
    switch (opcode()) {
    case Opcode::Close:
    case Opcode::Ping:
    case Opcode::Pong:
        if (!isFinal() || (m_header[1] & 0x7f) > MaxControlPayload)
            return violation;
        return {};
    case Opcode::Continuation:
        if (!m_inMessage)
            return violation;
        return {};
    case Opcode::Text:
        if (m_inMessage)
            return violation;
        return {};
    case Opcode::Binary:
        if (m_inMessage)
            return violation;
        return Unexpected(ErrorCode::BinaryMessage);
    }
    return violation;
}

Result<void> WebSocketReader::judgeLength()
{
    std::uint64_t length = m_header[1] & 0x7f;
    if (length >= FrameLength16) {
        const std::uint64_t least = length == FrameLength16 ? FrameLength16 : 0x1'0000;
        length = 0;
        for (std::size_t i = 2; i < headerLength() - m_maskBytes; ++i)
            length = length << 8 | m_header[i];
        if (length < least || length >> 63 != 0)
            return Unexpected(ErrorCode::ProtocolViolation);
    }
    const std::int64_t room = isControl() ? MaxControlPayload : m_messageLimit - m_message.size();
    if (length > static_cast<std::uint64_t>(room))
        return Unexpected(ErrorCode::MessageTooBig);
    m_length = static_cast<std::int64_t>(length);
    m_taken = 0;
    return {};
}

std::span<char> WebSocketReader::takePayload(std::span<char> &bytes)
{
    const auto size = std::min(bytes.size(), static_cast<std::size_t>(m_length - m_taken));
    const std::span<char> payload = bytes.first(size);
    if (m_maskBytes != 0) {
        std::array<char, FrameMaskBytes> mask {};
        std::memcpy(mask.data(), m_header.data() + headerLength() - FrameMaskBytes, FrameMaskBytes);
        unmask(payload, mask, static_cast<std::size_t>(m_taken));
    }
    m_taken += static_cast<std::int64_t>(size);
    bytes = bytes.subspan(size);
    return payload;
}

Result<std::optional<WebSocketInput>> WebSocketReader::readControl(std::span<char> &bytes)
{
    if (m_taken == 0)
        m_control = {};
    QByteArrayView payload = toView(takePayload(bytes));
    if (m_taken < m_length || payload.size() < m_length) {
        m_control.append(payload);
        payload = m_control;
    }
    if (m_taken < m_length)
        return std::optional<WebSocketInput>();
    m_headerSize = 0;
    if (opcode() == Opcode::Close) {
        if (const Result<void> judged = judgeClose(payload); !judged)
            return Unexpected(judged.error());
    }
    return std::optional(WebSocketInput { opcode(), payload });
}

Result<std::optional<WebSocketInput>> WebSocketReader::readData(std::span<char> &bytes)
{
    const bool begins = m_taken == 0 && opcode() == Opcode::Text;
    if (begins) {
        m_inMessage = true;
        m_utf8 = {};
    }
    QByteArrayView payload = toView(takePayload(bytes));
    if (!m_utf8.feed(payload))
        return Unexpected(ErrorCode::InvalidUtf8);
    const bool ends = isFinal() && m_taken == m_length;
    if (ends && !m_utf8.isComplete())
        return Unexpected(ErrorCode::InvalidUtf8);
    // A message that came in one piece is given out where it lies.
    if (!begins || !ends) {
        m_message.append(payload);
        payload = m_message;
    }
    if (m_taken == m_length)
        m_headerSize = 0;
    if (!ends)
        return std::optional<WebSocketInput>();
    m_inMessage = false;
    m_delivered = !m_message.isNull();
    return std::optional(WebSocketInput { Opcode::Text, payload });
}

} // namespace Carillon
