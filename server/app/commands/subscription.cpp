// SPDX-License-Identifier: MPL-2.0
#include "server/app/commands/subscription.h"

#include "core/crypto/base64url.h"

#include <QFile>
#include <QJsonDocument>

#include <cstdio>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

constexpr qint64 LargestText = 64 << 10;

Result<QUrl, QString> parseEndpoint(const QString &text)
{
    QUrl url(text, QUrl::StrictMode);
    const bool isWeb = url.scheme() == "http"_L1 || url.scheme() == "https"_L1;
    if (!url.isValid() || !isWeb || url.host().isEmpty())
        return Unexpected(u"the endpoint is not a URL with http or https"_s);
    return url;
}

} // namespace

QJsonObject Subscription::toJson() const
{
    QJsonObject object { { u"endpoint"_s, endpoint.toString(QUrl::FullyEncoded) } };
    if (canEncrypt())
        object.insert(u"keys"_s,
                      QJsonObject { { u"p256dh"_s, QString::fromLatin1(toBase64Url(p256dh)) },
                                    { u"auth"_s, QString::fromLatin1(toBase64Url(auth)) } });
    return object;
}

Result<Subscription, QString> parseSubscription(const QByteArray &text)
{
    const QByteArray trimmed = text.trimmed();
    if (!trimmed.startsWith('{')) {
        auto endpoint = parseEndpoint(QString::fromUtf8(trimmed));
        if (!endpoint)
            return Unexpected(endpoint.error());
        return Subscription { *endpoint, {}, {} };
    }
    QJsonParseError error {};
    const QJsonObject object = QJsonDocument::fromJson(trimmed, &error).object();
    if (error.error != QJsonParseError::NoError)
        return Unexpected(u"the subscription is not JSON: %1"_s.arg(error.errorString()));
    auto endpoint = parseEndpoint(object.value("endpoint"_L1).toString());
    if (!endpoint)
        return Unexpected(endpoint.error());
    Subscription subscription { *endpoint, {}, {} };
    const QJsonObject keys = object.value("keys"_L1).toObject();
    if (keys.isEmpty())
        return subscription;
    const auto point = fromLenientBase64(keys.value("p256dh"_L1).toString().toLatin1());
    const auto secret = fromLenientBase64(keys.value("auth"_L1).toString().toLatin1());
    if (!point || !secret || point->isEmpty() || secret->isEmpty())
        return Unexpected(u"the subscription's keys p256dh and auth are not base64url"_s);
    subscription.p256dh = *point;
    subscription.auth = *secret;
    return subscription;
}

Result<Subscription, QString> readSubscription(const QString &argument)
{
    const bool isText = argument.startsWith(u'{') || argument.startsWith("http://"_L1)
        || argument.startsWith("https://"_L1);
    if (isText)
        return parseSubscription(argument.toUtf8());
    QFile file(argument);
    const bool opened =
        argument == "-"_L1 ? file.open(stdin, QIODevice::ReadOnly) : file.open(QIODevice::ReadOnly);
    if (!opened)
        return Unexpected(u"%1 is neither a subscription nor a file that can be read (%2)"_s.arg(
            argument, file.errorString()));
    const QByteArray text = file.read(LargestText).trimmed();
    // The output of `carillon listen` has one line of JSON first; people's files have many lines.
    auto whole = parseSubscription(text);
    return whole ? whole : parseSubscription(text.left(text.indexOf('\n')));
}

} // namespace Carillon
