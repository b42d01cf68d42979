// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "server/admin/adminaccess.h"
#include "server/admin/livesession.h"
#include "server/admin/statssampler.h"
#include "server/net/timer.h"
#include "server/net/websocketservice.h"

#include <QJsonObject>

#include <vector>

namespace Carillon {

class History;
class LogRing;
class Timers;

/// The live feed (WS /live): figures each second, events and log records as they happen. It reads
/// what is new from the history and the ring of the log, ten times a second while somebody wants
/// it, so that whoever records an event neither waits nor does anything for it.
/// Thread: the admin thread, once that serves.
class LiveFeed final : public WebSocketService
{
public:
    /// All of them outlive it.
    struct Dependencies
    {
        AdminAccess &access;
        const StatsSampler &stats;
        const History *history; // null: there is none
        const LogRing &log;
        const Clock &clock;
    };

    static constexpr std::size_t MostSessions = 64;

    explicit LiveFeed(const Dependencies &dependencies);

    /// Before the transport listens; null: it has ended.
    void setTimers(Timers *timers);
    /// A second is over, and the figures are those of it.
    void secondPassed();

    // WebSocketService
    [[nodiscard]] QByteArray subprotocol() const override { return {}; }
    [[nodiscard]] std::optional<HttpResponse> refusal(const HttpRequest &head) override;
    [[nodiscard]] std::unique_ptr<WebSocketSession> opened(WebSocketConnection &connection,
                                                           const HttpRequest &head) override;

    // For its sessions.

    void add(LiveSession &session) { m_sessions.push_back(&session); }
    void remove(LiveSession &session) { std::erase(m_sessions, &session); }
    void subscriptionChanged();
    [[nodiscard]] bool hasEvents() const { return m_with.history != nullptr; }
    /// The ids of the newest event and log record: what comes is newer.
    [[nodiscard]] QJsonObject positions() const;
    [[nodiscard]] Instant now() const { return m_with.clock.steadyNow(); }

private:
    void look();
    void tellEvents();
    void tellRecords();
    [[nodiscard]] bool wants(bool (*topic)(const LiveSubscription &)) const;

    const Dependencies m_with;
    Timers *m_timers = nullptr;
    Timer m_looking = Timer::of<&LiveFeed::look>(this);
    std::vector<LiveSession *> m_sessions;
    // What is new is behind these; 0: nobody wants it.
    std::uint64_t m_lastEvent = 0;
    std::uint64_t m_lastRecord = 0;
    bool m_followsEvents = false;
    bool m_followsRecords = false;
};

} // namespace Carillon
