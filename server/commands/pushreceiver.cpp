// SPDX-License-Identifier: MPL-2.0
#include "server/commands/pushreceiver.h"

#include "core/base/ids.h"
#include "core/crypto/base64url.h"
#include "core/crypto/digest.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QRegularExpression>
#include <QWebSocketHandshakeOptions>
#include <QtEndian>

#include <algorithm>

namespace Carillon {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::milliseconds FirstBackOff = 500ms;
constexpr std::chrono::milliseconds LongestBackOff = 60s;
constexpr std::chrono::milliseconds PulseInterval = 120s;
constexpr std::chrono::milliseconds GoodbyeTimeout = 2s;
constexpr std::chrono::milliseconds AnswerTimeout = 30s;
constexpr size_t RememberedVersions = 1'000;

// Codes of ack (protocol.md §2.6).
constexpr int AckDelivered = 100;
constexpr int AckUndecryptable = 101;

/// The status that a server answered an upgrade with; 0: it was something else. Qt tells it in its
/// error's text only, and not at all where it is 400.
int refusalStatus(const QString &error)
{
    static const QRegularExpression status(u"http status code: ?(\\d{3})"_s,
                                           QRegularExpression::CaseInsensitiveOption);
    if (const auto match = status.match(error); match.hasMatch())
        return match.captured(1).toInt();
    return error.contains("Unknown error condition encountered"_L1) ? 400 : 0;
}

/// The code of the first Close frame among these frames of a server; 0: there is none, or it has
/// none.
int closeCodeIn(QByteArrayView frames)
{
    constexpr int Close = 8;
    while (frames.size() >= 2) {
        const int opcode = frames[0] & 0x0f;
        const int shortLength = frames[1] & 0x7f;
        const qsizetype more = shortLength == 126 ? 2 : shortLength == 127 ? 8 : 0;
        if (frames.size() < 2 + more)
            return 0;
        quint64 length = more == 0 ? quint64(shortLength) : 0;
        for (qsizetype i = 0; i < more; ++i)
            length = length << 8 | static_cast<quint8>(frames[2 + i]);
        frames = frames.sliced(2 + more);
        if (length > static_cast<quint64>(frames.size()))
            return 0;
        if (opcode == Close)
            return length < 2 ? 0 : qFromBigEndian<quint16>(frames.data());
        frames = frames.sliced(static_cast<qsizetype>(length));
    }
    return 0;
}

QString newChannelId()
{
    return QString::fromLatin1(toDashed(newUaid()));
}

} // namespace

PushReceiver::PushReceiver(ReceiverState state, Take take, QObject *parent)
    : QObject(parent), m_state(std::move(state)), m_take(std::move(take)), m_backOff(FirstBackOff)
{
    m_retry.setSingleShot(true);
    connect(&m_retry, &QTimer::timeout, this, &PushReceiver::connectSocket);
    connect(&m_pulse, &QTimer::timeout, this, &PushReceiver::checkPulse);
    m_patience.setSingleShot(true);
    connect(&m_patience, &QTimer::timeout, this, [this] { lose(u"the server does not answer"_s); });
}

void PushReceiver::start()
{
    connectSocket();
}

void PushReceiver::stop()
{
    m_stopping = true;
    m_retry.stop();
    m_patience.stop();
    if (!m_socket || m_socket->state() == QAbstractSocket::UnconnectedState) {
        Q_EMIT ended();
        return;
    }
    m_socket->close();
    // A server that does not answer the Close frame must not hold a script up.
    QTimer::singleShot(GoodbyeTimeout, m_socket.get(), &QWebSocket::abort);
}

