// SPDX-License-Identifier: MPL-2.0
#include "server/admin/livesession.h"

#include "server/admin/livefeed.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <utility>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

constexpr std::chrono::seconds PingAfter { 30 };
constexpr std::chrono::seconds GoneAfter { 60 };

QString topicName(LiveSession::Topic topic)
{
    switch (topic) {
    case LiveSession::Topic::Stats:
        return u"stats"_s;
    case LiveSession::Topic::Events:
        return u"events"_s;
    case LiveSession::Topic::Logs:
        break;
    }
    return u"logs"_s;
}

} // namespace

LiveSession::LiveSession(LiveFeed &feed, WebSocketConnection &connection, QString who)
    : m_feed(feed), m_connection(connection), m_who(std::move(who)), m_lastHeard(feed.now())
{
    m_feed.add(*this);
}

LiveSession::~LiveSession()
{
    m_feed.remove(*this);
}

void LiveSession::tell(Topic topic, const QByteArray &message)
{
    int &told = m_told[static_cast<std::size_t>(topic)];
    if (told == MostPerSecond) {
        leaveOut(topic, 1);
        return;
    }
    ++told;
    sendOrKeep(topic, message);
}

void LiveSession::leaveOut(Topic topic, std::int64_t count)
{
    m_leftOut[static_cast<std::size_t>(topic)] += count;
}

void LiveSession::sendOrKeep(Topic topic, const QByteArray &message)
{
    if (m_waiting.empty() && m_connection.pendingBytes() < MostUnread) {
        m_connection.sendText(message);
        return;
    }
    if (m_waiting.size() == MostWaiting) {
        leaveOut(m_waiting.front().topic, 1);
        m_waiting.pop_front();
    }
    m_waiting.push_back({ topic, message });
}

void LiveSession::secondPassed(Instant now)
{
    m_told = {};
    // Said behind what it is about, and not to a reader that does not read.
    for (int i = 0; i < TopicCount && m_waiting.empty(); ++i) {
        if (const std::int64_t count = std::exchange(m_leftOut[static_cast<std::size_t>(i)], 0))
            send({ { u"dropped"_s, qint64 { count } },
                   { u"topic"_s, topicName(static_cast<Topic>(i)) } });
    }
    if (now - m_lastHeard > GoneAfter) {
        close(1001, "no pong");
    } else if (now - m_lastHeard > PingAfter && !std::exchange(m_isPinged, true)) {
        m_connection.sendPing();
    }
}

void LiveSession::close(int code, QByteArrayView reason)
{
    m_connection.close(code, reason);
}

void LiveSession::send(const QJsonObject &message)
{
    m_connection.sendText(QJsonDocument(message).toJson(QJsonDocument::Compact));
}

void LiveSession::textReceived(QByteArrayView text)
{
    pongReceived();
    auto wanted = LiveSubscription::parse(text);
    if (wanted && wanted->events && !m_feed.hasEvents())
        wanted = Unexpected(
            Problem(ProblemType::NotEnabled, u"There is no history: history.events is 0."_s));
    if (!wanted) {
        send({ { u"problem"_s, wanted.error().document() } });
        return;
    }
    m_wanted = std::move(*wanted);
    QJsonArray topics;
    if (m_wanted.stats)
        topics.append(u"stats"_s);
    if (m_wanted.events)
        topics.append(u"events"_s);
    if (m_wanted.logs)
        topics.append(u"logs"_s);
    QJsonObject answer = m_feed.positions();
    answer.insert(u"subscribed"_s, topics);
    send(answer);
    m_feed.subscriptionChanged();
}

void LiveSession::pongReceived()
{
    m_lastHeard = m_feed.now();
    m_isPinged = false;
}

void LiveSession::drained()
{
    while (!m_waiting.empty() && m_connection.pendingBytes() < MostUnread) {
        m_connection.sendText(m_waiting.front().message);
        m_waiting.pop_front();
    }
}

void LiveSession::closed() { }

} // namespace Carillon
