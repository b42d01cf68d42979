// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/errorcode.h"

#include <QByteArray>
#include <QByteArrayView>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <vector>

namespace Carillon {

/// A header field of a response.
struct HttpHeader
{
    QByteArray name;
    QByteArray value;
};

/// The header fields of a head that was received: their text in one buffer, and where each lies in
/// it.
class HttpFields
{
public:
    struct Field
    {
        QByteArrayView name; // in lower case
        QByteArrayView value; // never null
    };
    /// Visits the fields in the order received.
    class Iterator
    {
    public:
        // NOLINTBEGIN(readability-identifier-naming): std::iterator_traits asks for these
        using iterator_category = std::input_iterator_tag;
        using value_type = Field;
        using difference_type = std::ptrdiff_t;
        using pointer = void;
        using reference = Field;
        // NOLINTEND(readability-identifier-naming)

        [[nodiscard]] Field operator*() const { return (*m_fields)[m_index]; }
        Iterator &operator++()
        {
            ++m_index;
            return *this;
        }
        Iterator operator++(int) { return { *m_fields, m_index++ }; }
        bool operator==(const Iterator &other) const { return m_index == other.m_index; }

    private:
        friend class HttpFields;
        Iterator(const HttpFields &fields, std::size_t index)
            : m_fields(&fields), m_index(index) { }
        const HttpFields *m_fields;
        std::size_t m_index;
    };

    /// Makes room for so many bytes of names and values.
    void reserve(qsizetype bytes);
    void add(QByteArrayView name, QByteArrayView value);

    [[nodiscard]] std::size_t size() const { return m_places.size(); }
    /// Of the first field of this name (given in lower case); null if there is none.
    [[nodiscard]] QByteArrayView value(QByteArrayView name) const;
    /// Of all fields of this name, as one list in their order (RFC 9110 §5.3), without those that
    /// are empty; null if there is none. Of a single field it is no copy, and valid as long as this
    /// is.
    [[nodiscard]] QByteArray joined(QByteArrayView name) const;
    [[nodiscard]] Field operator[](std::size_t index) const;
    [[nodiscard]] Iterator begin() const { return { *this, 0 }; }
    [[nodiscard]] Iterator end() const { return { *this, size() }; }

private:
    struct Place
    {
        qsizetype start = 0;
        qsizetype nameSize = 0;
        qsizetype valueSize = 0;
    };
    QByteArray m_text;
    std::vector<Place> m_places;
};

/// A request as a transport read it: whole, within its limits, its framing already judged.
struct HttpRequest
{
    QByteArray method;
    /// Path of the target as sent, before '?'.
    QByteArray path;
    QByteArray query;
    HttpFields headers;
    QByteArray body;
    /// Address of the peer in text, without port.
    QByteArray peer;

    /// Value of the first header of this name (given in lower case); null if there is none.
    [[nodiscard]] QByteArrayView header(QByteArrayView name) const { return headers.value(name); }
    /// As HttpFields::joined().
    [[nodiscard]] QByteArray list(QByteArrayView name) const { return headers.joined(name); }
    [[nodiscard]] bool hasHeader(QByteArrayView name) const { return !header(name).isNull(); }
};

/// Content-Length, Connection and Date are the transport's.
struct HttpResponse
{
    int status = 200;
    std::vector<HttpHeader> headers;
    QByteArray body;
};

/// What another server answered.
struct HttpClientResponse
{
    int status = 0;
    HttpFields headers;
    QByteArray body;
};

/// Names a connection of one worker: a slot and how often that slot was used before, so that an
/// answer for a connection that is gone reaches nobody else.
struct ConnectionId
{
    std::uint32_t slot = 0;
    std::uint32_t generation = 0;
    bool operator==(const ConnectionId &) const = default;
};

/// Where answers go: a transport, seen from any thread.
class ResponseSink
{
public:
    virtual ~ResponseSink() = default;
    /// Answers request number `request` of the connection; ignored when that connection is gone or
    /// the request was answered before. Thread: any.
    virtual void respond(ConnectionId connection, std::uint32_t request, HttpResponse response) = 0;
};

/// The right to answer one request, by value. Thread: any; the sink outlives every use, so what may
/// answer later than the worker lives goes through Worker::perform().
class HttpResponder
{
public:
    HttpResponder(ResponseSink &sink, ConnectionId connection, std::uint32_t request)
        : m_sink(&sink), m_connection(connection), m_request(request)
    {
    }
    /// The same right, with fields that are added to whatever answer is sent.
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

/// What a listener serves over HTTP. One object per worker. Thread: that worker's.
class HttpService
{
public:
    virtual ~HttpService() = default;
    /// Most bytes of body that this head may announce or send; decided before any is buffered.
    [[nodiscard]] virtual std::int64_t bodyLimit(const HttpRequest &head) const = 0;
    virtual void handle(HttpRequest request, HttpResponder responder) = 0;
    /// The answer to a request that the transport refused itself (BodyTooLarge, BadRequest,
    /// HeadTooLarge, RequestTimeout, …); head may be incomplete. The connection then closes.
    [[nodiscard]] virtual HttpResponse refuse(const HttpRequest &head, ErrorCode why) const = 0;
};

} // namespace Carillon
