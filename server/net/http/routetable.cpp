// SPDX-License-Identifier: MPL-2.0
#include "server/net/http/routetable.h"

#include "core/base/hex.h"

#include <QByteArrayList>

#include <algorithm>

namespace Carillon {

namespace {

QByteArrayView takeSegment(QByteArrayView &rest)
{
    const qsizetype slash = rest.indexOf('/');
    const QByteArrayView segment = slash < 0 ? rest : rest.first(slash);
    rest = slash < 0 ? QByteArrayView() : rest.sliced(slash + 1);
    return segment;
}

bool isParameter(QByteArrayView segment)
{
    return segment.startsWith('{') && segment.endsWith('}');
}

/// Walks pattern and path side by side; calls found(name, raw value) for each parameter.
template<typename Found>
bool matches(QByteArrayView pattern, QByteArrayView path, const Found &found)
{
    if (!path.startsWith('/'))
        return false;
    pattern = pattern.sliced(1);
    path = path.sliced(1);
    for (;;) {
        const bool lastOfPattern = !pattern.contains('/');
        const QByteArrayView expected = takeSegment(pattern);
        if (expected.endsWith("*}")) {
            found(expected.sliced(1, expected.size() - 3), path);
            return !path.isEmpty();
        }
        const bool lastOfPath = !path.contains('/');
        const QByteArrayView segment = takeSegment(path);
        if (isParameter(expected)) {
            if (segment.isEmpty())
                return false;
            found(expected.sliced(1, expected.size() - 2), segment);
        } else if (segment != expected) {
            return false;
        }
        if (lastOfPattern || lastOfPath)
            return lastOfPattern && lastOfPath;
    }
}

bool matches(QByteArrayView pattern, QByteArrayView path)
{
    return matches(pattern, path, [](QByteArrayView, QByteArrayView) {});
}

/// What is no escape stays as it is; QByteArray::percentDecoded() makes bytes of "%zz".
QByteArray percentDecoded(QByteArrayView raw)
{
    QByteArray decoded;
    decoded.reserve(raw.size());
    for (qsizetype i = 0; i < raw.size(); ++i) {
        const bool isEscape = raw[i] == '%' && i + 2 < raw.size() && hexValue(raw[i + 1]) >= 0
            && hexValue(raw[i + 2]) >= 0;
        if (isEscape) {
            decoded.append(static_cast<char>(hexValue(raw[i + 1]) * 16 + hexValue(raw[i + 2])));
            i += 2;
        } else {
            decoded.append(raw[i]);
        }
    }
    return decoded;
}

} // namespace

QByteArrayView PathParameters::operator[](QByteArrayView name) const
{
    const auto *const end = m_parameters.begin() + m_count;
    const auto *const found = std::find_if(
        m_parameters.begin(), end, [name](const Parameter &one) { return one.name == name; });
    Q_ASSERT_X(found != end, "PathParameters", "the pattern has no such segment");
    return found->decoded.isNull() ? found->raw : QByteArrayView(found->decoded);
}

void RouteTable::add(QByteArray method, QByteArray pattern, std::int64_t bodyLimit, Handler handler)
{
    Q_ASSERT(pattern.startsWith('/'));
    Q_ASSERT(static_cast<std::size_t>(pattern.count('{')) <= PathParameters::Most);
    m_largestBody = std::max(m_largestBody, bodyLimit);
    m_routes.push_back({ std::move(method), std::move(pattern), bodyLimit, std::move(handler) });
}

std::ptrdiff_t RouteTable::find(QByteArrayView method, QByteArrayView path) const
{
    const auto route = std::find_if(m_routes.begin(), m_routes.end(), [&](const Route &one) {
        return one.method == method && matches(one.pattern, path);
    });
    if (route != m_routes.end())
        return route - m_routes.begin();
    return method == "HEAD" ? find("GET", path) : -1;
}

QByteArray RouteTable::methodsOf(QByteArrayView path) const
{
    QByteArrayList methods;
    for (const Route &route : m_routes) {
        if (methods.contains(route.method) || !matches(route.pattern, path))
            continue;
        methods.append(route.method);
        if (route.method == "GET")
            methods.append("HEAD");
    }
    if (!methods.isEmpty() && m_decoration)
        methods.append("OPTIONS");
    return methods.join(", ");
}

std::vector<HttpHeader> RouteTable::decorationOf(const HttpRequest &request) const
{
    HttpResponse response;
    if (m_decoration)
        m_decoration(request, response);
    return std::move(response.headers);
}

/// Null: nobody wants to be told.
std::shared_ptr<ResponseObserver> RouteTable::observe(const HttpRequest &request,
                                                      std::ptrdiff_t route) const
{
    if (!m_observer || !m_observer->isWatching()) [[likely]]
        return nullptr;
    return m_observer->received(
        request, route < 0 ? QByteArray() : m_routes[static_cast<std::size_t>(route)].pattern);
}

std::int64_t RouteTable::bodyLimit(const HttpRequest &head) const
{
    const std::ptrdiff_t route = find(head.method, head.path);
    // A request for nothing we have may send a body all the same, and should learn 404 or 405, not
    // 413.
    return route < 0 ? std::max(m_largestBody, StrayBody)
                     : m_routes[static_cast<std::size_t>(route)].bodyLimit;
}

void RouteTable::handle(HttpRequest request, HttpResponder responder)
{
    const std::ptrdiff_t found = find(request.method, request.path);
    std::shared_ptr<ResponseObserver> observer = observe(request, found);
    if (m_decoration || observer)
        responder = responder.with(decorationOf(request), std::move(observer));
    if (found < 0) {
        const QByteArray methods = methodsOf(request.path);
        // Of the whole server, whatever it serves: HAProxy's health checks ask so.
        const bool isOfServer = request.path == "/" || request.path == "*";
        if (request.method == "OPTIONS" && (isOfServer || (m_decoration && !methods.isEmpty())))
            responder.send({ .status = 204, .headers = {}, .body = {} });
        else if (methods.isEmpty())
            responder.send(
                { .status = 404, .headers = {}, .body = {}, .error = ErrorCode::NotFound });
        else
            responder.send({ .status = 405,
                             .headers = { { "allow", methods } },
                             .body = {},
                             .error = ErrorCode::MethodNotAllowed });
        return;
    }
    Route &route = m_routes[static_cast<std::size_t>(found)];
    PathParameters parameters;
    matches(route.pattern, request.path, [&](QByteArrayView name, QByteArrayView raw) {
        PathParameters::Parameter &parameter = parameters.m_parameters[parameters.m_count++];
        parameter = { name, raw, {} };
        if (raw.contains('%'))
            parameter.decoded = percentDecoded(raw);
    });
    route.handler(std::move(request), std::move(parameters), responder);
}

HttpResponse RouteTable::refuse(const HttpRequest &head, ErrorCode why) const
{
    HttpResponse response =
        m_refusal ? m_refusal(head, why) : HttpResponse { httpStatus(why), {}, {}, why };
    const std::vector<HttpHeader> decoration = decorationOf(head);
    response.headers.insert(response.headers.end(), decoration.begin(), decoration.end());
    if (const auto observer = observe(head, find(head.method, head.path)))
        observer->answered(response);
    return response;
}

} // namespace Carillon
