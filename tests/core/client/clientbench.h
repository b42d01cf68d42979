// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/client/identifiedclient.h"
#include "tests/support/manualclock.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <algorithm>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <vector>

namespace Carillon {

using namespace std::chrono_literals;

/// Fernet keys, of which each rotation adds a new first one.
struct TestKeys
{
    QList<QByteArray> keys { newFernetKey() };

    [[nodiscard]] Fernet fernet() const { return *Fernet::fromKeys(keys); }
    void rotate() { keys.prepend(newFernetKey()); }
};

inline const ChannelId Channel = *parseDashedChannelId("11111111-2222-4333-8444-555555555555");
inline const ChannelId OtherChannel = *parseDashedChannelId("99999999-2222-4333-8444-555555555555");

inline QJsonObject json(const QByteArray &text)
{
    return QJsonDocument::fromJson(text).object();
}

/// A client on a bench: its storage is a list, whose writes and reads end when the test says so.
class Bench
{
public:
    explicit Bench(ClientLimits limits = {}, Urgency minimum = Urgency::VeryLow)
        : context { ids, clock, limits, {} }, greeting { uaid, {}, minimum }
    {
    }

    void connect(std::vector<ChannelId> channels = { Channel }, std::int64_t connectedAt = 1,
                 IdentifiedClient::Backlog backlog = IdentifiedClient::Backlog::Possible)
    {
        registered = { channels.begin(), channels.end() };
        client.emplace(greeting, std::move(channels), connectedAt, context);
        openRead.reset();
        answers.clear(); // those to the connection before
        received.clear();
        closed.reset();
        ClientEffects effects;
        client->start(greeting, backlog, effects);
        carryOut(std::move(effects));
    }

    Notification message(std::chrono::seconds ttl = 60s)
    {
        Notification made;
        made.uaid = uaid;
        made.channelId = Channel;
        made.sortKey = SortKey { lastKey += 2 };
        made.ttl = ttl;
        made.accepted = clock.now();
        made.idKey = ids.firstKey();
        return made;
    }

    /// A push as a session takes it. In the end it is sent or queued for the list.
    IdentifiedClient::Admission push(Notification made)
    {
        const auto admission = client->admit(made);
        ClientEffects effects;
        if (admission == IdentifiedClient::Admission::SendNow) {
            // As Storage::storeWhileSending(): not past a message or a change on its way.
            if (made.ttl > 0s && !writes.empty()) {
                client->storeInstead();
                writes.push_back({ Write::Kind::Push, made });
                return IdentifiedClient::Admission::StoreFirst;
            }
            client->sent(made, effects);
            if (made.ttl > 0s)
                stored.push_back(made);
            carryOut(std::move(effects));
        } else if (admission == IdentifiedClient::Admission::StoreFirst) {
            writes.push_back({ Write::Kind::Push, made });
        }
        return admission;
    }

    /// A push that did not find the connection: another worker stores it.
    void pushPast(const Notification &made) { writes.push_back({ Write::Kind::PushPast, made }); }

    /// As another process stores it, which has not told this one yet.
    NodeMessage storeElsewhere(const Notification &made)
    {
        const SortKey predecessor = stored.empty() ? SortKey {} : stored.back().sortKey;
        stored.push_back(made);
        return { .notification = made,
                 .predecessor = predecessor,
                 .connectedAt = client->connectedAt() };
    }
    bool tell(const NodeMessage &message)
    {
        ClientEffects effects;
        const bool taken = client->handOver(message, effects);
        carryOut(std::move(effects));
        return taken;
    }
    bool handOver(const Notification &made) { return tell(storeElsewhere(made)); }

    /// Something may be stored from this key on.
    void look(SortKey from)
    {
        ClientEffects effects;
        client->checkStorage(from, effects);
        carryOut(std::move(effects));
    }

    /// A change of channels that fails leaves nothing behind.
    void finishWrite(bool works = true)
    {
        const Write write = writes.front();
        writes.pop_front();
        const ChannelId channel = write.message.channelId;
        const Result<void> outcome =
            works ? Result<void>() : Unexpected(ErrorCode::StorageUnavailable);
        std::function<void(ClientEffects &)> answer;
        switch (write.kind) {
        case Write::Kind::Push:
            answer = [this, write, isStored = store(write.message)](ClientEffects &effects) {
                if (isStored)
                    client->storedBehind(write.message.sortKey, write.message.urgency, effects);
                else
                    client->storingFailed();
            };
            break;
        case Write::Kind::PushPast:
            answer = [this, write, isStored = store(write.message)](ClientEffects &effects) {
                if (isStored)
                    client->checkStorage(write.message.sortKey, effects);
            };
            break;
        case Write::Kind::AddChannel:
            if (works)
                registered.insert(channel);
            answer = [this, channel, outcome](ClientEffects &effects) {
                client->registered(channel, outcome, "https://push.example/wpush/v1/x", effects);
            };
            break;
        case Write::Kind::RemoveChannel:
            if (works) {
                registered.erase(channel);
                std::erase_if(stored,
                              [&](const Notification &each) { return each.channelId == channel; });
            }
            answer = [this, channel, outcome](ClientEffects &effects) {
                client->unregistered(channel, outcome, effects);
            };
            break;
        }
        answers.push_back(std::move(answer));
        // Nobody knows of one that went past while it waits to be told of.
        if (!answersWait || write.kind == Write::Kind::PushPast)
            finishAnswers();
    }

