// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/client/identifiedclient.h"
#include "core/client/unidentifiedclient.h"
#include "core/journal/facts.h"
#include "server/connect/connectservice.h"
#include "server/connect/sessionsummary.h"
#include "server/net/timer.h"

#include <memory>
#include <optional>
#include <span>
#include <variant>
#include <vector>

namespace Carillon {

/// One client's WebSocket: reads its messages, carries out the effects of its state machine and
/// brings it what comes of them.
/// Owned by the transport. Thread: its worker's.
class ClientSession final : public WebSocketSession
{
public:
    ClientSession(ConnectService &service, WebSocketConnection &connection,
                  const HttpRequest &head);
    ~ClientSession() override;

    // WebSocketSession
    void textReceived(QByteArrayView text) override;
    void pongReceived() override;
    void drained() override;
    void closed() override;

    // What routing has for the client; precondition: isIdentified().
    void push(Notification message, PushDone done);
    [[nodiscard]] bool handOver(const NodeMessage &message);
    void checkStorage(SortKey from);
    /// Compares the connection with the client's record: closes the connection if it is not the
    /// newest, claims the client again if the record does not name it, and reads what was stored
    /// without its knowledge.
    void review(const ClientNews &news);

    [[nodiscard]] bool isIdentified() const;
    /// A message was stored for the client. If its hello is not answered yet, storage is read then.
    void tellOfMessages();
    /// Whether this connection is, or is about to be, this client's.
    [[nodiscard]] bool isClient(const Uaid &uaid) const;
    /// Whether a connection of another process that claimed the client at this moment comes after
    /// this one. If this connection's claim is not answered yet, it remembers the question and
    /// decides when it is.
    [[nodiscard]] bool isReplaced(std::int64_t connectedAt);
    /// Asks storage for the client; its previous connection is gone.
    void claim();
    /// What an administrator is told of it; nullopt: it has not said hello, or has ended.
    [[nodiscard]] std::optional<ClientSnapshot> snapshot() const;
    /// Sends a ping that has no part in the time-outs.
    void ping() { m_connection.sendPing(); }
    /// Reads what the client has sent, although its output is full: the connection will be closed.
    void hearLastWords();
    /// Ends the connection. Unsent messages are dropped.
    void close(ErrorCode why);

private:
    struct Ended
    {
    };
    /// What the one timer of a session waits for.
    enum class Waiting : std::uint8_t { Hello, NextPing, Pong, Reader };

    void greet(ClientMessage message);
    void claimed(Result<std::optional<ClientRecord>> record);
    void welcome(const ClientRecord &record);
    void identify(const ClaimingClient &claimed, const ClientRecord &record, bool isNew);
    void handle(ClientMessage message);
    void recordSaid(const ClientMessage &message);
    [[nodiscard]] std::optional<SortKey> keyOf(const QByteArray &version);

    void recordSent(const ClientEffects &effects, std::span<const Notification> messages,
                    Fact::MessageSent::Source source);
    void recordReturned(const IdentifiedClient::SentMessage &sent);
    void recordLeft(std::optional<ErrorCode> why);

    void apply(ClientEffects effects);
    void apply(Effect::Send &&effect);
    void apply(Effect::SendPing &&effect);
    void apply(Effect::Close &&effect);
    void apply(Effect::AddChannel &&effect);
    void apply(Effect::RemoveChannel &&effect);
    void apply(Effect::RemoveMessage &&effect);
    void apply(Effect::RemoveNamed &&effect);
    void apply(Effect::Fetch &&effect);
    void apply(Effect::Forget &&effect);

    void removalFailed(SortKey key);
    void sendNow(Notification message, PushDone done);
    [[nodiscard]] std::vector<SortKey> keysToSpare() const;
    void dropPredecessor(const Notification &message, MessageId id, PushDone done);
    [[nodiscard]] Completion<StoreOutcome> whenStored(std::uint32_t push, Notification message,
                                                      std::shared_ptr<MessageId> id, PushDone done);
    void stored(std::uint32_t push, Urgency urgency, const Result<StoreOutcome> &outcome);

    void verify();
    void reclaim();
    void changeAsked();
    void changeDone();
    void keepEarly(QByteArrayView text);
    [[nodiscard]] bool isEarlyFull() const;
    void listen();
    void waitFor(Waiting what);
    [[nodiscard]] bool hasTakenMore(const OutputProgress &now);
    void timeout();
    void endClient();
    [[nodiscard]] ClientAddress address() const;
    [[nodiscard]] ConnectionName name() const;
    [[nodiscard]] Journal &journal() const { return m_service.journal(); }
    [[nodiscard]] Claim ownClaim() const;
    [[nodiscard]] IdentifiedClient *client() { return std::get_if<IdentifiedClient>(&m_phase); }

    /// Brings an answer of storage back to this session, if it still exists and is identified.
    template<typename T, typename F> [[nodiscard]] Completion<T> backHere(F then);

    ConnectService &m_service;
    WebSocketConnection &m_connection;
    QByteArray m_userAgent;
    std::variant<UnidentifiedClient, ClaimingClient, IdentifiedClient, Ended> m_phase;
    std::vector<QByteArray> m_early; // said after hello, before its answer
    std::vector<std::uint32_t> m_storedFirst; // pushes that are stored before they are sent
    std::uint32_t m_lastPush = 0;
    std::int32_t m_changes = 0; // asked of storage by what the client said, and not answered
    Timer m_timer = Timer::of<&ClientSession::timeout>(this);
    Waiting m_waiting = Waiting::Hello;
    bool m_asksTooMuch = false; // from MaxChanges until half of them are done
    bool m_isVerifying = false;
    SessionCounts m_counts;
    std::uint32_t m_taken = 0; // OutputProgress::taken modulo 2^32, when it was last looked at
};

} // namespace Carillon
