// SPDX-License-Identifier: MPL-2.0
#include "core/crypto/vapidkey.h"

#include "core/crypto/base64url.h"
#include "core/crypto/p256.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QString>

namespace Carillon {

VapidKey::VapidKey(KeyPointer key) : m_key(std::move(key)), m_publicKey(p256Point(m_key.get())) { }

VapidKey VapidKey::generate()
{
    return VapidKey(newP256Key());
}

std::optional<VapidKey> VapidKey::fromBase64(QByteArrayView scalar)
{
    const auto raw = fromLenientBase64(scalar);
    KeyPointer key = raw ? p256PrivateKey(*raw) : nullptr;
    if (!key)
        return std::nullopt;
    return VapidKey(std::move(key));
}

std::optional<VapidKey> VapidKey::fromPem(QByteArrayView pem)
{
    KeyPointer key = p256PrivateKeyFromPem(pem);
    if (!key)
        return std::nullopt;
    return VapidKey(std::move(key));
}

QByteArray VapidKey::toBase64() const
{
    return toBase64Url(p256Scalar(m_key.get()));
}

QByteArray VapidKey::toPem() const
{
    return p256Pem(m_key.get());
}

QByteArray VapidKey::sign(QByteArrayView audience, QByteArrayView subject, WallTime expires) const
{
    QJsonObject claims { { QStringLiteral("aud"), QString::fromUtf8(audience) },
                         { QStringLiteral("exp"), qint64 { toSeconds(expires) } } };
    if (!subject.isEmpty())
        claims.insert(QStringLiteral("sub"), QString::fromUtf8(subject));
    return signJwt(R"({"typ":"JWT","alg":"ES256"})",
                   QJsonDocument(claims).toJson(QJsonDocument::Compact), m_key.get());
}

QByteArray VapidKey::authorization(QByteArrayView audience, QByteArrayView subject,
                                   WallTime expires) const
{
    return "vapid t=" + sign(audience, subject, expires) + ", k=" + toBase64Url(m_publicKey);
}

QByteArray signJwt(QByteArrayView header, QByteArrayView claims, EVP_PKEY *key)
{
    const QByteArray text = toBase64Url(header) + '.' + toBase64Url(claims);
    return text + '.' + toBase64Url(signEs256(key, text));
}

} // namespace Carillon
