// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/errorcode.h"
#include "core/base/result.h"
#include "core/base/uniquefunction.h"
#include "core/message/notification.h"
#include "core/storage/storage.h"

#include <QByteArray>

#include <chrono>
#include <map>

namespace Carillon {

/// A push that the service behind a bridge has taken.
struct BridgeReceipt
{
    /// The TTL that the service was given; the sender is told of it.
    std::chrono::seconds ttl {};
};

/// Why a bridge did not deliver a push.
struct BridgeFailure
{
    ErrorCode why = ErrorCode::Internal;
    /// The service does not know the client any more: its record is removed.
    bool clientIsGone = false;
};

/// Reaches clients that connect to no node, over a service such as FCM or APNs. There is one bridge
/// for each router type (ClientRecord::routerType) except "webpush"; the room server/bridges
/// implements them. Nothing is stored for such clients, so a push of any TTL is taken when the
/// service has taken it. Retries, back-off and the service's limits are the bridge's own.
/// Thread: any; push() returns at once.
class Bridge
{
public:
    using Done = UniqueFunction<void(Result<BridgeReceipt, BridgeFailure>)>;

    virtual ~Bridge() = default;

    /// Sends a message to a client, whose routerData says to the bridge how. message.sortKey names
    /// the message in its id. done runs exactly once, on any thread.
    virtual void push(Notification message, ClientRecord client, Done done) = 0;
};

/// The bridges of this process, by router type.
using Bridges = std::map<QByteArray, Bridge *>;

} // namespace Carillon
