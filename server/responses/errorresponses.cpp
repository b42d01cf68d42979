// SPDX-License-Identifier: MPL-2.0
#include "server/responses/errorresponses.h"

#include <QJsonDocument>
#include <QJsonObject>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

QByteArray bodyOf(ErrorCode code, const QByteArray &errorPages)
{
    const int status = httpStatus(code);
    const std::optional<int> number = autopushErrno(code);
    const QByteArray name = errorName(code).toByteArray();
    return QJsonDocument(QJsonObject { { u"code"_s, status },
                                       { u"errno"_s, number ? QJsonValue(*number) : QJsonValue() },
                                       { u"error"_s, QString::fromLatin1(httpReason(status)) },
                                       { u"message"_s, QString::fromLatin1(errorMessage(code)) },
                                       { u"more_info"_s, QString::fromLatin1(errorPages + name) } })
        .toJson(QJsonDocument::Compact);
}

} // namespace

ErrorResponses::ErrorResponses(const QByteArray &errorPages)
{
    for (std::size_t index = 0; index < m_bodies.size(); ++index)
        m_bodies[index] = bodyOf(static_cast<ErrorCode>(index), errorPages);
}

HttpResponse ErrorResponses::response(const Refusal &refusal) const
{
    HttpResponse response;
    response.status = httpStatus(refusal.why);
    response.headers = { { "Content-Type"_ba, "application/json"_ba } };
    if (response.status == 410)
        response.headers.push_back({ "Cache-Control"_ba, "max-age=86400"_ba });
    if (response.status == 503 || response.status == 429)
        response.headers.push_back(
            { "Retry-After"_ba, QByteArray::number(qlonglong(refusal.retryAfter.count())) });
    response.body = m_bodies[static_cast<std::size_t>(refusal.why)];
    response.error = refusal.why;
    return response;
}

} // namespace Carillon
