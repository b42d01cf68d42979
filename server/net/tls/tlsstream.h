// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/net/socketstream.h"
#include "server/net/tls/tlscontext.h"

namespace Carillon {

/// The server's end of TLS over one descriptor, without waiting. The handshake is part of the first
/// receive(). As SocketStream, whose calls end here.
/// send() is given again what it did not take, before anything else.
/// Owns: OpenSSL's state, not the descriptor. Thread: one.
class TlsStream
{
public:
    TlsStream(const TlsContext &context, int descriptor);
    ~TlsStream();
    TlsStream(const TlsStream &) = delete; // OpenSSL knows where it is
    TlsStream &operator=(const TlsStream &) = delete;

    /// Takes the first bytes of the handshake, which somebody else has read; receive() goes on.
    void begin(std::span<const char> received);
    [[nodiscard]] SocketStream::Transfer receive(std::span<char> buffer);
    [[nodiscard]] SocketStream::Transfer send(QByteArrayView bytes);
    /// Says close_notify, if there is somebody to understand it; false: when sendEvent() comes.
    [[nodiscard]] bool finish();

    /// Bytes that no event will tell of: they are here already.
    [[nodiscard]] bool hasPending() const { return SSL_pending(m_ssl.get()) > 0; }
    [[nodiscard]] std::uint32_t receiveEvent() const;
    [[nodiscard]] std::uint32_t sendEvent() const;
    /// The version of the protocol that was agreed upon: "TLSv1.3".
    [[nodiscard]] QByteArray version() const { return SSL_get_version(m_ssl.get()); }

private:
    static int readBio(BIO *bio, char *buffer, int size);
    static int writeBio(BIO *bio, const char *bytes, int size);
    [[nodiscard]] static const BIO_METHOD *bioMethod();
    [[nodiscard]] SocketStream::Outcome sendUnsent();
    [[nodiscard]] SocketStream::Outcome outcome(int result, int &want) const;
    [[nodiscard]] bool beginsLikeHttp() const { return m_first >= 'A' && m_first <= 'Z'; }

    int m_fd;
    OpenSslPtr<SSL, SSL_free> m_ssl;
    QByteArray m_unsent; // encrypted, not yet taken by the kernel
    std::size_t m_encrypted = 0; // of what send() will be given again, bytes that are in there
    char m_first = 0; // the first byte received
    // What the last call of each waited for: SSL_ERROR_WANT_READ or _WRITE.
    int m_receiveWants = SSL_ERROR_WANT_READ;
    int m_sendWants = SSL_ERROR_WANT_WRITE;
};

} // namespace Carillon
