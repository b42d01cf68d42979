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

/// Sends requests to other processes over their router listeners (protocol.md §7), where
/// NodeService answers. Messages of one client are handed over one after the other, in the order
/// given. A node that does not answer keeps its clients: their messages stay stored, the node is
/// asked again with back-off, and its clients are told to read storage once it answers.
///
/// Owns: a PooledHttpClient on each worker, and the messages to be handed over (bounded). Thread:
/// any; the UAID of a client decides which worker does its work. Created on the main thread while
/// the workers run, and closed on each of them. Outlives storage, whose answers it receives.
class NodeClient final : public OtherNodes
{
public:
    NodeClient(const std::vector<Worker *> &workers, Storage &storage, NodeSignature signature,
               Journal &journal);
    ~NodeClient() override;
    /// Signs further requests with it. Called on the main thread.
    void setSignature(const NodeSignature &signature);
    /// Ends the deliveries of this worker. Called on it as its last task.
    void close(const Worker &worker);

    /// Follows the client if it moved meanwhile, and clears a node where nobody listens.
    void handOver(NodeMessage message, NodeId node) override;
    void closeOlder(const Uaid &uaid, std::int64_t connectedAt, const NodeId &node,
                    Task done) override;
    /// The process exits soon: nodes that did not answer are asked once more, then given up. Their
    /// clients find their messages when the record watch compares them with storage.
    void drain();
    /// How many clients of nodes that do not answer have yet to be told of their messages.
    [[nodiscard]] int untold() const;
    /// How many deliveries are not finished.
    [[nodiscard]] int open() const;

private:
    class Deliveries;
    [[nodiscard]] Deliveries &deliveriesOf(const Uaid &uaid) const;
    std::vector<std::unique_ptr<Deliveries>> m_deliveries; // one for each worker
};

} // namespace Carillon
