// SPDX-License-Identifier: MPL-2.0
#include "server/endpoint/pushendpoint.h"

#include "core/base/log.h"
#include "core/message/pushheaders.h"
#include "server/endpoint/refusalreason.h"
#include "server/journal/journal.h"
#include "server/metrics/metrics.h"
#include "server/net/http/httphead.h"
#include "server/net/worker.h"
#include "server/responses/errorresponses.h"
#include "server/routing/dispatcher.h"
#include "server/routing/ratelimits.h"
#include "server/routing/senderrules.h"

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

/// For developers: a server on the Internet is asked for nonsense all day.
void logRefusal(ErrorCode why, const QString &reason)
{
    qCDebug(lcEndpoint).noquote().nospace()
        << "push refused with " << httpStatus(why) << ' ' << errorName(why).toByteArray() << ": "
        << (reason.isEmpty() ? QString::fromLatin1(errorMessage(why)) : reason);
}

/// UAID and channel; with a key of its own or without, it is one subscription.
QByteArrayView subscriptionOf(const QByteArray &plainToken)
{
    return QByteArrayView(plainToken).first(std::min<qsizetype>(plainToken.size(), 32));
}

} // namespace

PushEndpoint::PushEndpoint(Dependencies dependencies, const Fernet &keys, EndpointSettings settings)
    : m_deps(dependencies), m_settings(std::move(settings)), m_tokens(keys), m_messageIds(keys),
      m_vapid(m_settings.origin, dependencies.clock)
{
    for (const QByteArray &origin : m_settings.moreOrigins)
        m_vapid.acceptAlso(origin);
}

void PushEndpoint::setKeys(const Fernet &keys)
{
    m_tokens = EndpointTokens(keys);
    m_messageIds = MessageIds(keys);
}

void PushEndpoint::push(HttpRequest request, QByteArrayView version, QByteArrayView token,
                        HttpResponder responder)
{
    const Time received = m_deps.clock.now();
    m_deps.journal.record(Fact::PushReceived { request.peer });
    Known known;
    if (const auto wait = m_deps.rateLimits.ofAddress(request.peer)) {
        known.rule = Fact::PushRefused::Rule::AddressRate;
        fail({ ErrorCode::RateLimited, *wait }, known, responder);
        return;
    }
    const Result<Target, Refusal> to = target(request, version, token, known);
    if (!to) {
        fail(to.error(), known, responder, reasonOf(to.error().why, request));
        return;
    }
    Result<Notification> message = notification(request, *to, received);
    if (!message) {
        refuse(*to, message.error(), reasonOf(message.error(), request), responder);
        return;
    }
    m_deps.journal.record(Fact::MessageReceived { *message });
    qCDebug(lcEndpoint).noquote() << "push of" << message->body.size() << "bytes for client"
                                  << shortened(message->uaid) << "with TTL" << message->ttl.count();
    Accepted accepted {
        message->uaid,        message->channelId,     message->topic,    message->ttl,
        message->idKey,       message->senderKeyHash, to->senderSubject, message->reliabilityId,
        message->body.size(), message->urgency,       received
    };
    m_deps.dispatcher.push(
        std::move(*message),
        [this, responder, accepted = std::move(accepted)](Result<TakenPush> taken) mutable {
            m_deps.worker.perform(
                [this, responder, accepted = std::move(accepted), taken = std::move(taken)] {
                    if (taken)
                        accept(accepted, *taken, responder);
                    else
                        fail(taken.error(),
                             { .uaid = accepted.uaid,
                               .channelId = accepted.channelId,
                               .senderKeyHash = accepted.senderKeyHash,
                               .senderSubject = accepted.senderSubject,
                               .wasReceived = true,
                               .reliabilityId = accepted.reliabilityId },
                             responder);
                });
        });
}

