// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/crypto/fernet.h"
#include "server/app/operations.h"
#include "server/routing/nodesignature.h"

namespace Carillon {

class Router;
struct Settings;
struct Station;

/// What the routes reach beyond their station; all of it outlives the tables.
struct RouteRooms
{
    const Settings &settings;
    OperationsRooms operations;
    Router &router;
    const NodeSignature &signature;
    const Fernet &keys;
    const Clock &clock;
};

/// Fills the route tables of a station: everything this server answers to over HTTP.
void addRoutes(Station &station, const RouteRooms &rooms);

} // namespace Carillon
