// SPDX-License-Identifier: MPL-2.0
#include "server/responses/errorresponse.h"

namespace Carillon {

using namespace Qt::StringLiterals;

HttpResponse errorResponse(const Refusal &refusal)
{
    const ErrorCode why = refusal.why;
    const int status = httpStatus(why);
    const std::optional<int> number = autopushErrno(why);
    HttpResponse response;
    response.status = status;
    response.headers = { { "Content-Type"_ba, "application/json"_ba } };
    if (status == 410)
        response.headers.push_back({ "Cache-Control"_ba, "max-age=86400"_ba });
    if (status == 503 || status == 429)
        response.headers.push_back(
            { "Retry-After"_ba, QByteArray::number(qlonglong(refusal.retryAfter.count())) });
    // None of these texts needs escaping: errorcode.h promises plain words.
    response.body = "{\"code\":" + QByteArray::number(status) + ",\"errno\":"
        + (number ? QByteArray::number(*number) : QByteArray("null")) + ",\"error\":\""
        + httpReason(status).toByteArray() + "\",\"message\":\"" + errorMessage(why).toByteArray()
        + "\",\"more_info\":\"docs/errors.md#" + errorName(why).toByteArray() + "\"}";
    return response;
}

} // namespace Carillon
