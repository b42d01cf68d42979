// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/storage/storage.h"
#include "server/routing/clientport.h"
#include "server/routing/nodesignature.h"

#include <QHash>

#include <chrono>
#include <deque>
#include <memory>
#include <vector>

namespace Carillon {

class Metrics;
class Worker;

/// Other processes that hold clients' connections, reached over their router listeners
/// (protocol.md §7). Messages of one client go one after the other, in the order given.
///
/// Owns: an OriginClient on each worker. Thread: any; the work for a client is done on the worker
/// that its UAID picks. Made on the main thread while the workers run; closed on each of them.
class Peers
{
public:
    Peers(const std::vector<Worker *> &workers, Storage &storage, NodeSignature signature,
          Metrics &metrics);
    ~Peers();
    /// What is sent from now on is signed with it. Called on the main thread.
    void setSignature(const NodeSignature &signature);
    /// Ends the deliveries of this worker; called on it as the last that it does.
    void close(const Worker &worker);

    /// Hands a message over to the process that its client's record names, follows the client if
    /// it moved meanwhile, and clears a node that cannot be reached. A stored message is taken
    /// (done gets its key) however that ends. done runs on a worker.
    void deliver(NodeMessage message, NodeId node, PushDone done);

private:
    class Lane;
    std::vector<std::unique_ptr<Lane>> m_lanes; // one for each worker
};

} // namespace Carillon
