// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/settings/settings.h"

#include <QStringList>

#include <cstdint>

namespace Carillon {

/// How many descriptors this process may have open once serve has raised the soft limit.
[[nodiscard]] std::int64_t descriptorLimit();
/// limits.connections, or what there is room for.
[[nodiscard]] std::int64_t connectionsInAll(const Settings &settings);
/// Whether there is room for limits.connections.
[[nodiscard]] QStringList doubtsOfConnections(const Settings &settings);
/// Threads that hold connections.
[[nodiscard]] int workerCount(const Settings &settings);

} // namespace Carillon
