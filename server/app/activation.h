// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"
#include "server/settings/settings.h"
#include "server/settings/settingslayer.h"

#include <QHostAddress>

#include <vector>

namespace Carillon {

/// A listening socket that the service manager opened for this process (systemd.socket(5)).
struct ActivatedSocket
{
    ListenerName listener = ListenerName::Connect;
    int descriptor = -1;
    QHostAddress address;
    quint16 port = 0;
};

/// Takes the sockets that come with this process (sd_listen_fds(3)), each under the name of the
/// listener it is for (FileDescriptorName=), of which all have one port; their descriptors stay
/// open until the process ends. No service manager, no sockets. For once at start. The error is a
/// sentence for the operator.
[[nodiscard]] Result<std::vector<ActivatedSocket>, QString> takeActivatedSockets();

/// What they say as settings: addresses and port of their listeners.
[[nodiscard]] Layer settingsOf(const std::vector<ActivatedSocket> &sockets);

} // namespace Carillon
