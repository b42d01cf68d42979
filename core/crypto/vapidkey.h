// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "core/crypto/openssl.h"

#include <QByteArray>
#include <QByteArrayView>

#include <optional>

namespace Carillon {

/// A sender's key pair, with which it signs what it sends (RFC 8292); for the command line and
/// for tests. Owns: the private key. Thread: any.
class VapidKey
{
public:
    [[nodiscard]] static VapidKey generate();
    /// From the private scalar in base64, as web-push libraries store it; nullopt: it is invalid.
    [[nodiscard]] static std::optional<VapidKey> fromBase64(QByteArrayView scalar);
    /// From a PEM file (PKCS #8 or SEC 1, unencrypted); nullopt: it contains no P-256 private key.
    [[nodiscard]] static std::optional<VapidKey> fromPem(QByteArrayView pem);

    /// The raw point, 65 bytes; its base64url is a browser's applicationServerKey.
    [[nodiscard]] const QByteArray &publicKey() const { return m_publicKey; }
    /// The private scalar in base64url, in the form that fromBase64() accepts.
    [[nodiscard]] QByteArray toBase64() const;
    /// PKCS #8.
    [[nodiscard]] QByteArray toPem() const;

    /// A JSON Web Token with the claims of RFC 8292. subject: empty for none.
    [[nodiscard]] QByteArray sign(QByteArrayView audience, QByteArrayView subject,
                                  WallTime expires) const;
    /// The value of an Authorization header with such a token.
    [[nodiscard]] QByteArray authorization(QByteArrayView audience, QByteArrayView subject,
                                           WallTime expires) const;

private:
    explicit VapidKey(KeyPointer key);

    KeyPointer m_key;
    QByteArray m_publicKey;
};

/// A JSON Web Token of any header and claims, signed with ES256 (RFC 7515 §3.1).
[[nodiscard]] QByteArray signJwt(QByteArrayView header, QByteArrayView claims, EVP_PKEY *key);

} // namespace Carillon
