// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArray>
#include <QByteArrayView>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace Carillon {

/// RFC 6455 §5.2; the others are reserved.
enum class Opcode : std::uint8_t {
    Continuation = 0,
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10,
};

/// Most bytes that a control frame carries.
inline constexpr qsizetype MaxControlPayload = 125;
inline constexpr std::size_t FrameMaskBytes = 4;
/// In place of a length: it follows in two bytes, in eight.
inline constexpr std::uint8_t FrameLength16 = 126;
inline constexpr std::uint8_t FrameLength64 = 127;

[[nodiscard]] inline QByteArrayView toView(std::span<const char> bytes)
{
    return { bytes.data(), static_cast<qsizetype>(bytes.size()) };
}

/// Appends an unmasked final frame, as a server sends it.
void appendFrame(QByteArray &out, Opcode opcode, QByteArrayView payload);
/// Appends a Close frame. The reason is cut to what fits, between characters; code 0 sends none.
void appendCloseFrame(QByteArray &out, int code, QByteArrayView reason);
/// XORs bytes with the mask, beginning at its byte `offset` % 4.
void unmask(std::span<char> bytes, std::array<char, 4> mask, std::size_t offset);

} // namespace Carillon
