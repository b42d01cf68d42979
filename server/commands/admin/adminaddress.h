// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/commands/admin/adminfailure.h"
#include "server/commands/commandline.h"

#include <QByteArray>
#include <QMap>
#include <QString>
#include <QStringList>
#include <QUrl>

#include <vector>

namespace Carillon {

/// Where a server's admin API is, and what opens it.
struct AdminAddress
{
    /// Path of a Unix socket; empty: `url` is used.
    QString socket;
    /// Scheme, host and port.
    QUrl url;
    QByteArray token;

    [[nodiscard]] QString name() const { return socket.isEmpty() ? url.toString() : socket; }
};

/// The options by which a user names a server.
[[nodiscard]] std::vector<Option> adminAddressOptions();

/// The server that the options name, else CARILLON_ADMIN_SOCKET, CARILLON_ADMIN_URL and
/// CARILLON_ADMIN_TOKEN_FILE, else the one that runs on this machine. If several do, the sentence
/// names them. Trusts the authorities of --ca from now on.
[[nodiscard]] Result<AdminAddress, AdminFailure>
findAdmin(const Arguments &arguments, const QMap<QString, QString> &environment);

} // namespace Carillon
