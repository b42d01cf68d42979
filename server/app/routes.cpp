// SPDX-License-Identifier: MPL-2.0
#include "server/app/routes.h"

#include "server/app/station.h"
#include "server/dev/devpage.h"
#include "server/metrics/metrics.h"
#include "server/responses/cors.h"
#include "server/responses/errorresponse.h"
#include "server/settings/settings.h"

namespace Carillon {
namespace {

constexpr std::int64_t NoBody = 0;

HttpResponse refusal(const HttpRequest &, ErrorCode why)
{
    return errorResponse(why);
}

// connect: browsers and phones. "GET /" with an upgrade never comes here.

void addConnectRoutes(RouteTable &routes)
{
    routes.setRefusal(refusal);
    routes.add("GET", "/", NoBody,
               [](const HttpRequest &, const PathParameters &, HttpResponder responder) {
                   HttpResponse response = errorResponse(ErrorCode::UpgradeRequired);
                   response.headers.push_back({ "Upgrade", "websocket" });
                   responder.send(std::move(response));
               });
}

// endpoint: senders.

void addEndpointRoutes(RouteTable &routes, PushEndpoint &endpoint)
{
    routes.setDecoration(allowAnyOrigin);
    routes.setRefusal([&endpoint](const HttpRequest &request, ErrorCode why) {
        return endpoint.refused(request, why);
    });
    routes.add(
        "POST", "/wpush/{version}/{token}", endpoint.bodyLimit(),
        [&endpoint](HttpRequest request, const PathParameters &path, HttpResponder responder) {
            endpoint.push(std::move(request), path["version"], path["token"], responder);
        });
    routes.add(
        "POST", "/wpush/{token}", endpoint.bodyLimit(),
        [&endpoint](HttpRequest request, const PathParameters &path, HttpResponder responder) {
            endpoint.push(std::move(request), "v1", path["token"], responder);
        });
    routes.add(
        "DELETE", "/m/{id}", NoBody,
        [&endpoint](const HttpRequest &request, const PathParameters &path,
                    HttpResponder responder) { endpoint.cancel(request, path["id"], responder); });
}

/// `serve --dev`: a page to try the server with.
void addDevPage(RouteTable &routes, const Settings &settings)
{
    for (const DevFile &file : devFiles(QUrl(QString::fromLatin1(webSocketUrl(settings))))) {
        routes.add("GET", file.path, NoBody,
                   [file](const HttpRequest &, const PathParameters &, HttpResponder responder) {
                       responder.send({ .status = 200,
                                        .headers = { { "Content-Type", file.contentType },
                                                     { "Cache-Control", "no-store" } },
                                        .body = file.bytes });
                   });
    }
}

// router: other nodes, and whoever scrapes metrics.

void addRouterRoutes(RouteTable &routes, NodeService &nodes, const RouteRooms &rooms)
{
    const std::int64_t bodyLimit = rooms.settings.endpoint.maxDataBytes * 2 + 16 * 1024;
    routes.add("PUT", "/push/{uaid}", bodyLimit,
               [&nodes](const HttpRequest &request, const PathParameters &path,
                        HttpResponder responder) { nodes.push(request, path["uaid"], responder); });
    routes.add(
        "PUT", "/notif/{uaid}", bodyLimit,
        [&nodes](const HttpRequest &request, const PathParameters &path, HttpResponder responder) {
            nodes.notify(request, path["uaid"], responder);
        });
    routes.add(
        "PUT", "/ghost/{uaid}/{connectedAt}", NoBody,
        [&nodes](const HttpRequest &request, const PathParameters &path, HttpResponder responder) {
            nodes.ghost(request, path["uaid"], path["connectedAt"], responder);
        });
    routes.add("GET", "/metrics", NoBody,
               [&metrics = rooms.operations.metrics](const HttpRequest &, const PathParameters &,
                                                     HttpResponder responder) {
                   responder.send(
                       { .status = 200,
                         .headers = { { "Content-Type", Metrics::ContentType.toByteArray() } },
                         .body = metrics.prometheusText() });
               });
}

} // namespace

void addRoutes(Station &station, const RouteRooms &rooms)
{
    if (station.connect) {
        addConnectRoutes(station.connectRoutes);
        addOperationsRoutes(station.connectRoutes, ListenerKind::Connect, rooms.operations,
                            station.worker);
        addRouterRoutes(station.routerRoutes, *station.nodes, rooms);
        addOperationsRoutes(station.routerRoutes, ListenerKind::Router, rooms.operations,
                            station.worker);
    }
    if (station.endpoint) {
        addEndpointRoutes(station.endpointRoutes, *station.endpoint);
        if (rooms.settings.dev)
            addDevPage(station.endpointRoutes, rooms.settings);
        addOperationsRoutes(station.endpointRoutes, ListenerKind::Endpoint, rooms.operations,
                            station.worker);
    }
}

} // namespace Carillon
