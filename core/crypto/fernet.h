// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/crypto/digest.h"
#include "core/crypto/openssl.h"

#include <QByteArray>
#include <QByteArrayView>
#include <QList>
#include <QString>

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace Carillon {

// token   = base64url( version time iv cipher tag ), padded; read with or without the padding
// version = 0x80
// time    = seconds since 1970, 64 bits, big-endian; nothing here expires
// iv      = 16 bytes
// cipher  = AES-128-CBC with PKCS #7 padding, by the last 16 bytes of the key
// tag     = HMAC-SHA256 of all before it, by the first 16 bytes of the key

/// Encrypts and authenticates short texts (github.com/fernet/spec). The first key encrypts, all are
/// tried for reading, so that keys can be rotated. Owns: the keys and OpenSSL contexts set up with
/// them. Thread: one at a time. A copy has its own contexts: give each thread a copy. Copying while
/// the original is in use is safe.
class Fernet
{
public:
    /// Maximum length of a token that open() accepts, which also limits what can usefully be
    /// encrypted.
    static constexpr qsizetype MaxTokenSize = 2048;
    using Iv = std::array<std::uint8_t, 16>;

    struct Opened
    {
        QByteArray plain;
        /// The key that decrypted it.
        size_t keyIndex = 0;
        std::int64_t seconds = 0;
        Iv iv {};
    };

    /// Keys are 32 bytes in URL-safe base64, padded or not; at least one. The error is a sentence
    /// that identifies the invalid key by its position, never by its content.
    [[nodiscard]] static Result<Fernet, QString> fromKeys(const QList<QByteArray> &keys);

    /// A token made with the first key and a random IV; with padding.
    [[nodiscard]] QByteArray encrypt(QByteArrayView plain, WallTime now) const;
    /// The same with a given time, IV and key: equal arguments make equal tokens.
    [[nodiscard]] QByteArray encryptWith(QByteArrayView plain, std::int64_t seconds, const Iv &iv,
                                         size_t keyIndex = 0) const;
    /// Decrypts a token made with any of the keys; nullopt: it is not a token of these keys, or was
    /// altered.
    [[nodiscard]] std::optional<Opened> open(QByteArrayView token) const;

    [[nodiscard]] size_t keyCount() const { return m_keys.size(); }
    /// Identifies the key without revealing it; never 0.
    [[nodiscard]] KeyMark mark(size_t keyIndex) const { return m_keys[keyIndex].mark; }
    /// The position of the key with this mark; nullopt: there is none.
    [[nodiscard]] std::optional<size_t> find(KeyMark mark) const;
    /// HMAC-SHA256 of data by a key derived from that Fernet key: for values that must be the same
    /// in every process that has the key, and unguessable to others.
    [[nodiscard]] Sha256Digest tag(size_t keyIndex, QByteArrayView data) const;

private:
    struct Key
    {
        static constexpr size_t Size = 32;
        using Bytes = std::array<std::uint8_t, Size>;

        explicit Key(const Bytes &keyBytes);
        Key(const Key &other) : Key(other.bytes) { }
        Key(Key &&) noexcept = default;
        Key &operator=(const Key &other);
        Key &operator=(Key &&) noexcept = default;
        ~Key();

        Bytes bytes;
        KeyMark mark {};
        MacContext signing;
        MacContext tagging;
        CipherContext encrypting;
        CipherContext decrypting;
    };

    explicit Fernet(std::vector<Key> keys) : m_keys(std::move(keys)) { }

    std::vector<Key> m_keys;
};

/// A new key in the form that fromKeys() accepts.
[[nodiscard]] QByteArray newFernetKey();

} // namespace Carillon
