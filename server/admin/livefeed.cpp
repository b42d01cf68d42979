// SPDX-License-Identifier: MPL-2.0
#include "server/admin/livefeed.h"

#include "core/journal/eventjson.h"
#include "server/history/history.h"
#include "server/net/timers.h"

#include <QJsonDocument>

#include <algorithm>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

constexpr std::chrono::milliseconds LookInterval { 100 };
/// Looked at in one turn. What is beyond is left out: nobody reads so many.
constexpr int MostNew = 20'000;

QByteArray message(const QString &member, const QJsonObject &entry)
{
    return QJsonDocument(QJsonObject { { member, entry } }).toJson(QJsonDocument::Compact);
}

bool wantsEvents(const LiveSubscription &wanted)
{
    return wanted.events.has_value();
}

bool wantsRecords(const LiveSubscription &wanted)
{
    return wanted.logs.has_value();
}

} // namespace

LiveFeed::LiveFeed(const Dependencies &dependencies) : m_with(dependencies) { }

void LiveFeed::setTimers(Timers *timers)
{
    m_looking.cancel();
    m_timers = timers;
}

std::optional<HttpResponse> LiveFeed::refusal(const HttpRequest &head)
{
    if (head.path != "/api/v1/live")
        return Problem(ProblemType::NotFound, u"The WebSocket is /api/v1/live."_s).response();
    if (const auto caller = m_with.access.judge(head); !caller)
        return caller.error().response();
    if (m_sessions.size() >= MostSessions)
        return Problem(ProblemType::Unavailable,
                       u"The live feed has %1 readers already."_s.arg(MostSessions))
            .response();
    return std::nullopt;
}

std::unique_ptr<WebSocketSession> LiveFeed::opened(WebSocketConnection &connection,
                                                   const HttpRequest &head)
{
    const auto caller = m_with.access.judge(head); // as refusal() found a moment ago
    return std::make_unique<LiveSession>(*this, connection, caller ? caller->who : QString());
}

bool LiveFeed::wants(bool (*topic)(const LiveSubscription &)) const
{
    return std::ranges::any_of(
        m_sessions, [topic](const LiveSession *session) { return topic(session->wanted()); });
}

QJsonObject LiveFeed::positions() const
{
    return { { u"newest_event"_s,
               m_with.history ? QJsonValue(qint64(m_with.history->newestId())) : QJsonValue::Null },
             { u"newest_log"_s, qint64(m_with.log.newestId()) } };
}

void LiveFeed::subscriptionChanged()
{
    const bool wantEvents = wants(wantsEvents);
    const bool wantRecords = wants(wantsRecords);
    if (wantEvents && !m_followsEvents)
        m_lastEvent = m_with.history->newestId();
    if (wantRecords && !m_followsRecords)
        m_lastRecord = m_with.log.newestId();
    m_followsEvents = wantEvents;
    m_followsRecords = wantRecords;
    if ((wantEvents || wantRecords) && !m_looking.isActive())
        m_timers->start(m_looking, LookInterval);
}

void LiveFeed::look()
{
    m_followsEvents = m_followsEvents && wants(wantsEvents);
    m_followsRecords = m_followsRecords && wants(wantsRecords);
    if (m_followsEvents)
        tellEvents();
    if (m_followsRecords)
        tellRecords();
    if (m_followsEvents || m_followsRecords)
        m_timers->start(m_looking, LookInterval);
}

void LiveFeed::tellEvents()
{
    EventQuery query;
    query.after = m_lastEvent;
    query.limit = MostNew;
    query.newestFirst = false;
    if (m_with.history->newestId() == m_lastEvent)
        return;
    for (const Event &event : m_with.history->recent(query)) {
        m_lastEvent = event.id;
        QByteArray text; // made once, for all who want it
        for (LiveSession *const session : m_sessions) {
            const auto &wanted = session->wanted().events;
            if (!wanted || !wanted->matches(event))
                continue;
            if (text.isEmpty())
                text = message(u"event"_s, toJson(event));
            session->tell(LiveSession::Topic::Events, text);
        }
    }
}

void LiveFeed::tellRecords()
{
    LogQuery query;
    query.after = m_lastRecord;
    query.limit = MostNew;
    query.order = LogQuery::Order::OldestFirst;
    for (const LogRecord &record : m_with.log.find(query)) {
        m_lastRecord = record.id;
        QByteArray text;
        for (LiveSession *const session : m_sessions) {
            const auto &wanted = session->wanted().logs;
            if (!wanted || !matches(*wanted, record))
                continue;
            if (text.isEmpty())
                text = message(u"log"_s, toJson(record));
            session->tell(LiveSession::Topic::Logs, text);
        }
    }
}

void LiveFeed::secondPassed()
{
    if (m_sessions.empty())
        return;
    QByteArray text;
    const Instant time = now();
    for (LiveSession *const session : m_sessions) {
        if (session->wanted().stats) {
            if (text.isEmpty())
                text = message(u"stats"_s, m_with.stats.now());
            session->tell(LiveSession::Topic::Stats, text);
        }
        session->secondPassed(time);
        if (!m_with.access.isStillValid(session->who()))
            session->close(1008, "the token was revoked");
    }
}

} // namespace Carillon
