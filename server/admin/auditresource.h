// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/storage/adminstore.h"
#include "server/admin/adminapi.h"

namespace Carillon {

/// Adds /audit. The store outlives the table.
void addAudit(AdminApi &api, AdminStore &store);

} // namespace Carillon
