// SPDX-License-Identifier: MPL-2.0
#include "core/crypto/fernet.h"

#include "core/crypto/base64url.h"

#include <QtEndian>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>

#include <algorithm>

namespace Carillon {
namespace {

constexpr std::uint8_t Version = 0x80;
constexpr qsizetype HalfKey = 16;
constexpr qsizetype BlockSize = 16;
constexpr qsizetype TimeAt = 1;
constexpr qsizetype IvAt = 9;
constexpr qsizetype CipherAt = 25;
constexpr qsizetype TagSize = Sha256Size;
constexpr QByteArrayView TagLabel = "carillon fernet tag v1";
constexpr QByteArrayView MarkLabel = "carillon fernet mark v1";

MacContext macWithKey(QByteArrayView key)
{
    char digestName[] = "SHA256";
    const OSSL_PARAM parameters[] = { OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
                                                                       digestName, 0),
                                      OSSL_PARAM_construct_end() };
    MacContext context(EVP_MAC_CTX_new(hmacAlgorithm()));
    requireOpenSsl(context
                   && EVP_MAC_init(context.get(), bytesOf(key), lengthOf(key), parameters) == 1);
    return context;
}

/// HMAC with the key that the context was set up with.
Sha256Digest mac(const MacContext &context, QByteArrayView data)
{
    Sha256Digest tag;
    requireOpenSsl(EVP_MAC_init(context.get(), nullptr, 0, nullptr) == 1
                   && EVP_MAC_update(context.get(), bytesOf(data), lengthOf(data)) == 1
                   && EVP_MAC_final(context.get(), tag.data(), nullptr, tag.size()) == 1);
    return tag;
}

QByteArrayView viewOf(const std::uint8_t *bytes, qsizetype size)
{
    return { reinterpret_cast<const char *>(bytes), size };
}

} // namespace

Fernet::Key::Key(const Bytes &keyBytes)
    : bytes(keyBytes), signing(macWithKey(viewOf(bytes.data(), HalfKey))),
      encrypting(EVP_CIPHER_CTX_new()), decrypting(EVP_CIPHER_CTX_new())
{
    const QByteArray derived = hmacSha256(viewOf(bytes.data(), Size), TagLabel);
    tagging = macWithKey(derived);
    const QByteArray marking = hmacSha256(viewOf(bytes.data(), Size), MarkLabel);
    mark = KeyMark { std::max(qFromBigEndian<std::uint32_t>(marking.constData()), 1U) };
    const std::uint8_t *cipherKey = bytes.data() + HalfKey;
    requireOpenSsl(
        encrypting && decrypting
        && EVP_EncryptInit_ex2(encrypting.get(), aes128CbcAlgorithm(), cipherKey, nullptr, nullptr)
            == 1
        && EVP_DecryptInit_ex2(decrypting.get(), aes128CbcAlgorithm(), cipherKey, nullptr, nullptr)
            == 1);
}

Fernet::Key &Fernet::Key::operator=(const Key &other)
{
    if (this != &other)
        *this = Key(other);
    return *this;
}

Fernet::Key::~Key()
{
    OPENSSL_cleanse(bytes.data(), bytes.size());
}

Result<Fernet, QString> Fernet::fromKeys(const QList<QByteArray> &keys)
{
    if (keys.isEmpty())
        return Unexpected(QStringLiteral("no key is given"));
    std::vector<Key> parsed;
    for (qsizetype i = 0; i < keys.size(); ++i) {
        const auto raw = fromBase64Url(withoutPadding(keys[i]));
        if (!raw) {
            return Unexpected(
                QStringLiteral("key %1 of %2 is not URL-safe base64").arg(i + 1).arg(keys.size()));
        }
        if (raw->size() != qsizetype(Key::Size)) {
            return Unexpected(QStringLiteral("key %1 of %2 has %3 bytes instead of 32")
                                  .arg(i + 1)
                                  .arg(keys.size())
                                  .arg(raw->size()));
        }
        Key::Bytes bytes;
        std::copy_n(bytesOf(QByteArrayView(*raw)), bytes.size(), bytes.begin());
        parsed.emplace_back(bytes);
        OPENSSL_cleanse(bytes.data(), bytes.size());
    }
    return Fernet(std::move(parsed));
}

