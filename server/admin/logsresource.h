// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/admin/adminapi.h"
#include "server/logging/logring.h"

namespace Carillon {

class LogLevels;

/// Filters of log records, as parameters of a query and as members of a subscription.
[[nodiscard]] std::vector<AdminField> logFilters();
/// Reads such filters, which match their schemas.
[[nodiscard]] LogQuery logQuery(const QJsonObject &filters);

/// Adds /logs and /logs/levels. Both outlive the table.
void addLogs(AdminApi &api, const LogRing &ring, LogLevels &levels);

} // namespace Carillon
