// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/errorcode.h"
#include "server/net/http/httpfields.h"

#include <QByteArray>
#include <QByteArrayView>

#include <cstdint>
#include <optional>
#include <vector>

// Requests and responses as values; nothing here knows where they come from.
namespace Carillon {

/// A header field of a response.
struct HttpHeader
{
    QByteArray name;
    QByteArray value;
};

/// Who is at the other end of a Unix socket, as the kernel says.
struct PeerCredentials
{
    std::uint32_t user = 0;
    /// The primary group, then the others.
    std::vector<std::uint32_t> groups;
};

/// A complete, valid request within its limits.
struct HttpRequest
{
    QByteArray method;
    /// Path of the target as sent, before '?'.
    QByteArray path;
    QByteArray query;
    HttpFields headers;
    QByteArray body;
    /// Address of the peer in text, without port; empty for a Unix socket.
    QByteArray peer;
    /// Only of a listener on a Unix socket.
    std::optional<PeerCredentials> credentials = {};

    /// Value of the first header of this name (given in lower case); null if there is none.
    [[nodiscard]] QByteArrayView header(QByteArrayView name) const { return headers.value(name); }
    /// As HttpFields::joined().
    [[nodiscard]] QByteArray list(QByteArrayView name) const { return headers.joined(name); }
    [[nodiscard]] bool hasHeader(QByteArrayView name) const { return !header(name).isNull(); }
};

/// A response of this server. The transport adds Content-Length, Connection and Date.
struct HttpResponse
{
    int status = 200;
    std::vector<HttpHeader> headers;
    QByteArray body;
    /// Why the request failed, for observers; the body tells the peer.
    std::optional<ErrorCode> error = {};
};

/// A response of another server.
struct HttpClientResponse
{
    int status = 0;
    HttpFields headers;
    QByteArray body;
};

} // namespace Carillon
