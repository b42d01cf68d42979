// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/admin/adminapi.h"

namespace Carillon {

/// Adds /live to the table, for its description and for requests that are no WebSocket handshake;
/// LiveFeed serves the others.
void addLive(AdminApi &api);

} // namespace Carillon
