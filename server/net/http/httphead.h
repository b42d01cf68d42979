// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/errorcode.h"
#include "core/base/result.h"
#include "server/net/http/headlimits.h"
#include "server/net/http/httpmessage.h"

#include <QByteArrayView>

#include <cstdint>
#include <optional>

namespace Carillon {

/// How a body is delimited (RFC 9112 §6).
enum class BodyFraming : std::uint8_t {
    None,
    Length,
    Chunked,
};

/// The head of a valid request.
struct RequestHead
{
    HttpRequest request; // without body and peer
    BodyFraming framing = BodyFraming::None;
    /// With BodyFraming::Length: more than 0.
    std::int64_t contentLength = 0;
    bool isHttp11 = false;
    bool keepAlive = false;
    bool expectsContinue = false;
};

/// What is known of a refused head, for the choice of the response.
struct BadHead
{
    ErrorCode why = ErrorCode::BadRequest;
    HttpRequest request;
};

/// Whether these are the first bytes of a TLS handshake (RFC 8446 §5.1), as no request begins.
[[nodiscard]] inline bool beginsTls(QByteArrayView bytes)
{
    return bytes.startsWith('\x16');
}

/// Bytes of the head at the start of `bytes`, with its empty line; absent while it is not whole.
/// BadRequest as soon as a line ends without CR, HeadTooLarge when no head within the limit can
/// come of it.
[[nodiscard]] Result<std::optional<std::int64_t>> findHead(QByteArrayView bytes,
                                                           const HeadLimits &limits);
/// As above for bytes that grow: `lineStart` (0 at first) is where the last line begun so far
/// starts, so that no line is searched again.
[[nodiscard]] Result<std::optional<std::int64_t>>
findHead(QByteArrayView bytes, const HeadLimits &limits, std::int64_t &lineStart);
/// Removes a head from the front of `bytes`, which may continue what earlier calls left in `kept`
/// and `lineStart`. Absent while the head is incomplete: all bytes are then moved to `kept`. The
/// view returned points into `kept`, or into `bytes` if the head came in one piece, which is not
/// copied. Errors: findHead().
[[nodiscard]] Result<std::optional<QByteArrayView>> collectHead(QByteArrayView &bytes,
                                                                const HeadLimits &limits,
                                                                QByteArray &kept,
                                                                std::int64_t &lineStart);
/// Reads a whole head, its empty line included. A pure function of bytes.
[[nodiscard]] Result<RequestHead, BadHead> parseHead(QByteArrayView head, const HeadLimits &limits);
/// The method of an incomplete head, which says whether the response may have a body; empty if it
/// is incomplete, too.
[[nodiscard]] QByteArray methodOf(QByteArrayView bytes, const HeadLimits &limits);

// For heads of requests and of responses.

/// How the bytes after a head are delimited, according to its fields.
struct HeadFraming
{
    BodyFraming body = BodyFraming::None;
    /// With BodyFraming::Length: more than 0.
    std::int64_t contentLength = 0;
    bool keepAlive = false;
};

/// Removes the next line. Precondition: findHead() found a head here, so there is one.
[[nodiscard]] QByteArrayView takeLine(QByteArrayView &rest);
/// Removes all fields and the empty line after them; HeadTooLarge if there are more than allowed.
[[nodiscard]] Result<void> readFields(QByteArrayView &rest, const HeadLimits &limits,
                                      HttpFields &fields);
/// Absent if the fields are invalid or contradict each other.
[[nodiscard]] std::optional<HeadFraming> judgeFraming(const HttpFields &fields, bool isHttp11);

/// Whether a comma-separated header value holds a token (in lower case), in any case.
[[nodiscard]] bool hasToken(QByteArrayView list, QByteArrayView token);
/// Number of header fields of this name (in lower case).
[[nodiscard]] int countHeaders(const HttpFields &fields, QByteArrayView name);

} // namespace Carillon
