// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArray>
#include <QByteArrayList>
#include <QMap>
#include <QString>

#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

namespace Carillon::Testing {

/// What stands for a server in tests of the admin API's clients: it listens on a Unix socket, and
/// answers each request as it was told. Owns: its threads. Thread: any.
class FakeAdmin
{
public:
    struct Answer
    {
        int status = 200;
        QByteArray body = {};
        QByteArray type = "application/json";
        /// Ends the connection after the response.
        bool closes = false;
        /// Instead of a response: these bytes, then the end of the connection.
        QByteArray raw = {};
        /// Says nothing, until the client goes.
        bool isSilent = false;
    };

    explicit FakeAdmin(const QString &socketPath);
    ~FakeAdmin();
    FakeAdmin(const FakeAdmin &) = delete;
    FakeAdmin &operator=(const FakeAdmin &) = delete;

    /// request: "GET /api/v1/status", without a query or with it; the one with it goes first.
    void answer(const QByteArray &request, const Answer &answer);
    void answer(const QByteArray &request, const QByteArray &json)
    {
        answer(request, Answer { .body = json });
    }
    /// What the WebSocket gets after the client's first message: frames as they are.
    void feed(const QByteArray &frames);

    /// The first lines of requests, and their bodies after a space: "POST /x {"a":1}".
    [[nodiscard]] QByteArrayList requests() const;
    /// The head of the newest request.
    [[nodiscard]] QByteArray lastHead() const;
    /// Messages of the WebSocket.
    [[nodiscard]] QByteArrayList messages() const;
    [[nodiscard]] int connections() const { return m_connections; }

private:
    void accept();
    void serve(int socket);
    void serveFeed(int socket, const QByteArray &head);
    [[nodiscard]] Answer find(const QByteArray &request) const;

    int m_listener = -1;
    std::thread m_thread;
    std::atomic<int> m_connections = 0;
    mutable std::mutex m_mutex; // for all below
    std::vector<std::thread> m_peers;
    std::vector<int> m_sockets;
    bool m_isEnding = false;
    QMap<QByteArray, Answer> m_answers;
    QByteArray m_feed;
    QByteArrayList m_requests;
    QByteArray m_lastHead;
    QByteArrayList m_messages;
};

} // namespace Carillon::Testing
