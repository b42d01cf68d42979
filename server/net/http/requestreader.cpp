// SPDX-License-Identifier: MPL-2.0
#include "server/net/http/requestreader.h"

#include <algorithm>

namespace Carillon {

namespace {

constexpr std::int64_t EmptyLineBytes = 2; // CRLF

} // namespace

Result<RequestReader::Progress> RequestReader::read(QByteArrayView &bytes)
{
    if (m_state == State::Head)
        return readHead(bytes);
    if (m_chunks) {
        const Result<std::int64_t> taken = m_chunks->feed(bytes);
        if (!taken)
            return Unexpected(taken.error());
        bytes = bytes.sliced(*taken);
        return m_chunks->isComplete() ? Progress::Request : Progress::More;
    }
    const qsizetype take = std::min(bytes.size(), m_head.contentLength - m_bytes.size());
    m_bytes.append(bytes.first(take));
    bytes = bytes.sliced(take);
    return m_bytes.size() == m_head.contentLength ? Progress::Request : Progress::More;
}

Result<RequestReader::Progress> RequestReader::readHead(QByteArrayView &bytes)
{
    HeadLimits limits = *m_limits;
    limits.bytes -= m_skipped;
    auto bytesOfHead = collectHead(bytes, limits, m_bytes, m_line);
    while (bytesOfHead && *bytesOfHead && (*bytesOfHead)->size() == EmptyLineBytes) {
        m_bytes = {};
        m_skipped += EmptyLineBytes;
        limits.bytes -= EmptyLineBytes;
        bytesOfHead = collectHead(bytes, limits, m_bytes, m_line);
    }
    if ((!bytesOfHead || !*bytesOfHead) && m_head.request.method.isEmpty())
        m_head.request.method =
            methodOf(m_bytes.isEmpty() ? bytes : QByteArrayView(m_bytes), limits);
    if (!bytesOfHead)
        return Unexpected(bytesOfHead.error());
    if (!*bytesOfHead)
        return Progress::More;
    m_skipped = 0;
    auto head = parseHead(**bytesOfHead, *m_limits);
    m_bytes = {};
    if (!head) {
        m_head.request = head.error().request;
        return Unexpected(head.error().why);
    }
    m_head = std::move(*head);
    m_state = State::Judging;
    return Progress::Head;
}

Result<void> RequestReader::readBody(std::int64_t limit)
{
    if (m_head.contentLength > limit)
        return Unexpected(ErrorCode::BodyTooLarge);
    if (m_head.framing == BodyFraming::Chunked)
        m_chunks.emplace(limit, m_limits->bytes);
    m_state = State::Body;
    return {};
}

RequestHead RequestReader::takeHead()
{
    m_state = State::Head;
    return std::exchange(m_head, {});
}

HttpRequest RequestReader::takeRequest()
{
    HttpRequest request = takeHead().request;
    request.body = m_chunks ? m_chunks->takeBody() : std::exchange(m_bytes, {});
    m_chunks.reset();
    return request;
}

std::int64_t RequestReader::appetite() const
{
    if (m_state == State::Body && !m_chunks)
        return m_head.contentLength - m_bytes.size();
    return m_state == State::Head ? m_limits->bytes - m_skipped - m_bytes.size() : m_limits->bytes;
}

} // namespace Carillon
