// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/client/identifiedclient.h"
#include "core/crypto/fernet.h"
#include "core/message/endpointtoken.h"
#include "core/message/messageid.h"
#include "core/protocol/clientmessage.h"
#include "core/storage/storage.h"
#include "server/connect/connectsettings.h"
#include "server/connect/pings.h"
#include "server/net/websocketservice.h"
#include "server/routing/clientport.h"
#include "server/routing/clientregistry.h"

#include <QSet>

#include <unordered_map>
#include <vector>

namespace Carillon {

class ClientSession;
class Journal;
class OtherNodes;
class RateLimits;
class Timers;
class Transport;
class Worker;

/// The clients of one worker: makes a session for each WebSocket, and takes what routing has for
/// them. Also what the sessions of the worker share.
/// Owns: nothing of what it is given. Thread: its worker's; ClientPort's functions from any.
class ConnectService final : public WebSocketService, public ClientPort
{
public:
    struct Dependencies
    {
        Worker &worker;
        Storage &storage;
        ClientRegistry &registry;
        Journal &journal;
        const Clock &clock;
        RateLimits &rateLimits;
        OtherNodes *otherNodes = nullptr; // there can be no other process
    };

    ConnectService(Dependencies dependencies, const Fernet &keys, ConnectSettings settings);

    /// Called once, on the worker, before its transport listens.
    void setTransport(Transport &transport, Timers &timers);
    /// The newest versions of all broadcasts; clients hear of them at their next ping.
    void setBroadcasts(BroadcastVersions versions);
    /// New crypto keys (SIGHUP).
    void setKeys(const Fernet &keys);
    /// Closes all clients with this reason; they come back elsewhere or later.
    void closeAll(ErrorCode why);
    /// Closes this share (0 to 1) of the clients, rounded up.
    void closeSome(double share, ErrorCode why);
    /// Whether clients may connect; if not, they are answered 503.
    void setAccepting(bool accepts) { m_isAccepting = accepts; }

    // WebSocketService
    [[nodiscard]] QByteArray subprotocol() const override;
    [[nodiscard]] std::optional<HttpResponse> refusal(const HttpRequest &head) override;
    [[nodiscard]] std::unique_ptr<WebSocketSession> opened(WebSocketConnection &connection,
                                                           const HttpRequest &head) override;

    // ClientPort
    void push(ConnectionId connection, Notification message, PushDone done,
              UniqueFunction<void(Notification, PushDone)> notHere) override;
    void handOver(ConnectionId connection, NodeMessage message,
                  UniqueFunction<void(bool)> done) override;
    void checkStorage(ConnectionId connection, Uaid uaid, SortKey from) override;
    void closeReplaced(ConnectionId connection, Uaid uaid, Task done) override;
    void closeOlder(ConnectionId connection, Uaid uaid, std::int64_t connectedAt,
                    Task done) override;
    void review(ConnectionId connection, ClientNews news) override;
    void describe(std::vector<ConnectionId> connections,
                  UniqueFunction<void(std::vector<ClientSnapshot>)> done) override;
    void disconnect(ConnectionId connection, Uaid uaid, ErrorCode why,
                    UniqueFunction<void(bool)> done) override;
    void ping(ConnectionId connection, Uaid uaid, Pings::Done done) override;

    // For its sessions.

    /// Whether another connection may wait for its predecessor. False if so many wait that a worker
    /// must have been blocked.
    [[nodiscard]] bool canSucceed() const { return m_successions.size() < MaxSuccessions; }
    /// Has the connection that this one replaced closed, then lets this one claim the client.
    void succeed(ConnectionId connection, Uaid uaid, ClientAddress predecessor);
    /// Whether that is still to come.
    [[nodiscard]] bool isSucceeding(ConnectionId connection) const;
    /// The session of a connection of this worker; null when it is gone.
    [[nodiscard]] ClientSession *session(ConnectionId connection);
    /// One shared copy of a text that many clients have in common.
    [[nodiscard]] QByteArray interned(QByteArrayView userAgent);
    /// A UAID for a client at this address (WebSocketConnection::limitKey()); those of one address
    /// are a group.
    [[nodiscard]] Uaid newUaidAt(std::uint64_t holder) const;
    /// The URL at which senders reach a channel.
    [[nodiscard]] QByteArray endpointUrl(const EndpointToken &token) const;

    /// Pings that an administrator has asked for.
    [[nodiscard]] Pings &pings() { return m_pings; }

    [[nodiscard]] Worker &worker() const { return m_deps.worker; }
    [[nodiscard]] Storage &storage() const { return m_deps.storage; }
    [[nodiscard]] ClientRegistry &registry() const { return m_deps.registry; }
    [[nodiscard]] RateLimits &rateLimits() const { return m_deps.rateLimits; }
    [[nodiscard]] Journal &journal() const { return m_deps.journal; }
    [[nodiscard]] OtherNodes *otherNodes() const { return m_deps.otherNodes; }
    [[nodiscard]] Timers &timers() const { return *m_timers; }
    [[nodiscard]] const ConnectSettings &settings() const { return m_settings; }
    [[nodiscard]] const MessageIds &messageIds() const { return m_messageIds; }
    [[nodiscard]] ClientContext &context() { return m_context; }
    [[nodiscard]] ClientMessageReader &reader() { return m_reader; }

private:
    static constexpr std::size_t MaxSuccessions = 4'096;

    /// Runs a task on the worker: at once when that is where we are.
    void onWorker(Task task);
    void readAndClose(ConnectionId connection);
    void afterPredecessor(ConnectionId connection, Task done);
    void predecessorGone(ConnectionId connection, Uaid uaid);

    Dependencies m_deps;
    ConnectSettings m_settings;
    bool m_isAccepting = true;
    Transport *m_transport = nullptr;
    Timers *m_timers = nullptr;
    MessageIds m_messageIds;
    EndpointTokens m_tokens;
    Fernet m_keys; // for prefixes of UAIDs
    ClientContext m_context;
    ClientMessageReader m_reader;
    QSet<QByteArray> m_userAgents;
    Pings m_pings;

    /// Connections, also ended ones, whose predecessor is not closed yet, with what waits for the
    /// same in turn because they were replaced meanwhile.
    std::unordered_map<ConnectionId, std::vector<Task>, ConnectionIdHash> m_successions;
};

} // namespace Carillon
