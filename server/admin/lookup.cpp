// SPDX-License-Identifier: MPL-2.0
#include "server/admin/lookup.h"

#include "core/base/durationtext.h"
#include "core/journal/eventjson.h"
#include "server/admin/admintime.h"

#include <algorithm>
#include <utility>

namespace Carillon {

using namespace Qt::StringLiterals;

namespace {

/// How many of a client's events and stored messages are looked at.
constexpr int EventsLookedAt = 1'000;
constexpr int MessagesLookedAt = 200;
/// How many an answer lists.
constexpr std::size_t MessagesTold = 10;
constexpr std::size_t EventsTold = 100;
constexpr int CandidatesTold = 20;

QString latin1(QByteArrayView text)
{
    return QString::fromLatin1(text);
}

QJsonObject candidate(const QString &kind, QByteArrayView id, const QString &label)
{
    return { { u"kind"_s, kind }, { u"id"_s, latin1(id) }, { u"label"_s, label } };
}

QJsonObject clientCandidate(const ClientSummary &client)
{
    const QByteArray id = toHex(client.record.uaid);
    return candidate(u"client"_s, id,
                     u"client, %1 stored"_s.arg(counted(client.messages, u"message"_s)));
}

QJsonObject senderCandidate(const KnownSender &sender)
{
    return candidate(u"sender"_s, sender.keyHash.toHex(),
                     sender.subject.isEmpty() ? u"sender"_s
                                              : u"sender "_s + QString::fromUtf8(sender.subject));
}

QJsonObject toJson(const MessageFate &fate)
{
    QJsonObject json {
        { u"state"_s, latin1(fateName(fate.state)) },
        { u"received"_s, timeText(fate.received) },
        { u"since"_s, timeText(fate.since) },
        { u"attempts"_s, fate.attempts },
    };
    if (fate.sortKey)
        json.insert(u"message"_s, qint64(toInt(*fate.sortKey)));
    if (fate.channelId)
        json.insert(u"chid"_s, latin1(toDashed(*fate.channelId)));
    if (fate.expires)
        json.insert(u"expires"_s, timeText(*fate.expires));
    if (fate.size)
        json.insert(u"size"_s, qint64(*fate.size));
    if (fate.ttl)
        json.insert(u"ttl"_s, qint64(fate.ttl->count()));
    if (fate.sender)
        json.insert(u"sender"_s, latin1(toHex(*fate.sender)));
    if (fate.error) {
        json.insert(u"error"_s, latin1(errorName(*fate.error)));
        json.insert(u"status"_s, httpStatus(*fate.error));
    }
    if (!fate.reason.isEmpty())
        json.insert(u"reason"_s, QString::fromUtf8(fate.reason));
    if (fate.code)
        json.insert(u"code"_s, *fate.code);
    if (fate.by)
        json.insert(u"by"_s, qint64(toInt(*fate.by)));
    return json;
}

/// The newest events that concern the subject, the newest first.
QJsonArray eventsOf(const Findings &findings)
{
    QJsonArray json;
    for (std::size_t i = findings.events.size(); i-- > 0;) {
        const Event &event = findings.events[i];
        const bool isOfOther =
            event.channelId && findings.channelId && event.channelId != findings.channelId;
        const bool isOfOtherMessage = findings.message && event.sortKey
            && event.sortKey != findings.message && event.by != findings.message;
        if (!isOfOther && !isOfOtherMessage && std::size_t(json.size()) < EventsTold)
            json.append(toJson(event));
    }
    return json;
}

class Facts
{
public:
    void add(const QString &name, const QString &value)
    {
        if (!value.isEmpty())
            m_json.append(QJsonObject { { u"name"_s, name }, { u"value"_s, value } });
    }
    [[nodiscard]] const QJsonArray &json() const { return m_json; }

private:
    QJsonArray m_json;
};

QJsonArray factsOf(const Findings &findings)
{
    Facts facts;
    facts.add(u"Client"_s, latin1(toHex(findings.uaid)));
    if (findings.client) {
        const ClientRecord &record = findings.client->summary.record;
        facts.add(u"Reached by"_s, latin1(record.routerType));
        facts.add(u"User agent"_s, QString::fromUtf8(record.userAgent));
        facts.add(u"Last seen"_s, timeText(record.lastSeen));
        facts.add(u"Node"_s, latin1(record.node.url()));
        facts.add(u"Subscriptions"_s, QString::number(findings.client->channels.size()));
        facts.add(u"Stored for it"_s,
                  u"%1, %2"_s.arg(counted(findings.client->summary.messages, u"message"_s),
                                  counted(findings.client->summary.bytes, u"byte"_s)));
        if (findings.client->oldest)
            facts.add(u"Oldest stored"_s, timeText(*findings.client->oldest));
    }
    facts.add(u"Connected since"_s, findings.live ? timeText(findings.live->since) : QString());
    if (findings.live)
        facts.add(u"In flight"_s, QString::number(findings.live->inFlight));
    if (findings.channelId)
        facts.add(u"Channel"_s, latin1(toDashed(*findings.channelId)));
    if (findings.client && findings.channelId) {
        const auto channel =
            std::ranges::find(findings.client->channels, *findings.channelId, &ChannelDetails::id);
        if (channel != findings.client->channels.end()) {
            facts.add(u"Subscribed"_s, timeText(channel->created));
            facts.add(u"Stored for the channel"_s, counted(channel->messages, u"message"_s));
        }
    }
    facts.add(u"Restricted to key"_s, latin1(findings.keyHash.toHex()));
    return facts.json();
}

QString kindName(Findings::Subject subject)
{
    switch (subject) {
    case Findings::Subject::Client:
        return u"client"_s;
    case Findings::Subject::Subscription:
        return u"subscription"_s;
    case Findings::Subject::Message:
        return u"message"_s;
    }
    Q_UNREACHABLE();
}

} // namespace

struct Lookup::Inquiry
{
    QString query;
    AdminResponder responder;
    Findings findings {};

