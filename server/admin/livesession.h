// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/base/clock.h"
#include "server/admin/livesubscription.h"
#include "server/net/websocketconnection.h"
#include "server/net/websocketsession.h"

#include <QByteArray>
#include <QString>

#include <array>
#include <cstdint>
#include <deque>

namespace Carillon {

class LiveFeed;

/// One reader of the live feed. What it is told waits here while it does not read: at most
/// MostWaiting messages, of which the oldest are then lost. It is told how many were.
/// Owned by the transport. Thread: the admin thread.
class LiveSession final : public WebSocketSession
{
public:
    enum class Topic : std::uint8_t { Stats, Events, Logs };
    static constexpr int TopicCount = 3;
    static constexpr std::size_t MostWaiting = 1'000;
    /// From so many unread bytes on, messages wait here rather than in the transport.
    static constexpr std::int64_t MostUnread = 256 * 1024;
    /// Events, and log records, in a second.
    static constexpr int MostPerSecond = 200;

    LiveSession(LiveFeed &feed, WebSocketConnection &connection, QString who);
    ~LiveSession() override;

    [[nodiscard]] const QString &who() const { return m_who; }
    [[nodiscard]] const LiveSubscription &wanted() const { return m_wanted; }
    /// Sends an entry of a topic, unless the reader has had its share of this second.
    void tell(Topic topic, const QByteArray &message);
    /// Counts entries that it could not be told.
    void leaveOut(Topic topic, std::int64_t count);
    /// A second is over: what was left out is said, and a reader that is gone is let go.
    void secondPassed(Instant now);
    void close(int code, QByteArrayView reason);

    // WebSocketSession
    void textReceived(QByteArrayView text) override;
    void pongReceived() override;
    void drained() override;
    void closed() override;

private:
    struct Waiting
    {
        Topic topic;
        QByteArray message;
    };

    void send(const QJsonObject &message);
    void sendOrKeep(Topic topic, const QByteArray &message);

    LiveFeed &m_feed;
    WebSocketConnection &m_connection;
    const QString m_who;
    LiveSubscription m_wanted;
    std::deque<Waiting> m_waiting;
    std::array<std::int64_t, TopicCount> m_leftOut {};
    std::array<int, TopicCount> m_told {}; // in this second
    Instant m_lastHeard;
    bool m_isPinged = false;
};

} // namespace Carillon
