// SPDX-License-Identifier: MPL-2.0
#include "server/app/operations.h"

#include "core/base/log.h"
#include "server/metrics/metrics.h"
#include "server/metrics/prometheustext.h"
#include "server/net/worker.h"
#include "server/responses/errorresponses.h"

#include <QJsonDocument>
#include <QJsonObject>

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

QJsonObject healthBody(ListenerName listener, const Metrics &metrics, bool healthy)
{
    QJsonObject body = statusBody(healthy);
    QJsonObject storage { { QStringLiteral("status"),
                            healthy ? QStringLiteral("OK") : QStringLiteral("ERROR") } };
    switch (listener) {
    case ListenerName::Connect:
        body.insert(QStringLiteral("connections"), qint64(metrics.value(Metric::Connections)));
        break;
    case ListenerName::Endpoint:
        body.insert(QStringLiteral("router_table"), storage);
        body.insert(QStringLiteral("message_table"), storage);
        body.insert(
            QStringLiteral("routers"),
            QJsonObject { { QStringLiteral("apns"), false }, { QStringLiteral("fcm"), false } });
        body.insert(QStringLiteral("request_count"), qint64(metrics.value(Metric::PushesReceived)));
        break;
    case ListenerName::Router:
    case ListenerName::Admin:
        break;
    }
    // Healthy all the same: clients fetch what is stored, which makes room.
    storage.insert(QStringLiteral("full"), metrics.value(Metric::StorageIsFull) != 0);
    body.insert(QStringLiteral("storage"), storage);
    const std::chrono::microseconds ahead(metrics.value(Metric::ClockAhead));
    body.insert(
        QStringLiteral("clock"),
        QJsonObject { { QStringLiteral("trusted"), metrics.value(Metric::ClockIsTrusted) != 0 },
                      { QStringLiteral("ahead"),
                        qint64(std::chrono::round<std::chrono::seconds>(ahead).count()) } });
    return body;
}

} // namespace

Operations::Operations(Worker &worker, OperationsState &state, Storage &storage,
                       const Metrics &metrics, const ErrorResponses &errors)
    : m_worker(worker), m_state(state), m_storage(storage), m_metrics(metrics), m_errors(errors)
{
}

void Operations::health(ListenerName listener, HttpResponder responder)
{
    if (std::chrono::steady_clock::now() - m_state.checked.load() < HealthAge) {
        sendHealth(listener, responder);
        return;
    }
    whenChecked([this, listener, responder] {
        m_worker.perform([this, listener, responder] { sendHealth(listener, responder); });
    });
}

void Operations::sendHealth(ListenerName listener, HttpResponder responder) const
{
    const bool healthy = m_state.healthy;
    responder.send(jsonResponse(healthy ? 200 : 503, healthBody(listener, m_metrics, healthy)));
}

/// Runs the task when storage was looked at; those who ask meanwhile share the look.
void Operations::whenChecked(Task task)
{
    OperationsState &state = m_state;
    {
        const MutexLock lock(state.mutex);
        state.waiting.push_back(std::move(task));
        if (state.waiting.size() > 1)
            return;
    }
    m_storage.check([&state](const Result<void> &checked) {
        state.healthy = checked.has_value();
        state.checked = std::chrono::steady_clock::now();
        std::vector<Task> waiting;
        {
            const MutexLock lock(state.mutex);
            waiting.swap(state.waiting);
        }
        for (Task &each : waiting)
            each();
    });
}

void Operations::status(HttpResponder responder) const
{
    responder.send(jsonResponse(200, statusBody(true)));
}

void Operations::lbHeartbeat(HttpResponder responder) const
{
    responder.send({ .status = m_state.draining || m_state.isOutOfService ? 503 : 200,
                     .headers = {},
                     .body = {} });
}

void Operations::version(HttpResponder responder) const
{
    responder.send(jsonResponse(200,
                                { { QStringLiteral("version"), QStringLiteral(CARILLON_VERSION) },
                                  { QStringLiteral("name"), QStringLiteral("carillon") } }));
}

void Operations::metrics(const HttpRequest &request, HttpResponder responder) const
{
    const MetricsFormat format = metricsFormat(request.list("accept"));
    responder.send({ .status = 200,
                     .headers = { { "Content-Type", contentType(format) }, { "Vary", "Accept" } },
                     .body = prometheusText(m_metrics.snapshot(), format) });
}

void Operations::testError(QByteArrayView path, HttpResponder responder)
{
    if (const auto leftOut = m_state.testErrors.pass())
        qCCritical(lcApp, "a test error was requested at %s%s", path.toByteArray().constData(),
                   leftOutText(*leftOut).constData());
    responder.send(m_errors.response(ErrorCode::TestError));
}

} // namespace Carillon
