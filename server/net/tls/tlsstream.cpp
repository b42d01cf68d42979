// SPDX-License-Identifier: MPL-2.0
#include "server/net/tls/tlsstream.h"

#include "core/base/log.h"

#include <algorithm>
#include <cerrno>

#include <openssl/err.h>
#include <sys/epoll.h>
#include <sys/socket.h>

namespace Carillon {

namespace {

/// Encrypted bytes that may wait for the kernel while we go on reading: a record, and room for
/// answers to the peer's own changes of keys.
constexpr qsizetype MaxUnsent = 64 * 1024;

bool passes(int error)
{
    return error == EAGAIN || error == EINTR || error == ENOBUFS || error == ENOMEM;
}

long controlBio(BIO *bio, int command, long, void *)
{
    switch (command) {
    case BIO_CTRL_FLUSH:
        return 1;
    case BIO_CTRL_EOF:
        return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
    default:
        return 0;
    }
}

} // namespace

int TlsStream::readBio(BIO *bio, char *buffer, int size)
{
    auto &stream = *static_cast<TlsStream *>(BIO_get_data(bio));
    const ssize_t got = ::recv(stream.m_fd, buffer, static_cast<std::size_t>(size), 0);
    BIO_clear_retry_flags(bio);
    if (got < 0 && passes(errno))
        BIO_set_retry_read(bio);
    else if (got == 0)
        BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    else if (stream.m_first == 0 && got > 0)
        stream.m_first = buffer[0];
    return static_cast<int>(got);
}

/// Takes all: with a record half written OpenSSL could not read, as that may have to write too (a
/// KeyUpdate wants its answer), and fails the connection for it.
int TlsStream::writeBio(BIO *bio, const char *bytes, int size)
{
    auto &stream = *static_cast<TlsStream *>(BIO_get_data(bio));
    ssize_t sent = 0;
    BIO_clear_retry_flags(bio);
    if (stream.m_unsent.isEmpty()) {
        // OpenSSL's own socket BIO would let the kernel send SIGPIPE.
        sent = ::send(stream.m_fd, bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
        if (sent < 0 && !passes(errno))
            return -1;
        sent = std::max<ssize_t>(sent, 0);
    }
    if (sent < size)
        stream.m_unsent.append(bytes + sent, size - sent);
    return size;
}

const BIO_METHOD *TlsStream::bioMethod()
{
    static const BIO_METHOD *const method = [] {
        BIO_METHOD *made =
            BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "carillon socket");
        requireOpenSsl(made && BIO_meth_set_read(made, readBio) == 1
                       && BIO_meth_set_write(made, writeBio) == 1
                       && BIO_meth_set_ctrl(made, controlBio) == 1);
        return made;
    }();
    return method;
}

TlsStream::TlsStream(const TlsContext &context, int descriptor)
    : m_fd(descriptor), m_ssl(SSL_new(context.handle()))
{
    BIO *bio = BIO_new(bioMethod());
    requireOpenSsl(m_ssl && bio);
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(m_ssl.get(), bio, bio);
    SSL_set_accept_state(m_ssl.get());
}

TlsStream::~TlsStream()
{
    auto *const failures = static_cast<std::atomic<std::int64_t> *>(
        SSL_CTX_get_app_data(SSL_get_SSL_CTX(m_ssl.get())));
    if (failures && m_first != 0 && !beginsLikeHttp() && !SSL_is_init_finished(m_ssl.get()))
        failures->fetch_add(1, std::memory_order_relaxed);
}

/// The server has said nothing yet, so the handshake cannot end here, and takes all of it.
void TlsStream::begin(std::span<const char> received)
{
    if (!received.empty())
        m_first = received.front();
    BIO *socket = SSL_get_rbio(m_ssl.get());
    BIO *memory = BIO_new_mem_buf(received.data(), static_cast<int>(received.size()));
    requireOpenSsl(memory && BIO_up_ref(socket) == 1);
    BIO_set_mem_eof_return(memory, -1); // more will come
    SSL_set0_rbio(m_ssl.get(), memory);
    ERR_clear_error();
    if (const int result = SSL_do_handshake(m_ssl.get()); result <= 0)
        static_cast<void>(outcome(result, m_receiveWants));
    SSL_set0_rbio(m_ssl.get(), socket);
}

// SSL_get_error() judges by the thread's queue of errors, which everything on that thread that uses
// OpenSSL shares: each call begins with an empty one, or a connection would fail for another's
// fault.

/// What a call that moved nothing means.
SocketStream::Outcome TlsStream::outcome(int result, int &want) const
{
    switch (const int error = SSL_get_error(m_ssl.get(), result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        want = error;
        return SocketStream::Outcome::Blocked;
    case SSL_ERROR_ZERO_RETURN:
        return SocketStream::Outcome::Ended;
    case SSL_ERROR_SSL:
        qCDebug(lcNet, "TLS failed: %s", ERR_reason_error_string(ERR_peek_error()));
        break;
    default: // the descriptor failed
        break;
    }
    ERR_clear_error();
    return SocketStream::Outcome::Failed;
}

/// Blocked: some of it is left.
SocketStream::Outcome TlsStream::sendUnsent()
{
    if (m_unsent.isEmpty())
        return SocketStream::Outcome::Moved;
    const ssize_t sent = ::send(m_fd, m_unsent.constData(), lengthOf(m_unsent), MSG_NOSIGNAL);
    if (sent < 0)
        return passes(errno) ? SocketStream::Outcome::Blocked : SocketStream::Outcome::Failed;
    m_unsent = m_unsent.sliced(sent);
    return m_unsent.isEmpty() ? SocketStream::Outcome::Moved : SocketStream::Outcome::Blocked;
}

SocketStream::Transfer TlsStream::receive(std::span<char> buffer)
{
    const bool isBlocked = sendUnsent() == SocketStream::Outcome::Blocked;
    if (isBlocked && (m_encrypted == 0 || m_unsent.size() > MaxUnsent)) {
        m_receiveWants = SSL_ERROR_WANT_WRITE;
        return {};
    }
    std::size_t size = 0;
    ERR_clear_error();
    const int result = SSL_read_ex(m_ssl.get(), buffer.data(), buffer.size(), &size);
    if (result == 1) {
        m_receiveWants = SSL_ERROR_WANT_READ;
        return { SocketStream::Outcome::Moved, size };
    }
    const SocketStream::Outcome why = outcome(result, m_receiveWants);
    // A method is in capital letters; what TLS begins with is none. OpenSSL sends no alert then.
    if (why == SocketStream::Outcome::Failed && !SSL_is_init_finished(m_ssl.get())
        && beginsLikeHttp())
        return { SocketStream::Outcome::NotTls, 0 };
    if (!m_unsent.isEmpty() && m_encrypted == 0)
        m_receiveWants = SSL_ERROR_WANT_WRITE; // nobody else sends it
    return { why, 0 };
}

SocketStream::Transfer TlsStream::send(QByteArrayView bytes)
{
    m_sendWants = SSL_ERROR_WANT_WRITE;
    if (const SocketStream::Outcome rest = sendUnsent(); rest != SocketStream::Outcome::Moved)
        return { rest, 0 };
    // A record at a time; the last one counts when the kernel has all of it.
    std::size_t sent = std::exchange(m_encrypted, 0);
    while (sent < lengthOf(bytes)) {
        std::size_t size = 0;
        ERR_clear_error();
        const int result =
            SSL_write_ex(m_ssl.get(), bytes.data() + sent, lengthOf(bytes) - sent, &size);
        if (result == 1 && m_unsent.isEmpty()) {
            sent += size;
            continue;
        }
        m_encrypted = size;
        const SocketStream::Outcome why =
            result == 1 ? SocketStream::Outcome::Blocked : outcome(result, m_sendWants);
        return { why == SocketStream::Outcome::Blocked && sent > 0 ? SocketStream::Outcome::Moved
                                                                   : why,
                 sent };
    }
    return { SocketStream::Outcome::Moved, sent };
}

bool TlsStream::finish()
{
    if (!SSL_is_init_finished(m_ssl.get()))
        return true;
    if ((SSL_get_shutdown(m_ssl.get()) & SSL_SENT_SHUTDOWN) == 0) {
        ERR_clear_error();
        SSL_shutdown(m_ssl.get());
        ERR_clear_error();
    }
    return sendUnsent() != SocketStream::Outcome::Blocked;
}

std::uint32_t TlsStream::receiveEvent() const
{
    return m_receiveWants == SSL_ERROR_WANT_WRITE ? EPOLLOUT : EPOLLIN;
}

std::uint32_t TlsStream::sendEvent() const
{
    return m_sendWants == SSL_ERROR_WANT_READ ? EPOLLIN : EPOLLOUT;
}

} // namespace Carillon
