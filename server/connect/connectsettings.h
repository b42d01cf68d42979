// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/ids.h"
#include "core/client/identifiedclient.h"

#include <QByteArray>

#include <chrono>

namespace Carillon {

/// What the connect room is told of the settings.
struct ConnectSettings
{
    /// This process, as records of its clients name it.
    NodeId node;
    /// Origin of the endpoint listener as senders reach it.
    QByteArray endpointOrigin;
    std::chrono::milliseconds openHandshakeTimeout { 5'000 };
    std::chrono::milliseconds autoPingInterval { 300'000 };
    std::chrono::milliseconds autoPingTimeout { 4'000 };
    /// How often a client whose output is over its high-water mark must have read some of it.
    std::chrono::milliseconds slowReaderTimeout { 30'000 };
    int maxChannels = 2'000;
    ClientLimits client;
    /// Whether other processes read and change the records of our clients (roles apart): then a
    /// record is released when its connection ends, and looked at when it may have changed.
    bool sharesRecords = false;
    /// Whether storage spares messages in flight when a queue overflows (OnFull::DropOldest).
    bool reportInFlight = false;
};

} // namespace Carillon
