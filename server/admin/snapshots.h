// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/uniquefunction.h"
#include "server/routing/clientregistry.h"
#include "server/routing/clientsnapshot.h"

#include <QHash>

#include <vector>

namespace Carillon {

class Worker;

using Snapshots = QHash<Uaid, ClientSnapshot>;

/// Asks the workers for the state of connected clients. done gets those that still are connected,
/// on the thread of `worker`, or at once if none is asked. Thread: worker's.
void takeSnapshots(Worker &worker, const std::vector<ClientRegistry::Entry> &clients,
                   UniqueFunction<void(Snapshots)> done);

/// The same of those of these clients that are connected to this process.
void takeSnapshots(Worker &worker, const ClientRegistry &registry, const std::vector<Uaid> &uaids,
                   UniqueFunction<void(Snapshots)> done);

} // namespace Carillon
