// SPDX-License-Identifier: MPL-2.0
#include "server/net/tls/tlscontext.h"

#include <QFile>

#include <array>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

using Memory = OpenSslPtr<BIO, BIO_free>;

/// More than any chain or key, less than a file that was named by mistake.
constexpr qint64 PemBytes = 1 << 20;

// Forward secrecy and AEAD only; AES-128 first, which is fast and strong enough, ChaCha first for
// clients without AES in hardware.
constexpr const char *Tls12Ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
                                     "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
                                     "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char *Tls13Ciphers =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr const char *Groups = "X25519:P-256:P-384";

Unexpected<TlsFault> certificateFault(QString fault, QString remedy)
{
    return Unexpected(TlsFault { TlsFault::In::Certificate, std::move(fault), std::move(remedy) });
}

Unexpected<TlsFault> keyFault(QString fault, QString remedy)
{
    return Unexpected(TlsFault { TlsFault::In::Key, std::move(fault), std::move(remedy) });
}

/// What OpenSSL says of its last failure.
QString lastReason()
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return reason ? QString::fromLatin1(reason) : u"no reason given"_s;
}

Result<QByteArray, TlsFault> readFile(TlsFault::In in, const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return Unexpected(
            TlsFault { in, u"%1 cannot be read: %2"_s.arg(path, file.errorString()),
                       u"check the path, and that the user who runs the server may read it"_s });
    return file.read(PemBytes);
}

/// OpenSSL would ask for it on the terminal.
int noPassword(char *, int, int, void *)
{
    return -1;
}

bool isEncrypted(const QByteArray &pem)
{
    return pem.contains("ENCRYPTED");
}

Result<KeyPointer, TlsFault> readKey(const QString &path)
{
    const auto pem = readFile(TlsFault::In::Key, path);
    if (!pem)
        return Unexpected(pem.error());
    const Memory memory(BIO_new_mem_buf(pem->constData(), static_cast<int>(pem->size())));
    KeyPointer key(PEM_read_bio_PrivateKey(memory.get(), nullptr, noPassword, nullptr));
    if (key)
        return key;
    ERR_clear_error();
    if (isEncrypted(*pem))
        return keyFault(
            u"the key in %1 is encrypted"_s.arg(path),
            u"write it without a password: openssl pkey -in %1 -out NEW_FILE"_s.arg(path));
    return keyFault(u"%1 contains no PEM private key"_s.arg(path),
                    u"give the key's file, such as certbot's privkey.pem"_s);
}

