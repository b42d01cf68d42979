// SPDX-License-Identifier: MPL-2.0
#include "core/journal/eventjson.h"

#include <QDateTime>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

QString latin1(QByteArrayView text)
{
    return QString::fromLatin1(text);
}

/// RFC 3339 in UTC, with milliseconds.
QString timeText(Time time)
{
    return QDateTime::fromMSecsSinceEpoch(toMilliseconds(time), Qt::UTC)
        .toString(Qt::ISODateWithMs);
}

/// The name by which each kind shows its text.
QString textName(EventKind kind)
{
    switch (kind) {
    case EventKind::ClientConnected:
        return u"user_agent"_s;
    case EventKind::MessageHandedOver:
        return u"node"_s;
    default:
        return u"reason"_s;
    }
}

} // namespace

QJsonObject toJson(const Event &event)
{
    QJsonObject json {
        // Below 2^53 until the year 2255.
        { u"id"_s, qint64(event.id) },
        { u"time"_s, timeText(event.time) },
        { u"kind"_s, latin1(eventName(event.kind)) },
    };
    if (event.detail != EventDetail::None)
        json.insert(u"detail"_s, latin1(detailName(event.detail)));
    if (event.uaid)
        json.insert(event.isUaidHashed ? u"uaid_hash"_s : u"uaid"_s, latin1(toHex(*event.uaid)));
    if (event.channelId)
        json.insert(u"chid"_s, latin1(toDashed(*event.channelId)));
    if (event.sortKey)
        json.insert(u"message"_s, qint64(toInt(*event.sortKey)));
    if (event.by)
        json.insert(u"by"_s, qint64(toInt(*event.by)));
    if (event.error) {
        json.insert(u"error"_s, latin1(errorName(*event.error)));
        if (event.kind == EventKind::PushRefused) {
            json.insert(u"status"_s, httpStatus(*event.error));
            if (const auto number = autopushErrno(*event.error))
                json.insert(u"errno"_s, *number);
        }
    }
    if (event.code)
        json.insert(u"code"_s, *event.code);
    if (event.sender)
        json.insert(u"sender"_s, latin1(toHex(*event.sender)));
    if (!event.subject.isEmpty())
        json.insert(u"sub"_s, QString::fromUtf8(event.subject));
    if (!event.text.isEmpty())
        json.insert(textName(event.kind), QString::fromUtf8(event.text));
    if (event.size)
        json.insert(u"size"_s, qint64(*event.size));
    if (event.ttl)
        json.insert(u"ttl"_s, qint64(event.ttl->count()));
    if (event.urgency)
        json.insert(u"urgency"_s, latin1(urgencyName(*event.urgency)));
    if (event.kind == EventKind::PushAccepted)
        json.insert(u"topic"_s, event.hasTopic);
    return json;
}

} // namespace Carillon
