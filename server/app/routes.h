// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/app/operations.h"

namespace Carillon {

struct Settings;
struct Station;

/// What the routes reach beyond their station; all of it outlives the tables.
struct RouteRooms
{
    const Settings &settings;
    OperationsRooms operations;
};

/// Fills the route tables of a station: everything this server answers to over HTTP.
void addRoutes(Station &station, const RouteRooms &rooms);

} // namespace Carillon
