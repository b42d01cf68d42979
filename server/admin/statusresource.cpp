// SPDX-License-Identifier: MPL-2.0
#include "server/admin/statusresource.h"

#include "core/storage/storage.h"
#include "server/admin/admintime.h"
#include "server/metrics/metrics.h"

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

constexpr std::chrono::days CertificateNotice { 14 };

QJsonObject warning(const QString &code, const QString &text)
{
    return { { u"code"_s, code }, { u"text"_s, text } };
}

std::optional<WallTime> certificateExpiry(const Metrics &metrics)
{
    const std::int64_t seconds = metrics.value(Metric::CertificateExpiry) / 1'000'000;
    return seconds == 0 ? std::nullopt : std::optional(wallFromSeconds(seconds));
}

QJsonArray warnings(const ServerFacts &facts, const Metrics &metrics, const Clock &clock,
                    bool isHealthy)
{
    QJsonArray all;
    if (!isHealthy)
        all.append(warning(u"storage-unavailable"_s,
                           u"Storage cannot be written: pushes are answered 503."_s));
    if (metrics.value(Metric::StorageIsFull) != 0)
        all.append(warning(u"storage-full"_s,
                           u"Storage is full: new messages and subscriptions are refused "
                           "(storage.max_database_size, storage.min_free_disk)."_s));
    if (clock.wallTrust() == WallTrust::Doubtful)
        all.append(warning(u"clock-doubtful"_s,
                           u"The system clock contradicts what the server knows of the time; "
                           "set it right (docs/clock.md)."_s));
    if (metrics.value(Metric::CertificateReloadsFailed) > 0)
        all.append(warning(u"certificate-reload-failed"_s,
                           u"A new certificate could not be read; the log says why."_s));
    if (const auto expiry = certificateExpiry(metrics)) {
        const WallTime now = clock.wall();
        if (*expiry <= now)
            all.append(warning(u"certificate-expired"_s, u"The certificate has expired."_s));
        else if (*expiry - now < CertificateNotice)
            all.append(warning(u"certificate-expires"_s,
                               u"The certificate expires on %1."_s.arg(timeText(*expiry))));
    }
    if (facts.isDraining())
        all.append(warning(u"draining"_s, u"This node is being drained."_s));
    for (const QString &text : facts.warnings)
        all.append(warning(u"configuration"_s, text));
    return all;
}

QJsonObject statusOf(const ServerFacts &facts, const Metrics &metrics, const Clock &clock,
                     bool isHealthy)
{
    const auto uptime =
        std::chrono::floor<std::chrono::seconds>(clock.steadyNow() - facts.startedAt);
    const std::optional<WallTime> expiry = certificateExpiry(metrics);
    const std::chrono::microseconds ahead(metrics.value(Metric::ClockAhead));
    return {
        { u"version"_s, facts.version },
        { u"build"_s, facts.build },
        { u"api"_s, QLatin1StringView(AdminApiVersion) },
        { u"node"_s, facts.node },
        { u"roles"_s, QJsonArray::fromStringList(facts.roles) },
        { u"transport"_s, facts.transport },
        { u"state"_s, facts.isDraining() ? u"draining"_s : u"serving"_s },
        { u"now"_s, timeText(clock.wall()) },
        { u"started"_s, timeText(facts.started) },
        { u"uptime"_s, qint64 { uptime.count() } },
        { u"connections"_s, qint64(metrics.value(Metric::Connections)) },
        { u"storage"_s,
          QJsonObject { { u"backend"_s, facts.storage },
                        { u"healthy"_s, isHealthy },
                        { u"full"_s, metrics.value(Metric::StorageIsFull) != 0 },
                        { u"bytes"_s, qint64(metrics.value(Metric::StorageBytes)) },
                        { u"free_disk"_s, qint64(metrics.value(Metric::StorageFreeDisk)) } } },
        { u"clock"_s,
          QJsonObject { { u"trusted"_s, clock.wallTrust() == WallTrust::Trusted },
                        { u"ahead"_s, std::chrono::duration<double>(ahead).count() } } },
        { u"certificate"_s,
          expiry ? QJsonValue(QJsonObject { { u"expires"_s, timeText(*expiry) } })
                 : QJsonValue::Null },
        { u"warnings"_s, warnings(facts, metrics, clock, isHealthy) },
    };
}

AdminSchema statusSchema()
{
    using namespace AdminTypes;
    return object({
        { u"version"_s, text(), u"Of the program"_s, true },
        { u"build"_s, text(), u"Compiler, Qt and kind of the build"_s, true },
        { u"api"_s, text(), u"Version of this API"_s, true },
        { u"node"_s, text(), u"The name of this process among the nodes"_s, true },
        { u"roles"_s, list(choice({ u"connect"_s, u"endpoint"_s })), {}, true },
        { u"transport"_s, choice({ u"native"_s, u"qt"_s }), {}, true },
        { u"state"_s, choice({ u"serving"_s, u"draining"_s }), {}, true },
        { u"now"_s, time(), u"The time of the server's machine"_s, true },
        { u"started"_s, time(), {}, true },
        { u"uptime"_s, integer(), u"Seconds"_s, true },
        { u"connections"_s, integer(), u"Clients that are connected"_s, true },
        { u"storage"_s,
          object({ { u"backend"_s, choice({ u"sqlite"_s, u"memory"_s }), {}, true },
                   { u"healthy"_s, boolean(), u"Whether it could be written just now"_s, true },
                   { u"full"_s, boolean(), {}, true },
                   { u"bytes"_s, integer(), u"Size of the database"_s, true },
                   { u"free_disk"_s, integer(), u"Bytes"_s, true } }),
          {},
          true },
        { u"clock"_s,
          object({ { u"trusted"_s, boolean(), {}, true },
                   { u"ahead"_s, number(), u"Seconds by which the server's own time is ahead"_s,
                     true } }),
          {},
          true },
        { u"certificate"_s, orNull(object({ { u"expires"_s, time(), {}, true } })),
          u"null: no TLS"_s, true },
        { u"warnings"_s,
          list(object({ { u"code"_s, text(), u"The same for each warning of a kind"_s, true },
                        { u"text"_s, text(2000), u"Sentences for people"_s, true } })),
          {},
          true },
        { u"caller"_s,
          object({ { u"name"_s, text(), {}, true },
                   { u"role"_s, choice({ u"viewer"_s, u"operator"_s }), {}, true } }),
          u"Who asks"_s, true },
    });
}

} // namespace

void addStatus(AdminApi &api, const ServerFacts &facts, Storage &storage, const Metrics &metrics,
               const Clock &clock)
{
    api.add({ .method = "GET",
              .path = "/status",
              .operation = u"getStatus"_s,
              .summary = u"returns what this process is and how it is"_s,
              .answer = statusSchema(),
              .handler = [&facts, &storage, &metrics, &clock](AdminRequest request,
                                                              const AdminResponder &responder) {
                  const QJsonObject caller { { u"name"_s, request.who },
                                             { u"role"_s, roleName(request.role) } };
                  storage.check([&, caller, responder](const Result<void> &checked) {
                      QJsonObject status = statusOf(facts, metrics, clock, checked.has_value());
                      status.insert(u"caller"_s, caller);
                      responder.send(std::move(status));
                  });
              } });
}

} // namespace Carillon
