// SPDX-License-Identifier: MPL-2.0
#include "core/crypto/ece.h"

#include "core/crypto/base64url.h"
#include "core/crypto/digest.h"
#include "core/crypto/headeritems.h"
#include "core/crypto/p256.h"

#include <QtEndian>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <algorithm>

namespace Carillon {
namespace {

using KdfContext = OpenSslPtr<EVP_KDF_CTX, EVP_KDF_CTX_free>;

constexpr qsizetype SaltSize = 16;
constexpr qsizetype AuthSecretSize = 16;
constexpr qsizetype HeaderSize = SaltSize + 4 + 1;
constexpr qsizetype CipherKeySize = 16;
constexpr qsizetype NonceSize = 12;
constexpr qsizetype GcmTagSize = 16;
constexpr char LastRecord = 0x02;
constexpr char MoreRecords = 0x01;
/// Plain bytes of a record of the older encoding when rs is not given, padding length included.
constexpr qsizetype LegacyRecordSize = 4096;
constexpr qsizetype LegacyPaddingSize = 2;

/// HKDF-SHA256 (RFC 5869).
QByteArray hkdf(QByteArrayView salt, QByteArrayView inputKey, QByteArrayView info, qsizetype size)
{
    char digestName[] = "SHA256";
    const auto octets = [](const char *name, QByteArrayView value) {
        return OSSL_PARAM_construct_octet_string(name, const_cast<char *>(value.data()),
                                                 lengthOf(value));
    };
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digestName, 0),
        octets(OSSL_KDF_PARAM_SALT, salt), octets(OSSL_KDF_PARAM_KEY, inputKey),
        octets(OSSL_KDF_PARAM_INFO, info), OSSL_PARAM_construct_end()
    };
    const KdfContext context(EVP_KDF_CTX_new(hkdfAlgorithm()));
    QByteArray key(size, Qt::Uninitialized);
    requireOpenSsl(context
                   && EVP_KDF_derive(context.get(), bytesOf(key), lengthOf(key), parameters) == 1);
    return key;
}

/// info strings of both encodings end with a NUL that counts.
QByteArray info(const char *text)
{
    return QByteArray(text).append('\0');
}

struct RecordKeys
{
    QByteArray cipherKey;
    QByteArray nonce;

    /// The nonce with the number of the record folded into its last bytes.
    [[nodiscard]] QByteArray nonceOf(quint64 record) const
    {
        QByteArray result = nonce;
        for (qsizetype i = 0; i < 8; ++i) {
            char &byte = result[NonceSize - 1 - i];
            byte = static_cast<char>(byte ^ static_cast<char>(record >> (8 * i) & 0xFF));
        }
        return result;
    }
};

QByteArray sealRecord(const RecordKeys &keys, quint64 number, QByteArrayView plain)
{
    const CipherContext context(EVP_CIPHER_CTX_new());
    const QByteArray nonce = keys.nonceOf(number);
    QByteArray sealed(plain.size() + GcmTagSize, Qt::Uninitialized);
    std::uint8_t *to = bytesOf(sealed);
    int size = 0;
    int end = 0;
    requireOpenSsl(
        context
        && EVP_EncryptInit_ex2(context.get(), aes128GcmAlgorithm(),
                               bytesOf(QByteArrayView(keys.cipherKey)),
                               bytesOf(QByteArrayView(nonce)), nullptr)
            == 1
        && EVP_EncryptUpdate(context.get(), to, &size, bytesOf(plain),
                             static_cast<int>(plain.size()))
            == 1
        && EVP_EncryptFinal_ex(context.get(), to + size, &end) == 1 && size + end == plain.size()
        && EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, GcmTagSize, to + plain.size())
            == 1);
    return sealed;
}

std::optional<QByteArray> openRecord(const RecordKeys &keys, quint64 number, QByteArrayView sealed)
{
    if (sealed.size() < GcmTagSize)
        return std::nullopt;
    const CipherContext context(EVP_CIPHER_CTX_new());
    const QByteArray nonce = keys.nonceOf(number);
    QByteArray plain(sealed.size() - GcmTagSize, Qt::Uninitialized);
    QByteArray tag = sealed.last(GcmTagSize).toByteArray();
    int size = 0;
    int end = 0;
    requireOpenSsl(
        context
        && EVP_DecryptInit_ex2(context.get(), aes128GcmAlgorithm(),
                               bytesOf(QByteArrayView(keys.cipherKey)),
                               bytesOf(QByteArrayView(nonce)), nullptr)
            == 1
        && EVP_DecryptUpdate(context.get(), bytesOf(plain), &size, bytesOf(sealed),
                             static_cast<int>(plain.size()))
            == 1
        && EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, GcmTagSize, tag.data()) == 1);
    if (EVP_DecryptFinal_ex(context.get(), bytesOf(plain) + size, &end) != 1) {
        ERR_clear_error();
        return std::nullopt;
    }
    return plain;
}

