// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/errorcode.h"
#include "server/net/http/httpmessage.h"
#include "server/net/httpresponder.h"

#include <cstdint>

namespace Carillon {

/// What a listener serves over HTTP. One object per worker. Thread: that worker's.
class HttpService
{
public:
    virtual ~HttpService() = default;
    /// The largest body accepted for this head; asked before any of it is buffered.
    [[nodiscard]] virtual std::int64_t bodyLimit(const HttpRequest &head) const = 0;
    virtual void handle(HttpRequest request, HttpResponder responder) = 0;
    /// The response to a request that the transport itself refuses (BodyTooLarge, BadRequest,
    /// HeadTooLarge, RequestTimeout and others). The head may be incomplete. The connection is
    /// closed after the response.
    [[nodiscard]] virtual HttpResponse refuse(const HttpRequest &head, ErrorCode why) const = 0;
};

} // namespace Carillon
