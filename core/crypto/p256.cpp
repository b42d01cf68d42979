// SPDX-License-Identifier: MPL-2.0
#include "core/crypto/p256.h"

#include "core/crypto/digest.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <tuple>

namespace Carillon {
namespace {

using Group = OpenSslPtr<EC_GROUP, EC_GROUP_free>;
using Point = OpenSslPtr<EC_POINT, EC_POINT_free>;
using Signature = OpenSslPtr<ECDSA_SIG, ECDSA_SIG_free>;
using Bio = OpenSslPtr<BIO, BIO_free_all>;
using ParameterBuilder = OpenSslPtr<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using Parameters = OpenSslPtr<OSSL_PARAM, OSSL_PARAM_free>;

constexpr char CurveName[] = SN_X9_62_prime256v1;
constexpr char UncompressedPoint = 0x04;

const EC_GROUP *curve()
{
    static const EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    requireOpenSsl(group != nullptr);
    return group;
}

/// scalar: null for a public key.
KeyPointer keyFrom(QByteArrayView point, const BIGNUM *scalar)
{
    const ParameterBuilder builder(OSSL_PARAM_BLD_new());
    requireOpenSsl(
        builder
        && OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, CurveName, 0)
            == 1
        && OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                            lengthOf(point))
            == 1
        && (!scalar
            || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, scalar) == 1));
    const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    requireOpenSsl(parameters && context && EVP_PKEY_fromdata_init(context.get()) == 1);
    EVP_PKEY *key = nullptr;
    if (EVP_PKEY_fromdata(context.get(), &key, scalar ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
                          parameters.get())
        != 1)
        ERR_clear_error();
    return KeyPointer(key);
}

/// Never asks a person at the terminal.
int noPassphrase(char *, int, int, void *)
{
    return 0;
}

} // namespace

bool isP256Point(QByteArrayView point)
{
    if (point.size() != P256PointSize || point.front() != UncompressedPoint)
        return false;
    const Point read(EC_POINT_new(curve()));
    requireOpenSsl(read != nullptr);
    const bool isOnCurve =
        EC_POINT_oct2point(curve(), read.get(), bytesOf(point), P256PointSize, nullptr) == 1;
    if (!isOnCurve)
        ERR_clear_error();
    return isOnCurve;
}

KeyPointer p256PublicKey(QByteArrayView point)
{
    if (point.size() != P256PointSize || point.front() != UncompressedPoint)
        return nullptr;
    return keyFrom(point, nullptr);
}

KeyPointer p256PrivateKey(QByteArrayView scalar)
{
    if (scalar.size() != P256ScalarSize)
        return nullptr;
    const BigNumber number(BN_secure_new());
    requireOpenSsl(number && BN_bin2bn(bytesOf(scalar), P256ScalarSize, number.get()));
    if (BN_is_zero(number.get()) || BN_cmp(number.get(), EC_GROUP_get0_order(curve())) >= 0)
        return nullptr;
    const Point point(EC_POINT_new(curve()));
    QByteArray raw(P256PointSize, Qt::Uninitialized);
    requireOpenSsl(
        point && EC_POINT_mul(curve(), point.get(), number.get(), nullptr, nullptr, nullptr) == 1
        && EC_POINT_point2oct(curve(), point.get(), POINT_CONVERSION_UNCOMPRESSED, bytesOf(raw),
                              lengthOf(raw), nullptr)
            == lengthOf(raw));
    return keyFrom(raw, number.get());
}

KeyPointer p256PrivateKeyFromPem(QByteArrayView pem)
{
    const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    requireOpenSsl(bio != nullptr);
    KeyPointer key(PEM_read_bio_PrivateKey(bio.get(), nullptr, noPassphrase, nullptr));
    ERR_clear_error();
    char group[64] = {};
    if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_EC
        || EVP_PKEY_get_group_name(key.get(), group, sizeof group, nullptr) != 1
        || QByteArrayView(group) != QByteArrayView(CurveName))
        return nullptr;
    // Made anew, so that the point belongs to the scalar and is uncompressed.
    return p256PrivateKey(p256Scalar(key.get()));
}

KeyPointer newP256Key()
{
    KeyPointer key(EVP_EC_gen(CurveName));
    requireOpenSsl(key != nullptr);
    return key;
}

