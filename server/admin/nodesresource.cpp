// SPDX-License-Identifier: MPL-2.0
#include "server/admin/nodesresource.h"

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

constexpr int DefaultPeriod = 30;

QJsonObject toJson(const ServerFacts &facts, const StatsSampler &stats)
{
    const QJsonObject now = stats.now();
    return { { u"node"_s, facts.node },
             { u"self"_s, true },
             { u"state"_s, facts.isDraining() ? u"draining"_s : u"serving"_s },
             { u"roles"_s, QJsonArray::fromStringList(facts.roles) },
             { u"version"_s, facts.version },
             { u"heartbeat_age"_s, 0 },
             { u"connections"_s, now.value(u"connections"_s) },
             { u"rates"_s, now.value(u"rates"_s) } };
}

std::vector<AdminField> nodeFields()
{
    using namespace AdminTypes;
    return {
        { u"node"_s, text(1024), u"Its name: the URL at which other nodes reach it"_s, true },
        { u"self"_s, boolean(), u"Whether it is the node that answers"_s, true },
        { u"state"_s, choice({ u"serving"_s, u"draining"_s }), {}, true },
        { u"roles"_s, list(choice({ u"connect"_s, u"endpoint"_s })), {}, true },
        { u"version"_s, text(), {}, true },
        { u"heartbeat_age"_s, number(), u"Seconds since it was last heard of"_s, true },
        { u"connections"_s, number(), u"Clients that are connected to it"_s, true },
        { u"rates"_s, map(number()), u"As in /stats"_s, true },
    };
}

bool isThis(const ServerFacts &facts, const AdminRequest &request, const AdminResponder &responder)
{
    if (request.text(u"node"_s) == facts.node)
        return true;
    responder.fail(ProblemType::NotFound,
                   u"There is no such node; this one is %1."_s.arg(facts.node));
    return false;
}

} // namespace

void addNodes(AdminApi &api, const ServerFacts &facts, const StatsSampler &stats,
              const NodeControl &control)
{
    using namespace AdminTypes;
    const AdminField node { u"node"_s, text(1024, 1), u"The name of the node, percent-encoded"_s };
    api.add({ .method = "GET",
              .path = "/nodes",
              .operation = u"listNodes"_s,
              .summary = u"lists the nodes that are known"_s,
              .list = AdminList { .item = object(nodeFields()),
                                  .sorts = { { u"node"_s, { text(1024) } } } },
              .handler = [&facts, &stats](const AdminRequest &request,
                                          const AdminResponder &responder) {
                  const bool isPast = request.page.after.has_value();
                  responder.send(AdminPage { .items = isPast ? QJsonArray()
                                                             : QJsonArray { toJson(facts, stats) },
                                             .total = 1 });
              } });
    api.add({ .method = "POST",
              .path = "/nodes/{node}/drain",
              .operation = u"drainNode"_s,
              .summary = u"closes the clients of a node little by little, and lets no more in"_s,
              .role = AdminRole::Operator,
              .parameters = { node },
              .body = { { u"period"_s, integer(0, 3600),
                          u"Seconds over which the clients are closed; 30 if it is missing"_s } },
              .answer = object(nodeFields()),
              .problems = { ProblemType::NotFound },
              .handler = [&facts, &stats, &control](const AdminRequest &request,
                                                    const AdminResponder &responder) {
                  if (!isThis(facts, request, responder))
                      return;
                  control.drain(
                      std::chrono::seconds(request.body.value(u"period"_s).toInt(DefaultPeriod)));
                  responder.send(toJson(facts, stats));
              } });
    api.add({ .method = "POST",
              .path = "/nodes/{node}/resume",
              .operation = u"resumeNode"_s,
              .summary = u"lets clients in again"_s,
              .role = AdminRole::Operator,
              .parameters = { node },
              .answer = object(nodeFields()),
              .problems = { ProblemType::NotFound, ProblemType::Conflict },
              .handler = [&facts, &stats, &control](const AdminRequest &request,
                                                    const AdminResponder &responder) {
                  if (!isThis(facts, request, responder))
                      return;
                  if (control.resume())
                      responder.send(toJson(facts, stats));
                  else
                      responder.fail(ProblemType::Conflict, u"The process is stopping."_s);
              } });
}

} // namespace Carillon
