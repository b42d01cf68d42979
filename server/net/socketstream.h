// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArrayView>

#include <cstdint>
#include <span>

namespace Carillon {

/// The bytes of one TCP connection, in and out, without waiting. All that a connection knows of its
/// descriptor goes through here, so that TLS has one place to stand in.
/// Owns: the descriptor. Thread: one.
class SocketStream
{
public:
    enum class Outcome : std::uint8_t {
        Moved, // some bytes went
        Blocked, // none now
        Ended, // the peer sends no more
        Failed, // the connection is gone
    };
    struct Transfer
    {
        Outcome outcome = Outcome::Blocked;
        std::size_t size = 0;
    };

    /// Takes a connected, non-blocking descriptor.
    explicit SocketStream(int descriptor) : m_fd(descriptor) { }
    ~SocketStream();
    SocketStream(const SocketStream &) = delete;
    SocketStream &operator=(const SocketStream &) = delete;

    [[nodiscard]] int descriptor() const { return m_fd; }
    [[nodiscard]] Transfer receive(std::span<char> buffer);
    [[nodiscard]] Transfer send(QByteArrayView bytes);
    /// Says FIN; what comes is still received.
    void finishSending();
    /// Ends both ways, so that the descriptor reports that it is gone.
    void cut();

private:
    int m_fd;
};

} // namespace Carillon