// The client's list, each name after its length; it must have ours.
int selectProtocol(SSL *, const unsigned char **chosen, unsigned char *length,
                   const unsigned char *offered, unsigned int size, void *)
{
    static constexpr std::array<unsigned char, 9> Ours {
        8, 'h', 't', 't', 'p', '/', '1', '.', '1'
    };
    unsigned char *found = nullptr;
    if (SSL_select_next_proto(&found, length, Ours.data(), Ours.size(), offered, size)
        != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
}

void setUp(SSL_CTX *context)
{
    requireOpenSsl(SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1
                   && SSL_CTX_set_cipher_list(context, Tls12Ciphers) == 1
                   && SSL_CTX_set_ciphersuites(context, Tls13Ciphers) == 1
                   && SSL_CTX_set1_groups_list(context, Groups) == 1
                   && SSL_CTX_set_num_tickets(context, 1) == 1);
    // Requests and frames tell where they end, so an end without close_notify can cut off nothing.
    SSL_CTX_set_options(context,
                        SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION
                            | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA
                            | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(context,
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE
                         | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // One record at a time: a client cannot hold a worker with records that carry nothing.
    SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
    SSL_CTX_set_alpn_select_cb(context, selectProtocol, nullptr);
}

/// The first certificate is the server's, the others lead to its root.
Result<void, TlsFault> useCertificates(SSL_CTX *context, const QByteArray &pem, const QString &path)
{
    const Memory memory(BIO_new_mem_buf(pem.constData(), static_cast<int>(pem.size())));
    const Certificate leaf(PEM_read_bio_X509_AUX(memory.get(), nullptr, noPassword, nullptr));
    if (!leaf) {
        ERR_clear_error();
        return certificateFault(u"%1 contains no PEM certificate"_s.arg(path),
                                u"give the file with the certificate and its chain, such as "
                                "certbot's fullchain.pem"_s);
    }
    if (SSL_CTX_use_certificate(context, leaf.get()) != 1)
        return certificateFault(
            u"the certificate in %1 cannot be used: %2"_s.arg(path, lastReason()),
            u"have a new one made, with an EC key, or RSA of 2048 bits or "
            "more"_s);
    while (Certificate next { PEM_read_bio_X509(memory.get(), nullptr, noPassword, nullptr) }) {
        if (SSL_CTX_add0_chain_cert(context, next.get()) != 1)
            return certificateFault(
                u"a certificate of the chain in %1 cannot be used: %2"_s.arg(path, lastReason()),
                u"give the chain as the authority made it"_s);
        static_cast<void>(next.release()); // the context's now
    }
    const bool isEnd = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    if (!isEnd)
        return certificateFault(u"a certificate of the chain in %1 is damaged"_s.arg(path),
                                u"give the chain as the authority made it"_s);
    return {};
}

} // namespace

WallTime expiryOf(const X509 *certificate)
{
    // From the epoch, as differences are all that OpenSSL gives without a time zone.
    const OpenSslPtr<ASN1_TIME, ASN1_TIME_free> epoch(ASN1_TIME_set(nullptr, 0));
    int days = 0;
    int seconds = 0;
    requireOpenSsl(epoch != nullptr);
    if (ASN1_TIME_diff(&days, &seconds, epoch.get(), X509_get0_notAfter(certificate)) != 1) {
        ERR_clear_error();
        return wallFromSeconds(0); // a date that is none is past
    }
    return wallFromSeconds(std::int64_t { days } * 86'400 + seconds);
}

Result<TlsContext, TlsFault> TlsContext::load(const QString &certificateFile,
                                              const QString &keyFile)
{
    const auto pem = readFile(TlsFault::In::Certificate, certificateFile);
    if (!pem)
        return Unexpected(pem.error());
    Handle context(SSL_CTX_new(TLS_server_method()));
    requireOpenSsl(context != nullptr);
    setUp(context.get());
    if (const auto used = useCertificates(context.get(), *pem, certificateFile); !used)
        return Unexpected(used.error());
    const auto key = readKey(keyFile);
    if (!key)
        return Unexpected(key.error());
    if (SSL_CTX_use_PrivateKey(context.get(), key->get()) != 1
        || SSL_CTX_check_private_key(context.get()) != 1) {
        ERR_clear_error();
        return keyFault(
            u"the key in %1 is not that of the first certificate in %2"_s.arg(keyFile,
                                                                              certificateFile),
            u"give the two files that were made together, the server's certificate first"_s);
    }
    const WallTime expiry = expiryOf(SSL_CTX_get0_certificate(context.get()));
    return TlsContext(std::move(context), expiry);
}

TlsContext TlsContext::of(X509 *certificate, EVP_PKEY *key)
{
    Handle context(SSL_CTX_new(TLS_server_method()));
    requireOpenSsl(context != nullptr);
    setUp(context.get());
    requireOpenSsl(SSL_CTX_use_certificate(context.get(), certificate) == 1
                   && SSL_CTX_use_PrivateKey(context.get(), key) == 1
                   && SSL_CTX_check_private_key(context.get()) == 1);
    return TlsContext(std::move(context), expiryOf(certificate));
}

bool TlsContext::covers(const QString &host) const
{
    X509 *certificate = SSL_CTX_get0_certificate(m_context.get());
    const QByteArray name = host.toLatin1();
    const bool covered =
        X509_check_host(certificate, name.constData(), lengthOf(name), 0, nullptr) == 1
        || X509_check_ip_asc(certificate, name.constData(), 0) == 1;
    ERR_clear_error();
    return covered;
}

} // namespace Carillon
