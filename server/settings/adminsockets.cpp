// SPDX-License-Identifier: MPL-2.0
#include "server/settings/adminsockets.h"

#include <QDir>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

/// Of the service, whose variables its administrators do not have.
const QString ServiceDirectory = u"/run/carillon"_s;

} // namespace

QString adminSocketName(Role role)
{
    switch (role) {
    case Role::All:
        break;
    case Role::Connect:
        return u"admin-connect.sock"_s;
    case Role::Endpoint:
        return u"admin-endpoint.sock"_s;
    }
    return u"admin.sock"_s;
}

AdminSocketDirectory adminSocketDirectory(const QMap<QString, QString> &environment,
                                          const QString &stateDirectory)
{
    const QString service = environment.value(u"RUNTIME_DIRECTORY"_s).section(u':', 0, 0);
    if (!service.isEmpty())
        return { QDir::cleanPath(service), u"RUNTIME_DIRECTORY"_s };
    if (const QString xdg = environment.value(u"XDG_RUNTIME_DIR"_s); QDir::isAbsolutePath(xdg))
        return { QDir::cleanPath(xdg + "/carillon"_L1), u"XDG_RUNTIME_DIR"_s };
    return { stateDirectory, u"state.dir"_s };
}

QStringList adminSocketCandidates(const QMap<QString, QString> &environment,
                                  const QString &stateDirectory)
{
    QStringList paths;
    for (const QString &directory : { adminSocketDirectory(environment, stateDirectory).path,
                                      ServiceDirectory, stateDirectory }) {
        for (const Role role : { Role::All, Role::Connect, Role::Endpoint })
            paths << directory + u'/' + adminSocketName(role);
    }
    paths.removeDuplicates();
    return paths;
}

} // namespace Carillon
