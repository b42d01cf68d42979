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

/// The head of a request, judged: what stands here has one meaning only.
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

/// What is known of a head that was refused: enough to choose the form of the answer.
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
/// Takes a head off the front of bytes that may go on with what was `kept` of it, and `lineStart`
/// with it, when they came in pieces. One that came in one piece is not copied. Absent while it is
/// not whole: all is kept then. What is given lies in `kept` or where the bytes were. Errors:
/// findHead().
[[nodiscard]] Result<std::optional<QByteArrayView>> collectHead(QByteArrayView &bytes,
                                                                const HeadLimits &limits,
                                                                QByteArray &kept,
                                                                std::int64_t &lineStart);
/// Reads a whole head, its empty line included. A pure function of bytes.
[[nodiscard]] Result<RequestHead, BadHead> parseHead(QByteArrayView head, const HeadLimits &limits);
/// The method of a head that is not whole, which says whether its answer may have a body; empty
/// while that has not come.
[[nodiscard]] QByteArray methodOf(QByteArrayView bytes, const HeadLimits &limits);

// What the heads of requests and responses have in common.

/// What the fields of a head say of the bytes behind it.
struct HeadFraming
{
    BodyFraming body = BodyFraming::None;
    /// With BodyFraming::Length: more than 0.
    std::int64_t contentLength = 0;
    bool keepAlive = false;
};

/// Takes the next line, which ends with CRLF; findHead() saw to it that there is one.
[[nodiscard]] QByteArrayView takeLine(QByteArrayView &rest);
/// Takes all fields and the empty line behind them; HeadTooLarge for more of them than the limit.
[[nodiscard]] Result<void> readFields(QByteArrayView &rest, const HeadLimits &limits,
                                      HttpFields &fields);
/// Absent when there is a doubt.
[[nodiscard]] std::optional<HeadFraming> judgeFraming(const HttpFields &fields, bool isHttp11);

/// Whether a comma-separated header value holds a token (in lower case), in any case.
[[nodiscard]] bool hasToken(QByteArrayView list, QByteArrayView token);
/// Number of header fields of this name (in lower case).
[[nodiscard]] int countHeaders(const HttpFields &fields, QByteArrayView name);

} // namespace Carillon
