// SPDX-License-Identifier: MPL-2.0
#include "core/crypto/base64url.h"
#include "core/crypto/p256.h"
#include "server/commands/commands.h"
#include "server/commands/pushreceiver.h"
#include "server/commands/vapidfile.h"
#include "server/net/tls/trust.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QJsonDocument>
#include <QStringDecoder>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

struct ListenOptions
{
    ReceiverState state;
    QString statePath;
    int count = 0; ///< 0: without end
    double timeout = 0; ///< seconds; 0: none
    bool json = false;
    bool once = false;
};

QString compact(const QJsonObject &object)
{
    return QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact));
}

/// A public key in base64url, or that of a private key file.
Result<QString, QString> readPublicKey(const QString &text)
{
    const auto point = fromLenientBase64(text.toLatin1());
    if (point && p256PublicKey(*point))
        return QString::fromLatin1(toBase64Url(*point));
    if (!QFileInfo::exists(text))
        return Unexpected(u"--vapid-key is neither a public key in base64url nor a file"_s);
    const auto key = readVapidKey(text);
    if (!key)
        return Unexpected(key.error());
    return QString::fromLatin1(toBase64Url(key->publicKey()));
}

Result<ReceiverState, QString> readState(const Arguments &arguments, const QString &path)
{
    const QString serverText = arguments.value(u"--server"_s).value_or(DefaultServer);
    const QUrl server(serverText, QUrl::StrictMode);
    if ((server.scheme() != "ws"_L1 && server.scheme() != "wss"_L1) || server.host().isEmpty())
        return Unexpected(u"--server must be a ws:// or wss:// URL such as "_s + DefaultServer);
    QString vapidKey;
    if (const auto text = arguments.value(u"--vapid-key"_s)) {
        const auto key = readPublicKey(*text);
        if (!key)
            return Unexpected(key.error());
        vapidKey = *key;
    }
    if (path.isEmpty() || !QFileInfo::exists(path))
        return ReceiverState::fresh(server, vapidKey);
    auto state = ReceiverState::load(path);
    if (!state)
        return state;
    if (arguments.has(u"--server"_s) && state->server != server)
        return Unexpected(u"%1 belongs to %2; use another file for another server"_s.arg(
            path, state->server.toString()));
    if (arguments.has(u"--vapid-key"_s) && state->vapidKey != vapidKey)
        return Unexpected(
            u"%1 has a subscription for another VAPID key; use another file"_s.arg(path));
    return state;
}

Result<ListenOptions, QString> readOptions(const Arguments &arguments)
{
    ListenOptions options;
    bool ok = true;
    if (const auto count = arguments.value(u"--count"_s)) {
        options.count = count->toInt(&ok);
        if (!ok || options.count < 1)
            return Unexpected(u"--count must be 1 or more"_s);
    }
    if (const auto timeout = arguments.value(u"--timeout"_s)) {
        options.timeout = timeout->toDouble(&ok);
        if (!ok || options.timeout <= 0 || options.timeout > 1e6)
            return Unexpected(u"--timeout must be a number of seconds above 0"_s);
    }
    options.json = arguments.has(u"--json"_s);
    options.once = arguments.has(u"--once"_s);
    options.statePath = arguments.value(u"--state"_s).value_or(QString());
    auto state = readState(arguments, options.statePath);
    if (!state)
        return Unexpected(state.error());
    options.state = std::move(*state);
    return options;
}

/// A message as one line: its text, or base64url where it is none.
QString messageLine(const ReceivedMessage &message, bool json)
{
    QStringDecoder decoder(QStringDecoder::Utf8);
    QString text = decoder(message.text);
    const bool isText = !decoder.hasError();
    if (!isText)
        text = QString::fromLatin1(toBase64Url(message.text));
    if (!json)
        return text.replace(u'\\', "\\\\"_L1).replace(u'\n', "\\n"_L1).replace(u'\r', "\\r"_L1);
    return compact({ { u"version"_s, message.version }, { isText ? u"text"_s : u"data"_s, text } });
}

/// Prints what arrives until there is enough.
class Listening final : public QObject
{
public:
    explicit Listening(ListenOptions options)
        : m_options(std::move(options)),
          m_receiver(m_options.state,
                     [this](const ReceivedMessage &message) { return printMessage(message); })
    {
        connect(&m_receiver, &PushReceiver::subscribed, this, [this] { printSubscription(); });
        connect(&m_receiver, &PushReceiver::trouble, this,
                [](const QString &what) { printError(what); });
        connect(&m_receiver, &PushReceiver::refused, this, [this] { m_refused = true; });
        connect(&m_receiver, &PushReceiver::disconnected, this, [this] {
            if (m_options.once || (m_refused && m_options.count > 0))
                end(ExitCode::Failure);
        });
        connect(&m_receiver, &PushReceiver::ended, this,
                [this] { QCoreApplication::exit(static_cast<int>(m_exitCode)); });
        m_timeout.setSingleShot(true);
        connect(&m_timeout, &QTimer::timeout, this,
                [this] { end(m_options.count > 0 ? ExitCode::Failure : ExitCode::Success); });
    }