QByteArray Fernet::encrypt(QByteArrayView plain, WallTime now) const
{
    Iv iv;
    const QByteArray random = randomBytes(iv.size());
    std::copy_n(bytesOf(QByteArrayView(random)), iv.size(), iv.begin());
    return encryptWith(plain, toSeconds(now), iv);
}

QByteArray Fernet::encryptWith(QByteArrayView plain, std::int64_t seconds, const Iv &iv,
                               size_t keyIndex) const
{
    const Key &key = m_keys[keyIndex];
    const qsizetype cipherSize = (plain.size() / BlockSize + 1) * BlockSize;
    QByteArray token(CipherAt + cipherSize + TagSize, Qt::Uninitialized);
    std::uint8_t *raw = bytesOf(token);
    raw[0] = Version;
    qToBigEndian(seconds, raw + TimeAt);
    std::copy(iv.begin(), iv.end(), raw + IvAt);

    EVP_CIPHER_CTX *cipher = key.encrypting.get();
    int body = 0;
    int end = 0;
    requireOpenSsl(EVP_EncryptInit_ex2(cipher, nullptr, nullptr, iv.data(), nullptr) == 1
                   && EVP_EncryptUpdate(cipher, raw + CipherAt, &body, bytesOf(plain),
                                        static_cast<int>(plain.size()))
                       == 1
                   && EVP_EncryptFinal_ex(cipher, raw + CipherAt + body, &end) == 1
                   && body + end == cipherSize);

    const auto tag = mac(key.signing, viewOf(raw, CipherAt + cipherSize));
    std::copy(tag.begin(), tag.end(), raw + CipherAt + cipherSize);
    return toPaddedBase64Url(token);
}

std::optional<Fernet::Opened> Fernet::open(QByteArrayView token) const
{
    if (token.size() > MaxTokenSize)
        return std::nullopt;
    std::array<std::uint8_t, MaxTokenSize / 4 * 3 + 2> raw; // not cleared: decoding fills it
    const auto size = decodeBase64Url(withoutPadding(token), raw.data());
    if (!size || *size < CipherAt + BlockSize + TagSize
        || (*size - CipherAt - TagSize) % BlockSize != 0 || raw[0] != Version)
        return std::nullopt;

    const qsizetype signedSize = *size - TagSize;
    const QByteArrayView theirs = viewOf(raw.data() + signedSize, TagSize);
    for (size_t i = 0; i < m_keys.size(); ++i) {
        const auto ours = mac(m_keys[i].signing, viewOf(raw.data(), signedSize));
        if (!equalInConstantTime(viewOf(ours.data(), TagSize), theirs))
            continue;

        Opened opened { QByteArray(signedSize - CipherAt, Qt::Uninitialized),
                        i,
                        qFromBigEndian<std::int64_t>(raw.data() + TimeAt),
                        {} };
        std::copy_n(raw.data() + IvAt, opened.iv.size(), opened.iv.begin());
        EVP_CIPHER_CTX *cipher = m_keys[i].decrypting.get();
        std::uint8_t *plain = bytesOf(opened.plain);
        int body = 0;
        int end = 0;
        if (EVP_DecryptInit_ex2(cipher, nullptr, nullptr, opened.iv.data(), nullptr) != 1
            || EVP_DecryptUpdate(cipher, plain, &body, raw.data() + CipherAt,
                                 static_cast<int>(opened.plain.size()))
                != 1
            || EVP_DecryptFinal_ex(cipher, plain + body, &end) != 1)
            return std::nullopt;
        opened.plain.truncate(body + end);
        return opened;
    }
    return std::nullopt;
}

std::optional<size_t> Fernet::find(KeyMark mark) const
{
    const auto found = std::ranges::find(m_keys, mark, &Key::mark);
    return found == m_keys.end()
        ? std::nullopt
        : std::optional(static_cast<size_t>(std::distance(m_keys.begin(), found)));
}

Sha256Digest Fernet::tag(size_t keyIndex, QByteArrayView data) const
{
    return mac(m_keys[keyIndex].tagging, data);
}

QByteArray newFernetKey()
{
    return toPaddedBase64Url(randomBytes(Fernet::Iv().size() * 2));
}

} // namespace Carillon
