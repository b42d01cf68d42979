// SPDX-License-Identifier: MPL-2.0
#include "server/app/banner.h"

#include "server/settings/topology.h"

#include <QFile>
#include <QNetworkInterface>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

const QByteArray UsualServer = "ws://127.0.0.1:8080/"_ba;
const QByteArray UsualPage = "http://127.0.0.1:8082/"_ba;

bool isEveryAddress(const QHostAddress &address)
{
    return address == QHostAddress(QHostAddress::AnyIPv4)
        || address == QHostAddress(QHostAddress::AnyIPv6)
        || address == QHostAddress(QHostAddress::Any);
}

/// An address of this machine that others can use.
QHostAddress ownAddress()
{
    for (const QHostAddress &address : QNetworkInterface::allAddresses()) {
        if (address.protocol() == QAbstractSocket::IPv4Protocol && !address.isLoopback()
            && !address.isLinkLocal())
            return address;
    }
    return QHostAddress(QHostAddress::LocalHost);
}

/// Where clients on any machine connect.
QByteArray publicServer(Settings settings)
{
    if (isEveryAddress(settings.connect.host.front()))
        settings.connect.host = { ownAddress() };
    return webSocketUrl(settings);
}

/// Where clients on this machine do.
QByteArray localServer(Settings settings)
{
    if (isEveryAddress(settings.connect.host.front()))
        settings.connect.host = { QHostAddress(QHostAddress::LocalHost) };
    return webSocketUrl(settings);
}

} // namespace

QByteArray banner(const Settings &settings, const KeysProvided &keys, const QString &devAuthority)
{
    QByteArray text;
    const Topology topology(settings);
    const bool connects = topology.holdsClients();
    const QByteArray server = localServer(settings);
    const QByteArray serverOption = server == UsualServer ? ""_ba : " --server " + server;
    if (connects)
        text += "Browsers connect to   " + publicServer(settings)
            + "   (Firefox: dom.push.serverURL)\n";
    if (topology.takesPushes())
        text += "Senders push to       " + settings.endpoint.url + "/wpush/..."
            + (devAuthority.isEmpty() ? "\n" : "   (or with https:)\n");
    if (!devAuthority.isEmpty())
        text += "For TLS they trust    NODE_EXTRA_CA_CERTS=" + QFile::encodeName(devAuthority)
            + "   (Node; Python's requests: REQUESTS_CA_BUNDLE; Go: SSL_CERT_FILE)\n";
    if (settings.storage.dsn.backend == StorageBackend::Sqlite)
        text += "Messages are kept in  " + QFile::encodeName(settings.storage.dsn.path) + '\n';
    if (!keys.path.isEmpty())
        text += "The keys are in       " + QFile::encodeName(keys.path)
            + (keys.made ? "   (made just now: back this file up)\n" : "\n");
    if (settings.dev && topology.takesPushes()) {
        const QByteArray page = settings.endpoint.url + '/';
        text += "Try it                " + page + "   (`carillon firefox"
            + (connects ? serverOption : ""_ba) + (page == UsualPage ? ""_ba : " --page " + page)
            + "` opens it in a Firefox set up for this server)\n";
    } else if (connects) {
        text += "Try it                carillon listen" + serverOption
            + "   and, in another terminal, carillon send\n";
    }
    return text;
}

} // namespace Carillon
