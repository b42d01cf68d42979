// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/storage/storage.h"
#include "server/net/http.h"

#include <atomic>

namespace Carillon {

class ClientRegistry;
class Metrics;
class RouteTable;

/// What the operations routes tell of the whole process. Thread: any.
struct OperationsState
{
    std::atomic<bool> draining = false;
};

/// Which listener's words a health answer has.
enum class ListenerKind { Connect, Endpoint, Router };

/// What load balancers, orchestrators and monitoring ask for (protocol.md §8).
/// Everything outlives the table.
struct OperationsRooms
{
    const OperationsState &state;
    Storage &storage;
    const ClientRegistry &registry;
    const Metrics &metrics;
};

void addOperationsRoutes(RouteTable &routes, ListenerKind kind, const OperationsRooms &rooms);

} // namespace Carillon
