// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArray>
#include <QByteArrayView>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include <cstdint>
#include <memory>

// OpenSSL's objects as owning pointers, for those who call it.
namespace Carillon {

template<auto Free> struct OpenSslFree
{
    template<typename T> void operator()(T *object) const { Free(object); }
};
template<typename T, auto Free> using OpenSslPtr = std::unique_ptr<T, OpenSslFree<Free>>;

using MacContext = OpenSslPtr<EVP_MAC_CTX, EVP_MAC_CTX_free>;
using CipherContext = OpenSslPtr<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;
using DigestContext = OpenSslPtr<EVP_MD_CTX, EVP_MD_CTX_free>;
using KeyPointer = OpenSslPtr<EVP_PKEY, EVP_PKEY_free>;
using KeyContext = OpenSslPtr<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using BigNumber = OpenSslPtr<BIGNUM, BN_clear_free>;

/// For calls that fail only if memory is exhausted or the library is broken: terminates the
/// process.
void requireOpenSsl(bool ok);

[[nodiscard]] inline const std::uint8_t *bytesOf(QByteArrayView view)
{
    return reinterpret_cast<const std::uint8_t *>(view.data());
}
[[nodiscard]] inline std::uint8_t *bytesOf(QByteArray &array)
{
    return reinterpret_cast<std::uint8_t *>(array.data());
}
[[nodiscard]] inline size_t lengthOf(QByteArrayView view)
{
    return static_cast<size_t>(view.size());
}

// Fetched once, because a look-up by name at each use costs more than the work itself.
[[nodiscard]] const EVP_MD *sha256Algorithm();
[[nodiscard]] const EVP_CIPHER *aes128CbcAlgorithm();
[[nodiscard]] const EVP_CIPHER *aes128GcmAlgorithm();
[[nodiscard]] EVP_MAC *hmacAlgorithm();
[[nodiscard]] EVP_KDF *hkdfAlgorithm();

} // namespace Carillon
