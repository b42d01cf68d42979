// SPDX-License-Identifier: MPL-2.0
#include "server/net/websocket/utf8validator.h"

#include <cstring>

//   character = 00-7F
//             | C2-DF tail | E0 A0-BF tail | E1-EC 2tail | ED 80-9F tail | EE-EF 2tail
//             | F0 90-BF 2tail | F1-F3 3tail | F4 80-8F 2tail
//   tail      = 80-BF

namespace Carillon {

namespace {

/// Number of bytes below 0x80 at the start, in whole words.
qsizetype asciiWords(QByteArrayView bytes)
{
    constexpr std::uint64_t High = 0x8080808080808080;
    qsizetype at = 0;
    std::uint64_t word = 0;
    for (; bytes.size() - at >= qsizetype { sizeof word }; at += sizeof word) {
        std::memcpy(&word, bytes.data() + at, sizeof word);
        if ((word & High) != 0)
            break;
    }
    return at;
}

} // namespace

bool Utf8Validator::feed(QByteArrayView bytes)
{
    for (qsizetype i = 0; i < bytes.size() && !m_failed; ++i) {
        if (m_left == 0) {
            i += asciiWords(bytes.sliced(i));
            if (i == bytes.size())
                break;
        }
        const auto byte = static_cast<std::uint8_t>(bytes[i]);
        if (m_left == 0) {
            m_failed = !begin(byte);
        } else {
            m_failed = byte < m_least || byte > m_most;
            --m_left;
            m_least = 0x80;
            m_most = 0xbf;
        }
    }
    return !m_failed;
}

bool Utf8Validator::begin(std::uint8_t lead)
{
    m_least = 0x80;
    m_most = 0xbf;
    if (lead < 0x80)
        return true;
    if (lead < 0xc2 || lead > 0xf4)
        return false;
    if (lead < 0xe0) {
        m_left = 1;
    } else if (lead < 0xf0) {
        m_left = 2;
        if (lead == 0xe0)
            m_least = 0xa0;
        else if (lead == 0xed)
            m_most = 0x9f;
    } else {
        m_left = 3;
        if (lead == 0xf0)
            m_least = 0x90;
        else if (lead == 0xf4)
            m_most = 0x8f;
    }
    return true;
}

} // namespace Carillon
