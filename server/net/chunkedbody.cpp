// SPDX-License-Identifier: MPL-2.0
#include "server/net/chunkedbody.h"

#include <algorithm>

//   body      = *chunk last-chunk *( trailer CRLF ) CRLF
//   chunk     = size [ ";" extension ] CRLF size*OCTET CRLF
//   last-chunk= 1*"0" [ ";" extension ] CRLF
//   size      = 1*HEXDIG, no space after it
//
// Every line ends with CRLF; control characters other than HTAB are refused in what is dropped.

namespace Carillon {

namespace {

int hexValue(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool isText(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= ' ' && byte != 0x7f);
}

} // namespace

Result<std::int64_t> ChunkedBody::feed(QByteArrayView bytes)
{
    qsizetype i = 0;
    while (i < bytes.size() && m_state != State::Complete) {
        if (m_state == State::Data) {
            const qsizetype take = std::min<qsizetype>(m_left, bytes.size() - i);
            m_body.append(bytes.sliced(i, take));
            m_left -= take;
            i += take;
            if (m_left == 0)
                m_state = State::DataCr;
            continue;
        }
        if (!step(bytes[i++]))
            return Unexpected(ErrorCode::BadRequest);
        if (m_state == State::Data && m_body.size() + m_left > m_bodyLimit)
            return Unexpected(ErrorCode::BodyTooLarge);
        if (m_overhead > m_overheadLimit)
            return Unexpected(ErrorCode::HeadTooLarge);
    }
    return i;
}

bool ChunkedBody::step(char c)
{
    const int digit = hexValue(c);
    switch (m_state) {
    case State::SizeFirst:
        m_left = digit;
        m_state = State::Size;
        return digit >= 0;
    case State::Size:
        if (digit >= 0) {
            // Leading zeros are overhead; a size beyond 2^40 is no size that anyone accepts.
            ++m_overhead;
            m_left = m_left * 16 + digit;
            return m_left < (std::int64_t { 1 } << 40);
        }
        m_state = c == ';' ? State::Extension : State::SizeLf;
        return c == ';' || c == '\r';
    case State::Extension:
        ++m_overhead;
        if (c == '\r')
            m_state = State::SizeLf;
        return c == '\r' || isText(c);
    case State::SizeLf:
        m_state = m_left == 0 ? State::TrailerStart : State::Data;
        return c == '\n';
    case State::DataCr:
        m_state = State::DataLf;
        return c == '\r';
    case State::DataLf:
        m_state = State::SizeFirst;
        return c == '\n';
    case State::TrailerStart:
        m_state = c == '\r' ? State::EndLf : State::Trailer;
        // A line that starts with white space would be a fold.
        return c == '\r' || (isText(c) && c != ' ' && c != '\t' && c != ':');
    case State::Trailer:
        ++m_overhead;
        if (c == '\r')
            m_state = State::TrailerLf;
        return c == '\r' || isText(c);
    case State::TrailerLf:
        ++m_overhead;
        m_state = State::TrailerStart;
        return c == '\n';
    case State::EndLf:
        m_state = State::Complete;
        return c == '\n';
    case State::Data:
    case State::Complete:
        break;
    }
    return false;
}

} // namespace Carillon
