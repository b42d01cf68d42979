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

} // namespace

void appendFrame(QByteArray &out, Opcode opcode, QByteArrayView payload)
{
    out.append(static_cast<char>(0x80 | static_cast<int>(opcode)));
    if (payload.size() < FrameLength16) {
        out.append(static_cast<char>(payload.size()));
    } else if (payload.size() <= 0xffff) {
        out.append(static_cast<char>(FrameLength16));
        appendBigEndian(out, static_cast<std::uint16_t>(payload.size()));
    } else {
        out.append(static_cast<char>(FrameLength64));
        appendBigEndian(out, static_cast<std::uint64_t>(payload.size()));
    }
    out.append(payload);
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
