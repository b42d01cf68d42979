// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/admin/adminapi.h"
#include "server/admin/serverfacts.h"

namespace Carillon {

class Metrics;
class Storage;

/// Adds /status. All of them outlive the table.
void addStatus(AdminApi &api, const ServerFacts &facts, Storage &storage, const Metrics &metrics,
               const Clock &clock);

} // namespace Carillon
