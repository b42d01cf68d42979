// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "server/net/http/httpmessage.h"

#include <QByteArray>

namespace Carillon {

/// What the transport adds to a response.
struct ResponseFraming
{
    /// For HEAD: Content-Length is written, the body is not.
    bool withoutBody = false;
    bool close = false;
    QByteArray date;
};

/// Serializes a response. Of its fields, those that the transport sets are left out, and those that
/// would break the head (with CR, LF or NUL).
[[nodiscard]] QByteArray serializeResponse(const HttpResponse &response,
                                           const ResponseFraming &framing);
/// Serializes a request, with Host and Content-Length. Precondition: no CR, LF or NUL in what goes
/// into the head.
[[nodiscard]] QByteArray serializeRequest(QByteArrayView method, QByteArrayView authority,
                                          QByteArrayView target,
                                          const std::vector<HttpHeader> &headers,
                                          QByteArrayView body);
/// An HTTP date: "Sun, 06 Nov 1994 08:49:37 GMT".
[[nodiscard]] QByteArray httpDate(WallTime time);

} // namespace Carillon
