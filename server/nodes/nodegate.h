// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/net/http/httpmessage.h"
#include "server/nodes/nodesignature.h"

namespace Carillon {

/// Decides which requests of other processes are accepted: those with a valid signature, and
/// perhaps those without any, as autopush's are. Thread: any; a value.
class NodeGate
{
public:
    enum class Unsigned {
        Refused,
        FromLoopback, ///< for a listener that is on loopback itself
    };

    NodeGate(NodeSignature signature, Unsigned unsignedRequests);

    [[nodiscard]] bool accepts(const HttpRequest &request, WallTime now) const;
    /// For what autopush's nodes do not ask: only with a valid signature.
    [[nodiscard]] bool isSigned(const HttpRequest &request, WallTime now) const;

private:
    NodeSignature m_signature;
    Unsigned m_unsigned;
};

} // namespace Carillon
