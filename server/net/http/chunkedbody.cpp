// SPDX-License-Identifier: MPL-2.0
#include "server/net/http/chunkedbody.h"

#include "core/base/hex.h"
#include "server/net/http/httpchars.h"

#include <algorithm>

//   body       = *chunk last-chunk *( trailer CRLF ) CRLF
//   chunk      = size *( ";" extension ) CRLF size*OCTET CRLF
//   last-chunk = 1*"0" *( ";" extension ) CRLF
//   size       = 1*HEXDIG
//   extension  = token [ "=" ( token | quoted-string ) ]
//   trailer    = token ":" *( visible | SP | HTAB | obs-text )
//
// Every line ends with CRLF. White space around extensions, which the RFC calls bad and no sender
// may write, is refused.

namespace Carillon {

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
    switch (m_state) {
    case State::SizeFirst:
    case State::Size:
        return stepSize(c);
    case State::ExtensionStart:
    case State::ExtensionName:
    case State::ValueStart:
    case State::Value:
    case State::Quoted:
    case State::QuotedPair:
    case State::AfterQuoted:
        ++m_overhead;
        return stepExtension(c);
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
    case State::TrailerName:
    case State::TrailerValue:
    case State::TrailerLf:
        ++m_overhead;
        return stepTrailer(c);
    case State::EndLf:
        m_state = State::Complete;
        return c == '\n';
    case State::Data:
    case State::Complete:
        break;
    }
    return false;
}

bool ChunkedBody::stepSize(char c)
{
    const int digit = hexValue(c);
    if (m_state == State::SizeFirst) {
        m_left = digit;
        m_state = State::Size;
        return digit >= 0;
    }
    if (digit < 0)
        return endExtension(c);
    // Leading zeros are overhead; a size beyond 2^40 is no size that anyone accepts.
    ++m_overhead;
    m_left = m_left * 16 + digit;
    return m_left < (std::int64_t { 1 } << 40);
}

/// Where an extension may begin or the line end.
bool ChunkedBody::endExtension(char c)
{
    m_state = c == ';' ? State::ExtensionStart : State::SizeLf;
    return c == ';' || c == '\r';
}

bool ChunkedBody::stepExtension(char c)
{
    switch (m_state) {
    case State::ExtensionStart:
        m_state = State::ExtensionName;
        return isTokenChar(c);
    case State::ExtensionName:
        if (c != '=')
            return isTokenChar(c) || endExtension(c);
        m_state = State::ValueStart;
        return true;
    case State::ValueStart:
        m_state = c == '"' ? State::Quoted : State::Value;
        return c == '"' || isTokenChar(c);
    case State::Value:
        return isTokenChar(c) || endExtension(c);
    case State::Quoted:
        if (c == '"')
            m_state = State::AfterQuoted;
        else if (c == '\\')
            m_state = State::QuotedPair;
        return isTextChar(c);
    case State::QuotedPair:
        m_state = State::Quoted;
        return isTextChar(c);
    default:
        return endExtension(c);
    }
}

bool ChunkedBody::stepTrailer(char c)
{
    switch (m_state) {
    case State::TrailerStart:
        m_state = c == '\r' ? State::EndLf : State::TrailerName;
        return c == '\r' || isTokenChar(c);
    case State::TrailerName:
        if (c == ':')
            m_state = State::TrailerValue;
        return c == ':' || isTokenChar(c);
    case State::TrailerValue:
        if (c == '\r')
            m_state = State::TrailerLf;
        return c == '\r' || isTextChar(c);
    default:
        m_state = State::TrailerStart;
        return c == '\n';
    }
}

} // namespace Carillon
