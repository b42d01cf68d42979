// SPDX-License-Identifier: MPL-2.0
#include "tests/support/rawtls.h"

#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <openssl/err.h>
#include <poll.h>

namespace Carillon::Testing {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

namespace {

/// For a server that takes part; one that does not is what some test is about.
constexpr auto HandshakePatience = 2s;

SSL_CTX *contextOfAll()
{
    static SSL_CTX *const context = [] {
        std::signal(SIGPIPE, SIG_IGN); // OpenSSL writes to what the peer has closed
        SSL_CTX *made = SSL_CTX_new(TLS_client_method());
        SSL_CTX_set_verify(made, SSL_VERIFY_NONE, nullptr);
        SSL_CTX_set_mode(made,
                         SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
                             | SSL_MODE_RELEASE_BUFFERS);
        return made;
    }();
    return context;
}

} // namespace

RawTls::RawTls(int descriptor, const Options &options)
    : m_fd(descriptor), m_ssl(SSL_new(contextOfAll()))
{
    ::fcntl(m_fd, F_SETFL, ::fcntl(m_fd, F_GETFL) | O_NONBLOCK);
    if (options.version != 0) {
        SSL_set_security_level(m_ssl.get(), 0); // also what nobody should speak
        SSL_set_min_proto_version(m_ssl.get(), options.version);
        SSL_set_max_proto_version(m_ssl.get(), options.version);
    }
    SSL_set_fd(m_ssl.get(), m_fd);
    if (!options.protocols.isEmpty())
        SSL_set_alpn_protos(m_ssl.get(),
                            reinterpret_cast<const unsigned char *>(options.protocols.constData()),
                            static_cast<unsigned>(options.protocols.size()));
    if (options.resumed)
        SSL_set_session(m_ssl.get(), options.resumed);
    SSL_set_connect_state(m_ssl.get());
    const auto deadline = steady_clock::now() + HandshakePatience;
    for (int result = SSL_do_handshake(m_ssl.get());
         result != 1 && failed(result) < 0 && errno == EAGAIN && steady_clock::now() < deadline;
         result = SSL_do_handshake(m_ssl.get())) {
        pollfd entry { m_fd, POLLIN, 0 };
        ::poll(&entry, 1, 10);
    }
}

RawTls::~RawTls() = default;

/// As errno, with the error queue emptied.
ssize_t RawTls::failed(int result)
{
    const int error = SSL_get_error(m_ssl.get(), result);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
        errno = EAGAIN;
    } else if (error == SSL_ERROR_ZERO_RETURN) {
        return 0;
    } else {
        if (const char *reason = ERR_reason_error_string(ERR_peek_error());
            reason && m_failure.isEmpty())
            m_failure = reason;
        errno = ECONNRESET;
    }
    ERR_clear_error();
    return -1;
}

bool RawTls::sendUnsaid()
{
    while (!m_unsaid.isEmpty()) {
        const int sent =
            SSL_write(m_ssl.get(), m_unsaid.constData(), static_cast<int>(m_unsaid.size()));
        if (sent <= 0)
            return failed(sent) == 0;
        m_unsaid.remove(0, sent);
    }
    return true;
}

bool RawTls::isEstablished()
{
    const std::lock_guard lock(m_mutex);
    return SSL_is_init_finished(m_ssl.get()) == 1;
}

ssize_t RawTls::send(QByteArrayView bytes)
{
    const std::lock_guard lock(m_mutex);
    if (!SSL_is_init_finished(m_ssl.get()) && m_failure.isEmpty()) {
        m_unsaid.append(bytes);
        return bytes.size();
    }
    if (!sendUnsaid())
        return -1;
    const int sent = SSL_write(m_ssl.get(), bytes.data(), static_cast<int>(bytes.size()));
    return sent > 0 ? sent : failed(sent);
}

ssize_t RawTls::receive(std::span<char> buffer)
{
    const std::lock_guard lock(m_mutex);
    const int got = SSL_read(m_ssl.get(), buffer.data(), static_cast<int>(buffer.size()));
    if (got > 0)
        return got;
    const ssize_t why = failed(got);
    if (why < 0 && errno == EAGAIN && SSL_is_init_finished(m_ssl.get())) {
        static_cast<void>(sendUnsaid());
        errno = EAGAIN;
    }
    return why;
}

bool RawTls::hasPending()
{
    const std::lock_guard lock(m_mutex);
    return SSL_pending(m_ssl.get()) > 0;
}

void RawTls::finish()
{
    const std::lock_guard lock(m_mutex);
    if (SSL_shutdown(m_ssl.get()) < 0)
        ERR_clear_error();
}

bool RawTls::updateKeys()
{
    const std::lock_guard lock(m_mutex);
    return SSL_key_update(m_ssl.get(), SSL_KEY_UPDATE_REQUESTED) == 1
        && SSL_do_handshake(m_ssl.get()) == 1;
}

bool RawTls::renegotiate()
{
    const std::lock_guard lock(m_mutex);
    const bool asked = SSL_renegotiate(m_ssl.get()) == 1;
    static_cast<void>(failed(SSL_do_handshake(m_ssl.get())));
    return asked;
}

QByteArray RawTls::version()
{
    return SSL_get_version(m_ssl.get());
}

QByteArray RawTls::protocol()
{
    const unsigned char *name = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(m_ssl.get(), &name, &length);
    return { reinterpret_cast<const char *>(name), static_cast<qsizetype>(length) };
}

bool RawTls::isResumed()
{
    return SSL_session_reused(m_ssl.get()) == 1;
}

QByteArray RawTls::certificate()
{
    const X509 *certificate = SSL_get0_peer_certificate(m_ssl.get());
    unsigned char *bytes = nullptr;
    const int length = certificate ? i2d_X509(certificate, &bytes) : 0;
    QByteArray der(reinterpret_cast<const char *>(bytes), std::max(length, 0));
    OPENSSL_free(bytes);
    return der;
}

SSL_SESSION *RawTls::session()
{
    SSL_SESSION *session = SSL_get1_session(m_ssl.get());
    if (session && SSL_SESSION_is_resumable(session) == 1)
        return session;
    SSL_SESSION_free(session);
    return nullptr;
}

bool RawTls::isFinishedByPeer()
{
    return (SSL_get_shutdown(m_ssl.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
}

} // namespace Carillon::Testing
