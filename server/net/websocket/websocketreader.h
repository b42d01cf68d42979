// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"
#include "server/net/websocket/utf8validator.h"
#include "server/net/websocket/websocketframe.h"

#include <QByteArray>
#include <QByteArrayView>

#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace Carillon {

/// A whole text message (Opcode::Text) or a control frame.
struct WebSocketInput
{
    Opcode opcode = Opcode::Text;
    QByteArrayView payload;
};

/// Whose frames are read: those of clients are masked, those of servers are not.
enum class FrameSource : std::uint8_t { Client, Server };

/// Reads the frames of a WebSocket peer from pieces of any size: validates each header as soon as
/// it is complete, joins fragments, checks UTF-8 as it arrives. Allocates for bytes received, never
/// for an announced length. A pure function of bytes. Owns: an incomplete message or frame. Thread:
/// one.
class WebSocketReader
{
public:
    explicit WebSocketReader(std::int64_t messageLimit, FrameSource source = FrameSource::Client)
        : m_messageLimit(messageLimit),
          m_maskBytes(source == FrameSource::Client ? FrameMaskBytes : 0)
    {
    }

    /// Consumes bytes up to the end of the next input; absent if all are consumed and none is
    /// complete. The payload is valid until the next call, and as long as `bytes`, which are
    /// unmasked in place. After an error (ProtocolViolation, BinaryMessage, InvalidUtf8 or
    /// MessageTooBig) nothing more may be fed.
    [[nodiscard]] Result<std::optional<WebSocketInput>> next(std::span<char> &bytes);
    /// No message or frame is incomplete, so the reader need not be kept.
    [[nodiscard]] bool isIdle() const
    {
        return m_headerSize == 0 && !m_inMessage && m_message.isNull();
    }

private:
    /// The longest: two bytes, eight of length, the mask.
    static constexpr std::size_t MaxHeader = 14;

    [[nodiscard]] Result<bool> readHeader(std::span<char> &bytes);
    [[nodiscard]] Result<void> judgeStart() const;
    [[nodiscard]] Result<void> judgeLength();
    [[nodiscard]] Result<std::optional<WebSocketInput>> readControl(std::span<char> &bytes);
    [[nodiscard]] Result<std::optional<WebSocketInput>> readData(std::span<char> &bytes);
    [[nodiscard]] std::span<char> takePayload(std::span<char> &bytes);

    [[nodiscard]] std::size_t headerLength() const;
    [[nodiscard]] Opcode opcode() const { return static_cast<Opcode>(m_header[0] & 0x0f); }
    [[nodiscard]] bool isFinal() const { return (m_header[0] & 0x80) != 0; }
    [[nodiscard]] bool isControl() const { return (m_header[0] & 0x08) != 0; }

    std::int64_t m_messageLimit;
    std::uint8_t m_maskBytes; // in each header
    std::array<std::uint8_t, MaxHeader> m_header {};
    std::uint8_t m_headerSize = 0; // bytes of it read; 0 between frames
    bool m_inMessage = false; // a text was begun and its last frame has not ended
    bool m_delivered = false; // m_message was given out
    Utf8Validator m_utf8;
    std::int64_t m_length = 0; // of the frame's payload
    std::int64_t m_taken = 0; // of it so far
    QByteArray m_message;
    QByteArray m_control; // an incomplete control frame's payload
};

} // namespace Carillon
