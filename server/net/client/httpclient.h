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

/// Asks other servers, over connections it keeps: no redirects unless asked, no proxy, no cookies,
/// no cache, no decompression. Requests that are open when it is destroyed are dropped without
/// their call-back. Owns: its connections. Thread: the one it lives in.
class HttpClient final : public QObject
{
    Q_OBJECT
public:
    using Done = UniqueFunction<void(Result<HttpClientResponse>)>;

    explicit HttpClient(QObject *parent = nullptr);

    /// For methods whose answers have their body with them: not HEAD. Any status is a response.
    /// Errors: RequestTimeout; BodyTooLarge for a response over the limit; NotFound when nobody
    /// listens at the server's address, which refused the connection; TryAgainLater when the server
    /// could not be reached otherwise, broke off or answered no HTTP. `done` runs once, never
    /// inside send().
    void send(const QByteArray &method, const QUrl &url, const std::vector<HttpHeader> &headers,
              const QByteArray &body, std::chrono::milliseconds timeout, Done done);
    /// Follows so many redirects, but none from https: to http:; none unless set. The time-out is
    /// for all of them together. What a request carries goes to each server: for requests without
    /// secrets only.
    void followRedirects(int most);
    /// Most bytes of body of a response; 1 MiB unless set.
    void setResponseLimit(std::int64_t bytes) { m_responseLimit = bytes; }

private:
    struct Exchange;

    void finish(QNetworkReply &reply, Exchange &exchange) const;

    std::int64_t m_responseLimit = 1024 * 1024;
    int m_maxRedirects = 0;
    QNetworkAccessManager m_network;
};

} // namespace Carillon
