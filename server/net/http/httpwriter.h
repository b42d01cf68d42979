// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "server/net/http/httpmessage.h"

#include <QByteArray>

namespace Carillon {

/// What the transport adds to an answer.
struct ResponseFraming
{
    /// HEAD: the length is told, the body is not sent.
    bool withoutBody = false;
    bool close = false;
    QByteArray date;
};

/// An answer as it goes on the wire. Fields that are the transport's are left out of the response's
/// own, and so is one that would break the head (CR, LF or NUL in it).
[[nodiscard]] QByteArray serializeResponse(const HttpResponse &response,
                                           const ResponseFraming &framing);
/// A request as it goes on the wire, with its Host and Content-Length. Precondition: nothing in it
/// breaks a head.
[[nodiscard]] QByteArray serializeRequest(QByteArrayView method, QByteArrayView authority,
                                          QByteArrayView target,
                                          const std::vector<HttpHeader> &headers,
                                          QByteArrayView body);
/// A time as HTTP writes it: "Sun, 06 Nov 1994 08:49:37 GMT".
[[nodiscard]] QByteArray httpDate(WallTime time);

} // namespace Carillon