RecordKeys contentKeys(QByteArrayView salt, QByteArrayView inputKey)
{
    return { hkdf(salt, inputKey, info("Content-Encoding: aes128gcm"), CipherKeySize),
             hkdf(salt, inputKey, info("Content-Encoding: nonce"), NonceSize) };
}

/// RFC 8291 §3.3 and §3.4: what both sides make of their shared secret.
QByteArray messageInputKey(QByteArrayView sharedSecret, QByteArrayView authSecret,
                           QByteArrayView receiverPoint, QByteArrayView senderPoint)
{
    QByteArray keyInfo = info("WebPush: info");
    keyInfo.append(receiverPoint).append(senderPoint);
    return hkdf(authSecret, sharedSecret, keyInfo, Sha256Size);
}

QByteArray lengthPrefixed(QByteArrayView value)
{
    char size[2];
    qToBigEndian(static_cast<quint16>(value.size()), size);
    return QByteArray(size, sizeof size).append(value);
}

/// The secret shared with the sender whose point is given.
Result<QByteArray, QString> receiverSecret(const ReceiverKeys &keys, QByteArrayView senderPoint)
{
    const KeyPointer own = p256PrivateKey(keys.privateKey);
    if (!own)
        return Unexpected(QStringLiteral("the receiver's private key is none of P-256"));
    auto secret = p256SharedSecret(own.get(), senderPoint);
    if (!secret)
        return Unexpected(QStringLiteral("the sender's key is no point of P-256"));
    return std::move(*secret);
}

} // namespace

ReceiverKeys ReceiverKeys::generate()
{
    const KeyPointer key = newP256Key();
    return { p256Scalar(key.get()), p256Point(key.get()), randomBytes(AuthSecretSize) };
}

std::optional<ReceiverKeys> ReceiverKeys::load(QByteArrayView privateKey, QByteArrayView authSecret)
{
    const auto scalar = fromLenientBase64(privateKey);
    const auto auth = fromLenientBase64(authSecret);
    const KeyPointer key = scalar ? p256PrivateKey(*scalar) : nullptr;
    if (!key || !auth || auth->size() != AuthSecretSize)
        return std::nullopt;
    return ReceiverKeys { *scalar, p256Point(key.get()), *auth };
}

QByteArray encryptContent(QByteArrayView plain, QByteArrayView inputKey,
                          const ContentParameters &parameters)
{
    const RecordKeys keys = contentKeys(parameters.salt, inputKey);
    char recordSize[4];
    qToBigEndian(static_cast<quint32>(parameters.recordSize), recordSize);
    QByteArray body = parameters.salt;
    body.append(recordSize, sizeof recordSize)
        .append(static_cast<char>(parameters.keyId.size()))
        .append(parameters.keyId);

    const qsizetype dataSize = parameters.recordSize - GcmTagSize - 1;
    quint64 number = 0;
    do {
        const qsizetype size = std::min(dataSize, plain.size());
        QByteArray record = plain.first(size).toByteArray();
        plain = plain.sliced(size);
        record.append(plain.isEmpty() ? LastRecord : MoreRecords);
        body.append(sealRecord(keys, number++, record));
    } while (!plain.isEmpty());
    return body;
}

Result<QByteArray, QString>
decryptContent(QByteArrayView body,
               const std::function<Result<QByteArray, QString>(QByteArrayView)> &inputKeyFor)
{
    const auto keyIdSize =
        body.size() < HeaderSize ? 0 : qsizetype { bytesOf(body)[HeaderSize - 1] };
    if (body.size() < HeaderSize + keyIdSize)
        return Unexpected(QStringLiteral("the body is shorter than its header"));
    const auto recordSize = qsizetype { qFromBigEndian<quint32>(body.data() + SaltSize) };
    if (recordSize < GcmTagSize + 2)
        return Unexpected(QStringLiteral("the record size %1 is below 18").arg(recordSize));
    auto inputKey = inputKeyFor(body.sliced(HeaderSize, keyIdSize));
    if (!inputKey)
        return inputKey;

    const RecordKeys keys = contentKeys(body.first(SaltSize), *inputKey);
    QByteArrayView rest = body.sliced(HeaderSize + keyIdSize);
    QByteArray content;
    quint64 number = 0;
    do {
        const qsizetype size = std::min(recordSize, rest.size());
        auto plain = openRecord(keys, number, rest.first(size));
        rest = rest.sliced(size);
        if (!plain)
            return Unexpected(QStringLiteral("record %1 does not decrypt").arg(number));
        while (plain->endsWith('\0'))
            plain->chop(1);
        if (!plain->endsWith(rest.isEmpty() ? LastRecord : MoreRecords))
            return Unexpected(QStringLiteral("record %1 has no valid end").arg(number));
        plain->chop(1);
        content.append(*plain);
        ++number;
    } while (!rest.isEmpty());
    return content;
}

