// SPDX-License-Identifier: MPL-2.0
#include "server/net/requestreader.h"

#include <algorithm>

namespace Carillon {

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
    // A head that came in one piece is read where it lies.
    const bool isFirst = m_bytes.isEmpty();
    const qsizetype before = m_bytes.size();
    if (!isFirst)
        m_bytes.append(bytes);
    const QByteArrayView all = isFirst ? bytes : QByteArrayView(m_bytes);
    const Result<std::optional<std::int64_t>> size = findHead(all, *m_limits, m_line);
    if ((!size || !*size) && m_head.request.method.isEmpty())
        m_head.request.method = methodOf(all, *m_limits);
    if (!size)
        return Unexpected(size.error());
    if (!*size) {
        if (isFirst)
            m_bytes = bytes.toByteArray();
        bytes = {};
        return Progress::More;
    }
    auto head = parseHead(all.first(**size), *m_limits);
    bytes = bytes.sliced(**size - before);
    m_bytes = {};
    m_line = 0;
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
        m_chunks.emplace(limit, m_limits->headBytes);
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
    return m_state == State::Head ? m_limits->headBytes - m_bytes.size() : m_limits->headBytes;
}

} // namespace Carillon
