// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/ids.h"
#include "server/net/peerfacts.h"

#include <QByteArray>

#include <chrono>
#include <cstdint>

namespace Carillon {

/// A connected client as it is at one moment.
struct ClientSnapshot
{
    Uaid uaid;
    /// The worker that has its connection.
    int worker = 0;
    /// Whether its hello is answered. If not, nothing but the connection is known.
    bool isGreeted = false;
    /// How long it has been connected.
    std::chrono::seconds connected {};
    QByteArray userAgent;
    PeerFacts peer;
    int channels = 0;
    /// Messages that were sent and not acknowledged.
    int inFlight = 0;
    std::int64_t bytesInFlight = 0;
    /// It has been sent everything that is stored for it; if not, it is fed from storage.
    bool isLive = false;
    // On this connection.
    std::int64_t sent = 0;
    std::int64_t acknowledged = 0;
    /// Output that its kernel has not accepted.
    std::int64_t pendingBytes = 0;
};

} // namespace Carillon
