// SPDX-License-Identifier: MPL-2.0
#include "server/admin/liveresource.h"

namespace Carillon {

using namespace Qt::StringLiterals;

void addLive(AdminApi &api)
{
    api.add({ .method = "GET",
              .path = "/live",
              .operation = u"openLive"_s,
              .summary = u"opens the live feed, a WebSocket (docs/admin-api.md)"_s,
              .status = 101,
              .problems = { ProblemType::UpgradeRequired },
              .handler = [](const AdminRequest &, const AdminResponder &responder) {
                  Problem problem(ProblemType::UpgradeRequired, u"The live feed is a WebSocket."_s);
                  problem.headers = { { "Upgrade", "websocket" } };
                  responder.fail(std::move(problem));
              } });
}

} // namespace Carillon