Result<PushEndpoint::Target, Refusal> PushEndpoint::target(const HttpRequest &request,
                                                           QByteArrayView version,
                                                           QByteArrayView token, Known &known)
{
    if (version != "v1" && version != "v2")
        return Unexpected(ErrorCode::UnknownApiVersion);
    const ApiVersion api = version == "v1" ? ApiVersion::V1 : ApiVersion::V2;
    const std::optional<QByteArray> plain = open(token, known);
    if (!plain)
        return Unexpected(ErrorCode::InvalidToken);
    const QByteArrayView subscription = subscriptionOf(*plain);
    if (const auto wait = m_deps.rateLimits.ofSubscription(request.peer, subscription)) {
        known.rule = Fact::PushRefused::Rule::SubscriptionRate;
        return Unexpected(Refusal(ErrorCode::RateLimited, *wait));
    }

    if (countHeaders(request.headers, "authorization") > 1)
        return Unexpected(ErrorCode::VapidHeaderInvalid);
    const auto header = parseVapid(request.header("authorization"), request.list("crypto-key"));
    if (!header)
        return Unexpected(header.error());
    if (!*header && api == ApiVersion::V2)
        return Unexpected(ErrorCode::VapidMissing);
    if (*header) {
        const Result<VapidSender> sender = m_vapid.verify(**header);
        m_deps.metrics.add(m_vapid.wasKnown() ? Metric::VapidCacheHits : Metric::VapidCacheMisses);
        if (!sender)
            return Unexpected(sender.error());
        if (sender->subjectOdd)
            m_deps.metrics.add(Metric::VapidSubjectOdd);
        known.senderKeyHash = sender->keyHash;
        known.senderSubject = sender->subject;
        if (const auto wait = m_deps.rateLimits.ofSender(request.peer, known.senderKeyHash)) {
            known.rule = Fact::PushRefused::Rule::SenderRate;
            return Unexpected(Refusal(ErrorCode::RateLimited, *wait));
        }
        CARILLON_TRY_VOID(judge(known));
    }

    const Result<EndpointToken> parsed = EndpointTokens::parse(api, *plain);
    if (!parsed)
        return Unexpected(parsed.error());
    if (api == ApiVersion::V2 && parsed->keyHash != known.senderKeyHash)
        return Unexpected(ErrorCode::VapidKeyMismatch);
    return Target { *parsed, known.senderKeyHash, known.senderSubject };
}

/// What an administrator has decided about the sender.
Result<void, Refusal> PushEndpoint::judge(Known &known) const
{
    const SenderRules::Verdict verdict =
        m_deps.senderRules.judge(known.senderKeyHash, m_deps.clock.steadyNow());
    if (!verdict.isRefused())
        return {};
    known.rule = verdict.isBlocked ? Fact::PushRefused::Rule::SenderBlocked
                                   : Fact::PushRefused::Rule::SenderRate;
    if (verdict.isBlocked)
        return Unexpected(Refusal(ErrorCode::SenderBlocked));
    return Unexpected(Refusal(ErrorCode::RateLimited, *verdict.wait));
}

std::optional<QByteArray> PushEndpoint::open(QByteArrayView token, Known &known) const
{
    std::optional<QByteArray> plain = m_tokens.open(token);
    if (!plain)
        return plain;
    const QByteArrayView subscription = subscriptionOf(*plain);
    if (subscription.size() == 32) {
        known.uaid = Uaid::fromRaw(subscription.first(Uaid::Size));
        known.channelId = ChannelId::fromRaw(subscription.sliced(Uaid::Size));
    }
    return plain;
}

Result<Notification> PushEndpoint::notification(HttpRequest &request, const Target &target,
                                                Time received)
{
    if (request.body.size() > m_settings.options.maxDataBytes)
        return Unexpected(ErrorCode::BodyTooLarge);
    // Repeated fields are lists, which the first three and the encoding may not be.
    const QByteArray ttl = request.list("ttl");
    const QByteArray topic = request.list("topic");
    const QByteArray urgency = request.list("urgency");
    const QByteArray contentEncoding = request.list("content-encoding");
    const QByteArray encryption = request.list("encryption");
    const QByteArray cryptoKey = request.list("crypto-key");
    const Result<PushHeaders> headers = parsePushHeaders({ .ttl = ttl,
                                                           .topic = topic,
                                                           .urgency = urgency,
                                                           .contentEncoding = contentEncoding,
                                                           .encryption = encryption,
                                                           .cryptoKey = cryptoKey,
                                                           .hasBody = !request.body.isEmpty() },
                                                         m_settings.options.maxNotificationTtl);
    if (!headers)
        return Unexpected(headers.error());
    if (headers->urgencyUnknown)
        m_deps.metrics.add(Metric::UrgencyUnknown);
    return Notification { .uaid = target.token.uaid,
                          .channelId = target.token.channelId,
                          .topic = headers->topic,
                          .urgency = headers->urgency,
                          .ttl = headers->ttl,
                          .accepted = received,
                          .encoding = headers->encoding,
                          .encryption = headers->encryption,
                          .cryptoKey = headers->cryptoKey,
                          .body = std::move(request.body),
                          .senderKeyHash = target.senderKeyHash,
                          .reliabilityId = reliabilityId(request, target.senderKeyHash),
                          .idKey = m_messageIds.firstKey() };
}

/// Empty: the message is not tracked.
QByteArray PushEndpoint::reliabilityId(const HttpRequest &request,
                                       const QByteArray &senderKeyHash) const
{
    if (!m_settings.tracked.contains(senderKeyHash))
        return {};
    const QByteArrayView given = request.header("x-messageid");
    return isReliabilityId(given) ? given.toByteArray() : newReliabilityId();
}

/// A request with a fault of its own: that its subscription is gone is the graver news.
void PushEndpoint::refuse(const Target &target, ErrorCode why, const QString &reason,
                          HttpResponder responder)
{
    m_deps.dispatcher.checkSubscription(
        target.token.uaid, target.token.channelId,
        [this, why, reason, responder,
         known = Known { .uaid = target.token.uaid,
                         .channelId = target.token.channelId,
                         .senderKeyHash = target.senderKeyHash,
                         .senderSubject = target.senderSubject }](std::optional<ErrorCode> graver) {
            m_deps.worker.perform([this, why, reason, responder, known, graver] {
                if (graver)
                    fail(*graver, known, responder);
                else
                    fail(why, known, responder, reason);
            });
        });
}

