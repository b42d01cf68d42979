// SPDX-License-Identifier: MPL-2.0
#include "server/app/routes.h"

#include "core/message/messageid.h"
#include "core/protocol/nodemessage.h"
#include "server/app/devpage.h"
#include "server/app/settings.h"
#include "server/app/station.h"
#include "server/metrics/metrics.h"
#include "server/routing/router.h"

#include <QHostAddress>

namespace Carillon {
namespace {

constexpr std::int64_t NoBody = 0;

HttpResponse status(int code)
{
    return { .status = code, .headers = {}, .body = {} };
}

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
    routes.setRefusal(refusal);
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

// router: other nodes (protocol.md §7).

/// Tells which requests of other processes are taken: signed ones; unsigned ones only from this
/// machine and while no secret was configured (autopush.md, "Node to node").
class NodeGate
{
public:
    NodeGate(const Settings &settings, NodeSignature signature, const Clock &clock)
        : m_takesUnsigned(settings.keys.clusterSecret.isEmpty()), m_signature(std::move(signature)),
          m_clock(clock)
    {
    }

    [[nodiscard]] bool lets(const HttpRequest &request) const
    {
        const QByteArrayView given = request.header(NodeSignature::HeaderName);
        if (given.isNull())
            return m_takesUnsigned && QHostAddress(QString::fromLatin1(request.peer)).isLoopback();
        return m_signature.verify(given, request.method, request.path, request.body, m_clock.now());
    }

private:
    bool m_takesUnsigned;
    NodeSignature m_signature;
    const Clock &m_clock;
};

void takeHandOver(Router &router, const MessageIds &ids, Storage &storage, NodeMessage message,
                  HttpResponder responder)
{
    Notification &notification = message.notification;
    if (toInt(notification.sortKey) == 0) {
        // A node of autopush's: the id holds the key, or the message is not stored.
        const std::optional<MessageName> name = ids.read(message.version.text());
        if (name && name->sortKey) {
            notification.sortKey = *name->sortKey;
        } else {
            notification.sortKey = storage.transientKey();
            notification.ttl = {};
        }
    }
    router.handOver(std::move(notification), std::move(message.version),
                    [responder](bool taken) { responder.send(status(taken ? 200 : 404)); });
}

void addRouterRoutes(RouteTable &routes, const RouteRooms &rooms)
{
    const std::int64_t bodyLimit = rooms.settings.endpoint.maxDataBytes * 2 + 16 * 1024;
    routes.add(
        "PUT", "/push/{uaid}", bodyLimit,
        [gate = NodeGate(rooms.settings, rooms.signature, rooms.clock),
         ids = MessageIds(rooms.keys), &router = rooms.router, &storage = rooms.operations.storage](
            const HttpRequest &request, const PathParameters &path, HttpResponder responder) {
            const std::optional<Uaid> uaid = parseUaid(path["uaid"]);
            if (!gate.lets(request)) {
                responder.send(errorResponse(ErrorCode::Unauthorized));
            } else if (!uaid) {
                responder.send(errorResponse(ErrorCode::BadRequest));
            } else if (auto message = fromNodeJson(*uaid, request.body); !message) {
                responder.send(errorResponse(message.error()));
            } else {
                takeHandOver(router, ids, storage, std::move(*message), responder);
            }
        });
    routes.add("PUT", "/notif/{uaid}", bodyLimit,
               [gate = NodeGate(rooms.settings, rooms.signature, rooms.clock),
                &router = rooms.router](const HttpRequest &request, const PathParameters &path,
                                        HttpResponder responder) {
                   const std::optional<Uaid> uaid = parseUaid(path["uaid"]);
                   if (!gate.lets(request))
                       responder.send(errorResponse(ErrorCode::Unauthorized));
                   else if (!uaid)
                       responder.send(errorResponse(ErrorCode::BadRequest));
                   else
                       responder.send(status(router.checkStorage(*uaid) ? 200 : 404));
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
        addOperationsRoutes(station.connectRoutes, ListenerKind::Connect, rooms.operations);
        addRouterRoutes(station.routerRoutes, rooms);
        addOperationsRoutes(station.routerRoutes, ListenerKind::Router, rooms.operations);
    }
    if (station.endpoint) {
        addEndpointRoutes(station.endpointRoutes, *station.endpoint);
        if (rooms.settings.dev)
            addDevPage(station.endpointRoutes, rooms.settings);
        addOperationsRoutes(station.endpointRoutes, ListenerKind::Endpoint, rooms.operations);
    }
}

} // namespace Carillon
