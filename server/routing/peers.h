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
/// (protocol.md §7). Messages of one client go one after the other, in the order given. A node that
/// does not answer is not taken for gone: what is stored stays so, the node is asked again with
/// back-off, and its clients are told to read storage once it answers.
///
/// Owns: an OriginClient on each worker, what waits to be handed over (bounded). Thread: any; the
/// work for a client is done on the worker that its UAID picks. Made on the main thread while the
/// workers run; closed on each of them. It outlives storage, whose answers come here.
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
    /// it moved meanwhile, and clears a node where nobody listens. Nobody has to wait for it.
    void deliver(NodeMessage message, NodeId node);
    /// Tells a node that this client has connected elsewhere since: its connection there, if it
    /// began before connectedAt, is to be closed. done runs on a worker once the node has answered,
    /// or did not in time; autopush's nodes answer that they do not know the request.
    void ghost(const Uaid &uaid, std::int64_t connectedAt, const NodeId &node, Task done);
    /// The process ends soon: nodes that did not answer are asked once more, and those that do not
    /// answer then are given up; their clients find their messages by themselves.
    void drain();
    /// How many clients of nodes that do not answer have yet to be told of their messages.
    [[nodiscard]] int untold() const;
    /// How many deliveries are not over.
    [[nodiscard]] int open() const;

private:
    class Lane;
    [[nodiscard]] Lane &laneOf(const Uaid &uaid) const;
    std::vector<std::unique_ptr<Lane>> m_lanes; // one for each worker
};

} // namespace Carillon
