// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "server/admin/adminapi.h"

namespace Carillon {

class ReliabilityStore;
class StepCounts;

/// Adds /reliability, /reliability/report and /reliability/{id}. All of them outlive the table.
void addReliability(AdminApi &api, ReliabilityStore &store, const StepCounts &counts,
                    const Clock &clock);

} // namespace Carillon
