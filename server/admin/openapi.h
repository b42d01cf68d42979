// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/admin/adminapi.h"

namespace Carillon {

/// The OpenAPI 3.1 document of the API, made from its table. Thread: any.
[[nodiscard]] QJsonObject openApiDocument(const AdminApi &api);

/// Adds /openapi.json and /problems/{problem}. The table outlives them.
void addDescription(AdminApi &api);

} // namespace Carillon
