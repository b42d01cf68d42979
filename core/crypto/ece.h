// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"
#include "core/crypto/openssl.h"

#include <QByteArray>
#include <QByteArrayView>
#include <QString>

#include <functional>
#include <optional>

// Encrypted content encodings: what senders do to a message and browsers undo. The server passes
// bodies on as they are; this is for the command line (send, listen) and for tests. Errors are
// sentences for its user. Thread: any.
namespace Carillon {

/// The keys of a subscription: what the browser keeps secret, and the part that it gives to
/// senders.
struct ReceiverKeys
{
    /// P-256 scalar (32 bytes) and point (65 bytes, `p256dh`).
    QByteArray privateKey;
    QByteArray publicKey;
    /// 16 bytes, `auth`.
    QByteArray authSecret;

    [[nodiscard]] static ReceiverKeys generate();
    /// From base64 of the scalar and of the secret; nullopt: they are invalid.
    [[nodiscard]] static std::optional<ReceiverKeys> load(QByteArrayView privateKey,
                                                          QByteArrayView authSecret);
};

// aes128gcm, RFC 8188 §2:
// body   = salt(16) rs(4, big-endian) idlen(1) keyid(idlen) *record
// record = AES-128-GCM( data 0x01 *0x00 ), rs bytes; the last: AES-128-GCM( data 0x02 *0x00 ), ≤ rs

/// How to encrypt a content; salt has 16 bytes, recordSize is at least 18.
struct ContentParameters
{
    QByteArray salt;
    QByteArray keyId;
    qsizetype recordSize = 4096;
};

[[nodiscard]] QByteArray encryptContent(QByteArrayView plain, QByteArrayView inputKey,
                                        const ContentParameters &parameters);
/// inputKeyFor: returns the input key for a key id, or the reason why there is none.
[[nodiscard]] Result<QByteArray, QString>
decryptContent(QByteArrayView body,
               const std::function<Result<QByteArray, QString>(QByteArrayView keyId)> &inputKeyFor);

/// A message for a browser (RFC 8291), in one record: fresh sender key and salt.
[[nodiscard]] Result<QByteArray, QString>
encryptMessage(QByteArrayView plain, QByteArrayView receiverPoint, QByteArrayView authSecret);
/// The same with given sender key and salt (16 bytes): equal arguments make equal bodies.
[[nodiscard]] Result<QByteArray, QString>
encryptMessageWith(QByteArrayView plain, QByteArrayView receiverPoint, QByteArrayView authSecret,
                   EVP_PKEY *senderKey, QByteArrayView salt);
/// Reads a message of the encoding aes128gcm.
[[nodiscard]] Result<QByteArray, QString> decryptMessage(QByteArrayView body,
                                                         const ReceiverKeys &keys);

/// Reads a message of the older encoding aesgcm (draft-ietf-webpush-encryption-04), whose salt and
/// sender key come in the headers Encryption and Crypto-Key.
[[nodiscard]] Result<QByteArray, QString> decryptLegacyMessage(QByteArrayView body,
                                                               QByteArrayView encryption,
                                                               QByteArrayView cryptoKey,
                                                               const ReceiverKeys &keys);

} // namespace Carillon
