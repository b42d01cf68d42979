// SPDX-License-Identifier: MPL-2.0
#include "tests/support/peerwire.h"

#include "tests/support/testserver.h"

#include <QSslCertificate>
#include <QSslConfiguration>

namespace Carillon::Testing {

namespace {

QList<QSslCertificate> trusted;

} // namespace

bool isWireTls()
{
    return qgetenv("CARILLON_WIRE") == "tls";
}

void trustOnly(const QByteArray &authority)
{
    trusted = QSslCertificate::fromData(authority);
}

bool connectPeer(QSslSocket &socket, quint16 port)
{
    const int patience = static_cast<int>(Patience.count());
    const QString host = QStringLiteral("127.0.0.1");
    if (!isWireTls()) {
        socket.connectToHost(host, port);
        return socket.waitForConnected(patience);
    }
    QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
    configuration.setCaCertificates(trusted);
    socket.setSslConfiguration(configuration);
    socket.connectToHostEncrypted(host, port);
    return socket.waitForEncrypted(patience);
}

} // namespace Carillon::Testing
