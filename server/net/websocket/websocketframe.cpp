// SPDX-License-Identifier: MPL-2.0
#include "server/net/websocket/websocketframe.h"

#include <algorithm>
#include <cstring>

namespace Carillon {

namespace {

template<typename Size> void appendBigEndian(QByteArray &out, Size value)
{
    for (int shift = 8 * (int { sizeof value } - 1); shift >= 0; shift -= 8)
        out.append(static_cast<char>(value >> shift));
}

/// maskBit: 0x80 if a mask follows.
void appendHeader(QByteArray &out, Opcode opcode, int maskBit, qsizetype length)
{
    out.append(static_cast<char>(0x80 | static_cast<int>(opcode)));
    if (length < FrameLength16) {
        out.append(static_cast<char>(maskBit | static_cast<int>(length)));
    } else if (length <= 0xffff) {
        out.append(static_cast<char>(maskBit | FrameLength16));
        appendBigEndian(out, static_cast<std::uint16_t>(length));
    } else {
        out.append(static_cast<char>(maskBit | FrameLength64));
        appendBigEndian(out, static_cast<std::uint64_t>(length));
    }
}

} // namespace

void appendFrame(QByteArray &out, Opcode opcode, QByteArrayView payload)
{
    appendHeader(out, opcode, 0, payload.size());
    out.append(payload);
}

void appendMaskedFrame(QByteArray &out, Opcode opcode, QByteArrayView payload,
                       std::array<char, FrameMaskBytes> mask)
{
    appendHeader(out, opcode, 0x80, payload.size());
    out.append(mask.data(), mask.size());
    const qsizetype start = out.size();
    out.append(payload);
    unmask({ out.data() + start, static_cast<std::size_t>(payload.size()) }, mask, 0);
}

void appendCloseFrame(QByteArray &out, int code, QByteArrayView reason)
{
    QByteArray payload;
    if (code != 0) {
        appendBigEndian(payload, static_cast<std::uint16_t>(code));
        qsizetype size = std::min(reason.size(), MaxControlPayload - payload.size());
        while (size > 0 && size < reason.size() && (reason[size] & 0xc0) == 0x80)
            --size;
        payload.append(reason.first(size));
    }
    appendFrame(out, Opcode::Close, payload);
}

void unmask(std::span<char> bytes, std::array<char, 4> mask, std::size_t offset)
{
    std::array<char, 8> turned {};
    for (std::size_t i = 0; i < turned.size(); ++i)
        turned[i] = mask[(offset + i) % FrameMaskBytes];
    std::uint64_t key = 0;
    std::memcpy(&key, turned.data(), sizeof key);
    std::size_t at = 0;
    for (; bytes.size() - at >= sizeof key; at += sizeof key) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data() + at, sizeof word);
        word ^= key;
        std::memcpy(bytes.data() + at, &word, sizeof word);
    }
    for (; at < bytes.size(); ++at)
        bytes[at] = static_cast<char>(bytes[at] ^ turned[at % turned.size()]);
}

} // namespace Carillon
