// SPDX-License-Identifier: MPL-2.0
// Our HTTP parser beside Boost.Beast's: what we take, it takes, with the same method, target,
// fields, body and rest. It may take more; where it takes less than we and RFC 9112 do, the
// exception has a name below.
#include "server/net/http/requestreader.h"
#include "tests/fuzz/fuzz.h"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <limits>
#include <map>
#include <optional>

namespace Carillon::Fuzz {
namespace {

namespace http = boost::beast::http;
using Oracle = http::request_parser<http::string_body>;

QByteArrayView view(boost::beast::string_view text)
{
    return { text.data(), static_cast<qsizetype>(text.size()) };
}

/// Values by name in lower case: Beast keeps the order among fields of one name only.
using Fields = std::map<QByteArray, std::vector<QByteArray>>;

Fields fieldsOf(const HttpRequest &request)
{
    Fields fields;
    for (const HttpFields::Field field : request.headers)
        fields[field.name.toByteArray()].push_back(field.value.toByteArray());
    return fields;
}

Fields fieldsOf(const Oracle &oracle)
{
    Fields fields;
    for (const auto &field : oracle.get()) {
        fields[view(field.name_string()).toByteArray().toLower()].push_back(
            view(field.value()).toByteArray());
    }
    return fields;
}

/// Of a target in absolute form we keep what is behind the authority.
bool isSameTarget(const HttpRequest &request, QByteArrayView target)
{
    QByteArray ours = request.path;
    if (target.contains('?'))
        ours += '?' + request.query;
    if (target == ours)
        return true;
    const qsizetype slash = target.indexOf('/', target.indexOf("://") + 3);
    return ours == (slash < 0 ? QByteArrayView("/") : target.sliced(slash));
}

/// Beast judges Connection, Content-Length and Transfer-Encoding among trailers, too. RFC 9112
/// §7.1.2 lets a recipient drop trailers, and we drop all of them.
bool isTrailersFault(boost::beast::error_code error)
{
    return error == http::error::bad_value || error == http::error::bad_content_length
        || error == http::error::bad_transfer_encoding;
}

enum class Part : std::uint8_t { Head, Body };

/// Feeds Beast until it wants more or has its fill; gives how many bytes it took, or nothing for an
/// exception that has a name.
std::optional<qsizetype> feed(Oracle &oracle, QByteArrayView bytes, Part part)
{
    qsizetype taken = 0;
    while (taken < bytes.size()
           && !(part == Part::Head ? oracle.is_header_done() : oracle.is_done())) {
        const QByteArrayView rest = bytes.sliced(taken);
        boost::beast::error_code error;
        taken += static_cast<qsizetype>(oracle.put(
            boost::asio::buffer(rest.data(), static_cast<std::size_t>(rest.size())), error));
        if (error == http::error::need_more)
            break;
        if (part == Part::Body && isTrailersFault(error))
            return std::nullopt;
        require(!error, "Beast takes what we take");
    }
    return taken;
}

void compareHead(const RequestHead &head, const Oracle &oracle)
{
    const auto &theirs = oracle.get();
    require(head.request.method == view(theirs.method_string()), "the method is the same");
    require(isSameTarget(head.request, view(theirs.target())), "the target is the same");
    require(theirs.version() == (head.isHttp11 ? 11 : 10), "the version is the same");
    require(fieldsOf(head.request) == fieldsOf(oracle), "the fields are the same");
    require(oracle.chunked() == (head.framing == BodyFraming::Chunked),
            "a chunked body is one for both");
    const auto length = oracle.content_length();
    require(head.contentLength == static_cast<std::int64_t>(length ? *length : 0),
            "the length is the same");
    require(!head.keepAlive || oracle.keep_alive(), "a connection that we keep is kept by Beast");
}

} // namespace

void check(QByteArrayView input)
{
    constexpr std::int64_t BodyLimit = 1 << 20;
    const HeadLimits limits;
    RequestReader reader(limits);
    QByteArrayView rest = input;
    const auto progress = reader.read(rest);
    if (!progress || *progress != RequestReader::Progress::Head)
        return;
    const RequestHead head = reader.head();
    // Beast takes it for Connection; RFC 9110 does not know it (appendix C.2.2 of RFC 9112).
    if (head.request.hasHeader("proxy-connection"))
        return;

    // Beast does not skip the empty lines before a request that RFC 9112 §2.2 speaks of.
    while (input.startsWith("\r\n"))
        input = input.sliced(2);
    Oracle oracle;
    oracle.header_limit(std::numeric_limits<std::uint32_t>::max());
    oracle.body_limit(std::numeric_limits<std::uint64_t>::max());
    const qsizetype headSize = input.size() - rest.size();
    require(feed(oracle, input.first(headSize), Part::Head) == headSize && oracle.is_header_done(),
            "the head ends at the same place");
    compareHead(head, oracle);

    if (!reader.readBody(BodyLimit) || head.framing == BodyFraming::None) {
        require(head.framing != BodyFraming::None || oracle.is_done(), "there is no body for both");
        return;
    }
    const QByteArrayView body = rest;
    const auto whole = rest.isEmpty() ? RequestReader::Progress::More : reader.read(rest);
    if (!whole)
        return;
    oracle.eager(true);
    const auto taken = feed(oracle, body, Part::Body);
    if (!taken)
        return;
    if (*whole == RequestReader::Progress::More) {
        require(!oracle.is_done(), "a body that is not whole is not for both");
        return;
    }
    require(oracle.is_done(), "a whole body is whole for both");
    require(*taken == body.size() - rest.size(), "the body ends at the same place");
    require(reader.takeRequest().body == QByteArrayView(oracle.get().body()),
            "the body is the same");
}

} // namespace Carillon::Fuzz
