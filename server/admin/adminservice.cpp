// SPDX-License-Identifier: MPL-2.0
#include "server/admin/adminservice.h"

#include "core/base/log.h"
#include "core/crypto/digest.h"
#include "server/admin/admincursor.h"
#include "server/admin/requestparser.h"
#include "server/net/worker.h"

#include <QByteArrayList>
#include <QJsonDocument>

#include <atomic>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

/// Characters of a target in the audit log.
constexpr qsizetype MostTarget = 1'000;

QByteArray etagOf(const QByteArray &body)
{
    return '"'
        + sha256(body).first(12).toBase64(QByteArray::Base64UrlEncoding
                                          | QByteArray::OmitTrailingEquals)
        + '"';
}

/// Of bytes that may belong to a request, which is gone when it is answered.
QByteArray copyOf(QByteArrayView bytes)
{
    return bytes.toByteArray();
}

/// RFC 9110 §13.1.2, with the weak comparison.
bool hasEtag(const QByteArray &list, const QByteArray &etag)
{
    for (QByteArray each : list.split(',')) {
        each = each.trimmed();
        if (each.startsWith("W/"))
            each = each.sliced(2);
        if (each == etag || each == "*")
            return true;
    }
    return false;
}

HttpResponse toResponse(const AdminAnswer &answer)
{
    const bool isJson = answer.contentType.isEmpty();
    return { .status = answer.status,
             .headers = { { "Content-Type", isJson ? "application/json"_ba : answer.contentType },
                          { "Cache-Control", "no-cache" },
                          { "X-Content-Type-Options", "nosniff" } },
             .body = isJson ? QJsonDocument(answer.body).toJson(QJsonDocument::Compact)
                            : answer.bytes };
}

ProblemType problemTypeOf(ErrorCode why)
{
    switch (httpStatus(why)) {
    case 408:
        return ProblemType::RequestTimeout;
    case 413:
        return ProblemType::BodyTooLarge;
    case 426:
        return ProblemType::UpgradeRequired;
    case 431:
        return ProblemType::HeadTooLarge;
    case 503:
        return ProblemType::Unavailable;
    default:
        return ProblemType::BadRequest;
    }
}

} // namespace

/// One request that a handler answers. Shared by the copies of its responder. Thread: any; what it
/// answers is sent, and written to the audit log, on the admin thread.
class AdminService::Call final : public AdminResponder::Sink,
                                 public std::enable_shared_from_this<Call>
{
public:
    Call(const Dependencies &with, const AdminRoute &route, const HttpRequest &request,
         HttpResponder responder)
        : m_with(with), m_route(route), m_responder(std::move(responder)),
          m_ifNoneMatch(copyOf(request.list("if-none-match")))
    {
    }
    ~Call() override
    {
        if (!m_isAnswered)
            m_with.worker.perform([responder = m_responder] {
                responder.send(
                    Problem(ProblemType::Internal, u"The request was not answered."_s).response());
            });
    }
    Call(const Call &) = delete;
    Call &operator=(const Call &) = delete;

    /// What pages and the audit log need to know of the request. Thread: the admin thread.
    void begin(QString who, const AdminRequest &request)
    {
        m_who = std::move(who);
        m_filters = request.query;
        m_page = request.page;
        QStringList targets;
        for (const QJsonValue value : request.path)
            targets << value.toVariant().toString();
        m_target = targets.join(u'/');
    }
    void begin(QString who, const std::vector<std::pair<QString, QString>> &path)
    {
        m_who = std::move(who);
        QStringList targets;
        for (const auto &[name, value] : path)
            targets << value;
        m_target = targets.join(u'/');
    }

    void take(AdminAnswer answer) override
    {
        if (!m_isAnswered.exchange(true))
            m_with.worker.perform([self = shared_from_this(), answer = std::move(answer)]() {
                self->finish(answer);
            });
    }
    void take(AdminPage page) override
    {
        QJsonValue next = QJsonValue::Null;
        if (page.last)
            next = AdminCursor { .sort = m_page.sort,
                                 .reverse = m_page.reverse,
                                 .key = *page.last,
                                 .filters = m_filters }
                       .toText();
        take(AdminAnswer {
            .body = { { u"items"_s, page.items },
                      { u"next"_s, next },
                      { u"total"_s,
                        page.total ? QJsonValue(qint64 { *page.total }) : QJsonValue::Null } } });
    }
    void take(Problem problem) override
    {
        if (!m_isAnswered.exchange(true))
            m_with.worker.perform([self = shared_from_this(), problem = std::move(problem)] {
                self->finish(problem);
            });
    }

private:
    void finish(const AdminAnswer &answer)
    {
        const QString target = answer.target.isEmpty() ? m_target : answer.target;
        const bool isRead = !m_route.isAction() && answer.status == 200;
        HttpResponse response = toResponse(answer);
        if (isRead) {
            const QByteArray etag = etagOf(response.body);
            response.headers.push_back({ "ETag", etag });
            if (hasEtag(m_ifNoneMatch, etag)) {
                response.status = 304;
                response.body.clear();
            }
        }
        audited(target, u"ok"_s, {}, std::move(response));
    }
    void finish(const Problem &problem)
    {
        audited(m_target, QLatin1StringView(problemInfo(problem.type).name), problem.detail,
                problem.response());
    }

    /// Answers once the audit log has the action.
    void audited(const QString &target, const QString &result, const QString &detail,
                 HttpResponse response)
    {
        if (!m_route.isAction()) {
            m_responder.send(std::move(response));
            return;
        }
        AuditRecord record { .time = m_with.clock.wall(),
                             .who = m_who,
                             .action = m_route.operation,
                             .target = target.left(MostTarget),
                             .result = result,
                             .detail = detail };
        qCInfo(lcAdmin).noquote() << m_who << "called" << record.action << "with the result"
                                  << result;
        m_with.store.addRecord(
            std::move(record),
            [&worker = m_with.worker, responder = m_responder,
             response = std::move(response)](const Result<void> &written) mutable {
                if (!written)
                    qCWarning(lcAdmin) << "an action could not be written to the audit log";
                worker.perform([responder, response = std::move(response)]() mutable {
                    responder.send(std::move(response));
                });
            });
    }

    const Dependencies &m_with;
    const AdminRoute &m_route;
    const HttpResponder m_responder;
    const QByteArray m_ifNoneMatch;
    QString m_who;
    QString m_target;
    QJsonObject m_filters;
    PageRequest m_page;
    std::atomic<bool> m_isAnswered = false;
};

