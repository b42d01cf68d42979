// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/uniquefunction.h"
#include "server/net/http/httpmessage.h"
#include "server/net/httpservice.h"
#include "server/net/requestobserver.h"

#include <QByteArray>
#include <QByteArrayView>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace Carillon {

/// What the {name} segments of a pattern matched, percent-decoded. Valid as long as the request's
/// path is.
class PathParameters
{
public:
    /// Precondition: the route's pattern has a {name} segment.
    [[nodiscard]] QByteArrayView operator[](QByteArrayView name) const;

    static constexpr std::size_t Most = 4;

private:
    friend class RouteTable;
    struct Parameter
    {
        QByteArrayView name; // in the route's pattern
        QByteArrayView raw; // in the request's path
        QByteArray decoded; // only if that differs
    };
    std::array<Parameter, Most> m_parameters;
    std::size_t m_count = 0;
};

/// The routes of a listener, which read like its protocol's table of contents:
///
///     routes.add("POST", "/wpush/{version}/{token}", limit, …);
///
/// An unknown path is 404 with an empty body, a known one with another method 405 with Allow; GET
/// answers HEAD, and OPTIONS of "/" and "*" is 204. A {name} segment matches any one non-empty
/// segment; as the last one, {name*} matches all that is left. Routes are tried in the order added.
/// Owns: the handlers. Thread: its worker's.
class RouteTable final : public HttpService
{
public:
    using Handler = UniqueFunction<void(HttpRequest, PathParameters, HttpResponder)>;
    using Decoration = std::function<void(const HttpRequest &, HttpResponse &)>;
    using Refusal = std::function<HttpResponse(const HttpRequest &, ErrorCode)>;

    void add(QByteArray method, QByteArray pattern, std::int64_t bodyLimit, Handler handler);
    /// The fields that `decoration` puts into an empty response are added to every answer to that
    /// request, and OPTIONS of a known path is answered 204 with them: CORS and its preflight.
    void setDecoration(Decoration decoration) { m_decoration = std::move(decoration); }
    /// Is told of every request, except for those that ask for a WebSocket; it outlives the table.
    void setObserver(RequestObserver &observer) { m_observer = &observer; }
    /// How a request is answered that the transport refused; without it, by its status alone.
    void setRefusal(Refusal refusal) { m_refusal = std::move(refusal); }

    [[nodiscard]] std::int64_t bodyLimit(const HttpRequest &head) const override;
    void handle(HttpRequest request, HttpResponder responder) override;
    [[nodiscard]] HttpResponse refuse(const HttpRequest &head, ErrorCode why) const override;

private:
    struct Route
    {
        QByteArray method;
        QByteArray pattern;
        std::int64_t bodyLimit;
        Handler handler;
    };

    /// The route of a method and a path; its index, or -1.
    [[nodiscard]] std::ptrdiff_t find(QByteArrayView method, QByteArrayView path) const;
    /// The methods of all routes of a path, as Allow lists them; empty: the path is unknown.
    [[nodiscard]] QByteArray methodsOf(QByteArrayView path) const;
    [[nodiscard]] std::vector<HttpHeader> decorationOf(const HttpRequest &request) const;
    [[nodiscard]] std::shared_ptr<ResponseObserver> observe(const HttpRequest &request,
                                                            std::ptrdiff_t route) const;

    /// What may come at least where no route is.
    static constexpr std::int64_t StrayBody = 16 * 1024;

    std::vector<Route> m_routes;
    std::int64_t m_largestBody = 0;
    RequestObserver *m_observer = nullptr; // there may be none
    Decoration m_decoration;
    Refusal m_refusal;
};

} // namespace Carillon
