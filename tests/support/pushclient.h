// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "tests/support/httppeer.h"
#include "tests/support/testserver.h"

#include <QByteArray>
#include <QByteArrayList>
#include <QJsonArray>
#include <QJsonObject>
#include <QList>
#include <QSslSocket>

namespace Carillon::Testing {

/// Opcodes of RFC 6455 §5.2.
enum class Opcode : quint8 {
    Continuation = 0,
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10
};

/// The client's end of the WebSocket protocol (protocol.md §2), polite or not: it says what it is
/// told, waits for what comes and keeps the order.
class PushClient
{
public:
    /// port: of another process than the server's first; 0: that one's.
    explicit PushClient(TestServer &server, quint16 port = 0) : m_server(server), m_port(port) { }
    /// Leaves without a word.
    ~PushClient() { m_socket.abort(); }

    // The connection.

    /// Opens TCP and asks for the upgrade; false unless 101 comes.
    [[nodiscard]] bool open(const HttpHeaders &extraHeaders = {});
    [[nodiscard]] const HttpReply &upgradeReply() const { return m_upgrade; }
    void sendText(const QByteArray &text) { sendFrame(Opcode::Text, text); }
    void sendJson(const QJsonObject &object);
    void sendFrame(Opcode opcode, const QByteArray &payload, bool isFinal = true);
    /// Bytes as they are, in place of frames.
    void sendBytes(const QByteArray &bytes);
    /// Ends TCP at once.
    void leave() { m_socket.abort(); }
    void setAnswersPings(bool answers) { m_answersPings = answers; }

    /// The next text message; empty when the connection ends or none comes in time.
    [[nodiscard]] QJsonObject next(std::chrono::milliseconds atMost = Patience);
    /// The same as it came.
    [[nodiscard]] QByteArray nextText();
    /// The next message of this type; others are kept for next().
    [[nodiscard]] QJsonObject nextOf(const QString &type);
    /// Whether a ping (a pong) frame comes that was not waited for yet.
    [[nodiscard]] bool waitForPing() { return waitForCount(m_pings); }
    [[nodiscard]] bool waitForPong() { return waitForCount(m_pongs); }
    /// Payload of the newest pong frame.
    [[nodiscard]] const QByteArray &lastPong() const { return m_lastPong; }
    /// Code of the Close frame, 1005 if it has none, 1006 if TCP ended without one, 0 if nothing
    /// came in time.
    [[nodiscard]] int waitForClose();
    [[nodiscard]] const QByteArray &closeReason() const { return m_closeReason; }
    /// Whether the server ends TCP, not answering its Close frame.
    [[nodiscard]] bool waitForTcpEnd();

    // The protocol.

    /// Opens if need be and says hello; the answer, empty when none came.
    QJsonObject hello(const QByteArray &uaid = {}, QJsonObject extra = {});
    [[nodiscard]] const QByteArray &uaid() const { return m_uaid; }
    /// Registers; the path of the endpoint, empty when it was refused.
    [[nodiscard]] QByteArray subscribe(const QByteArray &channel, const QByteArray &key = {});
    /// The status of the answer.
    [[nodiscard]] int unregister(const QByteArray &channel);
    /// The next notification; empty when none comes.
    [[nodiscard]] QJsonObject notification() { return nextOf(QStringLiteral("notification")); }
    void acknowledge(const QJsonObject &notification, int code = 100);
    void acknowledge(const QList<QJsonObject> &notifications);
    /// Waits until all that was sent before took effect (design.md §3.7) and its answers are here.
    [[nodiscard]] bool barrier();
    /// Notifications that came and were not asked for yet.
    [[nodiscard]] QList<QJsonObject> takeWaiting();

private:
    [[nodiscard]] bool readFrame(std::chrono::milliseconds atMost);
    [[nodiscard]] bool waitForCount(int &count);
    void frameRead(Opcode opcode, bool isFinal, const QByteArray &payload);

    TestServer &m_server;
    quint16 m_port;
    QSslSocket m_socket;
    HttpReply m_upgrade;
    QByteArray m_read; // received, not yet a frame
    QByteArray m_fragments;
    QByteArrayList m_messages;
    QByteArray m_uaid;
    QByteArray m_closeReason;
    QByteArray m_lastPong;
    int m_closeCode = 0;
    int m_pings = 0;
    int m_pongs = 0;
    bool m_answersPings = true;
};

/// A member of a message as bytes; empty if it is no string.
[[nodiscard]] QByteArray text(const QJsonObject &object, const char *name);

} // namespace Carillon::Testing
