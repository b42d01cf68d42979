// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/admin/adminapi.h"
#include "server/admin/statssampler.h"

namespace Carillon {

/// The type of /stats, and of `stats` in the live feed.
[[nodiscard]] AdminSchema statsSchema();

/// Adds /stats and /stats/history. stats outlive the table.
void addStats(AdminApi &api, const StatsSampler &stats);

} // namespace Carillon