Result<QByteArray, QString> encryptMessage(QByteArrayView plain, QByteArrayView receiverPoint,
                                           QByteArrayView authSecret)
{
    const KeyPointer senderKey = newP256Key();
    return encryptMessageWith(plain, receiverPoint, authSecret, senderKey.get(),
                              randomBytes(SaltSize));
}

Result<QByteArray, QString> encryptMessageWith(QByteArrayView plain, QByteArrayView receiverPoint,
                                               QByteArrayView authSecret, EVP_PKEY *senderKey,
                                               QByteArrayView salt)
{
    if (authSecret.size() != AuthSecretSize)
        return Unexpected(
            QStringLiteral("the auth secret has %1 bytes instead of 16").arg(authSecret.size()));
    const auto secret = p256SharedSecret(senderKey, receiverPoint);
    if (!secret)
        return Unexpected(QStringLiteral("the receiver's key is no point of P-256"));
    const QByteArray senderPoint = p256Point(senderKey);
    const ContentParameters parameters { salt.toByteArray(), senderPoint,
                                         std::max(ContentParameters().recordSize,
                                                  plain.size() + 1 + GcmTagSize) };
    return encryptContent(plain, messageInputKey(*secret, authSecret, receiverPoint, senderPoint),
                          parameters);
}

Result<QByteArray, QString> decryptMessage(QByteArrayView body, const ReceiverKeys &keys)
{
    return decryptContent(body, [&](QByteArrayView senderPoint) -> Result<QByteArray, QString> {
        auto secret = receiverSecret(keys, senderPoint);
        if (!secret)
            return secret;
        return messageInputKey(*secret, keys.authSecret, keys.publicKey, senderPoint);
    });
}

Result<QByteArray, QString> decryptLegacyMessage(QByteArrayView body, QByteArrayView encryption,
                                                 QByteArrayView cryptoKey, const ReceiverKeys &keys)
{
    const auto salt = fromLenientBase64(headerItem(encryption, "salt").value_or(QByteArrayView()));
    const auto senderPoint =
        fromLenientBase64(headerItem(cryptoKey, "dh").value_or(QByteArrayView()));
    if (!salt || salt->size() != SaltSize)
        return Unexpected(QStringLiteral("Encryption has no salt of 16 bytes"));
    if (!senderPoint)
        return Unexpected(QStringLiteral("Crypto-Key has no dh"));
    bool ok = true;
    const auto givenSize = headerItem(encryption, "rs");
    const qsizetype recordSize = givenSize ? givenSize->toByteArray().toInt(&ok) : LegacyRecordSize;
    if (!ok || recordSize <= LegacyPaddingSize)
        return Unexpected(QStringLiteral("Encryption has no valid record size"));
    auto secret = receiverSecret(keys, *senderPoint);
    if (!secret)
        return secret;

    const QByteArray inputKey =
        hkdf(keys.authSecret, *secret, info("Content-Encoding: auth"), Sha256Size);
    const QByteArray context =
        info("P-256") + lengthPrefixed(keys.publicKey) + lengthPrefixed(*senderPoint);
    const RecordKeys recordKeys {
        hkdf(*salt, inputKey, info("Content-Encoding: aesgcm") + context, CipherKeySize),
        hkdf(*salt, inputKey, info("Content-Encoding: nonce") + context, NonceSize)
    };

    // A record that is not full is the last, so a body that ends with a full one was cut.
    const qsizetype sealedSize = recordSize + GcmTagSize;
    QByteArray content;
    for (quint64 number = 0;; ++number) {
        const qsizetype size = std::min(sealedSize, body.size());
        const auto plain = openRecord(recordKeys, number, body.first(size));
        body = body.sliced(size);
        if (!plain)
            return Unexpected(QStringLiteral("record %1 does not decrypt").arg(number));
        const qsizetype padding = plain->size() < LegacyPaddingSize
            ? plain->size()
            : qsizetype { qFromBigEndian<quint16>(plain->data()) };
        if (LegacyPaddingSize + padding > plain->size())
            return Unexpected(QStringLiteral("record %1 has no valid padding").arg(number));
        content.append(plain->sliced(LegacyPaddingSize + padding));
        if (size < sealedSize)
            return content;
    }
}

} // namespace Carillon
