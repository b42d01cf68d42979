// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/net/http/httpmessage.h"

#include <memory>

namespace Carillon {

/// Is told of the response to one request. Thread: any, one at a time.
class ResponseObserver
{
public:
    virtual ~ResponseObserver() = default;
    /// A response is about to be sent. A request that is answered twice gets the first response.
    virtual void answered(const HttpResponse &response) = 0;
};

/// Is told of the requests of a listener. Thread: those of the listener's workers.
class RequestObserver
{
public:
    virtual ~RequestObserver() = default;
    /// Whether it is to be told of requests at all. It is asked at each of them.
    [[nodiscard]] virtual bool isWatching() const = 0;
    /// A request was received, for the route with this pattern; empty: there is no such route.
    [[nodiscard]] virtual std::shared_ptr<ResponseObserver> received(const HttpRequest &request,
                                                                     const QByteArray &route) = 0;
};

} // namespace Carillon
