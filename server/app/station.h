// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/app/operations.h"
#include "server/connect/connectservice.h"
#include "server/dev/devpage.h"
#include "server/endpoint/pushendpoint.h"
#include "server/net/http/routetable.h"
#include "server/net/timers.h"
#include "server/net/transport.h"
#include "server/net/worker.h"
#include "server/nodes/nodeservice.h"

#include <memory>
#include <vector>

namespace Carillon {

/// One worker and what lives on it.
struct Station
{
    explicit Station(int index) : worker(index) { }

    Worker worker;
    // Made on the main thread before the transport, destroyed after the worker has stopped.
    std::unique_ptr<ConnectService> connect;
    std::unique_ptr<PushEndpoint> endpoint;
    std::unique_ptr<NodeService> nodes;
    std::unique_ptr<Operations> operations;
    std::vector<DevFile> devFiles; // with --dev
    RouteTable connectRoutes;
    RouteTable endpointRoutes;
    RouteTable routerRoutes;
    // Made, used and destroyed on the worker.
    std::unique_ptr<Timers> timers;
    std::unique_ptr<Transport> transport;
};

} // namespace Carillon
