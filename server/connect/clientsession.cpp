// SPDX-License-Identifier: MPL-2.0
#include "server/connect/clientsession.h"

#include "core/base/log.h"
#include "server/journal/journal.h"
#include "server/net/timers.h"
#include "server/net/worker.h"
#include "server/routing/othernodes.h"
#include "server/routing/ratelimits.h"

#include <algorithm>

namespace Carillon {
namespace {

/// Above this much unread output, nothing is sent to a client and nothing read from it until it
/// has read all of it.
constexpr std::int64_t OutputHighWater = 256 * 1024;
/// Input between a hello and its answer, above which the session stops reading from the client.
constexpr std::size_t MaxEarlyMessages = 64;
constexpr qsizetype MaxEarlyBytes = 16 * 1024;
/// Changes of one client that storage has not answered, above which the session stops reading from
/// it until half of them are done: no client may fill the queue that all share.
constexpr std::int32_t MaxChanges = 64;

/// What storage would say of a client that it does not know.
ClientRecord newClient()
{
    ClientRecord record;
    record.mayHaveMessages = false;
    return record;
}

} // namespace

ClientSession::ClientSession(ConnectService &service, WebSocketConnection &connection,
                             const HttpRequest &head)
    : m_service(service), m_connection(connection),
      m_userAgent(service.interned(head.header("user-agent")))
{
    m_counts.opened = SessionCounts::secondsOf(std::chrono::steady_clock::now());
    journal().record(Fact::ConnectionOpened { name(), head.peer, m_userAgent });
    waitFor(Waiting::Hello);
}

ClientSession::~ClientSession()
{
    journal().record(Fact::ConnectionClosed { name() });
}

bool ClientSession::isIdentified() const
{
    return std::holds_alternative<IdentifiedClient>(m_phase);
}

std::optional<ClientSnapshot> ClientSession::snapshot() const
{
    ClientSnapshot snapshot;
    snapshot.worker = m_service.worker().index();
    snapshot.userAgent = m_userAgent;
    snapshot.pendingBytes = m_connection.pendingBytes();
    snapshot.connected =
        SessionCounts::secondsOf(std::chrono::steady_clock::now()) - m_counts.opened;
    snapshot.sent = std::int64_t { m_counts.direct } + m_counts.stored + m_counts.handedOver;
    snapshot.acknowledged = m_counts.acknowledged;
    snapshot.peer = m_connection.peer();
    if (const auto *const claiming = std::get_if<ClaimingClient>(&m_phase)) {
        snapshot.uaid = claiming->uaid;
        return snapshot;
    }
    const auto *const identified = std::get_if<IdentifiedClient>(&m_phase);
    if (!identified)
        return std::nullopt;
    const IdentifiedClient::Figures figures = identified->figures();
    snapshot.uaid = identified->uaid();
    snapshot.isGreeted = true;
    snapshot.channels = figures.channels;
    snapshot.inFlight = figures.inFlight;
    snapshot.bytesInFlight = figures.bytesInFlight;
    snapshot.isLive = figures.isLive;
    return snapshot;
}

void ClientSession::tellOfMessages()
{
    if (auto *const claiming = std::get_if<ClaimingClient>(&m_phase))
        claiming->toldOfMessages = true;
}

bool ClientSession::isClient(const Uaid &uaid) const
{
    if (const auto *claiming = std::get_if<ClaimingClient>(&m_phase))
        return claiming->uaid == uaid;
    const auto *identified = std::get_if<IdentifiedClient>(&m_phase);
    return identified && identified->uaid() == uaid;
}

bool ClientSession::isReplaced(std::int64_t connectedAt)
{
    if (auto *const claiming = std::get_if<ClaimingClient>(&m_phase))
        claiming->replacedAt = std::max(claiming->replacedAt, connectedAt);
    const IdentifiedClient *const identified = client();
    return identified && identified->connectedAt() < connectedAt;
}

ClientAddress ClientSession::address() const
{
    return { &m_service, m_connection.id() };
}

ConnectionName ClientSession::name() const
{
    const ConnectionId id = m_connection.id();
    return { m_service.worker().index(), id.slot, id.generation };
}

Claim ClientSession::ownClaim() const
{
    return { m_service.settings().node, m_userAgent };
}

template<typename T, typename F> Completion<T> ClientSession::backHere(F then)
{
    return [&service = m_service, id = m_connection.id(),
            then = std::move(then)](Result<T> result) mutable {
        service.worker().post(
            [&service, id, then = std::move(then), result = std::move(result)]() mutable {
                ClientSession *const session = service.session(id);
                if (session && !std::holds_alternative<Ended>(session->m_phase))
                    then(*session, std::move(result));
            });
    };
}

// What the client says.

void ClientSession::textReceived(QByteArrayView text)
{
    if (std::holds_alternative<Ended>(m_phase))
        return;
    if (m_waiting == Waiting::Pong)
        waitFor(Waiting::NextPing);
    if (std::holds_alternative<ClaimingClient>(m_phase)) {
        keepEarly(text);
        return;
    }
    Result<ClientMessage> message = m_service.reader().read(text);
    if (!message)
        close(message.error());
    else if (isIdentified())
        handle(std::move(*message));
    else
        greet(std::move(*message));
}

void ClientSession::keepEarly(QByteArrayView text)
{
    if (isEarlyFull()) { // and it was heard all the same: see WebSocketConnection::setReading()
        close(ErrorCode::InvalidMessage);
        return;
    }
    m_early.push_back(text.toByteArray());
    if (isEarlyFull())
        listen();
}

bool ClientSession::isEarlyFull() const
{
    qsizetype bytes = 0;
    for (const QByteArray &text : m_early)
        bytes += text.size();
    return m_early.size() >= MaxEarlyMessages || bytes >= MaxEarlyBytes;
}

/// Hears the client unless what it says would pile up here.
void ClientSession::listen()
{
    m_connection.setReading(!m_asksTooMuch && m_waiting != Waiting::Reader && !isEarlyFull());
}

void ClientSession::hearLastWords()
{
    if (isIdentified() && !m_asksTooMuch)
        m_connection.setReading(true);
}

void ClientSession::greet(ClientMessage message)
{
    auto *const hello = std::get_if<Hello>(&message);
    if (!hello) {
        close(ErrorCode::InvalidMessage);
        return;
    }
    if (!m_service.canSucceed()) {
        close(ErrorCode::TryAgainLater);
        return;
    }
    auto greeted =
        std::get<UnidentifiedClient>(std::move(m_phase)).hello(std::move(*hello), [this] {
            return m_service.newUaidAt(m_connection.limitKey());
        });
    const auto predecessor = m_service.registry().replace(greeted.client.uaid, address());
    const Uaid uaid = greeted.client.uaid;
    m_phase.emplace<ClaimingClient>(std::move(greeted.client));
    m_timer.cancel();
    if (greeted.isNew) {
        const ClaimingClient client = std::get<ClaimingClient>(m_phase);
        identify(client, newClient(), true);
        return;
    }
    if (!predecessor) {
        claim();
        return;
    }
    // What the old connection left on its way to storage comes before our first read of it.
    m_service.succeed(m_connection.id(), uaid, *predecessor);
}

void ClientSession::claim()
{
    const auto *const client = std::get_if<ClaimingClient>(&m_phase);
    if (!client)
        return;
    m_service.storage().claimClient(
        client->uaid, ownClaim(),
        backHere<std::optional<ClientRecord>>(
            [](ClientSession &session, Result<std::optional<ClientRecord>> record) {
                session.claimed(std::move(record));
            }));
}

void ClientSession::claimed(Result<std::optional<ClientRecord>> record)
{
    if (!record) {
        close(record.error());
        return;
    }
    if (*record) {
        const NodeId &previous = (*record)->previousNode;
        OtherNodes *const otherNodes = m_service.otherNodes();
        if (!otherNodes || previous.isEmpty() || previous == m_service.settings().node) {
            welcome(**record);
            return;
        }
        // What the connection there leaves on its way to storage comes before our first read of it.
        const Uaid uaid = (*record)->uaid;
        const std::int64_t connectedAt = (*record)->connectedAt;
        const NodeId node = previous;
        otherNodes->closeOlder(
            uaid, connectedAt, node,
            [&service = m_service, id = m_connection.id(), record = std::move(**record)]() mutable {
                service.worker().post([&service, id, record = std::move(record)] {
                    if (ClientSession *const session = service.session(id))
                        session->welcome(record);
                });
            });
        return;
    }
    ClaimingClient client = std::get<ClaimingClient>(m_phase);
    // Definitely unknown: it starts anew.
    m_service.registry().remove(client.uaid, address());
    client.uaid = m_service.newUaidAt(m_connection.limitKey());
    m_phase.emplace<ClaimingClient>(client);
    static_cast<void>(m_service.registry().replace(client.uaid, address()));
    identify(client, newClient(), true);
}

void ClientSession::welcome(const ClientRecord &record)
{
    if (!std::holds_alternative<ClaimingClient>(m_phase))
        return;
    const ClaimingClient client = std::get<ClaimingClient>(m_phase);
    if (record.connectedAt < client.replacedAt) {
        close(ErrorCode::Ghost);
        return;
    }
    identify(client, record, false);
}

/// Precondition: claimed lies elsewhere than in the phase, which ends here.
void ClientSession::identify(const ClaimingClient &claimed, const ClientRecord &record, bool isNew)
{
    journal().record(Fact::ClientGreeted {
        .connection = name(),
        .uaid = claimed.uaid,
        .isNew = isNew,
        .connectedAt = record.connectedAt,
        .channels = record.channels,
        .broadcasts = claimed.broadcasts,
        .userAgent = m_userAgent,
    });
    qCDebug(lcConnect).noquote() << "client" << shortened(claimed.uaid) << "says hello with"
                                 << record.channels.size() << "subscriptions";
    m_counts.isNew = isNew;
    ClientEffects effects;
    auto &identified = m_phase.emplace<IdentifiedClient>(claimed, record.channels,
                                                         record.connectedAt, m_service.context());
    waitFor(Waiting::NextPing);
    identified.start(claimed,
                     record.mayHaveMessages ? IdentifiedClient::Backlog::Possible
                                            : IdentifiedClient::Backlog::None,
                     effects);
    apply(std::move(effects));
    if (m_early.empty())
        return;
    for (const QByteArray &text : std::exchange(m_early, {}))
        textReceived(text);
    listen();
}

void ClientSession::handle(ClientMessage message)
{
    recordSaid(message);
    ClientEffects effects;
    client()->handle(std::move(message), effects);
    apply(std::move(effects));
}

void ClientSession::recordSaid(const ClientMessage &message)
{
    const Uaid &uaid = client()->uaid();
    if (const auto *ack = std::get_if<Ack>(&message)) {
        m_counts.acknowledged += static_cast<std::uint32_t>(ack->updates.size());
        const Time now = m_service.context().clock.now();
        for (const AckUpdate &update : ack->updates) {
            qCDebug(lcConnect).noquote()
                << "client" << shortened(uaid) << "acknowledges a message with code" << update.code;
            const auto sent = client()->inFlight(update.version);
            journal().record(Fact::MessageAcknowledged {
                .uaid = uaid,
                .channelId = update.channelId,
                .id = update.version,
                .code = update.code,
                .sortKey = sent ? std::optional(sent->sortKey) : keyOf(update.version),
                .after = sent ? std::optional(now - sent->sentAt) : std::nullopt,
                .wasInFlight = sent.has_value(),
                .reliabilityId = sent ? QByteArrayView(sent->reliabilityId) : QByteArrayView(),
            });
        }
    } else if (const auto *nack = std::get_if<Nack>(&message)) {
        ++m_counts.refused;
        const auto sent = client()->inFlight(nack->version);
        journal().record(
            Fact::MessageRefused { .uaid = uaid,
                                   .id = nack->version,
                                   .code = nack->code,
                                   .channelId = sent ? &sent->channelId : nullptr,
                                   .sortKey = sent ? std::optional(sent->sortKey) : std::nullopt });
        if (sent)
            recordReturned(*sent);
    } else if (const auto *unregister = std::get_if<Unregister>(&message)) {
        ++m_counts.unregisters;
        journal().record(
            Fact::UnregisterReceived { uaid, unregister->channelId, unregister->code });
    } else if (std::holds_alternative<Ping>(message)) {
        journal().record(Fact::PingReceived { uaid });
    }
}

/// The key of a message that is not in flight; absent if the name does not say it.
std::optional<SortKey> ClientSession::keyOf(const QByteArray &version)
{
    const std::optional<MessageName> name = m_service.messageIds().read(version);
    return name && name->uaid == client()->uaid() ? name->sortKey : std::nullopt;
}

/// messages: those that the effects may send, in the same order.
void ClientSession::recordSent(const ClientEffects &effects, std::span<const Notification> messages,
                               Fact::MessageSent::Source source)
{
    auto next = messages.begin();
    for (const ClientEffect &effect : effects) {
        const auto *const sent = std::get_if<Effect::Send>(&effect);
        if (!sent || !sent->message)
            continue;
        next = std::find_if(next, messages.end(), [sent](const Notification &message) {
            return message.sortKey == *sent->message;
        });
        if (next == messages.end())
            return;
        using enum Fact::MessageSent::Source;
        ++(source == Direct        ? m_counts.direct
               : source == Storage ? m_counts.stored
                                   : m_counts.handedOver);
        // Another process tells the time of acceptance in whole seconds.
        const bool isHandedOver = source == Fact::MessageSent::Source::OtherNode;
        const Time since = isHandedOver && toInt(next->sortKey) > 0
            ? Time(std::chrono::microseconds(toInt(next->sortKey)))
            : next->accepted;
        journal().record(Fact::MessageSent { *next, sent->id, source, sent->sentAt - since });
    }
}

void ClientSession::recordReturned(const IdentifiedClient::SentMessage &sent)
{
    journal().record(Fact::MessageReturned { client()->uaid(), sent.channelId, sent.sortKey,
                                             sent.stored, sent.reliabilityId });
}

void ClientSession::recordLeft(std::optional<ErrorCode> why)
{
    Fact::ClientLeft left { name(), nullptr, why };
    if (const auto *const claiming = std::get_if<ClaimingClient>(&m_phase)) {
        left.uaid = &claiming->uaid;
    } else if (const IdentifiedClient *const known = client()) {
        left.uaid = &known->uaid();
        left.after = std::chrono::milliseconds(toMilliseconds(m_service.context().clock.now())
                                               - known->connectedAt());
    }
    journal().record(left);
    if (isIdentified())
        logSession(*left.uaid, m_counts, m_userAgent, why);
}

// Effects.

void ClientSession::apply(ClientEffects effects)
{
    for (ClientEffect &effect : effects)
        std::visit([this](auto &each) { apply(std::move(each)); }, effect);
}

void ClientSession::apply(Effect::Send &&effect)
{
    m_connection.sendText(effect.text);
    if (m_waiting == Waiting::Reader || m_connection.pendingBytes() <= OutputHighWater)
        return;
    waitFor(Waiting::Reader);
    listen();
    if (IdentifiedClient *const full = client()) {
        ClientEffects none; // a full client is not fed
        full->setOutputFull(true, none);
    }
}

void ClientSession::apply(Effect::SendPing &&)
{
    m_connection.sendPing();
}

void ClientSession::apply(Effect::Close &&effect)
{
    close(effect.why);
}

/// The client asks for a change that it can ask for as often as it likes.
void ClientSession::changeAsked()
{
    if (++m_changes < MaxChanges)
        return;
    m_asksTooMuch = true;
    listen();
}

void ClientSession::changeDone()
{
    if (--m_changes > MaxChanges / 2 || !m_asksTooMuch)
        return;
    m_asksTooMuch = false;
    listen();
}

void ClientSession::apply(Effect::AddChannel &&effect)
{
    const Uaid uaid = client()->uaid();
    const ChannelId channel = effect.channelId;
    const bool isNew = !client()->isStored();
    if (!m_service.rateLimits().mayRegister(m_connection.limitKey(), uaid, isNew)) {
        journal().record(Fact::RegisterRefused { uaid, channel, ErrorCode::RateLimited });
        ClientEffects effects;
        client()->registered(channel, Unexpected(ErrorCode::RateLimited), {}, effects);
        apply(std::move(effects));
        return;
    }
    changeAsked();
    Claim claim = ownClaim();
    claim.connectedAt = client()->connectedAt();
    m_service.storage().addChannel(
        uaid, std::move(claim), channel, effect.keyHash, m_service.settings().options.maxChannels,
        backHere<void>([uaid, channel, keyHash = effect.keyHash](ClientSession &session,
                                                                 Result<void> outcome) {
            session.changeDone();
            if (!outcome && outcome.error() == ErrorCode::Ghost) {
                session.close(ErrorCode::Ghost);
                return;
            }
            if (outcome) {
                ++session.m_counts.registers;
                session.journal().record(Fact::ChannelRegistered { uaid, channel, keyHash });
            } else {
                session.journal().record(Fact::RegisterRefused { uaid, channel, outcome.error() });
            }
            ClientEffects effects;
            session.client()->registered(channel, outcome,
                                         session.m_service.endpointUrl({ uaid, channel, keyHash }),
                                         effects);
            session.apply(std::move(effects));
        }));
}

void ClientSession::apply(Effect::RemoveChannel &&effect)
{
    changeAsked();
    const ChannelId channel = effect.channelId;
    m_service.storage().removeChannel(
        client()->uaid(), channel,
        backHere<bool>([channel](ClientSession &session, Result<bool> removed) {
            session.changeDone();
            ClientEffects effects;
            session.client()->unregistered(
                channel, removed ? Result<void>() : Unexpected(removed.error()), effects);
            session.apply(std::move(effects));
            session.verify();
        }));
}

void ClientSession::apply(Effect::RemoveMessage &&effect)
{
    // Not backHere(): only a failure concerns the session, and failures are rare.
    m_service.storage().removeAcknowledged(
        client()->uaid(), effect.channelId, effect.sortKey,
        [&service = m_service, id = m_connection.id(),
         key = effect.sortKey](const Result<bool> &removed) {
            if (removed && (*removed || !service.settings().sharesRecords))
                return;
            service.worker().post([&service, id, key, failed = !removed] {
                ClientSession *const session = service.session(id);
                if (!session || !session->isIdentified())
                    return;
                if (failed)
                    session->removalFailed(key);
                else
                    session->verify(); // somebody else has removed it
            });
        });
}

void ClientSession::removalFailed(SortKey key)
{
    ClientEffects effects;
    client()->removalFailed(key, effects);
    apply(std::move(effects));
}

void ClientSession::apply(Effect::RemoveNamed &&effect)
{
    const MessageIds &ids = m_service.messageIds();
    const std::optional<MessageName> name = ids.read(effect.version);
    if (!name || name->uaid != client()->uaid())
        return;
    const auto done = [](ClientSession &session, const Result<bool> &removed) {
        session.changeDone();
        if (removed && !*removed)
            session.verify();
    };
    if (!name->topic.isEmpty()) {
        changeAsked();
        // The storage's thread compares, so it gets a copy of its own.
        m_service.storage().removeTopic(
            name->uaid, name->channelId, name->topic,
            [ids, name = *name](SortKey key) { return ids.names(name, key); },
            backHere<bool>(done));
    } else if (name->sortKey && ids.names(*name, *name->sortKey)) {
        changeAsked();
        m_service.storage().removeMessage(name->uaid, name->channelId, *name->sortKey,
                                          backHere<bool>(done));
    }
}

void ClientSession::apply(Effect::Fetch &&effect)
{
    m_service.storage().fetch(
        effect.request,
        backHere<FetchPage>([](ClientSession &session, const Result<FetchPage> &page) {
            if (page) {
                if (!page->messages.empty())
                    qCDebug(lcConnect) << "sending" << page->messages.size() << "from storage";
                session.journal().record(
                    Fact::MessagesRetrieved { session.client()->uaid(), page->messages });
            }
            ClientEffects effects;
            session.client()->fetched(page, effects);
            if (page)
                session.recordSent(effects, page->messages, Fact::MessageSent::Source::Storage);
            session.apply(std::move(effects));
        }));
}

void ClientSession::apply(Effect::Forget &&)
{
    journal().record(Fact::ClientReset { client()->uaid() });
    m_service.storage().removeClient(client()->uaid(), [](const Result<bool> &) {});
}

// The client's record, which other processes change.

void ClientSession::review(const ClientNews &news)
{
    const std::int64_t own = client()->connectedAt();
    if (news.connectedAt > own) {
        close(ErrorCode::Ghost);
    } else if (news.connectedAt < own) {
        // It was read before this connection claimed the client.
    } else if (news.node != m_service.settings().node) {
        reclaim();
    } else {
        ClientEffects effects;
        client()->catchUp(news.newest, effects);
        apply(std::move(effects));
    }
}

/// Looks at the record because something is not as this connection would have it.
void ClientSession::verify()
{
    if (!m_service.settings().sharesRecords || !isIdentified()
        || std::exchange(m_isVerifying, true))
        return;
    m_service.storage().findNews(
        m_service.settings().node, { client()->uaid() },
        backHere<std::vector<ClientNews>>(
            [](ClientSession &session, const Result<std::vector<ClientNews>> &news) {
                session.m_isVerifying = false;
                if (news && !news->empty())
                    session.review(news->front());
            }));
}

/// Somebody took this process for gone, or has restored an old record.
void ClientSession::reclaim()
{
    m_service.storage().reclaimClient(
        client()->uaid(), m_service.settings().node, client()->connectedAt(),
        backHere<bool>([](ClientSession &session, const Result<bool> &reclaimed) {
            if (!reclaimed || !*reclaimed)
                return;
            session.journal().record(Fact::ClientReclaimed { session.client()->uaid() });
            qCDebug(lcConnect).noquote()
                << "client" << shortened(session.client()->uaid()) << "is claimed again";
            ClientEffects effects;
            session.client()->catchUp(std::nullopt, effects);
            session.apply(std::move(effects));
        }));
}

// The connection.

void ClientSession::pongReceived()
{
    if (!m_service.pings().isEmpty())
        m_service.pings().answered(m_connection.id());
    if (m_waiting == Waiting::Pong)
        waitFor(Waiting::NextPing);
}

void ClientSession::drained()
{
    if (m_waiting != Waiting::Reader || !isIdentified())
        return;
    waitFor(Waiting::NextPing);
    listen();
    ClientEffects effects;
    client()->setOutputFull(false, effects);
    apply(std::move(effects));
}

void ClientSession::closed()
{
    if (!std::holds_alternative<Ended>(m_phase))
        recordLeft(std::nullopt);
    endClient();
}

void ClientSession::close(ErrorCode why)
{
    if (std::holds_alternative<Ended>(m_phase))
        return;
    recordLeft(why);
    qCDebug(lcConnect).noquote() << "closing a connection:" << errorName(why);
    m_connection.close(closeCode(why), errorName(why));
    endClient();
}

void ClientSession::endClient()
{
    m_timer.cancel();
    m_early.clear();
    if (!m_service.pings().isEmpty())
        m_service.pings().forget(m_connection.id());
    if (const auto *const claiming = std::get_if<ClaimingClient>(&m_phase)) {
        // Whoever comes next has to wait for the same, and finds it by this entry.
        if (!m_service.isSucceeding(m_connection.id()))
            m_service.registry().remove(claiming->uaid, address());
    } else if (const IdentifiedClient *const known = client()) {
        for (const IdentifiedClient::SentMessage &sent : known->allInFlight())
            recordReturned(sent);
        m_service.registry().remove(known->uaid(), address());
        if (known->isStored()) {
            m_service.storage().endWait(known->uaid());
            if (m_service.settings().sharesRecords)
                m_service.storage().releaseClient(known->uaid(), known->connectedAt(),
                                                  [](const Result<bool> &) {});
        }
    }
    m_phase.emplace<Ended>();
}

void ClientSession::waitFor(Waiting what)
{
    m_waiting = what;
    const ConnectOptions &options = m_service.settings().options;
    switch (what) {
    case Waiting::Hello:
        m_service.timers().start(m_timer, options.openHandshakeTimeout);
        return;
    case Waiting::NextPing:
        m_service.timers().start(m_timer, options.autoPingInterval);
        return;
    case Waiting::Pong:
        m_taken = 0; // not asked for at each ping
        m_service.timers().start(m_timer, options.autoPingTimeout);
        return;
    case Waiting::Reader:
        static_cast<void>(hasTakenMore(m_connection.progress()));
        m_service.timers().start(m_timer, options.slowReaderTimeout);
        return;
    }
}

/// Whether the client has read some of its output since this was last asked.
bool ClientSession::hasTakenMore(const OutputProgress &now)
{
    const auto taken = static_cast<std::uint32_t>(now.taken);
    return std::exchange(m_taken, taken) != taken;
}

void ClientSession::timeout()
{
    switch (m_waiting) {
    case Waiting::Hello:
        close(ErrorCode::HandshakeTimeout);
        return;
    case Waiting::Pong: {
        if (m_changes > 0) {
            waitFor(Waiting::NextPing); // it may have answered, unheard
            return;
        }
        const OutputProgress progress = m_connection.progress();
        if (progress.waiting > 0 && hasTakenMore(progress)) // the ping is on its way
            m_service.timers().start(m_timer, m_service.settings().options.autoPingTimeout);
        else
            close(ErrorCode::PongTimeout);
        return;
    }
    case Waiting::Reader:
        if (hasTakenMore(m_connection.progress()))
            m_service.timers().start(m_timer, m_service.settings().options.slowReaderTimeout);
        else
            close(ErrorCode::SlowReader);
        return;
    case Waiting::NextPing:
        break;
    }
    ClientEffects effects;
    const bool awaitPong = client()->pingTick(effects);
    waitFor(awaitPong ? Waiting::Pong : Waiting::NextPing);
    if (!awaitPong)
        journal().record(Fact::BroadcastSent { client()->uaid() });
    apply(std::move(effects));
}

} // namespace Carillon
