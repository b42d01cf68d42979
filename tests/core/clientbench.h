// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "core/client/identifiedclient.h"
#include "tests/support/manualclock.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <deque>
#include <optional>
#include <vector>

namespace Carillon {

using namespace std::chrono_literals;

inline Fernet testKeys()
{
    return *Fernet::fromKeys({ newFernetKey() });
}

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
        : surroundings { ids, clock, limits, {} }, greeting { uaid, {}, minimum }
    {
    }

    void connect(std::vector<ChannelId> channels = { Channel }, std::int64_t connectedAt = 1,
                 IdentifiedClient::Backlog backlog = IdentifiedClient::Backlog::Possible)
    {
        client.emplace(greeting, std::move(channels), connectedAt, surroundings);
        openRead.reset();
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
        return made;
    }

    /// A push as a session takes it. In the end it is sent or queued for the list.
    IdentifiedClient::Admission push(Notification made)
    {
        const auto admission = client->admit(made);
        ClientEffects effects;
        if (admission == IdentifiedClient::Admission::SendNow) {
            // As Storage::storeWhileSending(): not past a message on its way.
            if (made.ttl > 0s && !writes.empty()) {
                client->storeInstead();
                writes.push_back({ made, true });
                return IdentifiedClient::Admission::StoreFirst;
            }
            client->sent(made, effects);
            if (made.ttl > 0s)
                stored.push_back(made);
            carryOut(std::move(effects));
        } else if (admission == IdentifiedClient::Admission::StoreFirst) {
            writes.push_back({ made, true });
        }
        return admission;
    }

    /// A push that did not find the connection: another worker stores it.
    void pushPast(const Notification &made) { writes.push_back({ made, false }); }

    /// As another process stores it, which has not told this one yet.
    NodeMessage storeElsewhere(const Notification &made)
    {
        const SortKey predecessor = stored.empty() ? SortKey {} : stored.back().sortKey;
        stored.push_back(made);
        return { .notification = made, .predecessor = predecessor };
    }
    bool tell(const NodeMessage &message)
    {
        ClientEffects effects;
        const bool taken = client->handOver(message, effects);
        carryOut(std::move(effects));
        return taken;
    }
    bool handOver(const Notification &made) { return tell(storeElsewhere(made)); }

    void finishWrite()
    {
        const Write write = writes.front();
        writes.pop_front();
        stored.push_back(write.message);
        ClientEffects effects;
        if (write.admitted)
            client->storedBehind(write.message.sortKey, write.message.urgency, effects);
        else
            client->checkStorage(write.message.sortKey, effects);
        carryOut(std::move(effects));
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
        while (openRead || !writes.empty()) {
            if (!writes.empty())
                finishWrite();
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

    [[nodiscard]] QByteArray idOf(const Notification &made) const
    {
        return ids.make(made.uaid, made.channelId, made.topic, made.sortKey).text();
    }

    struct Write
    {
        Notification message;
        bool admitted;
    };

    ManualClock clock { Time(1'700'000'000s) };
    MessageIds ids { testKeys() };
    ClientSurroundings surroundings;
    Uaid uaid = newUaid();
    ClaimingClient greeting;
    std::optional<IdentifiedClient> client;
    std::int64_t lastKey = 1'000;
    std::vector<Notification> stored; // in key order
    std::deque<Write> writes;
    std::optional<FetchPage> openRead; // the snapshot that it saw
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
        ClientEffects effects;
        client->registered(effect.channelId, {}, "https://push.example/wpush/v1/x", effects);
        carryOut(std::move(effects));
    }
    void carryOut(const Effect::RemoveChannel &effect)
    {
        std::erase_if(stored,
                      [&](const Notification &each) { return each.channelId == effect.channelId; });
        ClientEffects effects;
        client->unregistered(effect.channelId, {}, effects);
        carryOut(std::move(effects));
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
        const FetchRequest &asked = effect.request;
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
        openRead = std::move(page);
    }
    void remove(SortKey key)
    {
        std::erase_if(stored, [&](const Notification &each) { return each.sortKey == key; });
    }
};

} // namespace Carillon
