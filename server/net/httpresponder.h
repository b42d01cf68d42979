// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/net/connectionid.h"
#include "server/net/http/httpmessage.h"
#include "server/net/requestobserver.h"

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
    /// A handle to the same request that adds these fields to the response, and tells the observer
    /// of it; null: nobody.
    [[nodiscard]] HttpResponder with(std::vector<HttpHeader> headers,
                                     std::shared_ptr<ResponseObserver> observer) const
    {
        HttpResponder responder = *this;
        responder.m_additions =
            std::make_shared<const Additions>(std::move(headers), std::move(observer));
        return responder;
    }
    void send(HttpResponse response) const
    {
        if (m_additions) {
            const std::vector<HttpHeader> &headers = m_additions->headers;
            response.headers.insert(response.headers.end(), headers.begin(), headers.end());
            if (m_additions->observer)
                m_additions->observer->answered(response);
        }
        m_sink->respond(m_connection, m_request, std::move(response));
    }

private:
    struct Additions
    {
        Additions(std::vector<HttpHeader> &&added, std::shared_ptr<ResponseObserver> &&told)
            : headers(std::move(added)), observer(std::move(told))
        {
        }
        std::vector<HttpHeader> headers;
        std::shared_ptr<ResponseObserver> observer;
    };

    ResponseSink *m_sink;
    ConnectionId m_connection;
    std::uint32_t m_request;
    std::shared_ptr<const Additions> m_additions; // shared: responders are copied
};

} // namespace Carillon
