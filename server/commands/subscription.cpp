// SPDX-License-Identifier: MPL-2.0
#include "server/commands/subscription.h"

#include "core/crypto/base64url.h"

#include <QDeadlineTimer>
#include <QFile>
#include <QJsonDocument>
#include <QStringDecoder>
#include <QThread>

#include <chrono>
#include <cstdio>

namespace Carillon {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr qint64 LargestText = 64 << 10;
/// For a file that a shell is about to make; a name that was mistyped costs as much.
constexpr std::chrono::milliseconds WaitForFile = 2s;
/// For `carillon listen` to have its subscription.
constexpr std::chrono::milliseconds WaitForContent = 10s;
constexpr std::chrono::milliseconds LookInterval = 20ms;

/// UTF-8 without a byte order mark and without white space around it.
QByteArray normalized(const QByteArray &text)
{
    const auto marked = QStringConverter::encodingForData(text);
    if (!marked)
        return text.trimmed();
    QStringDecoder decoder(*marked);
    return QString(decoder(text)).trimmed().toUtf8();
}

/// Whether more has to come: `carillon listen` ends its line.
bool isCut(const QByteArray &text)
{
    if (text.isEmpty())
        return true;
    if (!text.startsWith('{') || text.contains('\n'))
        return false;
    QJsonParseError error {};
    static_cast<void>(QJsonDocument::fromJson(text, &error));
    return error.error != QJsonParseError::NoError && error.error != QJsonParseError::GarbageAtEnd;
}

struct FileText
{
    QByteArray text;
    QString fault; ///< empty: it was read
};

FileText readOnce(const QString &path)
{
    QFile file(path);
    const bool opened =
        path == "-"_L1 ? file.open(stdin, QIODevice::ReadOnly) : file.open(QIODevice::ReadOnly);
    if (!opened)
        return { {}, file.errorString() };
    return { normalized(file.read(LargestText)), {} };
}

FileText readWhole(const QString &path)
{
    const QDeadlineTimer missing(WaitForFile);
    const QDeadlineTimer cut(WaitForContent);
    while (true) {
        FileText read = readOnce(path);
        const QDeadlineTimer &deadline = read.fault.isEmpty() ? cut : missing;
        const bool isThere = read.fault.isEmpty() && !isCut(read.text);
        if (path == "-"_L1 || isThere || deadline.hasExpired())
            return read;
        QThread::msleep(LookInterval.count());
    }
}

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
    const QByteArray trimmed = normalized(text);
    if (!trimmed.startsWith('{')) {
        auto endpoint = parseEndpoint(QString::fromUtf8(trimmed));
        if (!endpoint)
            return Unexpected(endpoint.error());
        return Subscription { *endpoint, {}, {} };
    }
    QJsonParseError error {};
    QJsonObject object = QJsonDocument::fromJson(trimmed, &error).object();
    if (error.error != QJsonParseError::NoError)
        return Unexpected(u"the subscription is not JSON: %1"_s.arg(error.errorString()));
    // As web applications send it to their servers.
    if (const QJsonValue inner = object.value("subscription"_L1); inner.isObject())
        object = inner.toObject();
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
    const FileText read = readWhole(argument);
    if (!read.fault.isEmpty())
        return Unexpected(u"%1 is neither a subscription nor a file that can be read (%2)"_s.arg(
            argument, read.fault));
    const QString name = argument == "-"_L1 ? u"the standard input"_s : argument;
    if (read.text.isEmpty())
        return Unexpected(u"%1 is empty"_s.arg(name));
    if (isCut(read.text))
        return Unexpected(u"%1 ends within the subscription"_s.arg(name));
    // The output of `carillon listen` has one line of JSON first; people's files have many lines.
    auto whole = parseSubscription(read.text);
    if (whole)
        return whole;
    auto first = parseSubscription(read.text.left(read.text.indexOf('\n')));
    return first ? first : whole;
}

} // namespace Carillon
