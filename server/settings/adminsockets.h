// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/settings/settings.h"

#include <QMap>
#include <QString>
#include <QStringList>

// Where the sockets of the admin API are, for the server that makes them and for the commands that
// look for them. Thread: any.
namespace Carillon {

/// "admin.sock"; of a process with one role "admin-connect.sock", "admin-endpoint.sock".
[[nodiscard]] QString adminSocketName(Role role);
/// The directory for sockets, and the variable that names it: RUNTIME_DIRECTORY (systemd), else
/// XDG_RUNTIME_DIR/carillon, else state.dir.
struct AdminSocketDirectory
{
    QString path;
    QString origin;
};
[[nodiscard]] AdminSocketDirectory adminSocketDirectory(const QMap<QString, QString> &environment,
                                                        const QString &stateDirectory);
/// All sockets at which a server of this machine may listen whose admin.socket nobody has set, the
/// likeliest first: those in a runtime directory of this user or of the service, and in state.dir.
[[nodiscard]] QStringList adminSocketCandidates(const QMap<QString, QString> &environment,
                                                const QString &stateDirectory);

} // namespace Carillon