AdminService::Found AdminService::find(const HttpRequest &request) const
{
    Found found;
    QByteArrayView path = request.path;
    if (!path.startsWith(AdminApiPrefix))
        return found;
    path = path.sliced(qsizetype(sizeof AdminApiPrefix) - 1);
    const QByteArray method = request.method == "HEAD" ? "GET"_ba : request.method;
    QByteArrayList allowed;
    for (AdminRoute &route : m_with.api.routes()) {
        auto parameters = matchPath(route.path, path);
        if (!parameters)
            continue;
        allowed << route.method;
        if (route.method == "GET")
            allowed << "HEAD";
        if (!found.route && route.method == method) {
            found.route = &route;
            found.path = std::move(*parameters);
        }
    }
    found.allowed = allowed.join(", ");
    return found;
}

void AdminService::handle(HttpRequest request, HttpResponder responder)
{
    if (const auto done = dispatch(request, responder); !done)
        responder.send(done.error().response());
}

Result<void, Problem> AdminService::dispatch(const HttpRequest &request, HttpResponder responder)
{
    Found found = find(request);
    AdminAccess::Caller caller;
    if (!found.route || !found.route->isPublic) {
        CARILLON_TRY(caller, m_with.access.judge(request));
    }
    if (!found.route && found.allowed.isEmpty())
        return Unexpected(Problem(ProblemType::NotFound,
                                  u"The API has no such path; /api/v1/openapi.json lists all."_s));
    if (!found.route) {
        Problem problem(ProblemType::MethodNotAllowed,
                        u"This path has the methods %1."_s.arg(QString::fromLatin1(found.allowed)));
        problem.headers.push_back({ "Allow", found.allowed });
        return Unexpected(std::move(problem));
    }
    const auto call = std::make_shared<Call>(m_with, *found.route, request, responder);
    call->begin(caller.who, found.path);
    if (const auto allowed = AdminAccess::check(caller, found.route->role); !allowed) {
        call->take(allowed.error());
        return {};
    }
    auto parsed = parseRequest(*found.route, found.path, request);
    if (!parsed) {
        call->take(parsed.error());
        return {};
    }
    parsed->role = caller.role;
    parsed->who = caller.who;
    call->begin(caller.who, *parsed);
    found.route->handler(std::move(*parsed), AdminResponder(call));
    return {};
}

HttpResponse AdminService::refuse(const HttpRequest &, ErrorCode why) const
{
    return Problem(problemTypeOf(why), QString::fromLatin1(errorMessage(why))).response();
}

} // namespace Carillon
