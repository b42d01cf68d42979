// SPDX-License-Identifier: MPL-2.0
#include "core/crypto/ece.h"
#include "server/commands/commands.h"
#include "server/commands/subscription.h"
#include "server/commands/vapidfile.h"
#include "server/net/tls/trust.h"

#include <QCoreApplication>
#include <QFile>
#include <QNetworkAccessManager>
#include <QNetworkReply>

#include <chrono>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

constexpr std::chrono::seconds ResponseTimeout { 30 };
constexpr qint64 LargestBody = 1 << 20;
const QString DefaultTtl = u"86400"_s;

/// What is pushed: no text, that of the command line, or a file's.
Result<QByteArray, QString> readText(const Arguments &arguments)
{
    const QString text = arguments.others().value(1);
    const auto path = arguments.value(u"--file"_s);
    if (!path)
        return text.toUtf8();
    if (!text.isEmpty())
        return Unexpected(u"give a text or --file, not both"_s);
    QFile file(*path);
    const bool opened =
        *path == "-"_L1 ? file.open(stdin, QIODevice::ReadOnly) : file.open(QIODevice::ReadOnly);
    if (!opened)
        return Unexpected(u"%1 cannot be read: %2"_s.arg(*path, file.errorString()));
    return file.read(LargestBody);
}

struct Push
{
    QNetworkRequest request;
    QByteArray body;
};

Result<Push, QString> makePush(const Arguments &arguments)
{
    const auto subscription = readSubscription(arguments.others().value(0));
    if (!subscription)
        return Unexpected(subscription.error());
    const auto text = readText(arguments);
    if (!text)
        return Unexpected(text.error());

    Push push { QNetworkRequest(subscription->endpoint), {} };
    push.request.setTransferTimeout(
        static_cast<int>(std::chrono::milliseconds(ResponseTimeout).count()));
    push.request.setAttribute(QNetworkRequest::RedirectPolicyAttribute,
                              QNetworkRequest::ManualRedirectPolicy);
    const auto setHeader = [&](const QByteArray &name, const QString &option) {
        if (const auto value = arguments.value(option))
            push.request.setRawHeader(name, value->toUtf8());
    };
    push.request.setRawHeader("TTL", arguments.value(u"--ttl"_s).value_or(DefaultTtl).toUtf8());
    setHeader("Topic", u"--topic"_s);
    setHeader("Urgency", u"--urgency"_s);

    if (!text->isEmpty()) {
        if (!subscription->canEncrypt())
            return Unexpected(u"a bare endpoint has no keys to encrypt a text with; give the "
                              "subscription's JSON, or no text"_s);
        auto body = encryptMessage(*text, subscription->p256dh, subscription->auth);
        if (!body)
            return Unexpected(body.error());
        push.body = std::move(*body);
        push.request.setRawHeader("Content-Encoding", "aes128gcm");
        push.request.setHeader(QNetworkRequest::ContentTypeHeader, u"application/octet-stream"_s);
    }
    if (const auto keyText = arguments.value(u"--key"_s)) {
        const auto key = readVapidKey(*keyText);
        if (!key)
            return Unexpected(key.error());
        push.request.setRawHeader(
            "Authorization",
            vapidAuthorization(*key, subscription->endpoint,
                               arguments.value(u"--sub"_s).value_or(QString())));
    }
    return push;
}

ExitCode report(QNetworkReply &reply)
{
    const int status = reply.attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    if (status == 0) {
        printError(u"no response: %1"_s.arg(reply.errorString()));
        return ExitCode::Failure;
    }
    const QByteArrayView reason = httpReason(status);
    printLine(u"%1 %2"_s.arg(status).arg(QString::fromLatin1(reason)));
    for (const char *name : { "Location", "TTL", "Retry-After" }) {
        if (reply.hasRawHeader(name))
            printLine(
                u"%1: %2"_s.arg(QLatin1StringView(name), QString::fromUtf8(reply.rawHeader(name))));
    }
    if (const QByteArray body = reply.read(LargestBody); !body.isEmpty())
        printLine(QString::fromUtf8(body).trimmed());
    return status >= 200 && status < 300 ? ExitCode::Success : ExitCode::Failure;
}

ExitCode send(const Invocation &invocation)
{
    const qsizetype count = invocation.arguments.others().size();
    if (count < 1 || count > 2) {
        printError(
            u"send takes a subscription and at most one text; quote a text that contains spaces"_s);
        return ExitCode::Usage;
    }
    const auto push = makePush(invocation.arguments);
    if (!push) {
        printError(push.error());
        return ExitCode::Usage;
    }
    if (const auto caFile = invocation.arguments.value(u"--ca"_s)) {
        if (const auto trusted = trustAlso(*caFile); !trusted) {
            printError(u"--ca: "_s + trusted.error());
            return ExitCode::Usage;
        }
    }
    QNetworkAccessManager network;
    const std::unique_ptr<QNetworkReply> reply(network.post(push->request, push->body));
    QObject::connect(reply.get(), &QNetworkReply::finished, QCoreApplication::instance(),
                     &QCoreApplication::quit);
    QCoreApplication::exec();
    return report(*reply);
}

} // namespace

Command sendCommand()
{
    return {
        .name = u"send"_s,
        .synopsis = u"[options] SUBSCRIPTION [TEXT]"_s,
        .group = CommandGroup::Testing,
        .summary = u"sends a push message"_s,
        .description =
            u"Encrypts TEXT (RFC 8291), posts it to a subscription, and prints the status, "
            "Location\nand TTL of the response. The exit code is 1 if the push was not accepted. "
            "Without TEXT\nthe push is empty.\n\n"
            "SUBSCRIPTION is the JSON that a browser or `carillon listen` printed, a file that\n"
            "contains it, or - for standard input. It can also be an endpoint URL; it then has no\n"
            "keys, and only an empty push can be sent."_s,
        .options = { { u"--file"_s, u"FILE"_s,
                       u"Sends the content of a file; - is standard input."_s },
                     { u"--ttl"_s, u"SECONDS"_s,
                       u"How long the server keeps the message (default: 86400). With 0 it is "
                       "delivered at once or not at all."_s },
                     { u"--topic"_s, u"NAME"_s,
                       u"Replaces a stored message with the same topic."_s },
                     { u"--urgency"_s, u"LEVEL"_s, u"One of very-low, low, normal and high."_s },
                     { u"--key"_s, u"FILE"_s,
                       u"Signs with this VAPID key: a PEM file, or the key in base64url."_s },
                     { u"--sub"_s, u"CONTACT"_s,
                       u"Contact of the sender: mailto:you@example.com, or a URL."_s },
                     { u"--ca"_s, u"FILE"_s,
                       u"Also trusts the certificate authorities in this PEM file."_s } },
        .example = u"carillon listen --count 1 > subscription.json &\n"
                   "carillon send --ttl 60 subscription.json 'Dinner is ready'"_s,
        .run = send,
    };
}

} // namespace Carillon