void PushEndpoint::accept(const Accepted &push, const TakenPush &taken, HttpResponder responder)
{
    const MessageId id = taken.id.text().isNull()
        ? m_messageIds.make(push.uaid, push.channelId, push.topic, taken.sortKey, push.idKey)
        : taken.id;
    const std::chrono::seconds ttl = taken.ttl.value_or(push.ttl);
    m_deps.journal.record(Fact::PushAccepted { .uaid = push.uaid,
                                               .channelId = push.channelId,
                                               .sortKey = taken.sortKey,
                                               .id = id.text(),
                                               .senderKeyHash = push.senderKeyHash,
                                               .senderSubject = push.senderSubject,
                                               .size = push.size,
                                               .ttl = ttl,
                                               .urgency = push.urgency,
                                               .hasTopic = !push.topic.isEmpty(),
                                               .after = m_deps.clock.now() - push.received });
    responder.send({ .status = 201,
                     .headers = { { "Location"_ba, m_settings.origin + "/m/" + id.text() },
                                  { "TTL"_ba, QByteArray::number(qlonglong(ttl.count())) } },
                     .body = {} });
}

void PushEndpoint::fail(const Refusal &why, const Known &known, HttpResponder responder,
                        const QString &reason)
{
    record(why.why, known, reason);
    logRefusal(why.why, reason);
    responder.send(m_deps.errors.response(why));
}

void PushEndpoint::record(ErrorCode why, const Known &known, const QString &reason) const
{
    const QByteArray text = reason.toUtf8();
    m_deps.journal.record(Fact::PushRefused {
        .why = why,
        .rule = known.rule,
        .uaid = known.uaid ? &*known.uaid : nullptr,
        .channelId = known.channelId ? &*known.channelId : nullptr,
        .senderKeyHash = known.senderKeyHash,
        .senderSubject = known.senderSubject,
        .reason = text,
        .wasReceived = known.wasReceived,
        .reliabilityId = known.reliabilityId,
    });
}

/// Empty where nobody sees it.
QString PushEndpoint::reasonOf(ErrorCode why, const HttpRequest &push) const
{
    if (!lcEndpoint().isDebugEnabled() && !m_deps.journal.hasListeners())
        return {};
    return refusalReason(why, push,
                         { QByteArrayList { m_settings.origin } + m_settings.moreOrigins,
                           m_settings.options.maxDataBytes, m_deps.clock.wall() });
}

HttpResponse PushEndpoint::refused(const HttpRequest &request, ErrorCode why) const
{
    if (request.path.startsWith("/wpush/")) {
        const QString reason = reasonOf(why, request);
        Known known;
        static_cast<void>(open(request.path.sliced(request.path.lastIndexOf('/') + 1), known));
        m_deps.journal.record(Fact::PushReceived { request.peer });
        record(why, known, reason);
        logRefusal(why, reason);
    }
    return m_deps.errors.response(why);
}

void PushEndpoint::cancel(const HttpRequest &request, QByteArrayView id, HttpResponder responder)
{
    if (const auto wait = m_deps.rateLimits.ofAddress(request.peer)) {
        responder.send(m_deps.errors.response({ ErrorCode::RateLimited, *wait }));
        return;
    }
    const std::optional<MessageName> name = m_messageIds.read(id);
    if (!name) {
        responder.send(m_deps.errors.response(ErrorCode::InvalidMessageId));
        return;
    }
    // Shared: storage names it on its thread.
    const auto key = std::make_shared<SortKey>(name->sortKey.value_or(SortKey {}));
    Completion<bool> done = [this, responder, uaid = name->uaid, channelId = name->channelId,
                             id = id.toByteArray(), key](Result<bool> removed) {
        if (removed && *removed)
            m_deps.journal.record(Fact::MessageCancelled { uaid, channelId, id, *key });
        m_deps.worker.perform([this, responder, removed] {
            responder.send(removed ? HttpResponse { .status = 204, .headers = {}, .body = {} }
                                   : m_deps.errors.response(removed.error()));
        });
    };
    if (!name->topic.isEmpty()) {
        m_deps.storage.removeTopic(
            name->uaid, name->channelId, name->topic,
            [ids = m_messageIds, name = *name, key](SortKey candidate) {
                *key = candidate;
                return ids.names(name, candidate);
            },
            std::move(done));
    } else if (name->sortKey && m_messageIds.names(*name, *name->sortKey)) {
        m_deps.storage.removeMessage(name->uaid, name->channelId, *name->sortKey, std::move(done));
    } else {
        done(false);
    }
}

} // namespace Carillon
