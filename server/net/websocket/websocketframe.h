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
/// Values of the 7-bit length field: the length follows in two bytes, or in eight.
inline constexpr std::uint8_t FrameLength16 = 126;
inline constexpr std::uint8_t FrameLength64 = 127;

[[nodiscard]] inline QByteArrayView toView(std::span<const char> bytes)
{
    return { bytes.data(), static_cast<qsizetype>(bytes.size()) };
}

/// Appends an unmasked final frame, as a server sends it.
void appendFrame(QByteArray &out, Opcode opcode, QByteArrayView payload);
/// Appends a masked final frame, as a client sends it.
void appendMaskedFrame(QByteArray &out, Opcode opcode, QByteArrayView payload,
                       std::array<char, FrameMaskBytes> mask);
/// Appends a Close frame. The reason is truncated to fit, between characters. With code 0 the frame
/// is empty.
void appendCloseFrame(QByteArray &out, int code, QByteArrayView reason);
/// Masks or unmasks bytes in place, beginning at byte `offset` % 4 of the mask.
void unmask(std::span<char> bytes, std::array<char, 4> mask, std::size_t offset);

} // namespace Carillon
