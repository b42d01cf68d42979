// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/net/connectionid.h"
#include "server/net/http/httpmessage.h"

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace Carillon {

/// Takes responses: a transport, as other threads see it.
class ResponseSink
{
public:
    virtual ~ResponseSink() = default;
    /// Answers request number `request` of the connection. Ignored if that connection is closed or
    /// the request was answered before. Thread: any.
    virtual void respond(ConnectionId connection, std::uint32_t request, HttpResponse response) = 0;
};

/// A handle to answer one request, copied by value. Thread: any. The sink must outlive every use,
/// so code that may answer after the worker has ended goes through Worker::perform().
class HttpResponder
{
public:
    HttpResponder(ResponseSink &sink, ConnectionId connection, std::uint32_t request)
        : m_sink(&sink), m_connection(connection), m_request(request)
    {
    }
    /// A handle to the same request that adds these fields to the response.
    [[nodiscard]] HttpResponder withHeaders(std::vector<HttpHeader> headers) const
    {
        HttpResponder responder = *this;
        responder.m_headers = std::make_shared<const std::vector<HttpHeader>>(std::move(headers));
        return responder;
    }
    void send(HttpResponse response) const
    {
        if (m_headers)
            response.headers.insert(response.headers.end(), m_headers->begin(), m_headers->end());
        m_sink->respond(m_connection, m_request, std::move(response));
    }

private:
    ResponseSink *m_sink;
    ConnectionId m_connection;
    std::uint32_t m_request;
    std::shared_ptr<const std::vector<HttpHeader>> m_headers; // shared: responders are copied
};

} // namespace Carillon
