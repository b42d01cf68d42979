// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/app/activation.h"
#include "server/settings/topology.h"
#include "server/storage/sqlite/databaselock.h"

#include <QStringList>

namespace Carillon {

/// Everything outside the settings that would keep a server with them from starting: descriptors,
/// certificate, keys, database, ports. Creates and changes nothing. Each is a sentence for the
/// operator. `serve` refuses to start with these, so `check-config` says the same.
[[nodiscard]] QStringList obstaclesToServe(const Settings &settings,
                                           const std::vector<ActivatedSocket> &sockets);

/// How this process uses its database.
[[nodiscard]] inline DatabaseLock::Use databaseUse(const Settings &settings)
{
    return Topology(settings).sharesStorage() ? DatabaseLock::Use::Shared
                                              : DatabaseLock::Use::Alone;
}

/// What a server with these settings would warn of at its start, besides what loadSettings() said.
[[nodiscard]] QStringList doubtsOfServe(const Settings &settings, WallTime now);

} // namespace Carillon
