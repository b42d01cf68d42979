// SPDX-License-Identifier: MPL-2.0
#include "server/net/http/responsereader.h"

#include "server/net/http/httpchars.h"
#include "server/net/http/httphead.h"

#include <algorithm>
#include <utility>

// RFC 9112, narrowed as in httphead.cpp:
//
//   answer  = *interim head body
//   head    = version SP status SP *( visible | SP | HTAB | obs-text ) CRLF *(field CRLF) CRLF
//   interim = a head with status 1xx
//   status  = ( "1" – "5" ) 2DIGIT
//   body    = nothing, for 204 and 304, or as Content-Length or chunked say, or all up to the end
//
// Refused besides: 101, which nobody asked for; a 1xx or 204 that announces a body.

namespace Carillon {

namespace {

constexpr HeadLimits Limits;
/// Interim answers that say nothing of the request's end; a server that sends more means no good.
constexpr int MostInterim = 8;

struct StatusLine
{
    int status = 0;
    bool isHttp11 = false;
};

std::optional<StatusLine> readStatusLine(QByteArrayView line)
{
    constexpr QByteArrayView Shape = "HTTP/1.x 200 ";
    if (line.size() < Shape.size() || line[8] != ' ' || line[12] != ' ')
        return std::nullopt;
    StatusLine read { .status = 0, .isHttp11 = line.startsWith("HTTP/1.1") };
    if (!read.isHttp11 && !line.startsWith("HTTP/1.0"))
        return std::nullopt;
    for (const char c : line.sliced(9, 3)) {
        if (c < '0' || c > '9')
            return std::nullopt;
        read.status = read.status * 10 + (c - '0');
    }
    const QByteArrayView reason = line.sliced(Shape.size());
    if (read.status < 100 || read.status > 599
        || !std::all_of(reason.begin(), reason.end(), isTextChar))
        return std::nullopt;
    return read;
}

} // namespace

Result<bool> ResponseReader::read(QByteArrayView &bytes)
{
    m_isTouched = m_isTouched || !bytes.isEmpty();
    while (!bytes.isEmpty() && !isComplete()) {
        if (auto done = m_state == State::Head ? readHead(bytes) : readBody(bytes); !done)
            return Unexpected(done.error());
    }
    return isComplete();
}

Result<void> ResponseReader::readHead(QByteArrayView &bytes)
{
    const auto head = collectHead(bytes, Limits, m_bytes, m_line);
    if (!head)
        return Unexpected(head.error());
    if (!*head)
        return {};
    const Result<void> taken = judgeHead(**head);
    m_bytes = {};
    return taken;
}

Result<void> ResponseReader::judgeHead(QByteArrayView head)
{
    const std::optional<StatusLine> line = readStatusLine(takeLine(head));
    if (!line)
        return Unexpected(ErrorCode::BadRequest);
    m_response.status = line->status;
    m_response.headers.reserve(head.size());
    if (const auto fields = readFields(head, Limits, m_response.headers); !fields)
        return fields;
    return begin(line->isHttp11);
}

/// Decides how the body ends.
Result<void> ResponseReader::begin(bool isHttp11)
{
    const std::optional<HeadFraming> framing = judgeFraming(m_response.headers, isHttp11);
    if (!framing || m_response.status == 101)
        return Unexpected(ErrorCode::BadRequest);
    if (m_response.status < 200) {
        if (framing->body != BodyFraming::None || ++m_interim > MostInterim)
            return Unexpected(ErrorCode::BadRequest);
        m_response = {};
        return {};
    }
    m_keepAlive = framing->keepAlive;
    m_contentLength = framing->contentLength;
    const bool isTold =
        framing->body != BodyFraming::None || !m_response.headers.value("content-length").isNull();
    if (m_response.status == 204 && framing->body != BodyFraming::None)
        return Unexpected(ErrorCode::BadRequest);
    if (m_response.status == 204 || m_response.status == 304) {
        m_state = State::Complete;
    } else if (framing->body == BodyFraming::Chunked) {
        m_chunks.emplace(m_bodyLimit, Limits.bytes);
        m_state = State::Chunked;
    } else if (m_contentLength > m_bodyLimit) {
        return Unexpected(ErrorCode::BodyTooLarge);
    } else if (isTold) {
        m_state = m_contentLength == 0 ? State::Complete : State::Length;
    } else {
        m_keepAlive = false;
        m_state = State::UntilEnd;
    }
    return {};
}

Result<void> ResponseReader::readBody(QByteArrayView &bytes)
{
    if (m_state == State::Chunked) {
        const Result<std::int64_t> taken = m_chunks->feed(bytes);
        if (!taken)
            return Unexpected(taken.error());
        bytes = bytes.sliced(*taken);
        if (m_chunks->isComplete()) {
            m_response.body = m_chunks->takeBody();
            m_state = State::Complete;
        }
        return {};
    }
    QByteArray &body = m_response.body;
    if (m_state == State::UntilEnd && body.size() + bytes.size() > m_bodyLimit)
        return Unexpected(ErrorCode::BodyTooLarge);
    const qsizetype take = m_state == State::UntilEnd
        ? bytes.size()
        : std::min<qsizetype>(bytes.size(), m_contentLength - body.size());
    body.append(bytes.first(take));
    bytes = bytes.sliced(take);
    if (m_state == State::Length && body.size() == m_contentLength)
        m_state = State::Complete;
    return {};
}

HttpClientResponse ResponseReader::takeResponse()
{
    return std::exchange(m_response, {});
}

} // namespace Carillon
