// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/admin/adminapi.h"
#include "server/admin/serverfacts.h"
#include "server/admin/statssampler.h"

#include <chrono>
#include <functional>

namespace Carillon {

/// What the API asks of the process as a node. Thread: any.
struct NodeControl
{
    /// Accepts no more clients, and closes those that are connected within this time.
    std::function<void(std::chrono::milliseconds)> drain;
    /// Ends that. False: the process is stopping.
    std::function<bool()> resume;
};

/// Adds /nodes and its actions. Today a process knows itself only. All of them outlive the table.
void addNodes(AdminApi &api, const ServerFacts &facts, const StatsSampler &stats,
              const NodeControl &control);

} // namespace Carillon
