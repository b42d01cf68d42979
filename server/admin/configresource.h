// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/admin/adminapi.h"

namespace Carillon {

/// Adds /config. items: the settings in force, each {"name", "value", "origin", "description"},
/// without secrets; they outlive the table and may change on the admin thread.
void addConfiguration(AdminApi &api, const QJsonArray &items);

} // namespace Carillon
