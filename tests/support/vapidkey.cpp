// SPDX-License-Identifier: MPL-2.0
#include "tests/support/vapidkey.h"

#include <QDateTime>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

namespace Carillon::Testing {

QByteArray base64Url(const QByteArray &bytes)
{
    return bytes.toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
}

void VapidKey::Deleter::operator()(evp_pkey_st *key) const
{
    EVP_PKEY_free(key);
}

VapidKey::VapidKey() : m_key(EVP_EC_gen("P-256")), m_point(65, '\0')
{
    std::size_t size = 0;
    EVP_PKEY_get_octet_string_param(m_key.get(), OSSL_PKEY_PARAM_PUB_KEY,
                                    reinterpret_cast<unsigned char *>(m_point.data()), 65, &size);
    Q_ASSERT(size == 65);
}

QByteArray VapidKey::signAsDer(const QByteArray &text) const
{
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                          EVP_MD_CTX_free);
    EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, m_key.get());
    QByteArray der(80, '\0');
    auto size = static_cast<std::size_t>(der.size());
    EVP_DigestSign(context.get(), reinterpret_cast<unsigned char *>(der.data()), &size,
                   reinterpret_cast<const unsigned char *>(text.data()),
                   static_cast<std::size_t>(text.size()));
    der.truncate(static_cast<qsizetype>(size));
    return der;
}

QByteArray VapidKey::sign(const QByteArray &text) const
{
    const QByteArray der = signAsDer(text);
    const auto *at = reinterpret_cast<const unsigned char *>(der.data());
    const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> signature(
        d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())), ECDSA_SIG_free);
    QByteArray raw(64, '\0');
    auto *out = reinterpret_cast<unsigned char *>(raw.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), out, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), out + 32, 32);
    return raw;
}

QByteArray VapidKey::token(const QByteArray &claims, const QByteArray &header) const
{
    const QByteArray text = base64Url(header) + '.' + base64Url(claims);
    return text + '.' + base64Url(sign(text));
}

QByteArray VapidKey::tokenFor(const QByteArray &origin, qint64 expiresIn) const
{
    const qint64 expires = QDateTime::currentSecsSinceEpoch() + expiresIn;
    return token(R"({"aud":")" + origin + R"(","exp":)" + QByteArray::number(expires)
                 + R"(,"sub":"mailto:ops@example.com"})");
}

QByteArray VapidKey::authorization(const QByteArray &origin) const
{
    return "vapid t=" + tokenFor(origin) + ", k=" + publicKey();
}

} // namespace Carillon::Testing
