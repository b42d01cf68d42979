// SPDX-License-Identifier: MPL-2.0
#include "server/commands/admin/adminconnection.h"

#include <QLocalSocket>
#include <QNetworkProxy>
#include <QSslSocket>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

constexpr quint16 DefaultPort = 8083;

AdminFailure noServer(const QString &sentence)
{
    return { .exitCode = ExitCode::NoServer, .sentence = sentence };
}

int milliseconds(QDeadlineTimer deadline)
{
    return static_cast<int>(deadline.remainingTime());
}

AdminFailure noAnswer(const QString &name)
{
    return noServer(u"the server at %1 does not answer"_s.arg(name));
}

Result<std::unique_ptr<QIODevice>, AdminFailure> openLocal(const QString &path,
                                                           QDeadlineTimer deadline)
{
    auto socket = std::make_unique<QLocalSocket>();
    socket->connectToServer(path);
    if (socket->waitForConnected(milliseconds(deadline)))
        return std::unique_ptr<QIODevice>(std::move(socket));
    switch (socket->error()) {
    case QLocalSocket::SocketAccessError:
        return Unexpected(AdminFailure {
            .sentence = u"this user may not use %1; run the command as root or as the user of the "
                        "server"_s.arg(path) });
    case QLocalSocket::ServerNotFoundError:
    case QLocalSocket::ConnectionRefusedError:
        return Unexpected(noServer(u"no server listens at %1"_s.arg(path)));
    default:
        return Unexpected(
            noServer(u"no server can be reached at %1: %2"_s.arg(path, socket->errorString())));
    }
}

Result<std::unique_ptr<QIODevice>, AdminFailure> openRemote(const QUrl &url,
                                                            QDeadlineTimer deadline)
{
    auto socket = std::make_unique<QSslSocket>();
    // A proxy of the environment is for the web.
    socket->setProxy(QNetworkProxy::NoProxy);
    const auto port = static_cast<quint16>(url.port(DefaultPort));
    const bool isEncrypted = url.scheme() == "https"_L1;
    if (isEncrypted)
        socket->connectToHostEncrypted(url.host(), port);
    else
        socket->connectToHost(url.host(), port);
    if (!socket->waitForConnected(milliseconds(deadline))) {
        return Unexpected(noServer(
            u"no server can be reached at %1: %2"_s.arg(url.toString(), socket->errorString())));
    }
    if (isEncrypted && !socket->waitForEncrypted(milliseconds(deadline))) {
        return Unexpected(AdminFailure { .sentence = u"no TLS connection to %1: %2; --ca names the "
                                                     "authority of its certificate"_s.arg(
                                                         url.toString(), socket->errorString()) });
    }
    return std::unique_ptr<QIODevice>(std::move(socket));
}

} // namespace

Result<AdminConnection, AdminFailure> AdminConnection::open(const AdminAddress &address,
                                                            QDeadlineTimer deadline)
{
    CARILLON_TRY(std::unique_ptr<QIODevice> device,
                 address.socket.isEmpty() ? openRemote(address.url, deadline)
                                          : openLocal(address.socket, deadline));
    return AdminConnection(address.name(), std::move(device));
}

Result<void, AdminFailure> AdminConnection::write(const QByteArray &bytes, QDeadlineTimer deadline)
{
    m_device->write(bytes);
    while (m_device->bytesToWrite() > 0) {
        // What a server that refuses the rest of a request says is found by read().
        if (!m_device->waitForBytesWritten(milliseconds(deadline))) {
            if (deadline.hasExpired())
                return Unexpected(noAnswer(m_name));
            break;
        }
    }
    return {};
}

Result<QByteArray, AdminFailure> AdminConnection::read(QDeadlineTimer deadline)
{
    if (m_device->bytesAvailable() == 0 && !m_device->waitForReadyRead(milliseconds(deadline))) {
        if (deadline.hasExpired())
            return Unexpected(noAnswer(m_name));
    }
    return m_device->readAll();
}

} // namespace Carillon