    /// The client learns what has become of the writes that are done.
    void finishAnswers()
    {
        while (!answers.empty())
            finishAnswer();
    }
    void finishAnswer()
    {
        const auto answer = std::move(answers.front());
        answers.pop_front();
        ClientEffects effects;
        answer(effects);
        carryOut(std::move(effects));
    }

    /// The open read sees what is stored now.
    void lookAgain()
    {
        if (openRead)
            openRead = page(*request);
    }

    void finishRead()
    {
        FetchPage page = std::move(*openRead);
        openRead.reset();
        ClientEffects effects;
        client->fetched(std::move(page), effects);
        carryOut(std::move(effects));
    }

    void finishAll()
    {
        while (openRead || !writes.empty() || !answers.empty()) {
            if (!writes.empty())
                finishWrite();
            finishAnswers();
            if (openRead)
                finishRead();
        }
    }

    void say(ClientMessage said)
    {
        ClientEffects effects;
        client->handle(std::move(said), effects);
        carryOut(std::move(effects));
    }
    void ack(const QByteArray &version) { say(Ack { { { Channel, version, 100 } } }); }
    void nack(const QByteArray &version) { say(Nack { version, 301 }); }

    [[nodiscard]] std::vector<QByteArray> versions() const
    {
        std::vector<QByteArray> found;
        for (const QByteArray &text : received) {
            const QJsonObject object = json(text);
            if (object[QLatin1String("messageType")].toString() == QLatin1String("notification"))
                found.push_back(object[QLatin1String("version")].toString().toLatin1());
        }
        return found;
    }

    /// Whether what this connection was sent came once each, by rising key.
    [[nodiscard]] bool cameOnceInOrder() const
    {
        std::vector<std::int64_t> keys;
        for (const QByteArray &version : versions())
            keys.push_back(toInt(*ids.read(version)->sortKey));
        return std::ranges::adjacent_find(keys, std::greater_equal<>()) == keys.end();
    }

    [[nodiscard]] QByteArray idOf(const Notification &made) const
    {
        return ids.make(made.uaid, made.channelId, made.topic, made.sortKey, made.idKey).text();
    }

    /// Another key becomes the first.
    void rotateKeys()
    {
        ring.rotate();
        ids = MessageIds(ring.fernet());
    }

    struct Write
    {
        enum class Kind {
            Push, ///< the client has admitted it
            PushPast,
            AddChannel, ///< only the message's channel matters
            RemoveChannel,
        };
        Kind kind;
        Notification message;
    };

    ManualClock clock { Time(1'700'000'000s) };
    TestKeys ring;
    MessageIds ids { ring.fernet() };
    ClientContext context;
    Uaid uaid = newUaid();
    ClaimingClient greeting;
    std::optional<IdentifiedClient> client;
    std::int64_t lastKey = 1'000;
    std::vector<Notification> stored; // in key order
    std::set<ChannelId> registered;
    std::deque<Write> writes;
    std::deque<std::function<void(ClientEffects &)>> answers;
    bool changesWait = false; // for finishWrite()
    bool answersWait = false; // for finishAnswer()
    std::optional<FetchPage> openRead; // the snapshot that it saw
    std::optional<FetchRequest> request; // the last one
    std::size_t reads = 0;
    std::vector<QByteArray> received;
    std::optional<ErrorCode> closed;
    bool forgotten = false;

private:
    void carryOut(ClientEffects effects)
    {
        for (ClientEffect &effect : effects)
            std::visit([this](auto &each) { carryOut(each); }, effect);
    }
    void carryOut(const Effect::Send &effect) { received.push_back(effect.text); }
    void carryOut(const Effect::SendPing &) { received.push_back("PING"); }
    void carryOut(const Effect::Close &effect) { closed = effect.why; }
    void carryOut(const Effect::Forget &) { forgotten = true; }
    void carryOut(const Effect::AddChannel &effect)
    {
        change(Write::Kind::AddChannel, effect.channelId);
    }
    void carryOut(const Effect::RemoveChannel &effect)
    {
        change(Write::Kind::RemoveChannel, effect.channelId);
    }
    void carryOut(const Effect::RemoveMessage &effect) { remove(effect.sortKey); }
    void carryOut(const Effect::RemoveNamed &effect)
    {
        const auto name = ids.read(effect.version);
        if (name && name->sortKey)
            remove(*name->sortKey);
    }
    void carryOut(const Effect::Fetch &effect)
    {
        QVERIFY2(!openRead, "one read at a time");
        request = effect.request;
        ++reads;
        openRead = page(*request);
    }
    [[nodiscard]] FetchPage page(const FetchRequest &asked) const
    {
        FetchPage page;
        for (const Notification &each : stored) {
            const bool kind = asked.which == FetchRequest::Which::All
                || (asked.which == FetchRequest::Which::Topics) == !each.topic.isEmpty();
            if (!kind || each.sortKey <= asked.after || each.urgency < asked.minimumUrgency)
                continue;
            if (std::ssize(page.messages) == asked.limit) {
                page.more = true;
                break;
            }
            page.messages.push_back(each);
        }
        return page;
    }
    void change(Write::Kind kind, const ChannelId &channel)
    {
        Notification what;
        what.channelId = channel;
        writes.push_back({ kind, what });
        while (!changesWait && !writes.empty())
            finishWrite();
    }
    bool store(const Notification &message)
    {
        const bool isThere = registered.contains(message.channelId);
        if (isThere)
            stored.push_back(message);
        return isThere;
    }
    void remove(SortKey key)
    {
        std::erase_if(stored, [&](const Notification &each) { return each.sortKey == key; });
    }
};

} // namespace Carillon
