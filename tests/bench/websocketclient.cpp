// SPDX-License-Identifier: MPL-2.0
#include "tests/bench/websocketclient.h"

namespace Carillon::Bench {
namespace {

// One nonce for all, so that the expected answer is a constant (RFC 6455 §1.3 has both).
constexpr std::string_view Upgrade = "GET / HTTP/1.1\r\n"
                                     "Host: 127.0.0.1\r\n"
                                     "Connection: Upgrade\r\n"
                                     "Upgrade: websocket\r\n"
                                     "User-Agent: carillon-bench\r\n"
                                     "Sec-WebSocket-Version: 13\r\n"
                                     "Sec-WebSocket-Protocol: push-notification\r\n"
                                     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
constexpr std::string_view ExpectedAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

std::uint32_t nextMask()
{
    static std::uint32_t state = 2463534242U; // xorshift: masks hide nothing on loopback
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

} // namespace

std::string_view field(std::string_view json, std::string_view name)
{
    const std::string start = '"' + std::string(name) + "\":\"";
    const std::size_t at = json.find(start);
    if (at == std::string_view::npos)
        return {};
    const std::string_view rest = json.substr(at + start.size());
    return rest.substr(0, rest.find('"'));
}

void WebSocketClient::sendText(std::string_view text)
{
    send(Opcode::Text, text);
}

void WebSocketClient::opened()
{
    m_upgraded = false;
    write(Upgrade);
}

void WebSocketClient::ended(std::string_view why)
{
    lost(why);
}

std::size_t WebSocketClient::received(std::string_view bytes)
{
    std::size_t taken = 0;
    if (!m_upgraded) {
        taken = readAnswer(bytes);
        if (!m_upgraded)
            return taken;
    }
    while (isOpen() && bytes.size() - taken >= 2) {
        const auto byte = [&](std::size_t at) {
            return static_cast<std::uint8_t>(bytes[taken + at]);
        };
        std::size_t head = 2;
        std::size_t size = byte(1);
        if (size == 126)
            head = 4;
        else if (size == 127)
            head = 10;
        if (bytes.size() - taken < head)
            return taken;
        if (head > 2) {
            size = 0;
            for (std::size_t i = 2; i < head; ++i)
                size = size << 8 | byte(i);
        }
        // Final, no reserved bits, no mask.
        if ((byte(0) & 0xf0) != 0x80 || (byte(1) & 0x80) != 0) {
            refuse("a frame that is no server's");
            return taken;
        }
        if (bytes.size() - taken - head < size)
            return taken;
        const auto opcode = static_cast<Opcode>(byte(0) & 0x0f);
        const std::string_view payload = bytes.substr(taken + head, size);
        taken += head + size;
        frame(opcode, payload);
    }
    return taken;
}

std::size_t WebSocketClient::readAnswer(std::string_view bytes)
{
    const std::size_t end = bytes.find("\r\n\r\n");
    if (end == std::string_view::npos)
        return 0;
    const std::string_view head = bytes.substr(0, end);
    if (!head.starts_with("HTTP/1.1 101 ") || head.find(ExpectedAccept) == std::string_view::npos) {
        refuse(head.substr(0, head.find('\r')));
        return 0;
    }
    m_upgraded = true;
    upgraded();
    return end + 4;
}

void WebSocketClient::frame(Opcode opcode, std::string_view payload)
{
    switch (opcode) {
    case Opcode::Text:
        text(payload);
        return;
    case Opcode::Ping:
        send(Opcode::Pong, payload);
        return;
    case Opcode::Pong:
        return;
    case Opcode::Close: {
        std::string why = "closed";
        if (payload.size() >= 2) {
            const auto high = static_cast<std::uint8_t>(payload[0]);
            const auto low = static_cast<std::uint8_t>(payload[1]);
            why += " with " + std::to_string(high << 8 | low) + ' ';
            why += payload.substr(2);
        }
        refuse(why);
        return;
    }
    }
    refuse("an opcode that is none");
}

void WebSocketClient::send(Opcode opcode, std::string_view payload)
{
    std::string frame;
    frame.reserve(payload.size() + 14);
    const auto put = [&frame](auto byte) { frame.push_back(static_cast<char>(byte)); };
    put(0x80 | static_cast<int>(opcode));
    if (payload.size() < 126) {
        put(0x80 | payload.size());
    } else { // nothing we say is longer than 64 KiB
        put(0x80 | 126);
        put(payload.size() >> 8);
        put(payload.size() & 0xff);
    }
    const std::uint32_t mask = nextMask();
    for (int shift = 24; shift >= 0; shift -= 8)
        put(mask >> shift & 0xff);
    int shift = 24;
    for (const char byte : payload) {
        put(static_cast<std::uint8_t>(byte) ^ (mask >> shift & 0xff));
        shift = shift == 0 ? 24 : shift - 8;
    }
    write(frame);
}

void WebSocketClient::refuse(std::string_view why)
{
    const std::string reason(why);
    close();
    lost(reason);
}

} // namespace Carillon::Bench
