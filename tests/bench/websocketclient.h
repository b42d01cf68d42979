// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "tests/bench/connection.h"

namespace Carillon::Bench {

/// The text of a JSON object's member; empty if it has none. What a server says here needs no
/// unescaping.
[[nodiscard]] std::string_view field(std::string_view json, std::string_view name);

/// The client's end of a WebSocket (RFC 6455), as little as a measured server needs: whole text
/// messages, pings answered. What the server may not send ends it.
class WebSocketClient : public Connection
{
public:
    using Connection::Connection;

    void sendText(std::string_view text);

protected:
    /// The upgrade was answered.
    virtual void upgraded() = 0;
    virtual void text(std::string_view message) = 0;
    /// It is over, with the close code and reason if the server gave them.
    virtual void lost(std::string_view why) = 0;

private:
    enum class Opcode : std::uint8_t { Text = 1, Close = 8, Ping = 9, Pong = 10 };

    void opened() final;
    std::size_t received(std::string_view bytes) final;
    void ended(std::string_view why) final;

    [[nodiscard]] std::size_t readAnswer(std::string_view bytes);
    void frame(Opcode opcode, std::string_view payload);
    void send(Opcode opcode, std::string_view payload);
    void refuse(std::string_view why);

    bool m_upgraded = false;
};

} // namespace Carillon::Bench
