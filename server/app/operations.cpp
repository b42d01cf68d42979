// SPDX-License-Identifier: MPL-2.0
#include "server/app/operations.h"

#include "core/base/log.h"
#include "server/metrics/metrics.h"
#include "server/net/http/routetable.h"
#include "server/net/worker.h"
#include "server/responses/errorresponse.h"
#include "server/routing/clientregistry.h"

#include <QJsonDocument>
#include <QJsonObject>

#include <functional>

namespace Carillon {
namespace {

constexpr std::chrono::seconds HealthAge { 1 };

HttpResponse jsonResponse(int status, const QJsonObject &body)
{
    return { .status = status,
             .headers = { { "Content-Type", "application/json" }, { "Cache-Control", "no-store" } },
             .body = QJsonDocument(body).toJson(QJsonDocument::Compact) };
}

QJsonObject statusBody(bool healthy)
{
    return { { QStringLiteral("status"), healthy ? QStringLiteral("OK") : QStringLiteral("ERROR") },
             { QStringLiteral("version"), QStringLiteral(CARILLON_VERSION) } };
}

QJsonObject healthBody(ListenerKind kind, const OperationsRooms &rooms, bool healthy)
{
    QJsonObject body = statusBody(healthy);
    QJsonObject storage { { QStringLiteral("status"),
                            healthy ? QStringLiteral("OK") : QStringLiteral("ERROR") } };
    switch (kind) {
    case ListenerKind::Connect:
        body.insert(QStringLiteral("connections"),
                    qint64(rooms.metrics.value(Metric::Connections)));
        break;
    case ListenerKind::Endpoint:
        body.insert(QStringLiteral("router_table"), storage);
        body.insert(QStringLiteral("message_table"), storage);
        body.insert(
            QStringLiteral("routers"),
            QJsonObject { { QStringLiteral("apns"), false }, { QStringLiteral("fcm"), false } });
        body.insert(QStringLiteral("request_count"),
                    qint64(rooms.metrics.value(Metric::PushesReceived)));
        break;
    case ListenerKind::Router:
        break;
    }
    // Healthy all the same: clients fetch what is stored, which makes room.
    storage.insert(QStringLiteral("full"), rooms.metrics.value(Metric::StorageIsFull) != 0);
    body.insert(QStringLiteral("storage"), storage);
    const std::chrono::microseconds ahead(rooms.metrics.value(Metric::ClockAhead));
    body.insert(QStringLiteral("clock"),
                QJsonObject {
                    { QStringLiteral("trusted"), rooms.metrics.value(Metric::ClockIsTrusted) != 0 },
                    { QStringLiteral("ahead"),
                      qint64(std::chrono::round<std::chrono::seconds>(ahead).count()) } });
    return body;
}

void sendHealth(ListenerKind kind, const OperationsRooms &rooms, HttpResponder responder)
{
    const bool healthy = rooms.state.healthy;
    responder.send(jsonResponse(healthy ? 200 : 503, healthBody(kind, rooms, healthy)));
}

/// Runs the task when storage was looked at; those who ask meanwhile share the look.
void whenChecked(const OperationsRooms &rooms, Task task)
{
    OperationsState &state = rooms.state;
    {
        const std::lock_guard lock(state.mutex);
        state.waiting.push_back(std::move(task));
        if (state.waiting.size() > 1)
            return;
    }
    rooms.storage.check([&state](const Result<void> &checked) {
        state.healthy = checked.has_value();
        state.checked = std::chrono::steady_clock::now();
        std::vector<Task> waiting;
        {
            const std::lock_guard lock(state.mutex);
            waiting.swap(state.waiting);
        }
        for (Task &each : waiting)
            each();
    });
}

void testError(const char *which, LogThrottle &log, HttpResponder responder)
{
    if (const auto leftOut = log.pass())
        qCCritical(lcApp, "a test error was asked for at %s%s", which,
                   leftOutText(*leftOut).constData());
    responder.send(errorResponse(ErrorCode::TestError));
}

} // namespace

void addOperationsRoutes(RouteTable &routes, ListenerKind kind, const OperationsRooms &rooms,
                         Worker &worker)
{
    const auto get = [&routes](const char *path, std::function<void(HttpResponder)> answer) {
        routes.add("GET", path, 0,
                   [answer = std::move(answer)](const HttpRequest &, const PathParameters &,
                                                HttpResponder responder) { answer(responder); });
    };
    for (const char *path : { "/__heartbeat__", "/health" }) {
        get(path, [kind, rooms, &worker](HttpResponder responder) {
            if (std::chrono::steady_clock::now() - rooms.state.checked.load() < HealthAge) {
                sendHealth(kind, rooms, responder);
                return;
            }
            whenChecked(rooms, [kind, rooms, &worker, responder] {
                worker.perform([kind, rooms, responder] { sendHealth(kind, rooms, responder); });
            });
        });
    }
    get("/status",
        [](HttpResponder responder) { responder.send(jsonResponse(200, statusBody(true))); });
    get("/__lbheartbeat__", [rooms](HttpResponder responder) {
        responder.send({ .status = rooms.state.draining ? 503 : 200, .headers = {}, .body = {} });
    });
    get("/__version__", [](HttpResponder responder) {
        responder.send(
            jsonResponse(200,
                         { { QStringLiteral("version"), QStringLiteral(CARILLON_VERSION) },
                           { QStringLiteral("name"), QStringLiteral("carillon") } }));
    });
    for (const char *path : { "/__error__", "/v1/err", "/v1/err/crit" })
        get(path, [path, &log = rooms.state.testErrors](HttpResponder responder) {
            testError(path, log, responder);
        });
}

} // namespace Carillon