void PushReceiver::connectSocket()
{
    QWebSocketHandshakeOptions options;
    options.setSubprotocols({ u"push-notification"_s });
    if (m_socket)
        m_socket->disconnect(this);
    m_socket = std::make_unique<QWebSocket>();
    connect(m_socket.get(), &QWebSocket::connected, this, &PushReceiver::handleConnected);
    connect(m_socket.get(), &QWebSocket::disconnected, this, &PushReceiver::handleDisconnected);
    connect(m_socket.get(), &QWebSocket::textMessageReceived, this, &PushReceiver::handleText);
    connect(m_socket.get(), &QWebSocket::pong, this, [this] {
        m_ponged = true;
        keepBytes();
    });
    connect(m_socket.get(), &QWebSocket::aboutToClose, this, [this] {
        if (m_closeCode == 0) // comes twice at times
            m_closeCode = readCloseCode();
    });
    m_closeCode = 0;
    m_patience.start(AnswerTimeout);
    m_socket->open(m_state.server, options);
    m_tcp = m_socket->findChild<QAbstractSocket *>();
}

/// Qt takes the codes 1012 and 1013 for violations of the protocol, and drops code and reason.
/// Hence what it reads stays in its socket's buffer until the next whole message, for
/// readCloseCode().
void PushReceiver::keepBytes()
{
    if (!m_tcp)
        return;
    if (m_tcp->isTransactionStarted())
        m_tcp->commitTransaction();
    m_tcp->startTransaction();
}

int PushReceiver::readCloseCode()
{
    if (!m_tcp || !m_tcp->isTransactionStarted())
        return 0;
    const qint64 unread = m_tcp->bytesAvailable();
    m_tcp->rollbackTransaction();
    return closeCodeIn(m_tcp->read(m_tcp->bytesAvailable() - unread));
}

/// How a connection ended that was there.
QString PushReceiver::endOfConnection() const
{
    constexpr int ServiceRestart = 1012;
    constexpr int TryAgainLater = 1013;
    if (m_closeCode == ServiceRestart)
        return u"the server restarts (close code 1012)"_s;
    if (m_closeCode == TryAgainLater)
        return u"the server is overloaded (close code 1013)"_s;
    return m_socket->closeReason().isEmpty() ? m_socket->errorString() : m_socket->closeReason();
}

void PushReceiver::handleConnected()
{
    m_ponged = true;
    keepBytes();
    m_pulse.start(PulseInterval);
    QJsonObject hello { { u"messageType"_s, u"hello"_s },
                        { u"use_webpush"_s, true },
                        { u"broadcasts"_s, QJsonObject() } };
    if (!m_state.uaid.isEmpty())
        hello.insert(u"uaid"_s, m_state.uaid);
    send(hello);
}

void PushReceiver::handleText(const QString &text)
{
    keepBytes();
    if (m_stopping)
        return; // nobody takes it any more
    const QJsonObject message = QJsonDocument::fromJson(text.toUtf8()).object();
    const QString type = message.value("messageType"_L1).toString();
    if (type == "hello"_L1)
        handleHello(message);
    else if (type == "register"_L1)
        handleRegister(message);
    else if (type == "notification"_L1)
        handleNotification(message);
}

void PushReceiver::handleHello(const QJsonObject &message)
{
    const QString uaid = message.value("uaid"_L1).toString();
    if (message.value("status"_L1).toInt() != 200 || uaid.isEmpty()) {
        Q_EMIT trouble(u"the server did not answer hello well"_s);
        m_socket->close();
        return;
    }
    if (uaid == m_state.uaid && !m_state.endpoint.isEmpty()) {
        announce();
        return;
    }
    // A server that does not know us has forgotten our subscription too.
    m_state.uaid = uaid;
    m_state.endpoint.clear();
    m_state.channelId = newChannelId();
    QJsonObject request { { u"messageType"_s, u"register"_s },
                          { u"channelID"_s, m_state.channelId } };
    if (!m_state.vapidKey.isEmpty())
        request.insert(u"key"_s, m_state.vapidKey);
    send(request);
}

void PushReceiver::handleRegister(const QJsonObject &message)
{
    const int status = message.value("status"_L1).toInt();
    const QString endpoint = message.value("pushEndpoint"_L1).toString();
    if (status != 200 || endpoint.isEmpty()) {
        Q_EMIT trouble(u"the server refused the subscription (status %1)"_s.arg(status));
        m_socket->close();
        return;
    }
    m_state.endpoint = endpoint;
    announce();
}

