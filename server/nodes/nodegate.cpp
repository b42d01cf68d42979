// SPDX-License-Identifier: MPL-2.0
#include "server/nodes/nodegate.h"

#include "server/net/ipaddress.h"

#include <utility>

namespace Carillon {

NodeGate::NodeGate(NodeSignature signature, Unsigned unsignedRequests)
    : m_signature(std::move(signature)), m_unsigned(unsignedRequests)
{
}

bool NodeGate::accepts(const HttpRequest &request, WallTime now) const
{
    if (request.header(NodeSignature::HeaderName).isNull()) {
        const std::optional<IpAddress> peer = IpAddress::parse(request.peer);
        return m_unsigned == Unsigned::FromLoopback && peer && peer->isLoopback();
    }
    return isSigned(request, now);
}

bool NodeGate::isSigned(const HttpRequest &request, WallTime now) const
{
    return m_signature.verify(request.header(NodeSignature::HeaderName), request.method,
                              request.path, request.body, now);
}

} // namespace Carillon
