// SPDX-License-Identifier: MPL-2.0
#include "server/admin/browsingjson.h"

#include "core/client/useragent.h"
#include "core/crypto/base64url.h"
#include "server/admin/admintime.h"

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

QString latin1(QByteArrayView text)
{
    return QString::fromLatin1(text);
}

} // namespace

ApiTime::ApiTime(const Clock &clock) : m_now(clock.now())
{
    // The clocks are read one after the other: what is left of the difference is rounded, so that a
    // stored time has the same text in each answer.
    constexpr std::chrono::milliseconds Grain { 10 };
    const auto ahead = clock.wall().time_since_epoch() - m_now.time_since_epoch();
    m_wallAhead =
        std::chrono::round<std::chrono::milliseconds>(ahead / Grain.count()) * Grain.count();
}

QString ApiTime::text(Time time) const
{
    return timeText(WallTime(time.time_since_epoch() + m_wallAhead));
}

Time ApiTime::read(const QString &text) const
{
    return Time(timeFromText(text).time_since_epoch() - m_wallAhead);
}

QJsonValue textOrNull(const QByteArray &utf8)
{
    return utf8.isEmpty() ? QJsonValue(QJsonValue::Null) : QJsonValue(QString::fromUtf8(utf8));
}

QString hexText(QByteArrayView bytes)
{
    return latin1(bytes.toByteArray().toHex());
}

QJsonObject clientJson(const ClientSummary *stored, const ClientSnapshot *live, const NodeId &self,
                       const ApiTime &time)
{
    const QJsonValue null = QJsonValue::Null;
    const Uaid &uaid = stored ? stored->record.uaid : live->uaid;
    const QByteArray userAgent = live && !live->userAgent.isEmpty() ? live->userAgent
        : stored                                                    ? stored->record.userAgent
                                                                    : QByteArray();
    const UserAgent agent = readUserAgent(userAgent);
    QJsonObject json {
        { u"uaid"_s, latin1(toHex(uaid)) },
        { u"router_type"_s, stored ? latin1(stored->record.routerType) : u"webpush"_s },
        { u"connected"_s, live != nullptr },
        { u"state"_s, live ? u"connected"_s : u"offline"_s },
        { u"node"_s, live ? textOrNull(self.url()) : textOrNull(stored->record.node.url()) },
        { u"user_agent"_s, textOrNull(userAgent) },
        { u"os"_s, userAgent.isEmpty() ? null : QJsonValue(latin1(agent.os)) },
        { u"browser"_s,
          userAgent.isEmpty()
              ? null
              : QJsonValue(
                  QString(latin1(agent.browser) + u' ' + latin1(agent.version)).trimmed()) },
        { u"last_seen"_s, live ? time.text(time.now()) : time.text(stored->record.lastSeen) },
        { u"expires"_s, stored ? QJsonValue(time.text(stored->record.expires)) : null },
        { u"channels"_s, stored ? stored->channels : live->channels },
        { u"messages"_s, stored ? qint64 { stored->messages } : 0 },
        { u"bytes"_s, stored ? qint64 { stored->bytes } : 0 },
    };
    const auto put = [&](const QString &name, auto value) {
        json.insert(name, live ? QJsonValue(value(*live)) : null);
    };
    put(u"connected_since"_s,
        [&](const ClientSnapshot &one) { return time.text(time.now() - one.connected); });
    put(u"address"_s, [](const ClientSnapshot &one) { return textOrNull(one.peer.address); });
    put(u"tls"_s, [](const ClientSnapshot &one) { return textOrNull(one.peer.tls); });
    put(u"unacknowledged"_s, [](const ClientSnapshot &one) { return one.inFlight; });
    put(u"unacknowledged_bytes"_s,
        [](const ClientSnapshot &one) { return qint64 { one.bytesInFlight }; });
    put(u"sent"_s, [](const ClientSnapshot &one) { return qint64 { one.sent }; });
    put(u"acknowledged"_s, [](const ClientSnapshot &one) { return qint64 { one.acknowledged }; });
    put(u"bytes_in"_s, [](const ClientSnapshot &one) { return qint64 { one.peer.bytesIn }; });
    put(u"bytes_out"_s, [](const ClientSnapshot &one) { return qint64 { one.peer.bytesOut }; });
    put(u"output_waiting"_s, [](const ClientSnapshot &one) { return qint64 { one.pendingBytes }; });
    put(u"worker"_s, [](const ClientSnapshot &one) { return one.worker; });
    put(u"feed"_s, [](const ClientSnapshot &one) {
        return one.isLive ? u"live"_s : one.isGreeted ? u"reading-stored"_s : u"greeting"_s;
    });
    return json;
}

