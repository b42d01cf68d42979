// SPDX-License-Identifier: MPL-2.0
#include "server/reliability/messagetracker.h"
#include "tests/support/manualclock.h"

#include <QTest>

using namespace Carillon;
using namespace std::chrono_literals;

namespace {

using enum MessageState;
using Sent = Fact::MessageSent;
using HandedOver = Fact::MessageHandedOver;

const Time Start = fromSeconds(1'800'000'000);

} // namespace

/// Which steps each fact means. Each case is a fact of a tracked message.
class TestMessageTracker : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_message = Notification();
        m_message.ttl = 60s;
        m_message.accepted = Start;
        m_message.reliabilityId = "id";
    }

    void received_beginsATimeline_withItsExpiry()
    {
        m_tracker.recorded(Fact::MessageReceived { m_message });
        const auto records = m_tracker.take(10);
        QCOMPARE(records.size(), 1u);
        QCOMPARE(records.front().id, "id");
        QCOMPARE(records.front().milestone, (Milestone { Received, Start }));
        QCOMPARE(records.front().expires, std::optional(Start + 60s));
        QCOMPARE(m_tracker.counts().value(Received), 1);
    }

    void facts_meanSteps()
    {
        expect(Fact::MessageStored { m_message }, { Received, Stored });
        expect(Sent { m_message, "v", Sent::Source::Direct }, { Received, Transmitted });
        expect(Sent { m_message, "v", Sent::Source::Storage }, { Stored, Retrieved, Transmitted });
        expect(Sent { m_message, "v", Sent::Source::OtherNode },
               { IntTransmitted, IntAccepted, Transmitted });
        expect(acknowledged(100), { Transmitted, Accepted, Delivered });
        expect(acknowledged(101), { Transmitted, Accepted, DecryptionError });
        expect(acknowledged(102), { Transmitted, Accepted, NotDelivered });
        expect(Fact::MessageReturned { m_uaid, m_channel, SortKey { 2 }, true, "id" },
               { Transmitted, Stored });
        expect(Fact::MessageReturned { m_uaid, m_channel, SortKey { 3 }, false, "id" },
               { Transmitted, Errored });
        expect(Fact::MessageDropped { m_message, Fact::MessageDropped::Reason::TtlZero },
               { Received, MessageState::Expired });
        expect(Fact::MessageOffered { m_message, m_node }, { Stored, IntTransmitted });
        expect(HandedOver { m_message, m_node, HandedOver::Outcome::NotHere },
               { IntTransmitted, Stored });
        expect(HandedOver { m_message, m_node, HandedOver::Outcome::Failed },
               { IntTransmitted, Stored });
        expect(Fact::PushRefused { .why = ErrorCode::NoSuchUser,
                                   .wasReceived = true,
                                   .reliabilityId = "id" },
               { Received, Errored });
        const std::array gone { removed(m_message, RemovedMessage::Why::Expired) };
        expect(Fact::MessagesExpired { gone }, { Stored, MessageState::Expired });
        expect(Fact::MessageReplaced { m_message, gone.front() },
               { Stored, MessageState::Expired });
        expect(Fact::MessageDisplaced { m_message, gone.front() },
               { Stored, MessageState::Expired });
    }

    void messagesWithoutTtl_areNotStored()
    {
        m_message.ttl = 0s;
        expect(Fact::MessageOffered { m_message, m_node }, { Received, IntTransmitted });
        expect(HandedOver { m_message, m_node, HandedOver::Outcome::NotHere },
               { IntTransmitted, Received, MessageState::Expired });
    }

    void factsWithoutAStep_meanNone()
    {
        m_tracker.recorded(Fact::MessageStored { m_message, true });
        m_tracker.recorded(HandedOver { m_message, m_node, HandedOver::Outcome::Taken });
        m_tracker.recorded(HandedOver { m_message, m_node, HandedOver::Outcome::Failed, false });
        m_tracker.recorded(Fact::PushRefused { .why = ErrorCode::TtlMissing });
        m_tracker.recorded(Fact::MessageAcknowledged { m_uaid, m_channel, "v", 100 });
        m_tracker.recorded(Fact::PushReceived { "192.0.2.1" });
        QVERIFY(m_tracker.take(10).empty());
    }

    void untrackedMessages_areCountedOnly()
    {
        m_message.reliabilityId.clear();
        MessageTracker counting(m_clock);
        counting.recorded(Fact::MessageReceived { m_message });
        counting.recorded(Sent { m_message, "v", Sent::Source::Direct });
        QVERIFY(counting.take(10).empty());
        QCOMPARE(counting.counts().value(Received), 1);
        QCOMPARE(counting.counts().value(Transmitted), 1);
        QCOMPARE(counting.counts().value(Transition { Received, Transmitted }), 1);
        QCOMPARE(counting.counts().value(Transition { Stored, Transmitted }), 0);
    }

    void fullQueue_dropsAndCounts()
    {
        MessageTracker tracker(m_clock);
        for (std::size_t i = 0; i < MessageTracker::MaxQueued + 3; ++i)
            tracker.recorded(Fact::MessageReceived { m_message });
        QCOMPARE(tracker.dropped(), 3);
        auto taken = tracker.take(MessageTracker::MaxQueued);
        QCOMPARE(taken.size(), MessageTracker::MaxQueued);
        QVERIFY(tracker.take(1).empty());
        // What is given back comes first, and counts as queued.
        tracker.recorded(Fact::MessageStored { m_message });
        tracker.giveBack(std::move(taken));
        QCOMPARE(tracker.dropped(), 4);
        QCOMPARE(tracker.take(1).front().milestone.state, Received);
    }

private:
    [[nodiscard]] Fact::MessageAcknowledged acknowledged(int code) const
    {
        return { .uaid = m_uaid,
                 .channelId = m_channel,
                 .id = "v",
                 .code = code,
                 .wasInFlight = true,
                 .reliabilityId = "id" };
    }

    /// The fact moves its message along this path, in the counts and in its timeline.
    void expect(const AnyFact &fact, const std::vector<MessageState> &path)
    {
        std::vector<std::int64_t> before;
        for (std::size_t i = 1; i < path.size(); ++i)
            before.push_back(m_tracker.counts().value(Transition { path[i - 1], path[i] }));
        m_clock.advance(1ms);
        m_tracker.recorded(fact);
        const auto records = m_tracker.take(10);
        QCOMPARE(records.size(), path.size() - 1);
        for (std::size_t i = 1; i < path.size(); ++i) {
            QCOMPARE(records[i - 1].id, "id");
            QCOMPARE(records[i - 1].milestone, (Milestone { path[i], m_clock.now() }));
            QCOMPARE(m_tracker.counts().value(Transition { path[i - 1], path[i] }),
                     before[i - 1] + 1);
            QVERIFY(judge({ path[i - 1], path[i] }) == Verdict::Allowed);
        }
    }

    ManualClock m_clock { Start };
    MessageTracker m_tracker { m_clock };
    Uaid m_uaid = newUaid();
    ChannelId m_channel;
    NodeId m_node { "http://127.0.0.1:1" };
    Notification m_message;
};

QTEST_GUILESS_MAIN(TestMessageTracker)
#include "tst_messagetracker.moc"
