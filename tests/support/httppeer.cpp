// SPDX-License-Identifier: MPL-2.0
#include "tests/support/httppeer.h"

#include "tests/support/peerwire.h"
#include "tests/support/testserver.h"

#include <QJsonDocument>

#include <algorithm>

namespace Carillon::Testing {

using namespace Qt::StringLiterals;

QByteArray HttpReply::header(const QByteArray &name) const
{
    const auto it = std::find_if(headers.begin(), headers.end(), [&name](const auto &header) {
        return header.first.compare(name, Qt::CaseInsensitive) == 0;
    });
    return it == headers.end() ? QByteArray() : it->second;
}

QJsonObject HttpReply::json() const
{
    return QJsonDocument::fromJson(body).object();
}

int HttpReply::errorNumber() const
{
    const QJsonValue value = json().value(u"errno"_s);
    return value.isNull() ? -1 : value.toInt();
}

QByteArray HttpReply::errorName() const
{
    const QByteArray info = json().value(u"more_info"_s).toString().toUtf8();
    return info.mid(info.lastIndexOf('/') + 1);
}

HttpReply HttpPeer::request(const QByteArray &method, const QByteArray &target,
                            const HttpHeaders &headers, const QByteArray &body)
{
    QByteArray bytes = method + ' ' + target + " HTTP/1.1\r\n";
    const auto has = [&headers](const char *name) {
        return std::any_of(headers.begin(), headers.end(), [name](const auto &header) {
            return header.first.compare(name, Qt::CaseInsensitive) == 0;
        });
    };
    if (!has("Host"))
        bytes += "Host: 127.0.0.1:" + QByteArray::number(m_port) + "\r\n";
    if (!has("Content-Length") && !has("Transfer-Encoding"))
        bytes += "Content-Length: " + QByteArray::number(body.size()) + "\r\n";
    for (const auto &[name, value] : headers)
        bytes += name + ": " + value + "\r\n";
    return exchange(bytes + "\r\n" + body, method == "HEAD");
}

HttpReply HttpPeer::exchange(const QByteArray &bytes, bool isHead)
{
    return send(bytes) ? receive(isHead) : HttpReply {};
}

bool HttpPeer::send(const QByteArray &bytes)
{
    if (!connectIfNeeded())
        return false;
    m_socket.write(bytes);
    while (m_socket.bytesToWrite() > 0) {
        if (!m_socket.waitForBytesWritten(static_cast<int>(Patience.count())))
            break; // the server may have answered before it read all
    }
    return true;
}

HttpReply HttpPeer::receive(bool isHead)
{
    qsizetype headEnd = -1;
    while ((headEnd = m_read.indexOf("\r\n\r\n")) < 0) {
        if (!readMore())
            return {};
    }
    const QByteArrayList lines = m_read.left(headEnd).replace("\r\n", "\n").split('\n');
    m_read.remove(0, headEnd + 4);

    HttpReply reply;
    reply.status = lines.first().mid(9, 3).toInt();
    for (const QByteArray &line : lines.mid(1)) {
        const qsizetype colon = line.indexOf(':');
        reply.headers.emplace_back(line.left(colon), line.mid(colon + 1).trimmed());
    }
    if (reply.status == 100)
        return receive(isHead);
    m_isEnding = reply.header("Connection").toLower() == "close";
    if (isHead || reply.status == 204 || reply.status == 101)
        return reply;
    qsizetype size = -1; // unknown: until the end of the connection
    if (const QByteArray length = reply.header("Content-Length"); !length.isNull())
        size = length.toLongLong();
    while (size < 0 || m_read.size() < size) {
        if (readMore())
            continue;
        if (size >= 0)
            return {}; // cut
        size = m_read.size();
    }
    reply.body = m_read.left(size);
    m_read.remove(0, size);
    return reply;
}

bool HttpPeer::waitForEnd()
{
    while (readMore()) { }
    return m_socket.state() != QAbstractSocket::ConnectedState;
}

bool HttpPeer::connectIfNeeded()
{
    // Only reading tells whether the server ended the connection meanwhile.
    if (m_socket.state() == QAbstractSocket::ConnectedState && !m_isEnding) {
        m_socket.waitForReadyRead(0);
        if (m_socket.state() == QAbstractSocket::ConnectedState)
            return true;
    }
    m_read.clear();
    m_isEnding = false;
    m_socket.abort();
    return connectPeer(m_socket, m_port);
}

bool HttpPeer::readMore()
{
    if (m_socket.bytesAvailable() == 0
        && !m_socket.waitForReadyRead(static_cast<int>(Patience.count())))
        return false;
    m_read += m_socket.readAll();
    return true;
}

} // namespace Carillon::Testing
