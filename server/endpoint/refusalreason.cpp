// SPDX-License-Identifier: MPL-2.0
#include "server/endpoint/refusalreason.h"

#include "core/base/durationtext.h"
#include "core/crypto/base64url.h"
#include "core/crypto/vapid.h"
#include "server/net/http/httpmessage.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

/// Longer text is cut.
constexpr qsizetype MostQuoted = 120;
/// A scheme is a word; what is longer may be a token that stands there without one.
constexpr qsizetype LongestScheme = 16;
/// 1e11 s are in the year 5138, 1e11 ms in 1973.
constexpr double LeastMilliseconds = 1e11;

/// As JSON writes it: line breaks would look like lines of the log.
QString jsonText(const QJsonValue &value)
{
    if (value.isUndefined())
        return u"absent"_s;
    const QByteArray list = QJsonDocument(QJsonArray { value }).toJson(QJsonDocument::Compact);
    return QString::fromUtf8(list.sliced(1, list.size() - 2));
}

QString quoted(const QString &text)
{
    return jsonText(text.size() > MostQuoted ? text.left(MostQuoted) + u"…"_s : text);
}

/// A part of a token: 0 is its header, 1 are its claims. Empty where it cannot be read.
QJsonObject tokenPart(const VapidHeader &vapid, int index)
{
    const QList<QByteArray> parts = vapid.token.split('.');
    if (parts.size() <= index)
        return {};
    const auto text = fromBase64Url(parts[index]);
    return text ? QJsonDocument::fromJson(*text).object() : QJsonObject();
}

QString shown(const QJsonValue &claim)
{
    return claim.isString() ? quoted(claim.toString()) : jsonText(claim).left(MostQuoted);
}

QString expiryReason(const QJsonValue &exp, WallTime now)
{
    const double claimed = exp.toDouble();
    const auto seconds = static_cast<qint64>(std::clamp(claimed, 0.0, 1e15));
    const qint64 ahead = seconds - toSeconds(now);
    QString text = u"the token's exp is %1, "_s.arg(seconds);
    text += ahead < 0 ? u"%1 ago"_s.arg(durationText(std::chrono::seconds(-ahead)))
                      : u"%1 ahead; at most 24 hours are allowed"_s.arg(
                          durationText(std::chrono::seconds(ahead)));
    if (claimed > LeastMilliseconds)
        text += u"; exp is in seconds, this looks like milliseconds"_s;
    else if (ahead < 0)
        text += u" by this server's clock"_s;
    return text;
}

QString authorizationReason(const HttpRequest &push)
{
    if (push.headers.joined("authorization") != push.header("authorization"))
        return u"there are two Authorization headers"_s;
    const QByteArrayView value = push.header("authorization").trimmed();
    const qsizetype space = value.indexOf(' ');
    const QByteArrayView scheme = space < 0 ? value : value.first(space);
    if (scheme.isEmpty() || scheme.size() > LongestScheme)
        return u"the Authorization header does not begin with \"vapid\""_s;
    if (scheme.compare("vapid", Qt::CaseInsensitive) != 0)
        return u"the scheme of the Authorization header is %1, not \"vapid\""_s.arg(
            quoted(QString::fromLatin1(scheme)));
    return u"the Authorization header lacks t= or k= (vapid t=TOKEN, k=KEY)"_s;
}

/// Why the sender's token or key is not taken; push has them.
QString vapidReason(ErrorCode why, const HttpRequest &push, const PushRules &rules)
{
    const auto header = parseVapid(push.header("authorization"), push.list("crypto-key"));
    if (!header || !*header)
        return {};
    const VapidHeader &vapid = **header;
    switch (why) {
    case ErrorCode::VapidAlgorithm:
        return u"the token's alg is %1, not \"ES256\""_s.arg(
            shown(tokenPart(vapid, 0).value("alg"_L1)));
    case ErrorCode::VapidAudience: {
        QStringList wanted;
        for (const QByteArray &audience : rules.audiences)
            wanted << quoted(QString::fromLatin1(audience));
        return u"the token's aud is %1, not %2"_s.arg(shown(tokenPart(vapid, 1).value("aud"_L1)),
                                                      wanted.join(u" or "_s));
    }
    case ErrorCode::VapidExpiryMissing:
        return u"the token's exp is %1, not a number of seconds"_s.arg(
            shown(tokenPart(vapid, 1).value("exp"_L1)));
    case ErrorCode::VapidExpired:
    case ErrorCode::VapidExpiryTooFar:
    case ErrorCode::ClockNotTrusted:
        return expiryReason(tokenPart(vapid, 1).value("exp"_L1), rules.now);
    case ErrorCode::VapidSubjectInvalid:
        return u"the token's sub is %1, not a string"_s.arg(
            shown(tokenPart(vapid, 1).value("sub"_L1)));
    case ErrorCode::VapidKeyInvalid: {
        const auto key = fromLenientBase64(vapid.publicKey);
        return u"the key (k=, or p256ecdsa=) has %1; a P-256 public key has 65, of which the "
               "first is 4"_s.arg(counted(key ? key->size() : 0, u"byte"_s));
    }
    default:
        return {};
    }
}

QString headerReason(const HttpRequest &push, QByteArrayView name, QByteArrayView shownName)
{
    const QByteArray value = push.list(name);
    if (value.isNull())
        return {};
    return u"%1 is %2"_s.arg(QString::fromLatin1(shownName), quoted(QString::fromUtf8(value)));
}

QString specialReason(ErrorCode why, const HttpRequest &push, const PushRules &rules)
{
    switch (why) {
    case ErrorCode::InvalidToken:
        return u"the endpoint was not issued by this server, or was issued with crypto keys that "
               u"it "
               "no longer has"_s;
    case ErrorCode::BodyTooLarge:
        return u"the body has %1, and endpoint.max_data_bytes is %2"_s.arg(
            counted(std::max<qint64>(push.body.size(), push.header("content-length").toLongLong()),
                    u"byte"_s),
            QString::number(rules.maxDataBytes));
    case ErrorCode::EncodingUnknown:
        return headerReason(push, "content-encoding", "Content-Encoding");
    case ErrorCode::TtlInvalid:
    case ErrorCode::TtlNegative:
        return headerReason(push, "ttl", "TTL");
    case ErrorCode::TopicInvalid:
        return headerReason(push, "topic", "Topic");
    case ErrorCode::VapidHeaderInvalid:
        return authorizationReason(push);
    default:
        return vapidReason(why, push, rules);
    }
}

} // namespace

QString refusalReason(ErrorCode why, const HttpRequest &push, const PushRules &rules)
{
    const QString general = QString::fromLatin1(errorMessage(why));
    const QString special = specialReason(why, push, rules);
    return special.isEmpty() ? general : general + u": "_s + special;
}

} // namespace Carillon