std::vector<AdminField> clientFields()
{
    using namespace AdminTypes;
    const AdminSchema count = orNull(integer());
    return {
        { u"uaid"_s, uuid(), {}, true },
        { u"router_type"_s, text(), u"\"webpush\", or the bridge"_s, true },
        { u"connected"_s, boolean(), u"Whether it is connected to this process"_s, true },
        { u"state"_s, choice({ u"connected"_s, u"offline"_s }), u"The same in a word"_s, true },
        { u"node"_s, orNull(text(2000)),
          u"The process that has its connection, as its record says"_s, true },
        { u"user_agent"_s, orNull(text(1000)), {}, true },
        { u"os"_s, orNull(text()), u"As the user agent says"_s, true },
        { u"browser"_s, orNull(text()), u"With its version"_s, true },
        { u"last_seen"_s, time(), {}, true },
        { u"expires"_s, orNull(time()), u"When it is removed, unless it is seen before"_s, true },
        { u"channels"_s, integer(), u"Number of its subscriptions"_s, true },
        { u"messages"_s, integer(),
          u"Stored for it, expired ones that are not removed yet included"_s, true },
        { u"bytes"_s, integer(), u"Of these messages"_s, true },
        { u"connected_since"_s, orNull(time()), u"null: it is not connected here"_s, true },
        { u"address"_s, orNull(text()), u"Of an IPv6 client behind a proxy: its network"_s, true },
        { u"tls"_s, orNull(text()), u"Version; null: not encrypted here"_s, true },
        { u"unacknowledged"_s, count, u"Messages that were sent and not acknowledged"_s, true },
        { u"unacknowledged_bytes"_s, count, {}, true },
        { u"sent"_s, count, u"Messages on this connection"_s, true },
        { u"acknowledged"_s, count, {}, true },
        { u"bytes_in"_s, count, u"Of TCP, on this connection"_s, true },
        { u"bytes_out"_s, count, {}, true },
        { u"output_waiting"_s, count, u"Bytes that its TCP has not taken"_s, true },
        { u"worker"_s, count, u"The thread that has its connection"_s, true },
        { u"feed"_s, orNull(choice({ u"live"_s, u"reading-stored"_s, u"greeting"_s })),
          u"live: it has been sent all that is stored for it"_s, true },
    };
}

QJsonObject messageJson(const StoredMessage &stored, const MessageIds &ids, const ApiTime &time)
{
    const Notification &message = stored.message;
    return {
        { u"id"_s,
          latin1(ids.make(message.uaid, message.channelId, message.topic, message.sortKey,
                          message.idKey)
                     .text()) },
        { u"uaid"_s, latin1(toHex(message.uaid)) },
        { u"chid"_s, latin1(toHex(message.channelId)) },
        { u"sort_key"_s, QString::number(toInt(message.sortKey)) },
        { u"topic"_s, textOrNull(message.topic) },
        { u"urgency"_s, latin1(urgencyName(message.urgency)) },
        { u"ttl"_s, qint64 { message.ttl.count() } },
        { u"stored"_s, time.text(message.accepted) },
        { u"expires"_s, time.text(message.expires()) },
        { u"size"_s, qint64 { stored.size } },
        { u"body_size"_s, qint64 { stored.bodySize } },
        { u"encoding"_s, textOrNull(encodingName(message.encoding).toByteArray()) },
        { u"sender"_s,
          message.senderKeyHash.isEmpty() ? QJsonValue(QJsonValue::Null)
                                          : QJsonValue(hexText(message.senderKeyHash)) },
        { u"tracked"_s, !message.reliabilityId.isEmpty() },
        { u"state"_s, message.expires() > time.now() ? u"stored"_s : u"expired"_s },
    };
}

std::vector<AdminField> messageFields()
{
    using namespace AdminTypes;
    return {
        { u"id"_s, text(2000), u"As in Location, and as clients get it"_s, true },
        { u"uaid"_s, uuid(), {}, true },
        { u"chid"_s, uuid(), {}, true },
        { u"sort_key"_s, text(), u"Its place among the messages of its client; a number"_s, true },
        { u"topic"_s, orNull(text()), {}, true },
        { u"urgency"_s, choice({ u"very-low"_s, u"low"_s, u"normal"_s, u"high"_s }), {}, true },
        { u"ttl"_s, integer(), u"Seconds"_s, true },
        { u"stored"_s, time(), u"When it was accepted"_s, true },
        { u"expires"_s, time(), {}, true },
        { u"size"_s, integer(), u"With which it counts in the limits"_s, true },
        { u"body_size"_s, integer(), u"Of the encrypted body"_s, true },
        { u"encoding"_s, orNull(choice({ u"aes128gcm"_s, u"aesgcm"_s })), u"null: no body"_s,
          true },
        { u"sender"_s, orNull(pattern(u"[0-9a-f]{64}"_s)),
          u"SHA-256 of the sender's VAPID key; null: it had none"_s, true },
        { u"tracked"_s, boolean(), {}, true },
        { u"state"_s, choice({ u"stored"_s, u"expired"_s }), {}, true },
    };
}

QJsonArray pageKey(const QJsonValue &sort, const QByteArray &next)
{
    return { sort, latin1(toBase64Url(next)) };
}

QByteArray nextOf(const QJsonArray &key)
{
    return fromBase64Url(key.at(1).toString().toLatin1()).value_or(QByteArray());
}

Problem problemOf(ErrorCode why)
{
    if (why == ErrorCode::BadRequest)
        return { ProblemType::InvalidCursor, u"This is not a cursor of this list."_s };
    if (why == ErrorCode::StorageUnavailable)
        return { ProblemType::Unavailable,
                 u"Storage does not answer, or the answer would take too long."_s };
    return { ProblemType::Internal, latin1(errorMessage(why)) };
}

Uaid uaidOf(const QString &text)
{
    return parseUaid(text.toLatin1().replace('-', "")).value_or(Uaid());
}

ChannelId channelOf(const QString &text)
{
    return parseChannelId(text.toLatin1().replace('-', "")).value_or(ChannelId());
}

} // namespace Carillon
