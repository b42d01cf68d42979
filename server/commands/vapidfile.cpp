// SPDX-License-Identifier: MPL-2.0
#include "server/commands/vapidfile.h"

#include "server/settings/settings.h"

#include <QFile>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

constexpr qint64 LargestFile = 64 << 10;

std::optional<VapidKey> parseKey(const QByteArray &text)
{
    if (text.contains("-----BEGIN"))
        return VapidKey::fromPem(text);
    // What `carillon vapid` prints has the key on the line "private".
    for (const QByteArray &line : text.split('\n')) {
        if (line.startsWith("private "))
            return VapidKey::fromBase64(line.mid(8).trimmed());
    }
    return VapidKey::fromBase64(text.trimmed());
}

} // namespace

Result<VapidKey, QString> readVapidKey(const QString &fileOrKey)
{
    QFile file(fileOrKey);
    const bool isFile = file.exists();
    QByteArray text = fileOrKey.toUtf8();
    if (isFile) {
        if (!file.open(QIODevice::ReadOnly))
            return Unexpected(u"%1 cannot be read: %2"_s.arg(fileOrKey, file.errorString()));
        text = file.read(LargestFile);
    }
    auto key = parseKey(text);
    if (key)
        return std::move(*key);
    return Unexpected(
        isFile ? u"%1 contains no P-256 private key; `carillon vapid --out FILE` makes one"_s.arg(
            fileOrKey)
               : u"the VAPID key is neither a file nor a private key in base64url; "
                 "`carillon vapid` makes one"_s);
}

QByteArray audienceOf(const QUrl &endpoint)
{
    return httpOrigin(endpoint.scheme(), endpoint.host(QUrl::FullyEncoded), endpoint.port(-1));
}

QByteArray vapidAuthorization(const VapidKey &key, const QUrl &endpoint, const QString &subject)
{
    // Half of what RFC 8292 §2 allows, as the common libraries do.
    const WallTime expires = SystemClock().wall() + std::chrono::hours(12);
    return key.authorization(audienceOf(endpoint), subject.toUtf8(), expires);
}

} // namespace Carillon