    void answer(const QString &kind, const Diagnosis &diagnosis, const QJsonArray &facts,
                const QJsonArray &events, const QJsonArray &candidates = {}) const
    {
        QJsonArray messages;
        for (std::size_t i = 0; i < std::min(MessagesTold, diagnosis.messages.size()); ++i)
            messages.append(toJson(diagnosis.messages[i]));
        responder.send({ { u"query"_s, query },
                         { u"kind"_s, kind },
                         { u"verdict"_s, latin1(verdictName(diagnosis.verdict)) },
                         { u"summary"_s, diagnosis.summary },
                         { u"remedy"_s, diagnosis.remedy },
                         { u"facts"_s, facts },
                         { u"messages"_s, messages },
                         { u"events"_s, events },
                         { u"candidates"_s, candidates } });
    }
    void answerCandidates(const QJsonArray &candidates, bool areAll = true) const
    {
        const QString count =
            areAll ? QString::number(candidates.size()) : u"More than %1"_s.arg(candidates.size());
        responder.send({ { u"query"_s, query },
                         { u"kind"_s, u"none"_s },
                         { u"verdict"_s, u"ambiguous"_s },
                         { u"summary"_s, count + u" things match. Give one of them whole."_s },
                         { u"remedy"_s, QString() },
                         { u"facts"_s, QJsonArray() },
                         { u"messages"_s, QJsonArray() },
                         { u"events"_s, QJsonArray() },
                         { u"candidates"_s, candidates } });
    }
    void answerNothing(const QString &summary, const QString &remedy = {}) const
    {
        answer(u"none"_s, { Diagnosis::Verdict::Unknown, summary, remedy, {} }, {}, {});
    }
    /// Gives the value of a finished step; absent: it failed, and this was answered.
    template<typename T> [[nodiscard]] std::optional<T> take(Result<T> &&result) const
    {
        if (result)
            return std::move(*result);
        responder.fail(ProblemType::Unavailable, u"The storage does not answer."_s);
        return std::nullopt;
    }
};

Lookup::Lookup(Dependencies dependencies, const Fernet &keys)
    : m_deps(std::move(dependencies)), m_text(keys)
{
}

void Lookup::answer(const AdminRequest &request, AdminResponder responder)
{
    const QString query = request.text(u"q"_s);
    const auto named = m_text.read(query.toUtf8());
    if (!named) {
        Problem problem(ProblemType::InvalidParameter, named.error());
        problem.parameter = u"q"_s;
        responder.fail(std::move(problem));
        return;
    }
    const auto inquiry = std::make_shared<Inquiry>(Inquiry { query, std::move(responder) });
    inquiry->findings.now = m_deps.clock.now();
    inquiry->findings.node = m_deps.node;
    inquiry->findings.hasHistory = m_deps.history != nullptr;
    lookUp(*named, inquiry);
}

void Lookup::lookUp(const Named &named, const Shared &inquiry)
{
    Findings &findings = inquiry->findings;
    if (const auto *subscription = std::get_if<NamedSubscription>(&named)) {
        findings.subject = Findings::Subject::Subscription;
        findings.uaid = subscription->token.uaid;
        findings.channelId = subscription->token.channelId;
        findings.keyHash = subscription->token.keyHash;
        collect(inquiry);
    } else if (const auto *message = std::get_if<NamedMessage>(&named)) {
        findings.subject = Findings::Subject::Message;
        findings.uaid = message->name.uaid;
        findings.channelId = message->name.channelId;
        findings.message = message->name.sortKey;
        if (message->name.topic.isEmpty())
            collect(inquiry);
        else
            lookUpTopic(message->name, inquiry);
    } else if (const auto *id = std::get_if<NamedUuid>(&named)) {
        lookUpUuid(*id, inquiry);
    } else if (const auto *prefix = std::get_if<NamedPrefix>(&named)) {
        lookUpPrefix(prefix->digits, inquiry);
    } else if (const auto *sender = std::get_if<NamedSender>(&named)) {
        lookUpSender(sender->keyHash, inquiry);
    } else if (const auto *contact = std::get_if<NamedContact>(&named)) {
        lookUpContact(contact->subject, inquiry);
    } else if (const auto *foreign = std::get_if<NamedForeign>(&named)) {
        const bool isOurs = foreign->origin == m_deps.origin || foreign->origin.isEmpty();
        inquiry->answer(
            u"none"_s,
            { Diagnosis::Verdict::Problem,
              isOurs ? u"This was not made with this server's keys, or it is damaged. A push to "
                       "such an endpoint is answered with 404."_s
                     : u"This was not made with this server's keys. It belongs to the push server "
                       "at %1."_s.arg(latin1(foreign->origin)),
              isOurs ? u"Compare it with what the browser or sender has. If it is complete, an "
                       "older key is missing from keys.crypto_keys."_s
                     : u"Ask that server. If it is this one under another name, an older key is "
                       "missing from keys.crypto_keys."_s,
              {} },
            {}, {});
    }
}

void Lookup::lookUpTopic(const MessageName &name, const Shared &inquiry)
{
    m_deps.storage.findTopic(name.uaid, name.channelId, name.topic, WithBody::No,
                             [this, inquiry](Result<std::optional<StoredMessage>> found) {
                                 const auto message = inquiry->take(std::move(found));
                                 if (!message)
                                     return;
                                 // An id with a topic does not name a sort key: the message that
                                 // has the topic now is meant, or else the newest of the channel.
                                 if (*message)
                                     inquiry->findings.message = (*message)->message.sortKey;
                                 else
                                     inquiry->findings.subject = Findings::Subject::Subscription;
                                 collect(inquiry);
                             });
}

void Lookup::lookUpUuid(const NamedUuid &id, const Shared &inquiry)
{
    m_deps.storage.findClient(
        id.uaid, [this, id, inquiry](Result<std::optional<ClientDetails>> found) {
            const auto client = inquiry->take(std::move(found));
            if (!client)
                return;
            m_deps.storage.findChannel(
                id.channelId, [this, id, inquiry, client](Result<std::vector<Uaid>> result) {
                    const auto owners = inquiry->take(std::move(result));
                    if (!owners)
                        return;
                    Findings &findings = inquiry->findings;
                    if (*client && !owners->empty()) {
                        QJsonArray candidates { clientCandidate((*client)->summary) };
                        candidates.append(candidate(u"client"_s, toHex(owners->front()),
                                                    u"client that has a channel of this id"_s));
                        inquiry->answerCandidates(candidates);
                    } else if (owners->size() > 1) {
                        QJsonArray candidates;
                        for (const Uaid &uaid : *owners)
                            candidates.append(candidate(u"client"_s, toHex(uaid),
                                                        u"client that has a channel of this id"_s));
                        inquiry->answerCandidates(candidates);
                    } else if (owners->size() == 1) {
                        findings.subject = Findings::Subject::Subscription;
                        findings.uaid = owners->front();
                        findings.channelId = id.channelId;
                        collect(inquiry);
                    } else {
                        findings.subject = Findings::Subject::Client;
                        findings.uaid = id.uaid;
                        collect(inquiry);
                    }
                });
        });
}

void Lookup::lookUpPrefix(const QByteArray &digits, const Shared &inquiry)
{
    QJsonArray senders;
    std::vector<QByteArray> hashes;
    for (const KnownSender &sender : m_deps.senders()) {
        if (sender.keyHash.toHex().startsWith(digits)) {
            senders.append(senderCandidate(sender));
            hashes.push_back(sender.keyHash);
        }
    }
    ClientQuery query;
    query.filter.uaids = parseUaidPrefix(digits);
    query.page.limit = CandidatesTold;
    m_deps.storage.listClients(std::move(query),
                               [this, digits, inquiry, senders, hashes](Result<ClientPage> result) {
                                   const auto page = inquiry->take(std::move(result));
                                   if (!page)
                                       return;
                                   if (page->clients.size() == 1 && senders.isEmpty()) {
                                       inquiry->findings.uaid = page->clients.front().record.uaid;
                                       collect(inquiry);
                                   } else if (page->clients.empty() && hashes.size() == 1) {
                                       lookUpSender(hashes.front(), inquiry);
                                   } else if (page->clients.empty() && senders.isEmpty()) {
                                       lookUpNumber(digits, inquiry);
                                   } else {
                                       QJsonArray candidates = senders;
                                       for (const ClientSummary &client : page->clients)
                                           candidates.append(clientCandidate(client));
                                       inquiry->answerCandidates(candidates, page->next.isEmpty());
                                   }
                               });
}

/// The number by which events name a message looks like the first digits of an id.
void Lookup::lookUpNumber(const QByteArray &digits, const Shared &inquiry)
{
    const auto finish = [inquiry] {
        inquiry->answerNothing(u"Nothing that exists now begins with these digits."_s,
                               u"A client that was removed is found by its whole UAID."_s);
    };
    bool isNumber = false;
    const SortKey key { digits.toLongLong(&isNumber) };
    if (!isNumber || !m_deps.history) {
        finish();
        return;
    }
    m_deps.history->find({ .sortKey = key },
                         [this, key, inquiry, finish](Result<std::vector<Event>> events) {
                             const auto isNamed = [](const Event &event) {
                                 return event.uaid && event.channelId && !event.isUaidHashed;
                             };
                             const auto found = events ? std::ranges::find_if(*events, isNamed)
                                                       : std::vector<Event>::iterator();
                             if (!events || found == events->end()) {
                                 finish();
                                 return;
                             }
                             Findings &findings = inquiry->findings;
                             findings.subject = Findings::Subject::Message;
                             findings.uaid = *found->uaid;
                             findings.channelId = found->channelId;
                             findings.message = key;
                             collect(inquiry);
                         });
}

void Lookup::lookUpContact(const QByteArray &subject, const Shared &inquiry)
{
    QJsonArray candidates;
    QByteArray hash;
    for (const KnownSender &sender : m_deps.senders()) {
        if (sender.subject == subject) {
            candidates.append(senderCandidate(sender));
            hash = sender.keyHash;
        }
    }
    if (candidates.size() == 1)
        lookUpSender(hash, inquiry);
    else if (candidates.isEmpty())
        inquiry->answerNothing(u"No sender with this contact has sent a push since the server "
                               "started."_s);
    else
        inquiry->answerCandidates(candidates);
}

void Lookup::lookUpSender(const QByteArray &keyHash, const Shared &inquiry)
{
    m_deps.storage.findChannelsOfSender(
        keyHash, [this, keyHash, inquiry](Result<std::vector<ChannelOwner>> result) {
            const auto channels = inquiry->take(std::move(result));
            if (!channels)
                return;
            const KnownSender known = m_deps.findSender(keyHash);
            SenderFindings findings {
                .now = inquiry->findings.now,
                .keyHash = keyHash,
                .isBlocked = known.isBlocked,
                .pushes = known.pushes,
                .refused = known.refused,
                .lastPush = known.lastPush,
                .subscriptions = std::ssize(*channels),
                .hasHistory = m_deps.history != nullptr,
            };
            Facts facts;
            facts.add(u"Key (SHA-256)"_s, latin1(keyHash.toHex()));
            facts.add(u"Contact"_s, QString::fromUtf8(known.subject));
            facts.add(u"Pushes since the start"_s, QString::number(known.pushes));
            facts.add(u"Refused"_s, QString::number(known.refused));
            facts.add(u"Last push"_s, known.lastPush ? timeText(*known.lastPush) : QString());
            facts.add(u"Subscriptions"_s,
                      (channels->size() == StorageBrowser::MaxOwners ? u"%1 or more"_s : u"%1"_s)
                          .arg(channels->size()));
            auto finish = [inquiry, facts](const SenderFindings &of) {
                QJsonArray events;
                for (std::size_t i = of.events.size(); i-- > 0;) {
                    if (std::size_t(events.size()) < EventsTold)
                        events.append(toJson(of.events[i]));
                }
                inquiry->answer(u"sender"_s, diagnoseSender(of), facts.json(), events);
            };
            if (!m_deps.history) {
                finish(findings);
                return;
            }
            m_deps.history->find({ .sender = senderMark(keyHash), .limit = EventsLookedAt },
                                 [findings = std::move(findings), finish = std::move(finish)](
                                     Result<std::vector<Event>> events) mutable {
                                     if (events)
                                         findings.events.assign(events->rbegin(), events->rend());
                                     finish(findings);
                                 });
        });
}

void Lookup::collect(const Shared &inquiry)
{
    const Findings &findings = inquiry->findings;
    inquiry->findings.isSenderBlocked =
        !findings.keyHash.isEmpty() && m_deps.findSender(findings.keyHash).isBlocked;
    m_deps.storage.findClient(findings.uaid,
                              [this, inquiry](Result<std::optional<ClientDetails>> found) {
                                  auto client = inquiry->take(std::move(found));
                                  if (!client)
                                      return;
                                  inquiry->findings.client = std::move(*client);
                                  collectStored(inquiry);
                              });
}

void Lookup::collectStored(const Shared &inquiry)
{
    if (!inquiry->findings.client) {
        collectEvents(inquiry);
        return;
    }
    MessageQuery query;
    query.filter.uaid = inquiry->findings.uaid;
    query.filter.channelId = inquiry->findings.channelId;
    query.page.limit = MessagesLookedAt;
    query.page.reverse = true; // the newest
    m_deps.storage.listMessages(std::move(query), [this, inquiry](Result<MessagePage> result) {
        auto page = inquiry->take(std::move(result));
        if (!page)
            return;
        inquiry->findings.stored = std::move(page->messages);
        inquiry->findings.isStoredComplete = page->next.isEmpty();
        collectLive(inquiry);
    });
}

void Lookup::collectLive(const Shared &inquiry)
{
    m_deps.findLive(
        inquiry->findings.uaid, [this, inquiry](std::optional<LiveConnection> connection) {
            Findings &findings = inquiry->findings;
            findings.live = connection;
            // More exact than how long the connection has been open.
            if (connection && findings.client->summary.record.connectedAt > 0)
                findings.live->since =
                    Time(std::chrono::milliseconds(findings.client->summary.record.connectedAt));
            collectEvents(inquiry);
        });
}

void Lookup::collectEvents(const Shared &inquiry)
{
    auto finish = [inquiry](Result<std::vector<Event>> events) {
        Findings &findings = inquiry->findings;
        if (events)
            findings.events.assign(events->rbegin(), events->rend());
        inquiry->answer(kindName(findings.subject), diagnose(findings), factsOf(findings),
                        eventsOf(findings));
    };
    if (!m_deps.history) {
        finish(std::vector<Event>());
        return;
    }
    m_deps.history->find(
        { .limit = 1, .newestFirst = false },
        [this, inquiry, finish = std::move(finish)](Result<std::vector<Event>> oldest) mutable {
            if (oldest && !oldest->empty())
                inquiry->findings.historyBegins = oldest->front().time;
            m_deps.history->find({ .uaid = inquiry->findings.uaid, .limit = EventsLookedAt },
                                 std::move(finish));
        });
}

void addLookup(AdminApi &api, Lookup &lookup)
{
    using namespace AdminTypes;
    const AdminSchema named = object({ { u"name"_s, text() }, { u"value"_s, text() } });
    const AdminSchema candidates = object({ { u"kind"_s, choice({ u"client"_s, u"sender"_s }) },
                                            { u"id"_s, text() },
                                            { u"label"_s, text() } });
    api.add({
        .method = "GET",
        .path = "/lookup",
        .operation = u"lookUp"_s,
        .summary = u"says what a text names, and what has become of the message in question"_s,
        .role = AdminRole::Viewer,
        .parameters = { { u"q"_s, text(LookupText::LongestText, 1),
                          u"An endpoint URL, a Location, a message id, a UAID or its first digits, "
                          "a channel id, a VAPID public key or its SHA-256, or a sender's contact"_s,
                          true } },
        .answer = object(
            { { u"query"_s, text(LookupText::LongestText), {}, true },
              { u"kind"_s,
                choice({ u"message"_s, u"subscription"_s, u"client"_s, u"sender"_s, u"none"_s }),
                {},
                true },
              { u"verdict"_s,
                choice(
                    { u"delivered"_s, u"waiting"_s, u"problem"_s, u"unknown"_s, u"ambiguous"_s }),
                {},
                true },
              { u"summary"_s, text(4'096), u"The cause, in English"_s, true },
              { u"remedy"_s, text(4'096), u"What to do about it"_s, true },
              { u"facts"_s, list(named), {}, true },
              { u"messages"_s, list(any()), u"The newest messages in question"_s, true },
              { u"events"_s, list(any()), u"From the history, the newest first"_s, true },
              { u"candidates"_s, list(candidates), {}, true } }),
        .problems = { ProblemType::InvalidParameter, ProblemType::Unavailable },
        .handler =
            [&lookup](const AdminRequest &request, AdminResponder responder) {
                lookup.answer(request, std::move(responder));
            },
    });
}

} // namespace Carillon
