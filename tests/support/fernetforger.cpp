// SPDX-License-Identifier: MPL-2.0
#include "tests/support/fernetforger.h"

#include <QDateTime>
#include <QtEndian>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <memory>

namespace Carillon::Testing {
namespace {

const unsigned char *bytesOf(const QByteArray &bytes)
{
    return reinterpret_cast<const unsigned char *>(bytes.constData());
}

/// AES-128-CBC, one way or the other; null if the padding is wrong.
QByteArray crypt(const QByteArray &key, const QByteArray &iv, const QByteArray &text, bool encrypt)
{
    const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(
        EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
    QByteArray out(text.size() + 16, '\0');
    auto *at = reinterpret_cast<unsigned char *>(out.data());
    int size = 0;
    int last = 0;
    EVP_CipherInit_ex(context.get(), EVP_aes_128_cbc(), nullptr, bytesOf(key), bytesOf(iv),
                      encrypt ? 1 : 0);
    EVP_CipherUpdate(context.get(), at, &size, bytesOf(text), static_cast<int>(text.size()));
    if (EVP_CipherFinal_ex(context.get(), at + size, &last) != 1)
        return {};
    out.truncate(size + last);
    return out;
}

} // namespace

QByteArray forgeFernet(const QByteArray &key, const QByteArray &plain)
{
    const QByteArray secret = QByteArray::fromBase64(key, QByteArray::Base64UrlEncoding);
    const QByteArray iv = "sixteen bytes iv";
    QByteArray token(9, '\x80');
    qToBigEndian<qint64>(QDateTime::currentSecsSinceEpoch(), token.data() + 1);
    token += iv + crypt(secret.mid(16), iv, plain, true);
    unsigned char mac[32];
    unsigned int size = sizeof mac;
    HMAC(EVP_sha256(), secret.constData(), 16, bytesOf(token),
         static_cast<std::size_t>(token.size()), mac, &size);
    token.append(reinterpret_cast<const char *>(mac), 32);
    return token.toBase64(QByteArray::Base64UrlEncoding);
}

QByteArray readFernet(const QByteArray &key, const QByteArray &token)
{
    const QByteArray secret = QByteArray::fromBase64(key, QByteArray::Base64UrlEncoding);
    const QByteArray raw = QByteArray::fromBase64(token, QByteArray::Base64UrlEncoding);
    return crypt(secret.mid(16), raw.mid(9, 16), raw.mid(25, raw.size() - 25 - 32), false);
}

} // namespace Carillon::Testing