    ExitCode run()
    {
        if (m_options.timeout > 0)
            m_timeout.start(static_cast<int>(m_options.timeout * 1000));
        m_receiver.start();
        return static_cast<ExitCode>(QCoreApplication::exec());
    }

private:
    void printSubscription()
    {
        save();
        if (!printLine(compact(m_receiver.state().subscription().toJson())))
            end(ExitCode::Failure);
    }

    /// False: the server keeps the message, because nobody has seen it.
    bool printMessage(const ReceivedMessage &message)
    {
        const bool isEnough = m_options.count > 0 && m_printed == m_options.count;
        if (m_ending || isEnough)
            return false;
        if (!printLine(messageLine(message, m_options.json))) {
            end(ExitCode::Failure);
            return false;
        }
        if (++m_printed == m_options.count) {
            // Once the ack, which follows this, is on its way.
            QMetaObject::invokeMethod(
                this, [this] { end(ExitCode::Success); }, Qt::QueuedConnection);
        }
        return true;
    }

    void save()
    {
        if (m_options.statePath.isEmpty())
            return;
        if (const auto saved = m_receiver.state().save(m_options.statePath); !saved) {
            printError(saved.error());
            end(ExitCode::Failure);
        }
    }

    void end(ExitCode code)
    {
        if (m_ending)
            return;
        m_ending = true;
        m_exitCode = code;
        m_receiver.stop();
    }

    ListenOptions m_options;
    PushReceiver m_receiver;
    QTimer m_timeout;
    int m_printed = 0;
    bool m_refused = false;
    bool m_ending = false;
    ExitCode m_exitCode = ExitCode::Success;
};

ExitCode listen(const Invocation &invocation)
{
    if (!invocation.arguments.others().isEmpty()) {
        printError(u"listen takes no %1; the server is named by --server"_s.arg(
            invocation.arguments.others().first()));
        return ExitCode::Usage;
    }
    auto options = readOptions(invocation.arguments);
    if (!options) {
        printError(options.error());
        return ExitCode::Usage;
    }
    if (const auto caFile = invocation.arguments.value(u"--ca"_s)) {
        if (const auto trusted = trustAlso(*caFile); !trusted) {
            printError(u"--ca: "_s + trusted.error());
            return ExitCode::Usage;
        }
    }
    return Listening(std::move(*options)).run();
}

} // namespace

Command listenCommand()
{
    return {
        .name = u"listen"_s,
        .synopsis = u"[options]"_s,
        .group = CommandGroup::Testing,
        .summary = u"receives push messages, as a browser does"_s,
        .description =
            u"Connects to the server as a client. Prints its subscription as one line of JSON, "
            "for\n`carillon send` or any Web Push library, then each message as a line of its "
            "own, and\nacknowledges what it has printed. Reconnects when the connection ends."_s,
        .options = { { u"--server"_s, u"URL"_s,
                       u"WebSocket URL of the server (default: ws://127.0.0.1:8080/)."_s },
                     { u"--count"_s, u"N"_s,
                       u"Exits after N messages. The exit code is 1 if the server refuses the "
                       "WebSocket."_s },
                     { u"--timeout"_s, u"SECONDS"_s,
                       u"Exits after this time. The exit code is 1 if --count was not "
                       "reached."_s },
                     { u"--state"_s, u"FILE"_s,
                       u"Keeps the subscription in this file, and continues with it the next "
                       "time."_s },
                     { u"--vapid-key"_s, u"KEY"_s,
                       u"Restricts the subscription to one sender: its public key, or the file of "
                       "its private key."_s },
                     { u"--json"_s,
                       {},
                       u"Prints each message as {\"version\", \"text\"}, or with \"data\" in "
                       "base64url if it is not text."_s },
                     { u"--ca"_s, u"FILE"_s,
                       u"Also trusts the certificate authorities in this PEM file."_s },
                     { u"--once"_s,
                       {},
                       u"Exits with exit code 1 when the connection ends, instead of "
                       "reconnecting."_s } },
        .example = u"carillon listen --state phone.json --count 1 --timeout 60"_s,
        .run = listen,
    };
}

} // namespace Carillon
