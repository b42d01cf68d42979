// SPDX-License-Identifier: MPL-2.0
#include "server/history/uaidhash.h"

#include "core/crypto/digest.h"

namespace Carillon {

std::vector<QByteArray> uaidHashKeys(const QList<QByteArray> &secrets)
{
    std::vector<QByteArray> keys;
    keys.reserve(static_cast<std::size_t>(secrets.size()));
    for (const QByteArray &secret : secrets)
        keys.push_back(hmacSha256(secret, "carillon history uaid"));
    return keys;
}

Uaid hashed(const Uaid &uaid, const QByteArray &key)
{
    return Uaid::fromRaw(QByteArrayView(hmacSha256(key, uaid.raw())).first(Uaid::Size));
}

} // namespace Carillon
