// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/crypto/openssl.h"

#include <QString>

#include <openssl/ssl.h>

#include <atomic>
#include <cstdint>

namespace Carillon {

/// Why a certificate cannot be used, as two parts of a sentence, and which of the two files is at
/// fault.
struct TlsFault
{
    enum class In : std::uint8_t { Certificate, Key };
    In in = In::Certificate;
    QString fault;
    QString remedy;
};

using Certificate = OpenSslPtr<X509, X509_free>;

/// When it ends; in 1970 if its date cannot be read.
[[nodiscard]] WallTime expiryOf(const X509 *certificate);

/// A certificate with its chain and key, and how this server speaks TLS with it: 1.2 or later,
/// http/1.1, stateless tickets, as little memory per connection as OpenSSL allows. Never changes,
/// but counts its handshakes. Owns: one reference to OpenSSL's context, as each connection does.
/// Thread: any.
class TlsContext
{
public:
    /// Reads two PEM files, which may be the same: the server's certificate followed by those that
    /// lead to its root, and the unencrypted key.
    [[nodiscard]] static Result<TlsContext, TlsFault> load(const QString &certificateFile,
                                                           const QString &keyFile);

    /// Of a certificate without a chain, and its key.
    [[nodiscard]] static TlsContext of(X509 *certificate, EVP_PKEY *key);

    [[nodiscard]] WallTime expiry() const { return m_expiry; }
    /// Whether the certificate names this host or address.
    [[nodiscard]] bool covers(const QString &host) const;
    /// Of all its connections so far, as OpenSSL counts them.
    [[nodiscard]] std::int64_t completedHandshakes() const
    {
        return SSL_CTX_sess_accept_good(handle());
    }
    /// Those of them that resumed an earlier session.
    [[nodiscard]] std::int64_t resumedHandshakes() const { return SSL_CTX_sess_hits(handle()); }
    /// Has those that failed added to this, which outlives all connections.
    void countFailures(std::atomic<std::int64_t> &failures) const
    {
        SSL_CTX_set_app_data(handle(), &failures);
    }
    [[nodiscard]] SSL_CTX *handle() const { return m_context.get(); }

private:
    using Handle = OpenSslPtr<SSL_CTX, SSL_CTX_free>;

    TlsContext(Handle context, WallTime expiry)
        : m_context(std::move(context)), m_expiry(expiry) { }

    Handle m_context;
    WallTime m_expiry;
};

} // namespace Carillon
