// SPDX-License-Identifier: MPL-2.0
#include "server/net/qt/qthttpreader.h"

#include "server/net/qt/qtacceptor.h"

#include <QHttpServerRequest>
#include <QTcpSocket>

#include <algorithm>
#include <array>

namespace Carillon {

namespace {

/// A connected socket whose peer is a byte array.
class MemorySocket final : public QTcpSocket
{
public:
    explicit MemorySocket(QByteArray bytes) : m_bytes(std::move(bytes))
    {
        setOpenMode(QIODevice::ReadOnly);
        setSocketState(QAbstractSocket::ConnectedState);
    }
    [[nodiscard]] qint64 bytesAvailable() const override
    {
        return QTcpSocket::bytesAvailable() + m_bytes.size() - m_position;
    }

protected:
    qint64 readData(char *data, qint64 most) override
    {
        const qint64 count = std::min<qint64>(most, m_bytes.size() - m_position);
        std::copy_n(m_bytes.constData() + m_position, count, data);
        m_position += count;
        return count;
    }
    qint64 skipData(qint64 most) override
    {
        const qint64 count = std::min<qint64>(most, m_bytes.size() - m_position);
        m_position += count;
        return count;
    }

private:
    QByteArray m_bytes;
    qint64 m_position = 0;
};

bool isHopByHop(QByteArrayView name)
{
    static constexpr std::array<const char *, 7> Names {
        "connection", "content-length", "expect", "keep-alive", "te", "transfer-encoding", "upgrade"
    };
    return std::any_of(Names.begin(), Names.end(),
                       [&](const char *hop) { return name == QByteArrayView(hop); });
}

} // namespace

QtHttpReader::QtHttpReader(QtAcceptor *acceptor) : m_acceptor(acceptor)
{
    bind(acceptor);
}

std::optional<QByteArray> QtHttpReader::read(const RequestHead &head, QByteArrayView body)
{
    const HttpRequest &request = head.request;
    QByteArray message;
    message.reserve(512 + body.size());
    message.append(request.method).append(' ').append(request.path);
    if (!request.query.isNull())
        message.append('?').append(request.query);
    message.append(" HTTP/1.1\r\n");
    for (const HttpFields::Field field : request.headers) {
        if (!isHopByHop(field.name))
            message.append(field.name).append(": ").append(field.value).append("\r\n");
    }
    message.append("content-length: ").append(QByteArray::number(body.size())).append("\r\n\r\n");
    message.append(body);

    m_body.reset();
    MemorySocket socket(std::move(message));
    m_acceptor->offer(socket);
    Q_EMIT socket.readyRead();
    return std::exchange(m_body, std::nullopt);
}

bool QtHttpReader::handleRequest(const QHttpServerRequest &request, QTcpSocket *)
{
    m_body = request.body();
    return true;
}

void QtHttpReader::missingHandler(const QHttpServerRequest &, QTcpSocket *) { }

} // namespace Carillon
