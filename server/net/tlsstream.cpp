// SPDX-License-Identifier: MPL-2.0
#include "server/net/tlsstream.h"

#include "core/base/log.h"

#include <cerrno>

#include <openssl/err.h>
#include <sys/epoll.h>
#include <sys/socket.h>

namespace Carillon {

namespace {

// OpenSSL's own socket BIO would let the kernel send SIGPIPE.

int descriptorOf(BIO *bio)
{
    return *static_cast<const int *>(BIO_get_data(bio));
}

bool passes(int error)
{
    return error == EAGAIN || error == EINTR || error == ENOBUFS || error == ENOMEM;
}

int readBio(BIO *bio, char *buffer, int size)
{
    const ssize_t got = ::recv(descriptorOf(bio), buffer, static_cast<std::size_t>(size), 0);
    BIO_clear_retry_flags(bio);
    if (got < 0 && passes(errno))
        BIO_set_retry_read(bio);
    else if (got == 0)
        BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    return static_cast<int>(got);
}

int writeBio(BIO *bio, const char *bytes, int size)
{
    const ssize_t sent =
        ::send(descriptorOf(bio), bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
    BIO_clear_retry_flags(bio);
    if (sent < 0 && passes(errno))
        BIO_set_retry_write(bio);
    return static_cast<int>(sent);
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

const BIO_METHOD *bioMethod()
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

} // namespace

TlsStream::TlsStream(const TlsContext &context, int descriptor)
    : m_fd(descriptor), m_ssl(SSL_new(context.handle()))
{
    BIO *bio = BIO_new(bioMethod());
    requireOpenSsl(m_ssl && bio);
    BIO_set_data(bio, &m_fd);
    BIO_set_init(bio, 1);
    SSL_set_bio(m_ssl.get(), bio, bio);
    SSL_set_accept_state(m_ssl.get());
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

SocketStream::Transfer TlsStream::receive(std::span<char> buffer)
{
    std::size_t size = 0;
    ERR_clear_error();
    const int result = SSL_read_ex(m_ssl.get(), buffer.data(), buffer.size(), &size);
    if (result == 1) {
        m_receiveWants = SSL_ERROR_WANT_READ;
        return { SocketStream::Outcome::Moved, size };
    }
    return { outcome(result, m_receiveWants), 0 };
}

SocketStream::Transfer TlsStream::send(QByteArrayView bytes)
{
    // A record at a time, and what the kernel did not take of one has to be offered again.
    std::size_t sent = 0;
    while (sent < lengthOf(bytes)) {
        std::size_t size = 0;
        ERR_clear_error();
        const int result =
            SSL_write_ex(m_ssl.get(), bytes.data() + sent, lengthOf(bytes) - sent, &size);
        sent += size;
        if (result == 1)
            continue;
        const SocketStream::Outcome why = outcome(result, m_sendWants);
        return { why == SocketStream::Outcome::Blocked && sent > 0 ? SocketStream::Outcome::Moved
                                                                   : why,
                 sent };
    }
    m_sendWants = SSL_ERROR_WANT_WRITE;
    return { SocketStream::Outcome::Moved, sent };
}

bool TlsStream::finish()
{
    if (!SSL_is_init_finished(m_ssl.get()))
        return true;
    ERR_clear_error();
    const int result = SSL_shutdown(m_ssl.get());
    return result >= 0 || outcome(result, m_sendWants) != SocketStream::Outcome::Blocked;
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
