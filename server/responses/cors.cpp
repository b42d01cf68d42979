// SPDX-License-Identifier: MPL-2.0
#include "server/responses/cors.h"

#include "server/net/http/httpmessage.h"

namespace Carillon {

using namespace Qt::StringLiterals;

void allowAnyOrigin(const HttpRequest &request, HttpResponse &response)
{
    auto &headers = response.headers;
    headers = { { "Access-Control-Allow-Origin"_ba, "*"_ba },
                { "Access-Control-Expose-Headers"_ba, "Location, TTL"_ba } };
    if (request.method != "OPTIONS")
        return;
    headers.push_back({ "Access-Control-Allow-Methods"_ba, "GET, POST, PUT, DELETE"_ba });
    headers.push_back({ "Access-Control-Max-Age"_ba, "3600"_ba });
    const QByteArray asked = request.list("access-control-request-headers");
    if (!asked.isEmpty()) // the answer outlives the request
        headers.push_back(
            { "Access-Control-Allow-Headers"_ba, QByteArrayView(asked).toByteArray() });
}

} // namespace Carillon
