// SPDX-License-Identifier: MPL-2.0
#include "core/crypto/openssl.h"

#include <QtGlobal>

#include <openssl/err.h>
#include <openssl/kdf.h>

namespace Carillon {
namespace {

template<typename T, auto Fetch, auto Free> T *fetchedOnce(const char *name)
{
    OpenSslPtr<T, Free> algorithm(Fetch(nullptr, name, nullptr));
    requireOpenSsl(algorithm != nullptr);
    return algorithm.release();
}

} // namespace

void requireOpenSsl(bool ok)
{
    if (ok) [[likely]]
        return;
    char reason[256];
    ERR_error_string_n(ERR_get_error(), reason, sizeof reason);
    qFatal("OpenSSL failed where it cannot: %s", reason);
}

const EVP_MD *sha256Algorithm()
{
    static const auto *algorithm = fetchedOnce<EVP_MD, EVP_MD_fetch, EVP_MD_free>("SHA256");
    return algorithm;
}

const EVP_CIPHER *aes128CbcAlgorithm()
{
    static const auto *algorithm =
        fetchedOnce<EVP_CIPHER, EVP_CIPHER_fetch, EVP_CIPHER_free>("AES-128-CBC");
    return algorithm;
}

const EVP_CIPHER *aes128GcmAlgorithm()
{
    static const auto *algorithm =
        fetchedOnce<EVP_CIPHER, EVP_CIPHER_fetch, EVP_CIPHER_free>("AES-128-GCM");
    return algorithm;
}

EVP_MAC *hmacAlgorithm()
{
    static auto *algorithm = fetchedOnce<EVP_MAC, EVP_MAC_fetch, EVP_MAC_free>("HMAC");
    return algorithm;
}

EVP_KDF *hkdfAlgorithm()
{
    static auto *algorithm = fetchedOnce<EVP_KDF, EVP_KDF_fetch, EVP_KDF_free>("HKDF");
    return algorithm;
}

} // namespace Carillon
