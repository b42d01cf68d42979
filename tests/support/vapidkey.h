// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArray>

#include <memory>

struct evp_pkey_st;

namespace Carillon::Testing {

/// base64url without padding, by Qt's encoder.
[[nodiscard]] QByteArray base64Url(const QByteArray &bytes);

/// A sender's key pair, and tokens signed with it, well formed or not (RFC 8292). Straight over
/// OpenSSL, so that the server's own code is not its own witness.
class VapidKey
{
public:
    /// A fresh key.
    VapidKey();

    /// The uncompressed point, 65 bytes.
    [[nodiscard]] const QByteArray &point() const { return m_point; }
    [[nodiscard]] QByteArray publicKey() const { return base64Url(m_point); }

    /// ECDSA over SHA-256: r and s of 32 bytes each, or in DER.
    [[nodiscard]] QByteArray sign(const QByteArray &text) const;
    [[nodiscard]] QByteArray signAsDer(const QByteArray &text) const;

    /// A token with these parts in JSON.
    [[nodiscard]] QByteArray
    token(const QByteArray &claims,
          const QByteArray &header = R"({"typ":"JWT","alg":"ES256"})") const;
    /// A good token for this origin that expires so many seconds from now.
    [[nodiscard]] QByteArray tokenFor(const QByteArray &origin, qint64 expiresIn = 3'600) const;
    /// A good Authorization value.
    [[nodiscard]] QByteArray authorization(const QByteArray &origin) const;

private:
    struct Deleter
    {
        void operator()(evp_pkey_st *key) const;
    };
    std::unique_ptr<evp_pkey_st, Deleter> m_key;
    QByteArray m_point;
};

} // namespace Carillon::Testing
