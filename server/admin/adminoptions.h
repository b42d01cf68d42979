// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/adminrole.h"

#include <QHostAddress>
#include <QString>

#include <vector>

namespace Carillon {

/// Where the admin API listens, and who needs no token.
struct AdminOptions
{
    std::vector<QHostAddress> host { QHostAddress(QHostAddress::LocalHost) };
    quint16 port = 8083;
    /// Path of the Unix socket; empty until the loader has put it into a runtime directory.
    QString socket;
    /// No settings, but the loader's: nobody set them. The server starts all the same if another
    /// one has taken the place.
    bool isPortDerived = true;
    bool isSocketDerived = true;
    /// Name of the group of this machine whose members have groupRole over the socket; empty: none.
    QString group;
    AdminRole groupRole = AdminRole::Viewer;
};

} // namespace Carillon
