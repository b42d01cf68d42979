// SPDX-License-Identifier: MPL-2.0
#pragma once

#include <QByteArray>
#include <QJsonObject>
#include <QSslSocket>

#include <utility>
#include <vector>

namespace Carillon::Testing {

using HttpHeaders = std::vector<std::pair<QByteArray, QByteArray>>;

struct HttpReply
{
    /// 0: none came.
    int status = 0;
    HttpHeaders headers;
    QByteArray body;

    /// Value of the first header of this name in any case; null if there is none.
    [[nodiscard]] QByteArray header(const QByteArray &name) const;
    /// Of an error body (protocol.md §3.3); -1: null, 0: none.
    [[nodiscard]] int errorNumber() const;
    /// Of an error body: the error whose page more_info names.
    [[nodiscard]] QByteArray errorName() const;
    [[nodiscard]] QJsonObject json() const;
};

/// A peer that writes HTTP/1.1 as it is told and waits for the answers, over one connection that it
/// keeps as long as the server does.
class HttpPeer
{
public:
    explicit HttpPeer(quint16 port) : m_port(port) { }

    /// Host and Content-Length are added unless they are among the headers.
    [[nodiscard]] HttpReply request(const QByteArray &method, const QByteArray &target,
                                    const HttpHeaders &headers = {}, const QByteArray &body = {});
    [[nodiscard]] HttpReply get(const QByteArray &target) { return request("GET", target); }
    /// Bytes as they are, then the next answer. isHead: none has a body.
    [[nodiscard]] HttpReply exchange(const QByteArray &bytes, bool isHead = false);
    [[nodiscard]] bool send(const QByteArray &bytes);
    [[nodiscard]] HttpReply receive(bool isHead = false);
    /// Whether the server ends the connection.
    [[nodiscard]] bool waitForEnd();

private:
    [[nodiscard]] bool connectIfNeeded();
    [[nodiscard]] bool readMore();

    quint16 m_port;
    QSslSocket m_socket;
    QByteArray m_read; // received, not yet part of an answer
    bool m_isEnding = false; // the server has said that it closes the connection
};

} // namespace Carillon::Testing
