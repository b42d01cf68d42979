// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/result.h"
#include "core/base/uniquefunction.h"
#include "server/net/http/httpmessage.h"

#include <QByteArray>
#include <QNetworkAccessManager>
#include <QObject>
#include <QUrl>

#include <chrono>
#include <cstdint>
#include <vector>

class QNetworkReply;

namespace Carillon {

/// An HTTP client for other servers, a wrapper of QNetworkAccessManager with kept-alive
/// connections, no redirects by default, no proxy, cookies, cache or decompression. Requests that
/// are open at its destruction are dropped without a callback.
/// Owns: its connections. Thread: the one it lives in.
class HttpClient final : public QObject
{
    Q_OBJECT
public:
    using Done = UniqueFunction<void(Result<HttpClientResponse>)>;

    explicit HttpClient(QObject *parent = nullptr);

    /// Sends a request of any method but HEAD. A response of any status is a result. Errors:
    /// RequestTimeout; BodyTooLarge for a response over the limit; NotFound if the connection was
    /// refused; TryAgainLater if the server could not be reached otherwise, broke off, or did not
    /// answer with HTTP. `done` runs once, never inside send().
    void send(const QByteArray &method, const QUrl &url, const std::vector<HttpHeader> &headers,
              const QByteArray &body, std::chrono::milliseconds timeout, Done done);
    /// Follows up to this many redirects, none from https: to http:; 0 by default. The time-out is
    /// for all of them together. Each server receives the whole request, so only for requests
    /// without secrets.
    void followRedirects(int most);
    /// The largest body of a response; 1 MiB by default.
    void setResponseLimit(std::int64_t bytes) { m_responseLimit = bytes; }

private:
    struct Exchange;

    void finish(QNetworkReply &reply, Exchange &exchange) const;

    std::int64_t m_responseLimit = 1024 * 1024;
    int m_maxRedirects = 0;
    QNetworkAccessManager m_network;
};

} // namespace Carillon
