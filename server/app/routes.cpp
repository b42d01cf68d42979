// SPDX-License-Identifier: MPL-2.0
#include "server/app/routes.h"

#include "core/base/erroradvice.h"
#include "server/app/station.h"
#include "server/responses/cors.h"
#include "server/responses/errorpage.h"
#include "server/responses/errorresponses.h"

#include <algorithm>

namespace Carillon {
namespace {

using enum HttpRoute::Body;
using enum HttpRoute::When;

// Handlers: from a route to the object that answers.

void upgradeRequired(const RouteContext &to, HttpRequest &, const PathParameters &,
                     HttpResponder responder)
{
    HttpResponse response = to.errors.response(ErrorCode::UpgradeRequired);
    response.headers.push_back({ "Upgrade", "websocket" });
    responder.send(std::move(response));
}

void push(const RouteContext &to, HttpRequest &request, const PathParameters &path,
          HttpResponder responder)
{
    to.station.endpoint->push(std::move(request), path["version"], path["token"], responder);
}

void pushV1(const RouteContext &to, HttpRequest &request, const PathParameters &path,
            HttpResponder responder)
{
    to.station.endpoint->push(std::move(request), "v1", path["token"], responder);
}

void cancel(const RouteContext &to, HttpRequest &request, const PathParameters &path,
            HttpResponder responder)
{
    to.station.endpoint->cancel(request, path["id"], responder);
}

void devFile(const RouteContext &to, HttpRequest &request, const PathParameters &,
             HttpResponder responder)
{
    const auto file = std::ranges::find(to.station.devFiles, request.path, &DevFile::path);
    Q_ASSERT(file != to.station.devFiles.end());
    responder.send(
        { .status = 200,
          .headers = { { "Content-Type", file->contentType }, { "Cache-Control", "no-store" } },
          .body = file->bytes });
}

void handOver(const RouteContext &to, HttpRequest &request, const PathParameters &path,
              HttpResponder responder)
{
    to.station.nodes->push(request, path["uaid"], responder);
}

void notify(const RouteContext &to, HttpRequest &request, const PathParameters &path,
            HttpResponder responder)
{
    to.station.nodes->notify(request, path["uaid"], responder);
}

void ghost(const RouteContext &to, HttpRequest &request, const PathParameters &path,
           HttpResponder responder)
{
    to.station.nodes->ghost(request, path["uaid"], path["connectedAt"], responder);
}

void health(const RouteContext &to, HttpRequest &, const PathParameters &, HttpResponder responder)
{
    to.station.operations->health(to.listener, responder);
}

void status(const RouteContext &to, HttpRequest &, const PathParameters &, HttpResponder responder)
{
    to.station.operations->status(responder);
}

void lbHeartbeat(const RouteContext &to, HttpRequest &, const PathParameters &,
                 HttpResponder responder)
{
    to.station.operations->lbHeartbeat(responder);
}

void version(const RouteContext &to, HttpRequest &, const PathParameters &, HttpResponder responder)
{
    to.station.operations->version(responder);
}

void metrics(const RouteContext &to, HttpRequest &request, const PathParameters &,
             HttpResponder responder)
{
    to.station.operations->metrics(request, responder);
}

void testError(const RouteContext &to, HttpRequest &request, const PathParameters &,
               HttpResponder responder)
{
    to.station.operations->testError(request.path, responder);
}

void showError(const RouteContext &to, HttpRequest &, const PathParameters &path,
               HttpResponder responder)
{
    const std::optional<ErrorCode> code = errorNamed(path["name"]);
    responder.send(code ? errorPage(*code) : to.errors.response(ErrorCode::NotFound));
}

constexpr Listeners OnConnect { ListenerName::Connect };
constexpr Listeners OnEndpoint { ListenerName::Endpoint };
constexpr Listeners OnRouter { ListenerName::Router };
constexpr Listeners OnEach { ListenerName::Connect, ListenerName::Endpoint, ListenerName::Router };

// Where a request fits several rows of a listener, the first answers. HEAD, OPTIONS and 405 follow
// from the rows, as routetable.h says.
// clang-format off
constexpr HttpRoute Routes[] = {
    // Browsers and phones (protocol.md §2). With an upgrade, the request is the WebSocket's.
    { "GET",    "/",                           NoBody,   OnConnect,  Always,  upgradeRequired },

    // Senders (protocol.md §3)
    { "POST",   "/wpush/{version}/{token}",    PushBody, OnEndpoint, Always,  push },
    { "POST",   "/wpush/{token}",              PushBody, OnEndpoint, Always,  pushV1 },
    { "DELETE", "/m/{id}",                     NoBody,   OnEndpoint, Always,  cancel },

    // Other processes of the cluster (protocol.md §7)
    { "PUT",    "/push/{uaid}",                NodeBody, OnRouter,   Always,  handOver },
    { "PUT",    "/notif/{uaid}",               NodeBody, OnRouter,   Always,  notify },
    { "PUT",    "/ghost/{uaid}/{connectedAt}", NoBody,   OnRouter,   Always,  ghost },

    // A page to try the server with
    { "GET",    "/",                           NoBody,   OnEndpoint, WithDev, devFile },
    { "GET",    "/dev.css",                    NoBody,   OnEndpoint, WithDev, devFile },
    { "GET",    "/dev.js",                     NoBody,   OnEndpoint, WithDev, devFile },
    { "GET",    "/sw.js",                      NoBody,   OnEndpoint, WithDev, devFile },

    // Load balancers, orchestrators and monitoring (protocol.md §8)
    { "GET",    "/health",                     NoBody,   OnEach,     Always,  health },
    { "GET",    "/__heartbeat__",              NoBody,   OnEach,     Always,  health },
    { "GET",    "/status",                     NoBody,   OnEach,     Always,  status },
    { "GET",    "/__lbheartbeat__",            NoBody,   OnEach,     Always,  lbHeartbeat },
    { "GET",    "/__version__",                NoBody,   OnEach,     Always,  version },
    { "GET",    "/metrics",                    NoBody,   OnRouter,   Always,  metrics },
    { "GET",    "/__error__",                  NoBody,   OnEach,     Always,  testError },
    { "GET",    "/v1/err",                     NoBody,   OnEach,     Always,  testError },
    { "GET",    "/v1/err/crit",                NoBody,   OnEach,     Always,  testError },

    // What more_info in the body of an error names (protocol.md §3.3)
    { "GET",    "/errors/{name}",              NoBody,   OnEach,     Always,  showError },
};
// clang-format on

std::int64_t bytesOf(HttpRoute::Body body, const Station &station, const Settings &settings)
{
    switch (body) {
    case NoBody:
        return 0;
    case PushBody:
        return station.endpoint->bodyLimit();
    case NodeBody:
        return settings.endpoint.maxDataBytes * 2 + 16 * 1024;
    }
    Q_UNREACHABLE();
}

void addRoutesOf(RouteTable &table, const RouteContext &context, const Settings &settings)
{
    for (const HttpRoute &route : Routes) {
        if (!route.listeners.contains(context.listener) || (route.when == WithDev && !settings.dev))
            continue;
        table.add(route.method, route.pattern, bytesOf(route.body, context.station, settings),
                  [context, handler = route.handler](
                      HttpRequest request, const PathParameters &path, HttpResponder responder) {
                      handler(context, request, path, responder);
                  });
    }
}

} // namespace

std::span<const HttpRoute> allRoutes()
{
    return Routes;
}

void addRoutes(Station &station, const Settings &settings, const ErrorResponses &errors,
               RequestObserver &observer)
{
    for (RouteTable *const table :
         { &station.connectRoutes, &station.routerRoutes, &station.endpointRoutes })
        table->setObserver(observer);
    if (station.connect) {
        addRoutesOf(station.connectRoutes, { ListenerName::Connect, station, errors }, settings);
        station.connectRoutes.setRefusal(
            [&errors](const HttpRequest &, ErrorCode why) { return errors.response(why); });
        addRoutesOf(station.routerRoutes, { ListenerName::Router, station, errors }, settings);
    }
    if (station.endpoint) {
        if (settings.dev)
            station.devFiles = devFiles(QUrl(QString::fromLatin1(webSocketUrl(settings))));
        addRoutesOf(station.endpointRoutes, { ListenerName::Endpoint, station, errors }, settings);
        station.endpointRoutes.setDecoration(allowAnyOrigin);
        station.endpointRoutes.setRefusal(
            [&endpoint = *station.endpoint](const HttpRequest &request, ErrorCode why) {
                return endpoint.refused(request, why);
            });
    }
}

} // namespace Carillon
