// SPDX-License-Identifier: MPL-2.0
#include "server/nodes/nodesignature.h"

#include "core/crypto/base64url.h"
#include "core/crypto/digest.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

#include <array>
#include <charconv>
#include <memory>

namespace Carillon {
namespace {

constexpr qsizetype SecretBytes = 32;

/// HKDF-SHA256 (RFC 5869) without salt.
QByteArray derive(const QByteArray &key)
{
    static const char digest[] = "SHA256";
    static const char info[] = "carillon node to node";
    const std::unique_ptr<EVP_KDF, decltype(&EVP_KDF_free)> kdf(
        EVP_KDF_fetch(nullptr, "HKDF", nullptr), &EVP_KDF_free);
    const std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)> context(
        EVP_KDF_CTX_new(kdf.get()), &EVP_KDF_CTX_free);
    QByteArray material = key;
    const std::array parameters {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, const_cast<char *>(digest), 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, material.data(),
                                          static_cast<size_t>(material.size())),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, const_cast<char *>(info),
                                          sizeof info - 1),
        OSSL_PARAM_construct_end(),
    };
    QByteArray secret(SecretBytes, Qt::Uninitialized);
    if (EVP_KDF_derive(context.get(), reinterpret_cast<unsigned char *>(secret.data()),
                       static_cast<size_t>(secret.size()), parameters.data())
        != 1)
        qFatal("HKDF-SHA256 is not available in this OpenSSL");
    return secret;
}

} // namespace

NodeSignature::NodeSignature(const QByteArray &configured, const QList<QByteArray> &cryptoKeys)
{
    if (!configured.isEmpty()) {
        m_secrets.append(configured);
        return;
    }
    for (const QByteArray &key : cryptoKeys)
        m_secrets.append(derive(key));
}

QByteArray NodeSignature::mac(const QByteArray &secret, QByteArrayView method, QByteArrayView path,
                              QByteArrayView seconds, QByteArrayView body)
{
    QByteArray signedText;
    signedText.reserve(method.size() + path.size() + seconds.size() + 3 + Sha256Size);
    signedText.append(method).append('\n').append(path).append('\n').append(seconds).append('\n');
    signedText.append(sha256(body));
    return toBase64Url(hmacSha256(secret, signedText));
}

QByteArray NodeSignature::sign(QByteArrayView method, QByteArrayView path, QByteArrayView body,
                               WallTime now, qsizetype secret) const
{
    const QByteArray seconds = QByteArray::number(toSeconds(now));
    return "t=" + seconds + ",s=" + mac(m_secrets.at(secret), method, path, seconds, body);
}

bool NodeSignature::verify(QByteArrayView header, QByteArrayView method, QByteArrayView path,
                           QByteArrayView body, WallTime now) const
{
    const qsizetype comma = header.indexOf(',');
    if (!header.startsWith("t=") || comma < 0 || !header.sliced(comma).startsWith(",s="))
        return false;
    const QByteArrayView seconds = header.sliced(2, comma - 2);
    const QByteArrayView given = header.sliced(comma + 3);
    std::int64_t then = 0;
    const auto [end, error] = std::from_chars(seconds.begin(), seconds.end(), then);
    if (error != std::errc() || end != seconds.end())
        return false;
    const std::int64_t age = toSeconds(now) - then;
    if (age > MaxAge.count() || age < -MaxAge.count())
        return false;
    bool valid = false;
    for (const QByteArray &secret : m_secrets) {
        valid |= equalInConstantTime(mac(secret, method, path, seconds, body), given);
    }
    return valid;
}

} // namespace Carillon
