// SPDX-License-Identifier: MPL-2.0
#include "server/net/http/httphead.h"

#include "server/net/http/httpchars.h"

#include <algorithm>

// RFC 9112, narrowed to what has one meaning for every party on the way:
//
//   head         = method SP target SP version CRLF *(field CRLF) CRLF
//   method       = token
//   target       = ( "/" *visible ) | ( scheme "://" authority [ "/" *visible ] ) | "*"
//   scheme       = "http" | "https"
//   version      = "HTTP/1.0" | "HTTP/1.1"
//   field        = token ":" OWS *( visible | SP | HTAB | obs-text ) OWS
//
// RequestReader skips empty lines (CRLF) in front of a request's head. Fields of one name stay
// apart here; who reads a list joins them (HttpFields::joined()).
//
// Refused: a bare LF or CR, folded lines, a space before the colon, control characters, '#' in the
// target; an authority that is empty or has a user; on 1.1 anything but one Host; a Connection that
// is no list of tokens; a Content-Length that is not 1–18 digits or comes twice; Transfer-Encoding
// on 1.0, beside Content-Length, twice, or other than exactly "chunked".

namespace Carillon {

namespace {

bool isVisible(char c)
{
    return c > ' ' && c != '\x7f';
}

QByteArrayView trimmed(QByteArrayView text)
{
    while (!text.isEmpty() && (text.front() == ' ' || text.front() == '\t'))
        text = text.sliced(1);
    while (!text.isEmpty() && (text.back() == ' ' || text.back() == '\t'))
        text.chop(1);
    return text;
}

bool equalsIgnoringCase(QByteArrayView a, QByteArrayView b)
{
    return a.compare(b, Qt::CaseInsensitive) == 0;
}

bool isHost(QByteArrayView value)
{
    return std::none_of(value.begin(), value.end(), [](char c) {
        return !isVisible(c) || QByteArrayView("/?#@,\\").contains(c);
    });
}

bool readTarget(QByteArrayView target, HttpRequest &request)
{
    if (!std::all_of(target.begin(), target.end(), isVisible) || target.contains('#'))
        return false;
    for (const QByteArrayView scheme : { "http://", "https://" }) {
        if (target.size() < scheme.size()
            || !equalsIgnoringCase(target.first(scheme.size()), scheme))
            continue;
        const QByteArrayView afterScheme = target.sliced(scheme.size());
        const qsizetype slash = afterScheme.indexOf('/');
        const QByteArrayView authority = slash < 0 ? afterScheme : afterScheme.first(slash);
        // A '?' in it begins a query, which proxies make a path of in more ways than one.
        if (authority.isEmpty() || !isHost(authority))
            return false;
        target = slash < 0 ? QByteArrayView("/") : afterScheme.sliced(slash);
    }
    if (target != "*" && !target.startsWith('/'))
        return false;
    const qsizetype mark = target.indexOf('?');
    request.path = (mark < 0 ? target : target.first(mark)).toByteArray();
    if (mark >= 0)
        request.query = target.sliced(mark + 1).toByteArray();
    return true;
}

/// Gives the minor version.
std::optional<int> readRequestLine(QByteArrayView line, HttpRequest &request)
{
    const qsizetype first = line.indexOf(' ');
    const qsizetype last = line.lastIndexOf(' ');
    if (first <= 0 || last <= first + 1)
        return std::nullopt;
    const QByteArrayView method = line.first(first);
    if (!isToken(method))
        return std::nullopt;
    request.method = method.toByteArray();
    if (!readTarget(line.sliced(first + 1, last - first - 1), request))
        return std::nullopt;
    const QByteArrayView version = line.sliced(last + 1);
    if (version == "HTTP/1.1")
        return 1;
    if (version == "HTTP/1.0")
        return 0;
    return std::nullopt;
}

bool readField(QByteArrayView line, HttpFields &fields)
{
    const qsizetype colon = line.indexOf(':');
    if (colon <= 0 || !isToken(line.first(colon)))
        return false;
    const QByteArrayView value = trimmed(line.sliced(colon + 1));
    if (!std::all_of(value.begin(), value.end(), isTextChar))
        return false;
    fields.add(line.first(colon), value);
    return true;
}

std::optional<std::int64_t> readLength(QByteArrayView digits)
{
    if (digits.isEmpty() || digits.size() > 18)
        return std::nullopt;
    std::int64_t length = 0;
    for (const char c : digits) {
        if (c < '0' || c > '9')
            return std::nullopt;
        length = length * 10 + (c - '0');
    }
    return length;
}

/// Takes the next element of a comma-separated list, trimmed.
QByteArrayView takeElement(QByteArrayView &list)
{
    const qsizetype comma = list.indexOf(',');
    const QByteArrayView element = trimmed(comma < 0 ? list : list.first(comma));
    list = comma < 0 ? QByteArrayView() : list.sliced(comma + 1);
    return element;
}

/// Empty elements are none (RFC 9110 §5.6.1).
bool isTokenList(QByteArrayView list)
{
    while (!list.isEmpty()) {
        const QByteArrayView element = takeElement(list);
        if (!element.isEmpty() && !isToken(element))
            return false;
    }
    return true;
}

bool judge(RequestHead &head)
{
    const HttpRequest &request = head.request;
    const int hosts = countHeaders(request.headers, "host");
    if (hosts > 1 || (head.isHttp11 && hosts != 1) || !isHost(request.header("host")))
        return false;
    const std::optional<HeadFraming> framing = judgeFraming(request.headers, head.isHttp11);
    if (!framing)
        return false;
    head.framing = framing->body;
    head.contentLength = framing->contentLength;
    head.keepAlive = framing->keepAlive;
    head.expectsContinue = head.isHttp11 && head.framing != BodyFraming::None
        && equalsIgnoringCase(request.header("expect"), "100-continue");
    return true;
}

} // namespace

bool hasToken(QByteArrayView list, QByteArrayView token)
{
    while (!list.isEmpty()) {
        if (equalsIgnoringCase(takeElement(list), token))
            return true;
    }
    return false;
}

QByteArray methodOf(QByteArrayView bytes, const HeadLimits &limits)
{
    // What lies beyond the limit may have come or not.
    const QByteArrayView head = bytes.first(std::min<qsizetype>(bytes.size(), limits.bytes));
    const qsizetype space = head.indexOf(' ');
    return space > 0 && isToken(head.first(space)) ? head.first(space).toByteArray() : QByteArray();
}

int countHeaders(const HttpFields &fields, QByteArrayView name)
{
    return static_cast<int>(
        std::count_if(fields.begin(), fields.end(),
                      [&](const HttpFields::Field &field) { return field.name == name; }));
}

QByteArrayView takeLine(QByteArrayView &rest)
{
    const qsizetype end = rest.indexOf('\n');
    const QByteArrayView line = rest.first(end - 1);
    rest = rest.sliced(end + 1);
    return line;
}

Result<void> readFields(QByteArrayView &rest, const HeadLimits &limits, HttpFields &fields)
{
    for (QByteArrayView line = takeLine(rest); !line.isEmpty(); line = takeLine(rest)) {
        if (fields.size() == static_cast<std::size_t>(limits.fields))
            return Unexpected(ErrorCode::HeadTooLarge);
        if (!readField(line, fields))
            return Unexpected(ErrorCode::BadRequest);
    }
    return {};
}

std::optional<HeadFraming> judgeFraming(const HttpFields &fields, bool isHttp11)
{
    HeadFraming framing;
    const int lengths = countHeaders(fields, "content-length");
    const int codings = countHeaders(fields, "transfer-encoding");
    if (codings != 0) {
        if (codings != 1 || lengths != 0 || !isHttp11
            || !equalsIgnoringCase(fields.value("transfer-encoding"), "chunked"))
            return std::nullopt;
        framing.body = BodyFraming::Chunked;
    } else if (lengths != 0) {
        const auto length = readLength(fields.value("content-length"));
        if (lengths != 1 || !length)
            return std::nullopt;
        framing.contentLength = *length;
        framing.body = *length > 0 ? BodyFraming::Length : BodyFraming::None;
    }
    framing.keepAlive = isHttp11;
    for (const HttpFields::Field field : fields) {
        if (field.name != "connection")
            continue;
        if (!isTokenList(field.value))
            return std::nullopt;
        if (hasToken(field.value, "close"))
            framing.keepAlive = false;
    }
    return framing;
}

Result<std::optional<std::int64_t>> findHead(QByteArrayView bytes, const HeadLimits &limits)
{
    std::int64_t lineStart = 0;
    return findHead(bytes, limits, lineStart);
}

Result<std::optional<std::int64_t>> findHead(QByteArrayView bytes, const HeadLimits &limits,
                                             std::int64_t &lineStart)
{
    for (;;) {
        const qsizetype lf = bytes.indexOf('\n', lineStart);
        if (lf < 0)
            break;
        if (lf >= limits.bytes)
            return Unexpected(ErrorCode::HeadTooLarge);
        if (lf == 0 || bytes[lf - 1] != '\r')
            return Unexpected(ErrorCode::BadRequest);
        if (lf - 1 == lineStart)
            return std::optional<std::int64_t>(lf + 1);
        lineStart = lf + 1;
    }
    if (bytes.size() >= limits.bytes)
        return Unexpected(ErrorCode::HeadTooLarge);
    return std::optional<std::int64_t>();
}

Result<std::optional<QByteArrayView>> collectHead(QByteArrayView &bytes, const HeadLimits &limits,
                                                  QByteArray &kept, std::int64_t &lineStart)
{
    const bool isFirst = kept.isEmpty();
    const qsizetype before = kept.size();
    if (!isFirst)
        kept.append(bytes);
    const QByteArrayView all = isFirst ? bytes : QByteArrayView(kept);
    const Result<std::optional<std::int64_t>> size = findHead(all, limits, lineStart);
    if (!size)
        return Unexpected(size.error());
    if (!*size) {
        if (isFirst)
            kept = bytes.toByteArray();
        bytes = {};
        return std::optional<QByteArrayView>();
    }
    bytes = bytes.sliced(**size - before);
    lineStart = 0;
    return std::optional(all.first(**size));
}

Result<RequestHead, BadHead> parseHead(QByteArrayView head, const HeadLimits &limits)
{
    RequestHead parsed;
    const auto bad = [&](ErrorCode why) {
        return Unexpected(BadHead { why, std::move(parsed.request) });
    };
    QByteArrayView rest = head;
    parsed.request.headers.reserve(head.size());
    const std::optional<int> minor = readRequestLine(takeLine(rest), parsed.request);
    if (!minor)
        return bad(ErrorCode::BadRequest);
    if (const Result<void> read = readFields(rest, limits, parsed.request.headers); !read)
        return bad(read.error());
    parsed.isHttp11 = *minor == 1;
    if (!judge(parsed))
        return bad(ErrorCode::BadRequest);
    return parsed;
}

} // namespace Carillon
