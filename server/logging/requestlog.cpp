// SPDX-License-Identifier: MPL-2.0
#include "server/logging/requestlog.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/logfields.h"
#include "core/crypto/base64url.h"
#include "core/crypto/digest.h"
#include "core/crypto/vapid.h"

#include <QJsonObject>

#include <atomic>
#include <utility>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

constexpr qsizetype MaxMethod = 16;
constexpr qsizetype SenderDigits = 16;

/// The first digits of the hash of the VAPID key that the request names. Whether the request is
/// really that sender's is the endpoint's business.
QByteArray senderOf(const HttpRequest &request)
{
    const auto header = parseVapid(request.header("authorization"), request.list("crypto-key"));
    if (!header || !*header)
        return {};
    const auto key = fromLenientBase64((*header)->publicKey);
    return key ? sha256(*key).toHex().first(SenderDigits) : QByteArray();
}

class LoggedRequest final : public ResponseObserver
{
public:
    LoggedRequest(const HttpRequest &request, QByteArray route)
        : m_method(request.method.first(std::min(request.method.size(), MaxMethod))),
          m_route(route.isEmpty() ? QByteArrayLiteral("-") : std::move(route)),
          m_sender(senderOf(request)), m_size(request.body.size())
    {
    }

    void answered(const HttpResponse &response) override
    {
        if (!m_isAnswered.exchange(true) && lcRequests().isInfoEnabled())
            log(response);
    }

private:
    void log(const HttpResponse &response) const
    {
        const std::chrono::duration<double, std::milli> taken =
            std::chrono::steady_clock::now() - m_received;
        const QByteArray milliseconds = QByteArray::number(taken.count(), 'f', 1);
        QByteArray text = m_method + ' ' + m_route + ' ' + QByteArray::number(response.status)
            + " in " + milliseconds + " ms, " + QByteArray::number(qlonglong { m_size }) + " bytes";
        QJsonObject values {
            { u"method"_s, QString::fromLatin1(m_method) },
            { u"path"_s, QString::fromLatin1(m_route) },
            { u"code"_s, response.status },
            { u"t"_s, milliseconds.toDouble() },
            { u"size"_s, qint64 { m_size } },
        };
        if (response.error) {
            const QByteArray name = errorName(*response.error).toByteArray();
            const std::optional<int> number = autopushErrno(*response.error);
            text += ", " + name;
            if (number)
                text += ", errno " + QByteArray::number(*number);
            values.insert(u"error"_s, QString::fromLatin1(name));
            values.insert(u"errno"_s, number ? QJsonValue(*number) : QJsonValue());
        }
        if (!m_sender.isEmpty()) {
            text += ", sender " + m_sender;
            values.insert(u"sender"_s, QString::fromLatin1(m_sender));
        }
        logInfo(lcRequests(), QString::fromLatin1(text), { "request.summary", values });
    }

    const QByteArray m_method;
    const QByteArray m_route;
    const QByteArray m_sender;
    const qsizetype m_size;
    const Instant m_received = std::chrono::steady_clock::now();
    std::atomic<bool> m_isAnswered { false };
};

} // namespace

bool RequestLog::isWatching() const
{
    return lcRequests().isInfoEnabled();
}

std::shared_ptr<ResponseObserver> RequestLog::received(const HttpRequest &request,
                                                       const QByteArray &route)
{
    return std::make_shared<LoggedRequest>(request, route);
}

} // namespace Carillon
