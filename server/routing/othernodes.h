// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/ids.h"
#include "core/base/uniquefunction.h"
#include "core/protocol/nodemessage.h"

#include <cstdint>

namespace Carillon {

/// The clients that are connected to other processes, as routing knows them (protocol.md §7).
/// NodeClient implements it. Every function returns at once.
/// Thread: any.
class OtherNodes
{
public:
    virtual ~OtherNodes() = default;

    /// Hands a message over to the node that its client's record names. Nobody waits for it: a
    /// message with a TTL is stored, and its client finds it there if this fails.
    virtual void handOver(NodeMessage message, NodeId node) = 0;
    /// Tells a node that this client has connected elsewhere since: its connection there, if it
    /// began before connectedAt, is to be closed. done runs on a worker once the node has answered,
    /// or did not in time; autopush's nodes answer that they do not know the request.
    virtual void closeOlder(const Uaid &uaid, std::int64_t connectedAt, const NodeId &node,
                            Task done) = 0;
};

} // namespace Carillon
