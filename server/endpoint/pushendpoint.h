// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/crypto/fernet.h"
#include "core/crypto/vapid.h"
#include "core/journal/facts.h"
#include "core/message/endpointtoken.h"
#include "core/message/messageid.h"
#include "core/message/notification.h"
#include "core/reliability/trackedsenders.h"
#include "core/storage/storage.h"
#include "server/endpoint/endpointoptions.h"
#include "server/net/httpresponder.h"
#include "server/responses/refusal.h"

#include <QByteArray>
#include <QByteArrayList>
#include <QString>

#include <chrono>
#include <cstdint>
#include <optional>

namespace Carillon {

class Dispatcher;
class ErrorResponses;
class Journal;
class Metrics;
class RateLimits;
class SenderRules;
class Worker;
struct TakenPush;

/// What the endpoint room is told of the settings.
struct EndpointSettings
{
    /// Scheme, host and port of the endpoints as senders use them: VAPID's aud, and Location.
    QByteArray origin;
    /// What else a token's aud may be.
    QByteArrayList moreOrigins = {};
    EndpointOptions options;
    TrackedSenders tracked = {};
};

/// What senders ask for: POST of a push, DELETE of a message (protocol.md §3). One per worker.
/// Owns: this worker's crypto and its cache of verified tokens. Thread: its worker's.
class PushEndpoint
{
public:
    struct Dependencies
    {
        Worker &worker;
        Dispatcher &dispatcher;
        Storage &storage;
        Journal &journal;
        Metrics &metrics;
        const Clock &clock;
        RateLimits &rateLimits;
        SenderRules &senderRules;
        const ErrorResponses &errors;
    };

    PushEndpoint(Dependencies dependencies, const Fernet &keys, EndpointSettings settings);

    /// Most bytes of a body that are worth reading: somewhat more than is taken, so that a sender
    /// whose subscription is gone learns that first.
    [[nodiscard]] std::int64_t bodyLimit() const
    {
        return m_settings.options.maxDataBytes + 16 * 1024;
    }

    /// POST /wpush/{version}/{token}; version: "v1" or "v2".
    void push(HttpRequest request, QByteArrayView version, QByteArrayView token,
              HttpResponder responder);
    /// DELETE /m/{id}
    void cancel(const HttpRequest &request, QByteArrayView id, HttpResponder responder);
    /// The answer to a request that the transport refused.
    [[nodiscard]] HttpResponse refused(const HttpRequest &request, ErrorCode why) const;

    /// New crypto keys (SIGHUP).
    void setKeys(const Fernet &keys);

private:
    struct Target
    {
        EndpointToken token;
        QByteArray senderKeyHash;
        QByteArray senderSubject;
    };

    /// What has been read of a request that may yet be refused, for the journal.
    struct Known
    {
        std::optional<Uaid> uaid;
        std::optional<ChannelId> channelId;
        QByteArray senderKeyHash;
        QByteArray senderSubject;
        Fact::PushRefused::Rule rule = Fact::PushRefused::Rule::OnlyOne;
        bool wasReceived = false;
        QByteArray reliabilityId = {};
    };

    /// What the answer to a push tells of it.
    struct Accepted
    {
        Uaid uaid;
        ChannelId channelId;
        QByteArray topic;
        std::chrono::seconds ttl;
        KeyMark idKey;
        QByteArray senderKeyHash;
        QByteArray senderSubject;
        QByteArray reliabilityId;
        qsizetype size;
        Urgency urgency;
        Time received;
    };

    [[nodiscard]] Result<Target, Refusal> target(const HttpRequest &request, QByteArrayView version,
                                                 QByteArrayView token, Known &known);
    [[nodiscard]] std::optional<QByteArray> open(QByteArrayView token, Known &known) const;
    [[nodiscard]] Result<void, Refusal> judge(Known &known) const;
    [[nodiscard]] Result<Notification> notification(HttpRequest &request, const Target &target,
                                                    Time received);
    [[nodiscard]] QByteArray reliabilityId(const HttpRequest &request,
                                           const QByteArray &senderKeyHash) const;
    void refuse(const Target &target, ErrorCode why, const QString &reason,
                HttpResponder responder);
    void accept(const Accepted &push, const TakenPush &taken, HttpResponder responder);
    void fail(const Refusal &why, const Known &known, HttpResponder responder,
              const QString &reason = {});
    [[nodiscard]] QString reasonOf(ErrorCode why, const HttpRequest &push) const;
    void record(ErrorCode why, const Known &known, const QString &reason) const;

    Dependencies m_deps;
    EndpointSettings m_settings;
    EndpointTokens m_tokens;
    MessageIds m_messageIds;
    VapidVerifier m_vapid;
};

} // namespace Carillon
