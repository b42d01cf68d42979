// SPDX-License-Identifier: MPL-2.0
#include "server/endpoint/pushendpoint.h"

#include "core/base/log.h"
#include "core/message/pushheaders.h"
#include "server/metrics/metrics.h"
#include "server/net/worker.h"
#include "server/routing/router.h"

namespace Carillon {

PushEndpoint::PushEndpoint(Rooms rooms, const Fernet &keys, EndpointSettings settings)
    : m_rooms(rooms), m_settings(std::move(settings)), m_tokens(keys), m_messageIds(keys),
      m_vapid(m_settings.origin, rooms.clock)
{
}

void PushEndpoint::setKeys(const Fernet &keys)
{
    m_tokens = EndpointTokens(keys);
    m_messageIds = MessageIds(keys);
}

void PushEndpoint::push(HttpRequest request, QByteArrayView version, QByteArrayView token,
                        HttpResponder responder)
{
    m_rooms.metrics.add(Metric::PushesReceived);
    const Result<Target> to = target(request, version, token);
    if (!to) {
        fail(to.error(), responder);
        return;
    }
    Result<Notification> message = notification(std::move(request), *to);
    if (!message) {
        refuse(*to, message.error(), responder);
        return;
    }
    qCDebug(lcEndpoint).noquote() << "push of" << message->body.size() << "bytes for client"
                                  << shortened(message->uaid) << "with TTL" << message->ttl.count();
    Notification summary = *message;
    summary.body.clear();
    m_rooms.router.push(
        std::move(*message),
        [this, responder, summary = std::move(summary)](Result<SortKey> key) mutable {
            auto answer = [this, responder, summary = std::move(summary), key]() mutable {
                if (!key) {
                    fail(key.error(), responder);
                    return;
                }
                summary.sortKey = *key;
                accept(summary, responder);
            };
            if (m_rooms.worker.isCurrent())
                answer();
            else
                m_rooms.worker.post(std::move(answer));
        });
}

Result<PushEndpoint::Target> PushEndpoint::target(const HttpRequest &request,
                                                  QByteArrayView version, QByteArrayView token)
{
    if (version != "v1" && version != "v2")
        return Unexpected(ErrorCode::UnknownApiVersion);
    const ApiVersion api = version == "v1" ? ApiVersion::V1 : ApiVersion::V2;
    const std::optional<QByteArray> plain = m_tokens.open(token);
    if (!plain)
        return Unexpected(ErrorCode::InvalidToken);

    const auto header = parseVapid(request.header("authorization"), request.header("crypto-key"));
    if (!header)
        return Unexpected(header.error());
    if (!*header && api == ApiVersion::V2)
        return Unexpected(ErrorCode::VapidMissing);
    QByteArray senderKeyHash;
    if (*header) {
        const Result<VapidSender> sender = m_vapid.verify(**header);
        if (!sender)
            return Unexpected(sender.error());
        if (sender->subjectOdd)
            m_rooms.metrics.add(Metric::VapidSubjectOdd);
        senderKeyHash = sender->keyHash;
    }

    const Result<EndpointToken> parsed = EndpointTokens::parse(api, *plain);
    if (!parsed)
        return Unexpected(parsed.error());
    if (api == ApiVersion::V2 && parsed->keyHash != senderKeyHash)
        return Unexpected(ErrorCode::VapidKeyMismatch);
    return Target { *parsed, senderKeyHash };
}

Result<Notification> PushEndpoint::notification(HttpRequest request, const Target &target)
{
    if (request.body.size() > m_settings.maxDataBytes)
        return Unexpected(ErrorCode::BodyTooLarge);
    const Result<PushHeaders> headers =
        parsePushHeaders({ .ttl = request.header("ttl"),
                           .topic = request.header("topic"),
                           .urgency = request.header("urgency"),
                           .contentEncoding = request.header("content-encoding"),
                           .encryption = request.header("encryption"),
                           .cryptoKey = request.header("crypto-key"),
                           .hasBody = !request.body.isEmpty() },
                         m_settings.maxTtl);
    if (!headers)
        return Unexpected(headers.error());
    if (headers->urgencyUnknown)
        m_rooms.metrics.add(Metric::UrgencyUnknown);
    return Notification { .uaid = target.token.uaid,
                          .channelId = target.token.channelId,
                          .topic = headers->topic,
                          .urgency = headers->urgency,
                          .ttl = headers->ttl,
                          .accepted = m_rooms.clock.now(),
                          .encoding = headers->encoding,
                          .encryption = headers->encryption,
                          .cryptoKey = headers->cryptoKey,
                          .body = std::move(request.body),
                          .senderKeyHash = target.senderKeyHash,
                          .reliabilityId = {} };
}

/// A request with a fault of its own: that its subscription is gone is the graver news.
void PushEndpoint::refuse(const Target &target, ErrorCode why, HttpResponder responder)
{
    m_rooms.router.whyNot(target.token.uaid, target.token.channelId,
                          [this, why, responder](std::optional<ErrorCode> graver) {
                              fail(graver.value_or(why), responder);
                          });
}

void PushEndpoint::accept(const Notification &accepted, HttpResponder responder)
{
    m_rooms.metrics.add(Metric::PushesAccepted);
    const MessageId id =
        m_messageIds.make(accepted.uaid, accepted.channelId, accepted.topic, accepted.sortKey);
    responder.send({ .status = 201,
                     .headers = { { "Location", m_settings.origin + "/m/" + id.text() },
                                  { "TTL", QByteArray::number(accepted.ttl.count()) } },
                     .body = {} });
}

void PushEndpoint::fail(ErrorCode why, HttpResponder responder)
{
    m_rooms.metrics.add(ErrorMetric::PushesRefused, why);
    responder.send(errorResponse(why));
}

void PushEndpoint::cancel(QByteArrayView id, HttpResponder responder)
{
    const std::optional<MessageName> name = m_messageIds.read(id);
    if (!name) {
        responder.send(errorResponse(ErrorCode::InvalidMessageId));
        return;
    }
    Completion<bool> done = [this, responder](Result<bool> removed) {
        if (!removed) {
            responder.send(errorResponse(removed.error()));
            return;
        }
        if (*removed)
            m_rooms.metrics.add(Metric::MessagesCancelled);
        responder.send({ .status = 204, .headers = {}, .body = {} });
    };
    if (!name->topic.isEmpty()) {
        m_rooms.storage.removeTopic(
            name->uaid, name->channelId, name->topic,
            [ids = m_messageIds, name = *name](SortKey key) { return ids.names(name, key); },
            std::move(done));
    } else if (name->sortKey && m_messageIds.names(*name, *name->sortKey)) {
        m_rooms.storage.removeMessage(name->uaid, name->channelId, *name->sortKey, std::move(done));
    } else {
        done(false);
    }
}

HttpResponse errorResponse(ErrorCode why)
{
    const int status = httpStatus(why);
    const std::optional<int> number = autopushErrno(why);
    HttpResponse response;
    response.status = status;
    response.headers = { { "Content-Type", "application/json" } };
    if (status == 410)
        response.headers.push_back({ "Cache-Control", "max-age=86400" });
    if (status == 503 || status == 429)
        response.headers.push_back({ "Retry-After", "30" });
    // None of these texts needs escaping: errorcode.h promises plain words.
    response.body = "{\"code\":" + QByteArray::number(status) + ",\"errno\":"
        + (number ? QByteArray::number(*number) : QByteArray("null")) + ",\"error\":\""
        + httpReason(status).toByteArray() + "\",\"message\":\"" + errorMessage(why).toByteArray()
        + "\",\"more_info\":\"docs/errors.md#" + errorName(why).toByteArray() + "\"}";
    return response;
}

void allowAnyOrigin(const HttpRequest &request, HttpResponse &response)
{
    auto &headers = response.headers;
    headers.push_back({ "Access-Control-Allow-Origin", "*" });
    headers.push_back({ "Access-Control-Expose-Headers", "Location, TTL" });
    if (request.method != "OPTIONS")
        return;
    headers.push_back({ "Access-Control-Allow-Methods", "GET, POST, PUT, DELETE" });
    headers.push_back({ "Access-Control-Max-Age", "3600" });
    const QByteArrayView asked = request.header("access-control-request-headers");
    if (!asked.isEmpty())
        headers.push_back({ "Access-Control-Allow-Headers", asked.toByteArray() });
}

} // namespace Carillon
