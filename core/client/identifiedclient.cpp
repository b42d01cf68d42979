// SPDX-License-Identifier: MPL-2.0
#include "core/client/identifiedclient.h"

#include "core/crypto/base64url.h"
#include "core/crypto/p256.h"
#include "core/protocol/servermessage.h"

#include <QCryptographicHash>

#include <algorithm>

namespace Carillon {
namespace {

constexpr SortKey NoKey { 0 };

SortKey justBefore(SortKey key)
{
    return SortKey { toInt(key) - 1 };
}

SortKey justAfter(SortKey key)
{
    return SortKey { toInt(key) + 1 };
}

/// The SHA-256 of a VAPID key as clients send it: base64url, its padding tolerated (Firefox pads).
/// nullopt: it is no point of P-256 (RFC 8292 §3.2), so nobody could ever sign for the
/// subscription.
std::optional<QByteArray> keyHash(QByteArrayView key)
{
    const std::optional<QByteArray> raw = fromBase64Url(withoutPadding(key));
    if (!raw || !isP256Point(*raw))
        return std::nullopt;
    return QCryptographicHash::hash(*raw, QCryptographicHash::Sha256);
}

} // namespace

IdentifiedClient::IdentifiedClient(const ClaimingClient &client, std::vector<ChannelId> channels,
                                   std::int64_t connectedAt, ClientContext &context)
    : m_context(context), m_uaid(client.uaid),
      m_connectedAt(connectedAt != 0 ? connectedAt : toMilliseconds(context.clock.now())),
      m_channels(std::move(channels)), m_minimumUrgency(client.minimumUrgency),
      m_isStored(!m_channels.empty() || connectedAt != 0)
{
    std::ranges::sort(m_channels);
}

bool IdentifiedClient::hasChannel(const ChannelId &channel) const
{
    return std::ranges::binary_search(m_channels, channel);
}

void IdentifiedClient::start(const ClaimingClient &client, Backlog backlog, ClientEffects &effects)
{
    const auto news = m_broadcasts.subscribe(client.broadcasts, m_context.broadcasts);
    effects.emplace_back(Effect::Send { helloAnswer(m_uaid, news) });
    if (backlog == Backlog::Possible || client.toldOfMessages)
        feed(effects);
    else
        m_feed = Feed::Live;
}

void IdentifiedClient::handle(ClientMessage message, ClientEffects &effects)
{
    struct Dispatch
    {
        IdentifiedClient &client;
        ClientEffects &effects;
        void operator()(const Hello &) const
        {
            effects.emplace_back(Effect::Close { ErrorCode::InvalidMessage });
        }
        void operator()(const Register &m) const { client.onRegister(m, effects); }
        void operator()(const Unregister &m) const { client.onUnregister(m, effects); }
        void operator()(const Ack &m) const { client.onAck(m, effects); }
        void operator()(const Nack &m) const { client.onNack(m, effects); }
        void operator()(const Ping &) const { client.onPing(effects); }
        void operator()(const BroadcastSubscribe &m) const
        {
            client.onBroadcastSubscribe(m, effects);
        }
    };
    std::visit(Dispatch { *this, effects }, message);
}

void IdentifiedClient::onRegister(const Register &message, ClientEffects &effects)
{
    m_changes.push_back({ message.channelId, ChannelChange::Coming });
    QByteArray hash;
    if (message.key) {
        const std::optional<QByteArray> known = keyHash(*message.key);
        if (!known) {
            registered(message.channelId, Unexpected(ErrorCode::InvalidClientKey), {}, effects);
            return;
        }
        hash = *known;
    }
    effects.emplace_back(Effect::AddChannel { message.channelId, std::move(hash) });
}

void IdentifiedClient::registered(ChannelId channel, Result<void> outcome, QByteArrayView endpoint,
                                  ClientEffects &effects)
{
    settleChange({ channel, ChannelChange::Coming });
    if (!outcome) {
        const ErrorCode why = outcome.error();
        const bool clientsFault = why == ErrorCode::InvalidClientKey
            || why == ErrorCode::TooManyChannels || why == ErrorCode::RateLimited;
        const int status = clientsFault ? httpStatus(why) : 500;
        // autopush's words (protocol.md §2.3).
        const QByteArrayView text = why == ErrorCode::InvalidClientKey
            ? QByteArrayView("Failed to generate endpoint")
            : QByteArrayView("");
        effects.emplace_back(Effect::Send { registerAnswer(channel, status, text) });
        feed(effects);
        return;
    }
    m_isStored = true;
    if (!hasChannel(channel))
        m_channels.insert(std::ranges::upper_bound(m_channels, channel), channel);
    effects.emplace_back(Effect::Send { registerAnswer(channel, 200, endpoint) });
    feed(effects);
}

void IdentifiedClient::onUnregister(const Unregister &message, ClientEffects &effects)
{
    m_changes.push_back({ message.channelId, ChannelChange::Leaving });
    effects.emplace_back(Effect::RemoveChannel { message.channelId });
}

/// Whether only storage knows if the channel is there: a change is on its way that decides it.
bool IdentifiedClient::isUnsure(const ChannelId &channel) const
{
    return hasChange({ channel, ChannelChange::Leaving })
        || (hasChange({ channel, ChannelChange::Coming }) && !hasChannel(channel));
}

bool IdentifiedClient::hasChange(const ChannelChange &change) const
{
    return std::ranges::find(m_changes, change) != m_changes.end();
}

/// One of them: storage answers as often as it was asked.
void IdentifiedClient::settleChange(const ChannelChange &change)
{
    m_changes.erase(std::ranges::find(m_changes, change));
    if (m_changes.empty())
        m_changes.shrink_to_fit();
    m_isHeldBack = false;
}

/// What is in flight may never be acknowledged.
void IdentifiedClient::dropChannel(const ChannelId &channel)
{
    std::erase(m_channels, channel);
    std::erase_if(m_inFlight, [&](const InFlight &entry) {
        if (entry.channelId != channel)
            return false;
        m_bytesInFlight -= entry.bytes;
        return true;
    });
}

void IdentifiedClient::unregistered(ChannelId channel, Result<void> outcome, ClientEffects &effects)
{
    settleChange({ channel, ChannelChange::Leaving });
    if (outcome) {
        dropChannel(channel);
        if (m_reading)
            rememberGone(channel);
    }
    effects.emplace_back(Effect::Send { unregisterAnswer(channel, outcome ? 200 : 500) });
    feed(effects);
}

void IdentifiedClient::onAck(const Ack &message, ClientEffects &effects)
{
    for (const AckUpdate &update : message.updates) {
        const auto entry = findInFlight(update.version);
        if (entry == m_inFlight.end()) {
            if (m_reading)
                rememberSettled(update.version);
            effects.emplace_back(Effect::RemoveNamed { update.version });
            continue;
        }
        if (m_reading)
            rememberSettled({ entry->sortKey, {} });
        if (entry->stored)
            effects.emplace_back(Effect::RemoveMessage { entry->channelId, entry->sortKey });
        settle(entry);
    }
    feed(effects);
}

/// By the id that it was sent under, or by the one that another key makes of it: an earlier
/// connection may have been sent that.
std::vector<IdentifiedClient::InFlight>::iterator
IdentifiedClient::findInFlight(const QByteArray &version)
{
    const auto sent = std::ranges::find(m_inFlight, version, &InFlight::id);
    if (sent != m_inFlight.end() || m_inFlight.empty())
        return sent;
    const MessageIds &ids = m_context.messageIds;
    const std::optional<MessageName> name = ids.read(version);
    if (!name || name->uaid != m_uaid)
        return m_inFlight.end();
    return std::ranges::find_if(m_inFlight, [&](const InFlight &entry) {
        return entry.channelId == name->channelId && ids.names(*name, entry.sortKey);
    });
}

/// What a client repeats is not remembered again: it may talk as long as the read takes.
void IdentifiedClient::rememberSettled(const Settled &message)
{
    if (m_readsAgain
        || std::ranges::find(m_settledWhileReading, message) != m_settledWhileReading.end())
        return;
    if (m_settledWhileReading.size() < m_context.limits.whileReading)
        m_settledWhileReading.push_back(message);
    else
        readAgain();
}

void IdentifiedClient::rememberGone(const ChannelId &channel)
{
    const ChannelChange gone { channel, ChannelChange::GoneWhileReading };
    if (m_readsAgain || hasChange(gone))
        return;
    if (m_changes.size() < m_context.limits.whileReading)
        m_changes.push_back(gone);
    else
        readAgain();
}

/// A read that begins now knows all that happened during the open one.
void IdentifiedClient::readAgain()
{
    m_readsAgain = true;
    forgetRead();
}

/// What had to be remembered because of the open read.
void IdentifiedClient::forgetRead()
{
    m_settledWhileReading = {};
    std::erase_if(m_changes, [](const ChannelChange &change) {
        return change.kind == ChannelChange::GoneWhileReading;
    });
    if (m_changes.empty())
        m_changes.shrink_to_fit();
}

/// Of an earlier connection: the open read may find it. Nor is what a client makes up.
void IdentifiedClient::rememberSettled(const QByteArray &version)
{
    const std::optional<MessageName> name = m_context.messageIds.read(version);
    if (name && name->uaid == m_uaid)
        rememberSettled(name->sortKey ? Settled { *name->sortKey, {} }
                                      : Settled { NoKey, version });
}

void IdentifiedClient::onNack(const Nack &message, ClientEffects &effects)
{
    const auto entry = findInFlight(message.version);
    if (entry == m_inFlight.end())
        return;
    const bool stored = entry->stored;
    const SortKey key = entry->sortKey;
    settle(entry);
    if (stored)
        keepBack(key, effects);
    feed(effects);
}

void IdentifiedClient::onPing(ClientEffects &effects)
{
    const Instant now = m_context.clock.steadyNow();
    const bool first = m_lastPing == Instant {};
    if (!first && now - m_lastPing < m_context.limits.minPingInterval) {
        effects.emplace_back(Effect::Close { ErrorCode::ExcessivePing });
        return;
    }
    m_lastPing = now;
    effects.emplace_back(Effect::Send { pong() });
}

void IdentifiedClient::onBroadcastSubscribe(const BroadcastSubscribe &message,
                                            ClientEffects &effects)
{
    const auto news = m_broadcasts.subscribe(message.broadcasts, m_context.broadcasts);
    if (!news.isEmpty())
        effects.emplace_back(Effect::Send { broadcastMessage(news) });
}

IdentifiedClient::Admission IdentifiedClient::admit(const Notification &message)
{
    const bool unsure = isUnsure(message.channelId);
    if (!unsure && !hasChannel(message.channelId))
        return Admission::NoSuchSubscription;
    const bool mayBeSent = !unsure && message.urgency >= m_minimumUrgency && hasRoom();
    if (message.ttl.count() == 0)
        return mayBeSent ? Admission::SendNow : Admission::Drop;
    if (mayBeSent && m_feed == Feed::Live && m_storing == 0)
        return Admission::SendNow;
    storeInstead();
    return Admission::StoreFirst;
}

MessageId IdentifiedClient::sent(const Notification &message, ClientEffects &effects)
{
    MessageId id = idOf(message);
    const bool stored = message.ttl.count() > 0;
    if (stored)
        m_knownUpTo = std::max(m_knownUpTo, message.sortKey);
    send(message, id, stored, effects);
    return id;
}

void IdentifiedClient::storedBehind(SortKey key, Urgency urgency, ClientEffects &effects)
{
    --m_storing;
    if (urgency >= m_minimumUrgency)
        checkStorage(key, effects);
}

void IdentifiedClient::storingFailed()
{
    --m_storing;
}

void IdentifiedClient::checkStorage(SortKey from, ClientEffects &effects)
{
    m_isStored = true;
    if (m_feed == Feed::Live) {
        m_feed = Feed::All;
        m_after = justBefore(from);
        m_sentFromStorage = 0;
    } else if (m_reading || m_feed != Feed::All || from <= m_after) {
        rewindTo(from);
    }
    feed(effects);
}

void IdentifiedClient::catchUp(std::optional<SortKey> newest, ClientEffects &effects)
{
    if (newest && *newest <= m_knownUpTo)
        return;
    const SortKey known = m_knownUpTo;
    m_knownUpTo = newest.value_or(known);
    checkStorage(justAfter(known), effects);
}

bool IdentifiedClient::handOver(const NodeMessage &handed, ClientEffects &effects)
{
    const Notification &message = handed.notification;
    const bool unsure = isUnsure(message.channelId);
    if (!unsure && !hasChannel(message.channelId))
        return false;
    const bool stored = message.ttl.count() > 0;
    const SortKey known = m_knownUpTo;
    if (stored)
        m_knownUpTo = std::max(known, message.sortKey);
    // Late: this connection has read it, or will with what was stored before it began.
    if (stored && handed.connectedAt != 0 && handed.connectedAt < m_connectedAt)
        return true;
    if (stored && handed.predecessor > known) {
        checkStorage(justAfter(known), effects);
        return hasRoom();
    }
    if (message.urgency < m_minimumUrgency)
        return true;
    const MessageId id = handed.version.text().isEmpty() ? idOf(message) : handed.version;
    // A node of autopush's gives no key: then ours is new, and the id tells.
    if (std::ranges::any_of(m_inFlight, [&](const InFlight &entry) {
            return entry.sortKey == message.sortKey || entry.id == id.text();
        }))
        return true;
    // A key that is not the newest was sent before, or lost its race: storage knows which.
    const bool next =
        !stored || (message.sortKey > m_highestSent && m_feed == Feed::Live && m_storing == 0);
    if (next && !unsure && hasRoom()) {
        send(message, id, stored, effects);
        return true;
    }
    if (stored)
        checkStorage(message.sortKey, effects);
    return stored && hasRoom();
}

MessageId IdentifiedClient::idOf(const Notification &message) const
{
    return m_context.messageIds.make(m_uaid, message.channelId, message.topic, message.sortKey,
                                     message.idKey);
}

void IdentifiedClient::send(const Notification &message, const MessageId &id, bool stored,
                            ClientEffects &effects)
{
    const Time now = m_context.clock.now();
    effects.emplace_back(
        Effect::Send { notificationMessage(message, id), message.sortKey, id.text(), now });
    const auto bytes = static_cast<std::int32_t>(message.body.size());
    m_inFlight.push_back({ .sortKey = message.sortKey,
                           .channelId = message.channelId,
                           .id = id.text(),
                           .sentAt = now,
                           .reliabilityId = message.reliabilityId,
                           .bytes = bytes,
                           .stored = stored });
    m_bytesInFlight += bytes;
    if (stored)
        m_highestSent = std::max(m_highestSent, message.sortKey);
}

void IdentifiedClient::settle(std::vector<InFlight>::iterator entry)
{
    m_bytesInFlight -= entry->bytes;
    m_inFlight.erase(entry);
    if (m_inFlight.empty())
        m_inFlight.shrink_to_fit(); // an idle client keeps no buffer
}

void IdentifiedClient::keepBack(SortKey key, ClientEffects &effects)
{
    const auto place = std::ranges::lower_bound(m_keptBack, key);
    if (place != m_keptBack.end() && *place == key)
        return;
    m_keptBack.insert(place, key);
    if (m_keptBack.size() <= m_context.limits.keptBack)
        return;
    // Those that are still stored come again: to remember fewer is not to lose one.
    const SortKey oldest = m_keptBack.front();
    m_keptBack.erase(m_keptBack.begin(), m_keptBack.begin() + std::ssize(m_keptBack) / 2);
    checkStorage(oldest, effects);
}

bool IdentifiedClient::hasRoom() const
{
    return !m_outputFull && std::ssize(m_inFlight) < m_context.limits.window
        && m_bytesInFlight < m_context.limits.windowBytes;
}

void IdentifiedClient::rewindTo(SortKey key)
{
    const SortKey from = justBefore(key);
    m_rewind = m_rewind ? std::min(*m_rewind, from) : from;
}

void IdentifiedClient::feed(ClientEffects &effects)
{
    if (m_feed == Feed::Live || m_reading || !hasRoom() || m_isHeldBack)
        return;
    int most = m_context.limits.window - static_cast<int>(m_inFlight.size());
    if (isDrainOver()) {
        if (hasStoredInFlight())
            return;
        most = 1; // to see whether there is one
    } else if (m_context.limits.resetAfter > 0) {
        most = std::min(most, m_context.limits.resetAfter - m_sentFromStorage);
    }
    m_reading = true;
    const auto which = m_feed == Feed::Topics ? FetchRequest::Which::Topics
        : m_feed == Feed::Plain               ? FetchRequest::Which::Plain
                                              : FetchRequest::Which::All;
    effects.emplace_back(
        Effect::Fetch { { .uaid = m_uaid,
                          .which = which,
                          .after = m_after,
                          .limit = most,
                          .maxBytes = m_context.limits.windowBytes - m_bytesInFlight,
                          .minimumUrgency = m_minimumUrgency } });
}

/// As much was sent as one drain may send.
bool IdentifiedClient::isDrainOver() const
{
    const int limit = m_context.limits.resetAfter;
    return limit > 0 && m_sentFromStorage >= limit;
}

bool IdentifiedClient::hasStoredInFlight() const
{
    return std::ranges::find(m_inFlight, true, &InFlight::stored) != m_inFlight.end();
}

bool IdentifiedClient::wasHandled(SortKey key, const QByteArray &id) const
{
    return std::ranges::find(m_inFlight, key, &InFlight::sortKey) != m_inFlight.end()
        || std::ranges::binary_search(m_keptBack, key)
        || std::ranges::any_of(m_settledWhileReading, [&](const Settled &settled) {
               return settled.key == key || settled.id == id;
           });
}

void IdentifiedClient::fetched(const Result<FetchPage> &page, ClientEffects &effects)
{
    m_reading = false;
    if (!page) {
        // Closing is honest: the client comes back and the backlog is read from its start.
        effects.emplace_back(Effect::Close { ErrorCode::TryAgainLater });
        return;
    }
    if (std::exchange(m_readsAgain, false)) {
        feed(effects);
        return;
    }
    bool more = page->more;
    for (const Notification &message : page->messages) {
        m_isHeldBack = isUnsure(message.channelId);
        // A channel that went may be there anew, and the page may be older than that.
        if (m_isHeldBack || hasChange({ message.channelId, ChannelChange::GoneWhileReading })) {
            more = true; // to be read again
            break;
        }
        m_after = message.sortKey;
        const MessageId id = idOf(message);
        if (!hasChannel(message.channelId) || wasHandled(message.sortKey, id.text()))
            continue;
        if (isDrainOver()) {
            effects.emplace_back(Effect::Forget {});
            effects.emplace_back(Effect::Close { ErrorCode::UaidReset });
            return;
        }
        send(message, id, true, effects);
        ++m_sentFromStorage;
    }
    forgetRead();
    if (!more) {
        if (m_feed == Feed::Topics) {
            m_feed = Feed::Plain;
            m_after = NoKey;
        } else if (m_rewind) {
            m_feed = Feed::All;
            m_after = *m_rewind;
            m_rewind.reset();
        } else {
            m_feed = Feed::Live;
        }
    }
    feed(effects);
}

void IdentifiedClient::setOutputFull(bool full, ClientEffects &effects)
{
    m_outputFull = full;
    feed(effects);
}

bool IdentifiedClient::pingTick(ClientEffects &effects)
{
    const BroadcastChanges news { m_broadcasts.changes(m_context.broadcasts), {} };
    if (!news.isEmpty()) {
        effects.emplace_back(Effect::Send { broadcastMessage(news) });
        return false;
    }
    effects.emplace_back(Effect::SendPing {});
    return true;
}

std::optional<IdentifiedClient::SentMessage>
IdentifiedClient::inFlight(const QByteArray &version) const
{
    const auto sent = std::ranges::find(m_inFlight, version, &InFlight::id);
    if (sent == m_inFlight.end())
        return std::nullopt;
    return SentMessage { sent->channelId, sent->sortKey, sent->sentAt, sent->stored,
                         sent->reliabilityId };
}

std::vector<IdentifiedClient::SentMessage> IdentifiedClient::allInFlight() const
{
    std::vector<SentMessage> all;
    all.reserve(m_inFlight.size());
    for (const InFlight &sent : m_inFlight)
        all.push_back(
            { sent.channelId, sent.sortKey, sent.sentAt, sent.stored, sent.reliabilityId });
    return all;
}

std::vector<SortKey> IdentifiedClient::keysInFlight() const
{
    std::vector<SortKey> keys;
    keys.reserve(m_inFlight.size());
    for (const InFlight &entry : m_inFlight) {
        if (entry.stored)
            keys.push_back(entry.sortKey);
    }
    return keys;
}

} // namespace Carillon
