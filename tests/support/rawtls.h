// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArray>
#include <QByteArrayView>

#include <openssl/ssl.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <span>

namespace Carillon::Testing {

/// The client's end of TLS over a connected descriptor, which it makes non-blocking; it believes
/// any certificate. Calls are those of the socket API: -1 and errno where they fail.
/// Owns: OpenSSL's state, not the descriptor. Thread: any.
class RawTls
{
public:
    struct Options
    {
        int version = 0; ///< the only one offered, as TLS1_2_VERSION; 0: any
        QByteArray protocols = {}; ///< for ALPN, as it goes on the wire
        SSL_SESSION *resumed = nullptr; ///< from session()
    };

    explicit RawTls(int descriptor) : RawTls(descriptor, Options()) { }
    /// Does the handshake, as far as the server takes part in it now.
    RawTls(int descriptor, const Options &options);
    ~RawTls();
    RawTls(const RawTls &) = delete;
    RawTls &operator=(const RawTls &) = delete;

    [[nodiscard]] bool isEstablished();
    /// What is said while the handshake is not through goes out with a later call.
    [[nodiscard]] ssize_t send(QByteArrayView bytes);
    [[nodiscard]] ssize_t receive(std::span<char> buffer);
    /// Bytes that are here already, and that no poll() tells of.
    [[nodiscard]] bool hasPending();
    /// Says close_notify.
    void finish();
    /// Changes our keys and asks the server to change its own (TLS 1.3), at once.
    [[nodiscard]] bool updateKeys();
    /// Asks for a new handshake (TLS 1.2).
    [[nodiscard]] bool renegotiate();

    // What was agreed.
    [[nodiscard]] QByteArray version();
    [[nodiscard]] QByteArray protocol();
    [[nodiscard]] bool isResumed();
    /// The server's certificate as DER.
    [[nodiscard]] QByteArray certificate();
    /// For another connection; the caller frees it. Null before the server sent a ticket.
    [[nodiscard]] SSL_SESSION *session();
    /// The server has said close_notify.
    [[nodiscard]] bool isFinishedByPeer();
    /// OpenSSL's word for what ended it: "tlsv1 alert no application protocol".
    [[nodiscard]] QByteArray failure() const { return m_failure; }

private:
    struct Free
    {
        void operator()(SSL *ssl) const { SSL_free(ssl); }
    };

    [[nodiscard]] bool sendUnsaid();
    [[nodiscard]] ssize_t failed(int result);

    // A test may send on one thread and receive on another.
    std::mutex m_mutex;
    int m_fd;
    std::unique_ptr<SSL, Free> m_ssl;
    QByteArray m_unsaid; // waits for the handshake
    QByteArray m_failure;
};

} // namespace Carillon::Testing
