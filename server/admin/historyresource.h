// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/journal/eventquery.h"
#include "core/message/messageid.h"
#include "server/admin/adminapi.h"

namespace Carillon {

class History;

/// Filters of events, as parameters of a query and as members of a subscription.
[[nodiscard]] std::vector<AdminField> eventFilters();
/// Reads such filters, which match their schemas. ids: null: `id` is not one of them.
[[nodiscard]] Result<EventQuery, Problem> eventQuery(const QJsonObject &filters,
                                                     const MessageIds *ids);

/// Adds /history. history: null: there is none. Both outlive the table; ids are those of the admin
/// thread.
void addHistory(AdminApi &api, History *history, const MessageIds &ids);

} // namespace Carillon
