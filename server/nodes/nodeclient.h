// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/storage/storage.h"
#include "server/nodes/nodesignature.h"
#include "server/routing/othernodes.h"

#include <QHash>

#include <chrono>
#include <deque>
#include <memory>
#include <vector>

namespace Carillon {

class Journal;
class Worker;

/// Asks other processes over their router listeners (protocol.md §7); NodeService answers there.
/// Messages of one client go one after the other, in the order given. A node that
/// does not answer is not taken for gone: what is stored stays so, the node is asked again with
/// back-off, and its clients are told to read storage once it answers.
///
/// Owns: a PooledHttpClient on each worker, what waits to be handed over (bounded). Thread: any;
/// the work for a client is done on the worker that its UAID picks. Made on the main thread while
/// the workers run; closed on each of them. It outlives storage, whose answers come here.
class NodeClient final : public OtherNodes
{
public:
    NodeClient(const std::vector<Worker *> &workers, Storage &storage, NodeSignature signature,
               Journal &journal);
    ~NodeClient() override;
    /// What is sent from now on is signed with it. Called on the main thread.
    void setSignature(const NodeSignature &signature);
    /// Ends the deliveries of this worker; called on it as the last that it does.
    void close(const Worker &worker);

    /// Follows the client if it moved meanwhile, and clears a node where nobody listens.
    void handOver(NodeMessage message, NodeId node) override;
    void closeOlder(const Uaid &uaid, std::int64_t connectedAt, const NodeId &node,
                    Task done) override;
    /// The process ends soon: nodes that did not answer are asked once more, and those that do not
    /// answer then are given up; their clients find their messages by themselves.
    void drain();
    /// How many clients of nodes that do not answer have yet to be told of their messages.
    [[nodiscard]] int untold() const;
    /// How many deliveries are not over.
    [[nodiscard]] int open() const;

private:
    class Deliveries;
    [[nodiscard]] Deliveries &deliveriesOf(const Uaid &uaid) const;
    std::vector<std::unique_ptr<Deliveries>> m_deliveries; // one for each worker
};

} // namespace Carillon
