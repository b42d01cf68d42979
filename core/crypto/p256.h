// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/crypto/openssl.h"

#include <QByteArray>
#include <QByteArrayView>

#include <optional>

// The curve P-256 (FIPS 186-4), in which VAPID signs and push encryption agrees on keys. Points
// and scalars are raw: 0x04 x y, and 32 bytes big-endian. Thread: any; a key may be shared.
namespace Carillon {

inline constexpr qsizetype P256PointSize = 65;
inline constexpr qsizetype P256ScalarSize = 32;
inline constexpr qsizetype P256SignatureSize = 64;

/// Whether it is an uncompressed point of the curve.
[[nodiscard]] bool isP256Point(QByteArrayView point);
/// Null: not an uncompressed point of the curve.
[[nodiscard]] KeyPointer p256PublicKey(QByteArrayView point);
/// Null: not 32 bytes, or not between 1 and the curve's order.
[[nodiscard]] KeyPointer p256PrivateKey(QByteArrayView scalar);
/// Null: no unencrypted P-256 private key (PKCS #8 or SEC 1).
[[nodiscard]] KeyPointer p256PrivateKeyFromPem(QByteArrayView pem);
[[nodiscard]] KeyPointer newP256Key();

[[nodiscard]] QByteArray p256Point(const EVP_PKEY *key);
/// Precondition: a private key.
[[nodiscard]] QByteArray p256Scalar(const EVP_PKEY *key);
/// PKCS #8, unencrypted. Precondition: a private key.
[[nodiscard]] QByteArray p256Pem(EVP_PKEY *key);

/// ECDH: the x coordinate of the shared point; nullopt: peerPoint is not on the curve.
[[nodiscard]] std::optional<QByteArray> p256SharedSecret(EVP_PKEY *privateKey,
                                                         QByteArrayView peerPoint);

/// ES256 (RFC 7518 §3.4): r and s, 32 bytes each. Precondition: a private key.
[[nodiscard]] QByteArray signEs256(EVP_PKEY *privateKey, QByteArrayView text);

/// Checks ES256 signatures of one key; sets OpenSSL up once. Thread: one at a time.
class Es256Verifier
{
public:
    explicit Es256Verifier(const KeyPointer &publicKey);
    /// signature: exactly 64 bytes, r and s; anything else is false.
    [[nodiscard]] bool verify(QByteArrayView text, QByteArrayView signature) const;

private:
    KeyContext m_context;
};

} // namespace Carillon