QByteArray p256Point(const EVP_PKEY *key)
{
    QByteArray point(P256PointSize, Qt::Uninitialized);
    size_t size = 0;
    requireOpenSsl(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, bytesOf(point),
                                                   lengthOf(point), &size)
                       == 1
                   && size == lengthOf(point));
    return point;
}

QByteArray p256Scalar(const EVP_PKEY *key)
{
    BIGNUM *number = nullptr;
    requireOpenSsl(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &number) == 1);
    const BigNumber owned(number);
    QByteArray scalar(P256ScalarSize, Qt::Uninitialized);
    requireOpenSsl(BN_bn2binpad(number, bytesOf(scalar), P256ScalarSize) == P256ScalarSize);
    return scalar;
}

QByteArray p256Pem(EVP_PKEY *key)
{
    const Bio bio(BIO_new(BIO_s_mem()));
    requireOpenSsl(
        bio
        && PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr)
            == 1);
    char *text = nullptr;
    const auto size = BIO_get_mem_data(bio.get(), &text);
    return { text, static_cast<qsizetype>(size) };
}

std::optional<QByteArray> p256SharedSecret(EVP_PKEY *privateKey, QByteArrayView peerPoint)
{
    const KeyPointer peer = p256PublicKey(peerPoint);
    if (!peer)
        return std::nullopt;
    const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, privateKey, nullptr));
    QByteArray secret(P256ScalarSize, Qt::Uninitialized);
    size_t size = lengthOf(secret);
    requireOpenSsl(context && EVP_PKEY_derive_init(context.get()) == 1
                   && EVP_PKEY_derive_set_peer(context.get(), peer.get()) == 1
                   && EVP_PKEY_derive(context.get(), bytesOf(secret), &size) == 1
                   && size == lengthOf(secret));
    return secret;
}

QByteArray signEs256(EVP_PKEY *privateKey, QByteArrayView text)
{
    const QByteArray digest = sha256(text);
    const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, privateKey, nullptr));
    QByteArray der(80, Qt::Uninitialized); // 72 at most
    size_t size = lengthOf(der);
    requireOpenSsl(context && EVP_PKEY_sign_init(context.get()) == 1
                   && EVP_PKEY_sign(context.get(), bytesOf(der), &size,
                                    bytesOf(QByteArrayView(digest)), lengthOf(digest))
                       == 1);
    const std::uint8_t *from = bytesOf(QByteArrayView(der));
    const Signature signature(d2i_ECDSA_SIG(nullptr, &from, static_cast<long>(size)));
    QByteArray raw(P256SignatureSize, Qt::Uninitialized);
    requireOpenSsl(signature
                   && BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), bytesOf(raw), P256ScalarSize)
                       == P256ScalarSize
                   && BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), bytesOf(raw) + P256ScalarSize,
                                   P256ScalarSize)
                       == P256ScalarSize);
    return raw;
}

Es256Verifier::Es256Verifier(const KeyPointer &publicKey)
    : m_context(EVP_PKEY_CTX_new_from_pkey(nullptr, publicKey.get(), nullptr))
{
    requireOpenSsl(m_context && EVP_PKEY_verify_init(m_context.get()) == 1);
}

bool Es256Verifier::verify(QByteArrayView text, QByteArrayView signature) const
{
    if (signature.size() != P256SignatureSize)
        return false;
    const Signature parsed(ECDSA_SIG_new());
    BigNumber r(BN_bin2bn(bytesOf(signature), P256ScalarSize, nullptr));
    BigNumber s(BN_bin2bn(bytesOf(signature) + P256ScalarSize, P256ScalarSize, nullptr));
    requireOpenSsl(parsed && r && s && ECDSA_SIG_set0(parsed.get(), r.get(), s.get()) == 1);
    // The signature owns them now.
    std::ignore = r.release();
    std::ignore = s.release();
    std::uint8_t *der = nullptr;
    const int size = i2d_ECDSA_SIG(parsed.get(), &der);
    requireOpenSsl(size > 0);
    const QByteArray digest = sha256(text);
    const bool good = EVP_PKEY_verify(m_context.get(), der, static_cast<size_t>(size),
                                      bytesOf(QByteArrayView(digest)), lengthOf(digest))
        == 1;
    OPENSSL_free(der);
    if (!good)
        ERR_clear_error();
    return good;
}

} // namespace Carillon
