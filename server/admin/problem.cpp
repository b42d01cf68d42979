// SPDX-License-Identifier: MPL-2.0
#include "server/admin/problem.h"

#include <QJsonDocument>

#include <algorithm>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

constexpr ProblemInfo Problems[] = {
    { ProblemType::BadRequest, 400, "bad-request", "The request is malformed",
      "The request is not HTTP/1.1 as RFC 9112 defines it." },
    { ProblemType::InvalidParameter, 400, "invalid-parameter", "A parameter is not valid",
      "`parameter` names it. It is unknown, given twice, missing, or has a value that "
      "openapi.json does not allow." },
    { ProblemType::InvalidCursor, 400, "invalid-cursor", "The cursor is not valid",
      "Cursors come from `next` of the page before, unchanged, together with the same "
      "or no other parameters. Begin again without a cursor." },
    { ProblemType::InvalidBody, 400, "invalid-body", "The body is not valid",
      "The body must be one JSON object with the members that openapi.json lists. "
      "`parameter` names the member that is wrong." },
    { ProblemType::Unauthorized, 401, "unauthorized", "A valid token is required",
      "Send `Authorization: Bearer TOKEN`. `carillon token create` makes a token. Over "
      "the Unix socket, root and the server's user need none." },
    { ProblemType::Forbidden, 403, "forbidden", "The caller may not do this",
      "The token or the group has the role viewer and the request acts, or the peer of "
      "the Unix socket has no role." },
    { ProblemType::WrongOrigin, 403, "wrong-origin", "Pages of other origins are refused",
      "A browser sent the request for a page of another origin, or under a host name "
      "that is not this server's." },
    { ProblemType::NotFound, 404, "not-found", "There is no such thing",
      "The path is unknown, or names something that does not exist." },
    { ProblemType::MethodNotAllowed, 405, "method-not-allowed",
      "The resource does not have this method", "The field Allow lists the methods that it has." },
    { ProblemType::RequestTimeout, 408, "request-timeout", "The request did not arrive in time",
      "Head and body must arrive within limits.head_timeout and limits.body_timeout." },
    { ProblemType::Conflict, 409, "conflict", "The state of the target does not allow this",
      "`detail` says what stands against it." },
    { ProblemType::BodyTooLarge, 413, "body-too-large", "The body is too large",
      "A body has at most 64 KiB." },
    { ProblemType::UnsupportedMediaType, 415, "unsupported-media-type", "The body is not JSON",
      "Send `Content-Type: application/json`, without a Content-Encoding." },
    { ProblemType::UpgradeRequired, 426, "upgrade-required", "This resource is a WebSocket",
      "Send the request as a WebSocket handshake (RFC 6455)." },
    { ProblemType::TooManyRequests, 429, "too-many-requests", "Too many failed logins",
      "The address sent 10 requests without a valid token within a minute. Retry-After "
      "says when it may try again." },
    { ProblemType::HeadTooLarge, 431, "head-too-large", "The head of the request is too large",
      "The limits are limits.head_bytes and limits.header_fields." },
    { ProblemType::Internal, 500, "internal", "The server failed",
      "This is a defect of the server. Its log may say more." },
    { ProblemType::NotEnabled, 501, "not-enabled", "A setting turns this off",
      "`detail` names the setting." },
    { ProblemType::Unavailable, 503, "unavailable", "The server cannot do this now",
      "Storage does not answer, or the server is stopping. Try again later." },
};

} // namespace

const ProblemInfo &problemInfo(ProblemType type)
{
    return *std::ranges::find(Problems, type, &ProblemInfo::type);
}

std::span<const ProblemInfo> allProblems()
{
    return Problems;
}

std::optional<ProblemType> problemNamed(QStringView name)
{
    for (const ProblemInfo &info : Problems) {
        if (name == QLatin1StringView(info.name))
            return info.type;
    }
    return std::nullopt;
}

QString problemUrl(ProblemType type)
{
    return u"/api/v1/problems/"_s + QLatin1StringView(problemInfo(type).name);
}

QJsonObject Problem::document() const
{
    const ProblemInfo &info = problemInfo(type);
    QJsonObject document { { u"type"_s, problemUrl(type) },
                           { u"title"_s, QLatin1StringView(info.title) },
                           { u"status"_s, info.status },
                           { u"detail"_s, detail } };
    if (!parameter.isEmpty())
        document.insert(u"parameter"_s, parameter);
    return document;
}

HttpResponse Problem::response() const
{
    HttpResponse response { .status = status(),
                            .headers = { { "Content-Type", "application/problem+json" },
                                         { "Cache-Control", "no-store" } },
                            .body = QJsonDocument(document()).toJson(QJsonDocument::Compact) };
    if (retryAfter)
        response.headers.push_back(
            { "Retry-After", QByteArray::number(qlonglong { retryAfter->count() }) });
    response.headers.insert(response.headers.end(), headers.begin(), headers.end());
    return response;
}

} // namespace Carillon
