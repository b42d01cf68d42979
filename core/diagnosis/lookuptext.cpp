// SPDX-License-Identifier: MPL-2.0
#include "core/diagnosis/lookuptext.h"

#include "core/crypto/base64url.h"
#include "core/crypto/digest.h"
#include "core/crypto/p256.h"

#include <QUrl>

#include <algorithm>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

constexpr QByteArrayView EndpointPath = "/wpush/";
constexpr QByteArrayView LocationPath = "/m/";
/// Fernet's version byte and the zeros of its time, in base64 (until the year 2106).
constexpr QByteArrayView SealedStart = "gAAAAA";

bool isHex(QByteArrayView text)
{
    return std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    });
}

QByteArray withoutDashes(QByteArrayView text)
{
    return text.toByteArray().replace('-', QByteArray());
}

QByteArrayView trimmed(QByteArrayView text)
{
    // Also the quotes and brackets that come along from logs, JSON and mail.
    const auto isWrapping = [](char c) {
        return static_cast<unsigned char>(c) <= ' ' || QByteArrayView("\"'<>,;").contains(c);
    };
    while (!text.isEmpty() && isWrapping(text.front()))
        text = text.sliced(1);
    while (!text.isEmpty() && isWrapping(text.back()))
        text.chop(1);
    return text;
}

/// The key of "Authorization: vapid t=…, k=…"; text that is no such header is returned unchanged.
QByteArrayView keyOfHeader(QByteArrayView text)
{
    if (!text.contains("vapid "))
        return text;
    const qsizetype at = text.indexOf("k=");
    if (at < 0)
        return text;
    const QByteArrayView key = text.sliced(at + 2);
    const qsizetype end = key.indexOf(',');
    return trimmed(end < 0 ? key : key.first(end));
}

QByteArray originOf(const QUrl &url)
{
    return url
        .adjusted(QUrl::RemovePath | QUrl::RemoveQuery | QUrl::RemoveFragment
                  | QUrl::RemoveUserInfo)
        .toEncoded();
}

} // namespace

Result<Named, QString> LookupText::read(QByteArrayView text) const
{
    text = keyOfHeader(trimmed(text));
    if (text.isEmpty())
        return Unexpected(u"Nothing was given to look up."_s);
    if (text.size() > LongestText)
        return Unexpected(u"The text is longer than any endpoint URL or id."_s);
    if (text.startsWith("mailto:"))
        return Named(NamedContact { text.toByteArray() });
    if (text.startsWith("https://") || text.startsWith("http://"))
        return readUrl(text);
    if (text.startsWith(LocationPath) || text.startsWith(EndpointPath))
        return readUrl("http:" + text.toByteArray());
    if (text.startsWith(SealedStart)) {
        if (auto named = readSealed(text))
            return std::move(*named);
        return Named(NamedForeign {});
    }
    if (const auto uaid = parseUaid(text))
        return Named(NamedUuid { *uaid, *parseChannelId(text) });
    const QByteArray digits = withoutDashes(text);
    if (isHex(digits)) {
        if (digits.size() == 2 * Sha256Size)
            return Named(NamedSender { QByteArray::fromHex(digits) });
        if (digits.size() < ShortestPrefix)
            return Unexpected(u"At least %1 hex digits of an id are needed."_s.arg(ShortestPrefix));
        if (digits.size() < 2 * Uaid::Size)
            return Named(NamedPrefix { digits.toLower() });
    }
    if (const auto bytes = fromLenientBase64(text)) {
        if (bytes->size() == Sha256Size)
            return Named(NamedSender { *bytes });
        if (bytes->size() == P256PointSize) {
            if (!isP256Point(*bytes))
                return Unexpected(u"This has the length of a VAPID public key, but it is not a "
                                  "point of the curve P-256."_s);
            return Named(NamedSender { sha256(*bytes) });
        }
    }
    if (text.contains('@') && !text.contains(' '))
        return Named(NamedContact { "mailto:" + text.toByteArray() });
    return Unexpected(u"This is not an endpoint URL, a Location, a message id, a UAID, a channel "
                      "id, a VAPID public key or a sender's contact."_s);
}

Result<Named, QString> LookupText::readUrl(QByteArrayView text) const
{
    const QUrl url = QUrl::fromEncoded(text.toByteArray(), QUrl::StrictMode);
    if (!url.isValid())
        return Unexpected(u"This is not a valid URL: %1."_s.arg(url.errorString()));
    const QByteArray path = url.path(QUrl::FullyEncoded).toLatin1();
    if (!path.startsWith(EndpointPath) && !path.startsWith(LocationPath))
        return Named(NamedContact { text.toByteArray() });
    if (auto named = readSealed(QByteArrayView(path).sliced(path.lastIndexOf('/') + 1)))
        return std::move(*named);
    return Named(NamedForeign { originOf(url) });
}

std::optional<Named> LookupText::readSealed(QByteArrayView text) const
{
    if (auto name = m_ids.read(text))
        return Named(NamedMessage { std::move(*name) });
    const auto plain = m_tokens.open(text);
    if (!plain)
        return std::nullopt;
    // The path says which version it is, but people cut it off; the length says it, too.
    for (const ApiVersion version : { ApiVersion::V2, ApiVersion::V1 }) {
        if (auto token = EndpointTokens::parse(version, *plain))
            return Named(NamedSubscription { std::move(*token) });
    }
    return std::nullopt;
}

} // namespace Carillon
