// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/net/http/routetable.h"
#include "server/settings/settings.h"

#include <cstdint>
#include <initializer_list>
#include <span>

namespace Carillon {

class ErrorResponses;
class RequestObserver;
struct Station;

/// A set of listeners.
class Listeners
{
public:
    constexpr Listeners(std::initializer_list<ListenerName> listeners)
    {
        for (const ListenerName each : listeners)
            m_bits = static_cast<std::uint8_t>(m_bits | bit(each));
    }
    [[nodiscard]] constexpr bool contains(ListenerName listener) const
    {
        return (m_bits & bit(listener)) != 0;
    }

private:
    static constexpr unsigned bit(ListenerName listener)
    {
        return 1U << static_cast<unsigned>(listener);
    }
    std::uint8_t m_bits = 0;
};

/// What a handler is told besides the request: which listener was asked, and what lives there.
struct RouteContext
{
    ListenerName listener;
    Station &station;
    const ErrorResponses &errors;
};

/// A row of the table in routes.cpp.
struct HttpRoute
{
    /// What a request may have: nothing, a push's body (PushEndpoint::bodyLimit()), or that in
    /// JSON.
    enum class Body : std::uint8_t { NoBody, PushBody, NodeBody };
    enum class When : std::uint8_t { Always, WithDev };
    /// May take over the request; the parameters are valid as long as its path is.
    using Handler = void (*)(const RouteContext &context, HttpRequest &request,
                             const PathParameters &path, HttpResponder responder);

    const char *method;
    const char *pattern; // as RouteTable::add() takes it
    Body body;
    Listeners listeners; // a process has those of its role
    When when;
    Handler handler;
};

/// Everything that this server answers to over HTTP.
[[nodiscard]] std::span<const HttpRoute> allRoutes();

/// Fills the route tables of a station with the routes of its listeners. The station has its
/// services; it, errors and observer outlive the tables. settings are needed during the call only.
void addRoutes(Station &station, const Settings &settings, const ErrorResponses &errors,
               RequestObserver &observer);

} // namespace Carillon