void PushReceiver::announce()
{
    m_patience.stop();
    m_backOff = FirstBackOff;
    if (m_announced == m_state.endpoint)
        return;
    m_announced = m_state.endpoint;
    Q_EMIT subscribed();
}

void PushReceiver::handleNotification(const QJsonObject &message)
{
    const QString version = message.value("version"_L1).toString();
    if (std::find(m_given.begin(), m_given.end(), version) != m_given.end()) {
        acknowledge(message, AckDelivered);
        return;
    }
    const auto text = decrypt(message);
    if (!text) {
        Q_EMIT trouble(u"a message could not be decrypted: %1"_s.arg(text.error()));
        acknowledge(message, AckUndecryptable);
        return;
    }
    if (!m_take({ version, *text }))
        return;
    if (m_given.size() == RememberedVersions)
        m_given.pop_front();
    m_given.push_back(version);
    acknowledge(message, AckDelivered);
}

Result<QByteArray, QString> PushReceiver::decrypt(const QJsonObject &message) const
{
    if (!message.contains("data"_L1))
        return QByteArray();
    const auto body = fromLenientBase64(message.value("data"_L1).toString().toLatin1());
    if (!body)
        return Unexpected(u"its data is not base64url"_s);
    const QJsonObject headers = message.value("headers"_L1).toObject();
    const QString encoding = headers.value("encoding"_L1).toString();
    if (encoding == "aes128gcm"_L1)
        return decryptMessage(*body, m_state.keys);
    if (encoding == "aesgcm"_L1)
        return decryptLegacyMessage(*body, headers.value("encryption"_L1).toString().toLatin1(),
                                    headers.value("crypto_key"_L1).toString().toLatin1(),
                                    m_state.keys);
    return Unexpected(u"the encoding \"%1\" is not known"_s.arg(encoding));
}

void PushReceiver::acknowledge(const QJsonObject &message, int code)
{
    const QJsonObject update { { u"channelID"_s, message.value("channelID"_L1) },
                               { u"version"_s, message.value("version"_L1) },
                               { u"code"_s, code } };
    send({ { u"messageType"_s, u"ack"_s }, { u"updates"_s, QJsonArray { update } } });
}

void PushReceiver::send(const QJsonObject &message)
{
    m_socket->sendTextMessage(
        QString::fromUtf8(QJsonDocument(message).toJson(QJsonDocument::Compact)));
}

void PushReceiver::checkPulse()
{
    // TCP alone does not notice a peer that vanished while nobody sends.
    if (!m_ponged) {
        Q_EMIT trouble(u"the server does not answer any more"_s);
        m_socket->abort();
        return;
    }
    m_ponged = false;
    m_socket->ping();
}

void PushReceiver::handleDisconnected()
{
    if (const int status = refusalStatus(m_socket->errorString()); status != 0) {
        Q_EMIT refused();
        lose(u"the server answered HTTP %1 instead of opening a WebSocket"_s.arg(status));
        return;
    }
    // The server has forgotten us (protocol.md §2.1): hello without a UAID gets a new one.
    if (m_socket->closeReason() == "UaidReset"_L1)
        m_state.uaid.clear();
    lose(u"the connection ended: "_s + endOfConnection());
}

/// Ends what there is of a connection, and comes back later; once for each connection.
void PushReceiver::lose(const QString &why)
{
    m_pulse.stop();
    m_patience.stop();
    if (m_stopping) {
        Q_EMIT ended();
        return;
    }
    if (m_retry.isActive())
        return;
    m_retry.start(m_backOff);
    m_backOff = std::min(m_backOff * 2, LongestBackOff);
    m_socket->abort();
    Q_EMIT trouble(why);
    Q_EMIT disconnected();
}

} // namespace Carillon
