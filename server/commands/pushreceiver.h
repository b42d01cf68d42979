// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/crypto/ece.h"
#include "server/commands/subscription.h"

#include <QAbstractSocket>
#include <QJsonObject>
#include <QObject>
#include <QPointer>
#include <QTimer>
#include <QUrl>
#include <QWebSocket>

#include <chrono>
#include <deque>
#include <functional>
#include <memory>

namespace Carillon {

/// What a push client keeps from one run to the next.
struct ReceiverState
{
    QUrl server;
    QString uaid;
    QString channelId;
    QString endpoint;
    /// Public key of the only sender that may push, base64url; empty: any.
    QString vapidKey;
    ReceiverKeys keys;

    /// Of a client that was never connected.
    [[nodiscard]] static ReceiverState fresh(const QUrl &server, const QString &vapidKey);
    [[nodiscard]] static Result<ReceiverState, QString> load(const QString &path);
    /// Replaces the file, which only its owner may read.
    [[nodiscard]] Result<void, QString> save(const QString &path) const;
    [[nodiscard]] Subscription subscription() const;
};

/// A message as it arrived, decrypted.
struct ReceivedMessage
{
    QString version;
    QByteArray text;
};

/// A push client with one subscription (protocol.md §2), as Firefox is one: says hello, registers,
/// decrypts, acknowledges what its owner took; connects again with back-off.
/// Owns: its socket. Thread: the one it lives in.
class PushReceiver final : public QObject
{
    Q_OBJECT
public:
    /// Takes a message. Returns whether it is safe; only then is it acknowledged. Otherwise the
    /// server sends it again on the next connection.
    using Take = std::function<bool(const ReceivedMessage &)>;

    PushReceiver(ReceiverState state, Take take, QObject *parent = nullptr);

    void start();
    /// Says goodbye and gives ended().
    void stop();
    [[nodiscard]] const ReceiverState &state() const { return m_state; }

Q_SIGNALS:
    /// There is a subscription, new or known; once for each endpoint.
    void subscribed();
    /// A line for the user: why a message or a connection was lost.
    void trouble(const QString &what);
    /// The connection ended, or none came about; the back-off makes another one.
    void disconnected();
    /// Before disconnected(): a server answered, and not with a WebSocket.
    void refused();
    /// stop() is done.
    void ended();

private:
    void connectSocket();
    void handleConnected();
    void handleText(const QString &text);
    void handleDisconnected();
    void lose(const QString &why);
    void handleHello(const QJsonObject &message);
    void handleRegister(const QJsonObject &message);
    void handleNotification(const QJsonObject &message);
    void acknowledge(const QJsonObject &message, int code);
    void announce();
    void checkPulse();
    void send(const QJsonObject &message);
    [[nodiscard]] Result<QByteArray, QString> decrypt(const QJsonObject &message) const;

    /// The code of the server's Close frame; 0: there was none, or it is not known.
    [[nodiscard]] int readCloseCode();
    void keepBytes();
    [[nodiscard]] QString endOfConnection() const;

    ReceiverState m_state;
    Take m_take;
    /// A new one for each connection: Qt's keeps the close reason of the one before.
    std::unique_ptr<QWebSocket> m_socket;
    QPointer<QAbstractSocket> m_tcp; ///< m_socket's own
    int m_closeCode = 0;
    QTimer m_retry;
    QTimer m_pulse;
    QTimer m_patience; ///< from opening until there is a subscription
    std::chrono::milliseconds m_backOff;
    QString m_announced;
    /// Versions given to the owner, newest last. A repeated message is only acknowledged.
    std::deque<QString> m_given;
    bool m_stopping = false;
    bool m_ponged = true;
};

} // namespace Carillon
