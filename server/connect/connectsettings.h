// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/ids.h"
#include "core/client/clientlimits.h"
#include "server/connect/connectoptions.h"

#include <QByteArray>

namespace Carillon {

/// What the connect room is told of the settings.
struct ConnectSettings
{
    /// This process, as records of its clients name it.
    NodeId node;
    /// Origin of the endpoint listener as senders reach it.
    QByteArray endpointOrigin;
    ConnectOptions options;
    ClientLimits client;
    /// Whether other processes read and change the records of our clients (roles apart): then a
    /// record is released when its connection ends, and looked at when it may have changed.
    bool sharesRecords = false;
    /// Whether storage spares messages in flight when a queue overflows (OnFull::DropOldest).
    bool reportInFlight = false;
};

} // namespace Carillon
