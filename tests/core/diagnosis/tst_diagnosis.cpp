// SPDX-License-Identifier: MPL-2.0
#include "core/diagnosis/diagnosis.h"

#include <QTest>

#include <functional>

using namespace Carillon;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

const Uaid User = *parseUaid("0123456789abcdef0123456789abcdef");
const ChannelId Channel = *parseChannelId("fedcba98765432100123456789abcdef");
const ChannelId OtherChannel = *parseChannelId("aaaabbbbccccddddeeeeffff00001111");
/// 2023-11-14 22:13:20 UTC
constexpr Time Start { 1'700'000'000s };
constexpr SortKey Key { 1'700'000'000'000'000 };
constexpr SortKey NewerKey { 1'700'000'060'000'000 };

/// Findings of a client with one subscription, to which things happen.
class Story
{
public:
    Story()
    {
        findings.subject = Findings::Subject::Subscription;
        findings.now = Start + 1h;
        findings.uaid = User;
        findings.channelId = Channel;
        findings.node = NodeId("http://127.0.0.1:8081");
        findings.historyBegins = Start - 48h;
        findings.client = ClientDetails {};
        findings.client->summary.record.uaid = User;
        findings.client->summary.record.lastSeen = Start - 3h;
        findings.client->channels.push_back({ .id = Channel, .keyHash = {}, .created = Start });
    }

    Story &event(EventKind kind, std::chrono::microseconds after,
                 const std::function<void(Event &)> &change = {})
    {
        Event event;
        event.id = findings.events.size() + 1;
        event.time = Start + after;
        event.kind = kind;
        event.uaid = User;
        if (change)
            change(event);
        findings.events.push_back(std::move(event));
        return *this;
    }
    Story &message(EventKind kind, std::chrono::microseconds after,
                   const std::function<void(Event &)> &change = {}, SortKey key = Key)
    {
        return event(kind, after, [&](Event &event) {
            event.channelId = Channel;
            event.sortKey = key;
            if (change)
                change(event);
        });
    }
    Story &accepted(std::chrono::seconds ttl, SortKey key = Key)
    {
        return message(
            EventKind::PushAccepted, key == Key ? 0s : 60s,
            [ttl](Event &event) {
                event.ttl = ttl;
                event.size = 100;
            },
            key);
    }
    Story &stored(std::chrono::seconds ttl, SortKey key = Key)
    {
        const auto after = key == Key ? 0s : 60s;
        message(EventKind::MessageStored, after, {}, key);
        StoredMessage row;
        row.message.uaid = User;
        row.message.channelId = Channel;
        row.message.sortKey = key;
        row.message.accepted = Start + after;
        row.message.ttl = ttl;
        findings.stored.push_back(row);
        return *this;
    }
    /// The stored message is gone.
    Story &removed()
    {
        findings.stored.clear();
        return *this;
    }
    Story &connected(int inFlight = 0)
    {
        findings.live = LiveConnection { .since = Start - 2h, .inFlight = inFlight };
        findings.client->summary.record.node = findings.node;
        return *this;
    }
    Story &refused(ErrorCode why, const QByteArray &reason = {})
    {
        return event(EventKind::PushRefused, 0s, [&](Event &event) {
            event.channelId = Channel;
            event.error = why;
            event.text = reason;
        });
    }
    Story &about(SortKey key)
    {
        findings.subject = Findings::Subject::Message;
        findings.message = key;
        return *this;
    }

    Findings findings;
};

std::function<void(Event &)> code(int number)
{
    return [number](Event &event) { event.code = number; };
}

std::function<void(Event &)> detail(EventDetail what)
{
    return [what](Event &event) { event.detail = what; };
}

using Tell = std::function<void(Story &)>;

} // namespace

Q_DECLARE_METATYPE(Tell)
Q_DECLARE_METATYPE(Carillon::Diagnosis::Verdict)

class tst_Diagnosis : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void fate_isToldByItsCause_data()
    {
        using Verdict = Diagnosis::Verdict;
        using Kind = EventKind;
        QTest::addColumn<Tell>("tell");
        QTest::addColumn<Verdict>("verdict");
        QTest::addColumn<QString>("summary");
        QTest::addColumn<QString>("remedy");
        const auto row = [](const char *name, Tell tell, Verdict verdict, const QString &summary,
                            const QString &remedy = {}) {
            QTest::newRow(name) << std::move(tell) << verdict << summary << remedy;
        };

        // Delivered.
        row(
            "direct",
            [](Story &of) {
                of.message(Kind::MessageSent, 1ms, detail(EventDetail::Direct))
                    .accepted(1h)
                    .message(Kind::MessageAcknowledged, 35ms, code(100));
            },
            Verdict::Ok,
            u"The newest message was delivered: the client acknowledged it at 22:13:20 UTC, 34 ms "
            "after it was received."_s);
        row(
            "from storage",
            [](Story &of) {
                of.accepted(24h)
                    .stored(24h)
                    .event(Kind::ClientConnected, 20min)
                    .message(Kind::MessageSent, 20min, detail(EventDetail::FromStorage))
                    .message(Kind::MessageAcknowledged, 20min)
                    .removed();
            },
            Verdict::Ok, u"20 minutes after it was received"_s);

        // Waiting.
        row(
            "offline", [](Story &of) { of.accepted(24h).stored(24h); }, Verdict::Waiting,
            u"The newest message has been waiting since 22:13:20 UTC. The client has been offline "
            "since 19:13:20 UTC (4 hours). It is kept until 2023-11-15 22:13:20 UTC."_s,
            u"Nothing to do"_s);
        row(
            "offline, history gone",
            [](Story &of) {
                of.stored(24h);
                of.findings.events.clear();
            },
            Verdict::Waiting, u"has been waiting since 22:13:20 UTC"_s);
        row(
            "connection lost in flight",
            [](Story &of) {
                of.message(Kind::MessageSent, 1ms)
                    .accepted(24h)
                    .stored(24h)
                    .event(Kind::ClientDisconnected, 30min);
            },
            Verdict::Waiting, u"The client has been offline since 22:43:20 UTC (30 minutes)"_s);
        row(
            "elsewhere",
            [](Story &of) {
                of.accepted(24h).stored(24h);
                of.findings.client->summary.record.node = NodeId("http://10.0.0.2:8081");
            },
            Verdict::Waiting, u"The client is connected to http://10.0.0.2:8081."_s);
        row(
            "in flight",
            [](Story &of) {
                of.connected(1).message(Kind::MessageSent, 1h - 2s).accepted(24h).stored(24h);
            },
            Verdict::Waiting, u"was sent to the client 2 seconds ago"_s);
        row(
            "in flight for long",
            [](Story &of) {
                of.connected(1).message(Kind::MessageSent, 0s).accepted(24h).stored(24h);
            },
            Verdict::Problem, u"the client has not acknowledged it yet. The client seems to hang"_s,
            u"carillon disconnect 0123456789abcdef0123456789abcdef"_s);
        row(
            "behind others", [](Story &of) { of.connected(128).accepted(24h).stored(24h); },
            Verdict::Problem, u"the client has not acknowledged 128 messages sent before it"_s,
            u"carillon check"_s);

        // The client has it and does not like it.
        row(
            "not decrypted",
            [](Story &of) {
                of.message(Kind::MessageSent, 1ms)
                    .accepted(1h)
                    .message(Kind::MessageAcknowledged, 35ms, code(101));
            },
            Verdict::Problem, u"could not decrypt it (code 101)"_s, u"p256dh and auth"_s);
        row(
            "not delivered",
            [](Story &of) {
                of.message(Kind::MessageSent, 1ms)
                    .accepted(1h)
                    .message(Kind::MessageAcknowledged, 35ms, code(102));
            },
            Verdict::Problem, u"did not deliver it to its app (code 102)"_s, u"service worker"_s);
        row(
            "nacked",
            [](Story &of) {
                of.connected()
                    .message(Kind::MessageSent, 1ms)
                    .accepted(24h)
                    .stored(24h)
                    .message(Kind::MessageNacked, 35ms, code(301));
            },
            Verdict::Problem, u"exception (code 301). It stays stored"_s);

        // Gone.
        row(
            "expired",
            [](Story &of) {
                of.accepted(60s).stored(60s).message(Kind::MessageExpired, 90s).removed();
            },
            Verdict::Problem,
            u"expired at 22:14:50 UTC after its TTL of 60 seconds, before the client connected"_s,
            u"greater TTL"_s);
        row(
            "expired, not removed yet", [](Story &of) { of.accepted(60s).stored(60s); },
            Verdict::Problem, u"expired at 22:14:20 UTC after its TTL of 60 seconds"_s);
        row(
            "TTL 0",
            [](Story &of) {
                of.accepted(0s).message(Kind::MessageDropped, 0s, detail(EventDetail::TtlZero));
            },
            Verdict::Problem, u"had TTL 0"_s, u"TTL greater than 0"_s);
        row(
            "queue overflow",
            [](Story &of) {
                of.accepted(24h)
                    .stored(24h)
                    .message(Kind::MessageDropped, 5min, detail(EventDetail::QueueOverflow))
                    .removed();
            },
            Verdict::Problem, u"was dropped at 22:18:20 UTC to make room"_s,
            u"storage.max_messages"_s);
        row(
            "withdrawn",
            [](Story &of) {
                of.accepted(24h).stored(24h).message(Kind::MessageCancelled, 5min).removed();
            },
            Verdict::Problem, u"The sender withdrew the newest message at 22:18:20 UTC"_s);
        row(
            "purged",
            [](Story &of) {
                of.accepted(24h).stored(24h).event(Kind::MessagePurged, 5min).removed();
            },
            Verdict::Problem, u"An administrator deleted"_s, u"carillon audit"_s);
        row(
            "replaced, and its successor waits",
            [](Story &of) {
                of.accepted(24h)
                    .message(Kind::MessageReplaced, 60s, [](Event &event) { event.by = NewerKey; })
                    .accepted(24h, NewerKey)
                    .stored(24h, NewerKey)
                    .about(Key);
            },
            Verdict::Waiting,
            u"The message was replaced at 22:14:20 UTC by a newer one of the same topic, as its "
            "sender wished. Of the newer one: The message has been waiting since 22:14:20 UTC."_s);
        row(
            "client reset",
            [](Story &of) {
                of.accepted(24h).stored(24h).event(Kind::ClientReset, 5min).removed().about(Key);
                of.findings.client.reset();
            },
            Verdict::Problem,
            u"The message was removed at 22:18:20 UTC when the client was reset"_s);
        row(
            "unregistered with a message waiting",
            [](Story &of) {
                of.accepted(24h)
                    .stored(24h)
                    .event(Kind::ChannelUnregistered, 5min,
                           [](Event &event) {
                               event.channelId = Channel;
                               event.code = 202;
                           })
                    .removed()
                    .about(Key);
                of.findings.client->channels.clear();
            },
            Verdict::Problem, u"before it was delivered: its user withdrew the permission"_s);

        // Refused.
        row(
            "wrong key", [](Story &of) { of.refused(ErrorCode::VapidKeyMismatch); },
            Verdict::Problem, u"The newest push was refused with 401 "_s, u"Use the old key"_s);
        row(
            "too large",
            [](Story &of) {
                of.refused(ErrorCode::BodyTooLarge,
                           "the body has 5000 bytes, and endpoint.max_data_bytes is 4096");
            },
            Verdict::Problem, u"The body has 5000 bytes, and endpoint.max_data_bytes is 4096."_s,
            u"Send less"_s);
        row(
            "rate", [](Story &of) { of.refused(ErrorCode::RateLimited); }, Verdict::Problem,
            u"refused with 429"_s, u"Retry-After"_s);
        row(
            "blocked",
            [](Story &of) {
                of.findings.isSenderBlocked = true;
                of.findings.keyHash = QByteArray(32, '\x11');
            },
            Verdict::Problem, u"blocked the sender"_s, u"carillon unblock 1111111111111111"_s);
        row(
            "refused, then delivered",
            [](Story &of) {
                of.refused(ErrorCode::TtlMissing)
                    .message(Kind::MessageSent, 61s, {}, NewerKey)
                    .accepted(1h, NewerKey)
                    .message(Kind::MessageAcknowledged, 62s, {}, NewerKey);
            },
            Verdict::Ok, u"was delivered"_s);

        // No such subscription.
        row(
            "unsubscribed",
            [](Story &of) {
                of.event(Kind::ChannelUnregistered, 5min, [](Event &event) {
                    event.channelId = Channel;
                    event.code = 200;
                });
                of.findings.client->channels.clear();
            },
            Verdict::Problem,
            u"The client removed this subscription at 22:18:20 UTC: the page or its user "
            "unsubscribed."_s,
            u"410"_s);
        row(
            "another subscription was removed",
            [](Story &of) {
                of.event(Kind::ChannelUnregistered, 5min, [](Event &event) {
                    event.channelId = OtherChannel;
                    event.code = 200;
                });
                of.findings.client->channels.clear();
            },
            Verdict::Problem, u"It was removed before 2023-11-12 22:13:20 UTC"_s);
        row(
            "client expired",
            [](Story &of) {
                of.event(Kind::ClientExpired, 5min);
                of.findings.client.reset();
            },
            Verdict::Problem, u"storage.client_lifetime"_s);
        row(
            "no client", [](Story &of) { of.findings.client.reset(); }, Verdict::Problem,
            u"This server has no client 01234567. It was removed before 2023-11-12"_s, u"410"_s);

        // Nothing.
        row(
            "no push", [](Story &) {}, Verdict::Unknown,
            u"The subscription exists, but no push for it has arrived since 2023-11-12 22:13:20 "
            "UTC, when the history begins. The client has been offline since 19:13:20 UTC"_s,
            u"Look at the sender"_s);
        row(
            "no history",
            [](Story &of) {
                of.findings.hasHistory = false;
                of.about(Key);
            },
            Verdict::Unknown, u"history.events is 0"_s);
        row(
            "forgotten message", [](Story &of) { of.about(Key); }, Verdict::Unknown,
            u"The message is not stored, and the history does not know it."_s);
    }
    void fate_isToldByItsCause()
    {
        QFETCH(Tell, tell);
        QFETCH(Diagnosis::Verdict, verdict);
        QFETCH(QString, summary);
        QFETCH(QString, remedy);
        Story story;
        tell(story);
        const Diagnosis diagnosis = diagnose(story.findings);
        QVERIFY2(diagnosis.summary.contains(summary), qPrintable(diagnosis.summary));
        QVERIFY2(diagnosis.remedy.contains(remedy), qPrintable(diagnosis.remedy));
        QCOMPARE(diagnosis.verdict, verdict);
        QVERIFY2(diagnosis.summary.endsWith(u'.'), qPrintable(diagnosis.summary));
        QVERIFY2(!diagnosis.summary.contains(u"  "), qPrintable(diagnosis.summary));
    }

    void messages_areListedNewestFirst()
    {
        Story story;
        story.accepted(24h).stored(24h).accepted(24h, NewerKey).stored(24h, NewerKey);
        story.refused(ErrorCode::TtlMissing);
        const Diagnosis diagnosis = diagnose(story.findings);
        QCOMPARE(diagnosis.messages.size(), 3U);
        QCOMPARE(diagnosis.messages.front().sortKey, NewerKey);
    }

    void messagesOfOtherChannels_areLeftOut()
    {
        Story story;
        story.accepted(24h).event(EventKind::PushAccepted, 5min, [](Event &event) {
            event.channelId = OtherChannel;
            event.sortKey = NewerKey;
        });
        QCOMPARE(diagnose(story.findings).messages.size(), 1U);
        story.findings.subject = Findings::Subject::Client;
        QCOMPARE(diagnose(story.findings).messages.size(), 2U);
    }

    void purgeOfOneChannel_leavesTheOthers()
    {
        Story story;
        story.accepted(24h).stored(24h).event(EventKind::ChannelPurged, 5min,
                                              [](Event &event) { event.channelId = OtherChannel; });
        QCOMPARE(diagnose(story.findings).messages.front().state, MessageFate::State::Waiting);
    }
};

QTEST_APPLESS_MAIN(tst_Diagnosis)
#include "tst_diagnosis.moc"
