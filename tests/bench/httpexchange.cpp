// SPDX-License-Identifier: MPL-2.0
#include "tests/bench/httpexchange.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

namespace Carillon::Bench {
namespace {

/// Content-Length of an answer; 0 if it says none.
std::size_t contentLength(std::string_view head)
{
    constexpr std::string_view Name = "\r\ncontent-length:";
    for (std::size_t at = head.find("\r\n"); at != std::string_view::npos;
         at = head.find("\r\n", at + 2)) {
        if (head.size() - at < Name.size()
            || ::strncasecmp(head.data() + at, Name.data(), Name.size()) != 0)
            continue;
        std::string_view value = head.substr(at + Name.size());
        value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
        std::size_t length = 0;
        std::from_chars(value.data(), value.data() + value.size(), length);
        return length;
    }
    return 0;
}

} // namespace

void HttpExchange::ask(std::string_view request)
{
    m_waiting = true;
    write(request);
}

std::size_t HttpExchange::received(std::string_view bytes)
{
    constexpr std::string_view Start = "HTTP/1.1 ";
    const std::size_t end = bytes.find("\r\n\r\n");
    if (end == std::string_view::npos)
        return 0;
    const std::string_view head = bytes.substr(0, end);
    const std::size_t size = end + 4 + contentLength(head);
    if (bytes.size() < size)
        return 0;
    int status = 0;
    if (head.starts_with(Start))
        std::from_chars(head.data() + Start.size(), head.data() + head.size(), status);
    if (std::exchange(m_waiting, false))
        answered(status);
    else
        answeredUnasked();
    return size;
}

} // namespace Carillon::Bench
