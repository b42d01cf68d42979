// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArrayView>

#include <cstdint>
#include <memory>
#include <span>

namespace Carillon {

class TlsServer;
class TlsStream;

/// The bytes of one TCP connection, in and out, without waiting. All that a connection knows of its
/// descriptor goes through here, so that TLS has one place to stand in.
/// Owns: the descriptor, its TLS. Thread: one.
class SocketStream
{
public:
    enum class Outcome : std::uint8_t {
        Moved, // some bytes went
        Blocked, // none now
        Ended, // the peer sends no more
        Failed, // the connection is gone
        NotTls, // the peer began with plain HTTP where TLS is spoken; from now on so do we
    };
    struct Transfer
    {
        Outcome outcome = Outcome::Blocked;
        std::size_t size = 0;
    };

    /// Takes a connected, non-blocking descriptor; null: no TLS.
    SocketStream(int descriptor, const TlsServer *tls);
    ~SocketStream();
    SocketStream(const SocketStream &) = delete;
    SocketStream &operator=(const SocketStream &) = delete;

    /// Speaks TLS from now on, of whose handshake these bytes have come. Precondition: nothing was
    /// sent, and it does not yet.
    void startTls(const TlsServer &tls, std::span<const char> received);
    [[nodiscard]] bool isTls() const { return m_tls != nullptr; }

    [[nodiscard]] int descriptor() const { return m_fd; }
    [[nodiscard]] Transfer receive(std::span<char> buffer);
    [[nodiscard]] Transfer send(QByteArrayView bytes);
    /// Says that nothing follows what was sent; bytes are received from now on only to be dropped,
    /// TLS does not look at them. Not all is said while isFinishing(): call it again then.
    void finishSending();
    [[nodiscard]] bool isFinishing() const { return m_finishing; }
    /// Ends both ways, so that the descriptor reports that it is gone.
    void cut();

    /// Bytes wait for receive() that no event will tell of.
    [[nodiscard]] bool hasPending() const;
    /// The epoll events that a receive() or send() that was blocked waits for. TLS may have to
    /// write before it can read, and the reverse.
    [[nodiscard]] std::uint32_t receiveEvent() const;
    [[nodiscard]] std::uint32_t sendEvent() const;

private:
    int m_fd;
    bool m_finishing = false;
    std::unique_ptr<TlsStream> m_tls;
};

} // namespace Carillon
