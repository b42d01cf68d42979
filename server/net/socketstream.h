// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArrayView>

#include <cstdint>
#include <memory>
#include <span>

namespace Carillon {

class TlsServer;
class TlsStream;

/// Non-blocking input and output of one TCP connection, plain or with TLS. Connections use their
/// descriptor only through this class.
/// Owns: the descriptor, its TLS. Thread: one.
class SocketStream
{
public:
    enum class Outcome : std::uint8_t {
        Moved, // some bytes were transferred
        Blocked, // none can be now
        Ended, // the peer has finished sending
        Failed, // the connection is broken
        NotTls, // the peer began with plain HTTP; the stream is plain from now on
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

    /// Switches to TLS; `received` is the beginning of the peer's handshake. Precondition: the
    /// stream is plain and nothing was sent.
    void startTls(const TlsServer &tls, std::span<const char> received);
    [[nodiscard]] bool isTls() const { return m_tls != nullptr; }
    /// "TLSv1.3"; empty: the stream is plain.
    [[nodiscard]] QByteArray tlsVersion() const;

    [[nodiscard]] int descriptor() const { return m_fd; }
    [[nodiscard]] Transfer receive(std::span<char> buffer);
    [[nodiscard]] Transfer send(QByteArrayView bytes);
    /// Ends the sending side (close_notify, FIN). Input received after it is not decrypted and only
    /// fit to be dropped. Call it again, when the socket is writable, while isFinishing().
    void finishSending();
    [[nodiscard]] bool isFinishing() const { return m_finishing; }
    /// Shuts down both directions, so that the descriptor reports a hang-up.
    void cut();

    /// Decrypted bytes are buffered, which no epoll event will report.
    [[nodiscard]] bool hasPending() const;
    /// The epoll event to wait for after receive() or send() was Blocked. TLS may have to write
    /// before it can read, and the reverse.
    [[nodiscard]] std::uint32_t receiveEvent() const;
    [[nodiscard]] std::uint32_t sendEvent() const;

private:
    int m_fd;
    bool m_finishing = false;
    std::unique_ptr<TlsStream> m_tls;
};

} // namespace Carillon
