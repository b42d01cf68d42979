// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "core/base/logthrottle.h"
#include "core/base/uniquefunction.h"
#include "core/storage/storage.h"
#include "server/net/http/httpmessage.h"

#include <atomic>
#include <mutex>
#include <vector>

namespace Carillon {

class ClientRegistry;
class Metrics;
class RouteTable;
class Worker;

/// What the operations routes tell of the whole process. Thread: any.
struct OperationsState
{
    std::atomic<bool> draining = false;
    /// What the last look at storage found, good for a second: the look is a real write, and
    /// anybody may ask for it.
    std::atomic<bool> healthy = true;
    std::atomic<Instant> checked = Instant();
    std::mutex mutex;
    std::vector<UniqueFunction<void()>> waiting; // guarded by mutex; for the look that is under way
    /// Anybody may ask for a test error, as often as they like.
    LogThrottle testErrors;
};

/// Which listener's words a health answer has.
enum class ListenerKind { Connect, Endpoint, Router };

/// What load balancers, orchestrators and monitoring ask for (protocol.md §8).
/// Everything outlives the table.
struct OperationsRooms
{
    OperationsState &state;
    Storage &storage;
    const ClientRegistry &registry;
    const Metrics &metrics;
};

/// worker: whose table it is.
void addOperationsRoutes(RouteTable &routes, ListenerKind kind, const OperationsRooms &rooms,
                         Worker &worker);

} // namespace Carillon
