// SPDX-License-Identifier: MPL-2.0
#include "core/crypto/digest.h"

#include "core/crypto/openssl.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <openssl/rand.h>

namespace Carillon {

QByteArray sha256(QByteArrayView data)
{
    QByteArray digest(Sha256Size, Qt::Uninitialized);
    requireOpenSsl(EVP_Digest(data.data(), lengthOf(data), bytesOf(digest), nullptr,
                              sha256Algorithm(), nullptr)
                   == 1);
    return digest;
}

QByteArray hmacSha256(QByteArrayView key, QByteArrayView data)
{
    static constexpr std::uint8_t NoKey = 0; // OpenSSL takes a null pointer for "keep the key"
    char digestName[] = "SHA256";
    const OSSL_PARAM parameters[] = { OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
                                                                       digestName, 0),
                                      OSSL_PARAM_construct_end() };
    const MacContext context(EVP_MAC_CTX_new(hmacAlgorithm()));
    QByteArray tag(Sha256Size, Qt::Uninitialized);
    requireOpenSsl(context
                   && EVP_MAC_init(context.get(), key.isEmpty() ? &NoKey : bytesOf(key),
                                   lengthOf(key), parameters)
                       == 1
                   && EVP_MAC_update(context.get(), bytesOf(data), lengthOf(data)) == 1
                   && EVP_MAC_final(context.get(), bytesOf(tag), nullptr, lengthOf(tag)) == 1);
    return tag;
}

bool equalInConstantTime(QByteArrayView a, QByteArrayView b)
{
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), lengthOf(a)) == 0;
}

QByteArray randomBytes(qsizetype size)
{
    QByteArray bytes(size, Qt::Uninitialized);
    requireOpenSsl(RAND_priv_bytes(bytesOf(bytes), static_cast<int>(size)) == 1);
    return bytes;
}

} // namespace Carillon
