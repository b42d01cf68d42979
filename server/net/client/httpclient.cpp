// SPDX-License-Identifier: MPL-2.0
#include "server/net/client/httpclient.h"

#include <QNetworkCookie>
#include <QNetworkCookieJar>
#include <QNetworkProxy>
#include <QNetworkReply>
#include <QNetworkRequest>
#include <QTimer>

#include <memory>

namespace Carillon {

namespace {

/// Accepts no cookie and gives none.
class NoCookies final : public QNetworkCookieJar
{
public:
    using QNetworkCookieJar::QNetworkCookieJar;
    [[nodiscard]] QList<QNetworkCookie> cookiesForUrl(const QUrl &) const override { return {}; }
    bool setCookiesFromUrl(const QList<QNetworkCookie> &, const QUrl &) override { return false; }
};

} // namespace

HttpClient::HttpClient(QObject *parent) : QObject(parent)
{
    m_network.setProxy(QNetworkProxy(QNetworkProxy::NoProxy));
    m_network.setRedirectPolicy(QNetworkRequest::ManualRedirectPolicy);
    m_network.setCookieJar(new NoCookies(&m_network));
}

void HttpClient::followRedirects(int most)
{
    m_maxRedirects = most;
    m_network.setRedirectPolicy(QNetworkRequest::NoLessSafeRedirectPolicy);
}

/// Shared by the reply's connections, which go with the reply.
struct HttpClient::Exchange
{
    Done done;
    std::optional<ErrorCode> abortedFor;
};

void HttpClient::send(const QByteArray &method, const QUrl &url,
                      const std::vector<HttpHeader> &headers, const QByteArray &body,
                      std::chrono::milliseconds timeout, Done done)
{
    QNetworkRequest request(url);
    request.setAttribute(QNetworkRequest::Http2AllowedAttribute, false);
    request.setAttribute(QNetworkRequest::CacheLoadControlAttribute,
                         QNetworkRequest::AlwaysNetwork);
    request.setMaximumRedirectsAllowed(m_maxRedirects);
    // Said by us, so that Qt neither offers compression nor undoes it.
    request.setRawHeader("Accept-Encoding", "identity");
    for (const HttpHeader &field : headers)
        request.setRawHeader(field.name, field.value);

    QNetworkReply *reply = m_network.sendCustomRequest(request, method, body);
    const auto exchange = std::make_shared<Exchange>(Exchange { std::move(done), {} });
    const auto giveUp = [reply, exchange](ErrorCode why) {
        exchange->abortedFor = why;
        reply->abort();
    };
    // Qt's own transfer time-out starts anew with every byte.
    QTimer::singleShot(timeout, reply, [giveUp] { giveUp(ErrorCode::RequestTimeout); });
    connect(reply, &QIODevice::readyRead, reply, [reply, giveUp, limit = m_responseLimit] {
        if (reply->bytesAvailable() > limit)
            giveUp(ErrorCode::BodyTooLarge);
    });
    // Queued: Qt reports some failures before sendCustomRequest() has returned.
    connect(
        reply, &QNetworkReply::finished, this,
        [this, reply, exchange] { finish(*reply, *exchange); }, Qt::QueuedConnection);
}

void HttpClient::finish(QNetworkReply &reply, Exchange &exchange) const
{
    reply.deleteLater();
    Done done = std::move(exchange.done);
    if (!exchange.abortedFor && reply.bytesAvailable() > m_responseLimit)
        exchange.abortedFor = ErrorCode::BodyTooLarge;
    if (exchange.abortedFor)
        return done(Unexpected(*exchange.abortedFor));
    const int status = reply.attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    const QNetworkReply::NetworkError error = reply.error();
    // Errors from 200 on are statuses of a whole response; those below, of the connection.
    const bool isStatus = error == QNetworkReply::NoError || error >= 200;
    if (status == 0 || !isStatus)
        return done(Unexpected(error == QNetworkReply::ConnectionRefusedError
                                   ? ErrorCode::NotFound
                                   : ErrorCode::TryAgainLater));
    HttpClientResponse response;
    response.status = status;
    for (const QNetworkReply::RawHeaderPair &field : reply.rawHeaderPairs())
        response.headers.add(field.first, field.second);
    response.body = reply.readAll();
    // Of connections that break off within the body, Qt 6.4 takes one in some thousands for whole.
    const QVariant length = reply.header(QNetworkRequest::ContentLengthHeader);
    if (length.isValid() && length.toLongLong() != response.body.size())
        return done(Unexpected(ErrorCode::TryAgainLater));
    done(std::move(response));
}

} // namespace Carillon
