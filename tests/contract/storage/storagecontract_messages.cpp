// SPDX-License-Identifier: MPL-2.0
#include "tests/contract/storage/storagecontract.h"

#include <QTest>

namespace Carillon {

void StorageContract::store_unknownUserOrChannel_isRefused()
{
    Notification stray = message("stray");
    stray.uaid = newUaid();
    QCOMPARE(user().store(stray).error(), ErrorCode::NoSuchUser);
    stray.uaid = m_uaid;
    stray.channelId = ChannelId();
    QCOMPARE(user().store(stray).error(), ErrorCode::NoSuchSubscription);
    QCOMPARE(bodies(user().fetchAll(m_uaid)), QByteArrayList());
}

void StorageContract::store_saysWhereTheClientIs()
{
    const auto claimed = user().claim(m_uaid, { NodeId(QByteArrayLiteral("http://node")), {}, 0 });
    QVERIFY(claimed && *claimed);
    const auto outcome = user().store(message("one"));
    QVERIFY(outcome);
    QCOMPARE(outcome->state, StoreOutcome::State::Stored);
    QCOMPARE(outcome->node.url(), QByteArrayLiteral("http://node"));
    QCOMPARE(outcome->connectedAt, (*claimed)->connectedAt);
}

void StorageContract::store_namesThePredecessor_whereAClientIs()
{
    const auto claimed = user().claim(m_uaid, { NodeId(QByteArrayLiteral("http://node")), {}, 0 });
    QVERIFY(claimed && *claimed);
    const auto first = user().store(message("one"));
    const auto second = user().store(message("two", "topic"));
    const auto third = user().store(message("three"));
    QVERIFY(first && second && third);
    QCOMPARE(toInt(first->predecessor), 0);
    QCOMPARE(second->predecessor, first->sortKey);
    QCOMPARE(third->predecessor, second->sortKey);
    // What is gone was not missed, and what a topic replaces goes.
    QVERIFY(user().remove(message("three"), third->sortKey).value());
    const auto fourth = user().store(message("four", "topic"));
    QVERIFY(fourth);
    QCOMPARE(fourth->predecessor, first->sortKey);
}

void StorageContract::store_keepsEveryField()
{
    Notification full = message(QByteArray("\0body\xff", 6), "topic");
    full.urgency = Urgency::Low;
    full.ttl = std::chrono::seconds(12345);
    full.accepted = m_clock->now() - std::chrono::microseconds(1);
    full.encoding = Encoding::AesGcm;
    full.encryption = "salt=abc";
    full.cryptoKey = "dh=def";
    full.senderKeyHash = QByteArray(32, '\x80');
    full.reliabilityId = "tracked";
    full.idKey = KeyMark { 0xFEDCBA98 };
    Notification empty = message({});
    empty.encoding = Encoding::None;
    const auto first = user().store(full);
    const auto second = user().store(empty);
    QVERIFY(first && second);
    full.sortKey = first->sortKey;
    empty.sortKey = second->sortKey;

    const auto page = user().fetchAll(m_uaid);
    QVERIFY(page);
    QCOMPARE(page->messages.size(), std::size_t { 2 });
    QVERIFY(page->messages[0] == full);
    QVERIFY(page->messages[1] == empty);
}

void StorageContract::keys_riseAlsoWhenTheClockStepsBack()
{
    std::int64_t last = 0;
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 3; ++i) {
            const auto stored = user().store(message("x"));
            QVERIFY(stored);
            QCOMPARE(toInt(stored->sortKey) % 2, 0);
            QVERIFY(toInt(stored->sortKey) > last);
            last = toInt(stored->sortKey);
        }
        m_clock->step(m_clock->now() - std::chrono::hours(1));
    }
    const auto page = user().fetchAll(m_uaid);
    QVERIFY(page);
    QCOMPARE(toInt(page->messages.back().sortKey), last);
}

void StorageContract::fetch_isInOrderOfKeys_fromTheOneAfter()
{
    std::vector<SortKey> keys;
    for (const char *body : { "one", "two", "three" }) {
        const auto stored = user().store(message(body));
        QVERIFY(stored);
        keys.push_back(stored->sortKey);
    }
    QCOMPARE(bodies(user().fetchAll(m_uaid)), (QByteArrayList { "one", "two", "three" }));
    FetchRequest later = request();
    later.after = keys[0];
    QCOMPARE(bodies(user().fetch(later)), (QByteArrayList { "two", "three" }));
    later.after = keys[2];
    QCOMPARE(bodies(user().fetch(later)), QByteArrayList());
}

void StorageContract::fetch_stopsAtItsLimits_andSaysWhetherThereIsMore()
{
    for (const char *body : { "1234567890", "abcdefghij", "ABCDEFGHIJ" })
        QVERIFY(user().store(message(body)));
    const auto fetched = [&](int limit, std::int64_t maxBytes) {
        FetchRequest wanted = request();
        wanted.limit = limit;
        wanted.maxBytes = maxBytes;
        const auto page = user().fetch(wanted);
        return page ? std::pair(page->messages.size(), page->more)
                    : std::pair(std::size_t { 99 }, false);
    };
    QCOMPARE(fetched(2, 1000), std::pair(std::size_t { 2 }, true));
    QCOMPARE(fetched(3, 1000), std::pair(std::size_t { 3 }, false));
    QCOMPARE(fetched(100, 20), std::pair(std::size_t { 2 }, true));
    QCOMPARE(fetched(100, 19), std::pair(std::size_t { 1 }, true));
    // The first comes whatever its size.
    QCOMPARE(fetched(100, 1), std::pair(std::size_t { 1 }, true));
    QCOMPARE(fetched(100, 30), std::pair(std::size_t { 3 }, false));
}

void StorageContract::fetch_byKind()
{
    QVERIFY(user().store(message("plain1")));
    QVERIFY(user().store(message("topic1", "a")));
    QVERIFY(user().store(message("plain2")));
    Notification other = message("topic2", "a");
    other.channelId = m_otherChannel;
    QVERIFY(user().store(other));

    const auto fetched = [&](FetchRequest::Which which, int limit) {
        FetchRequest wanted = request();
        wanted.which = which;
        wanted.limit = limit;
        return user().fetch(wanted);
    };
    using Which = FetchRequest::Which;
    QCOMPARE(bodies(fetched(Which::Topics, 10)), (QByteArrayList { "topic1", "topic2" }));
    QCOMPARE(bodies(fetched(Which::Plain, 10)), (QByteArrayList { "plain1", "plain2" }));
    QCOMPARE(bodies(fetched(Which::All, 10)),
             (QByteArrayList { "plain1", "topic1", "plain2", "topic2" }));
    // More of the asked kind, not of others.
    QVERIFY(fetched(Which::Topics, 1)->more);
    QVERIFY(!fetched(Which::Topics, 2)->more);
    QVERIFY(fetched(Which::Plain, 1)->more);
    QVERIFY(!fetched(Which::Plain, 2)->more);
    // Each begins behind the key that is named.
    for (const Which which : { Which::Topics, Which::Plain, Which::All }) {
        const auto whole = fetched(which, 10);
        FetchRequest rest = request();
        rest.which = which;
        rest.after = whole->messages.front().sortKey;
        QCOMPARE(bodies(user().fetch(rest)), bodies(whole).mid(1));
    }
}

void StorageContract::fetch_passesOverLowerUrgency()
{
    for (const Urgency urgency :
         { Urgency::High, Urgency::VeryLow, Urgency::Normal, Urgency::Low }) {
        Notification one = message(QByteArray::number(static_cast<int>(urgency)));
        one.urgency = urgency;
        QVERIFY(user().store(one));
    }
    FetchRequest urgent = request();
    urgent.minimumUrgency = Urgency::Normal;
    urgent.limit = 2;
    const auto page = user().fetch(urgent);
    QCOMPARE(bodies(page), (QByteArrayList { "3", "2" }));
    QVERIFY(!page->more);
    QCOMPARE(bodies(user().fetchAll(m_uaid)), (QByteArrayList { "3", "0", "2", "1" }));
}

void StorageContract::fetch_passesOverExpired()
{
    Notification brief = message("brief");
    brief.ttl = std::chrono::seconds(10);
    QVERIFY(user().store(brief));
    QVERIFY(user().store(message("lasting")));
    m_clock->advance(std::chrono::seconds(10) - std::chrono::microseconds(1));
    QCOMPARE(bodies(user().fetchAll(m_uaid)), (QByteArrayList { "brief", "lasting" }));
    m_clock->advance(std::chrono::microseconds(1));
    QCOMPARE(bodies(user().fetchAll(m_uaid)), QByteArrayList { "lasting" });
}

void StorageContract::fetch_withoutWhatWasAskedToBeRemoved()
{
    // Nothing is waited for in between: the removals may not be committed when the fetch is asked.
    for (int round = 0; round < 20; ++round) {
        const auto first = user().store(message("by key"));
        QVERIFY(first);
        QVERIFY(user().store(message("by topic", "t")));
        Notification other = message("by channel");
        other.channelId = m_otherChannel;
        QVERIFY(user().store(other));
        QVERIFY(user().store(message("kept")));

        Awaited<bool> byKey;
        m_storage->removeMessage(m_uaid, m_channel, first->sortKey, byKey.completion());
        QVERIFY(!bodies(user().fetchAll(m_uaid)).contains("by key"));

        Awaited<bool> byTopic;
        m_storage->removeTopic(m_uaid, m_channel, "t", {}, byTopic.completion());
        QVERIFY(!bodies(user().fetchAll(m_uaid)).contains("by topic"));

        Awaited<bool> byChannel;
        m_storage->removeChannel(m_uaid, m_otherChannel, byChannel.completion());
        QCOMPARE(bodies(user().fetchAll(m_uaid)), QByteArrayList { "kept" });

        Awaited<bool> byClient;
        m_storage->removeClient(m_uaid, byClient.completion());
        QCOMPARE(bodies(user().fetchAll(m_uaid)), QByteArrayList());
        QVERIFY(byKey.wait().value_or(false) && byTopic.wait().value_or(false)
                && byChannel.wait().value_or(false) && byClient.wait().value_or(false));
        QVERIFY(user().addChannel(m_uaid, m_channel));
        QVERIFY(user().addChannel(m_uaid, m_otherChannel));
    }
}

void StorageContract::topic_replacesItsPredecessor_whoseKeyIsGone()
{
    const auto first = user().store(message("old", "t"));
    const auto second = user().store(message("new", "t"));
    QVERIFY(first && second);
    QVERIFY(second->sortKey > first->sortKey);
    QVERIFY(first->removed.empty());
    QCOMPARE(second->removed.size(), 1U);
    QVERIFY(second->removed.front().why == RemovedMessage::Why::Replaced);
    QCOMPARE(second->removed.front().sortKey, first->sortKey);
    QCOMPARE(second->removed.front().channelId, m_channel);
    QCOMPARE(bodies(user().fetchAll(m_uaid)), QByteArrayList { "new" });
    QCOMPARE(user().remove(message({}), first->sortKey).value_or(true), false);
    QCOMPARE(bodies(user().fetchAll(m_uaid)), QByteArrayList { "new" });
    QCOMPARE(user().remove(message({}), second->sortKey).value_or(false), true);
    QCOMPARE(bodies(user().fetchAll(m_uaid)), QByteArrayList());
}

void StorageContract::topic_ofAnotherChannel_isAnotherMessage()
{
    Notification other = message("other", "t");
    other.channelId = m_otherChannel;
    QVERIFY(user().store(message("one", "t")));
    QVERIFY(user().store(other));
    QVERIFY(user().store(message("two", "u")));
    QCOMPARE(bodies(user().fetchAll(m_uaid)), (QByteArrayList { "one", "other", "two" }));
}

void StorageContract::removeMessage_needsItsChannel_andOnlyOnceGivesTrue()
{
    const auto stored = user().store(message("one"));
    QVERIFY(stored);
    Notification elsewhere = message("one");
    elsewhere.channelId = m_otherChannel;
    QCOMPARE(user().remove(elsewhere, stored->sortKey).value_or(true), false);
    QCOMPARE(user().remove(message({}), SortKey { toInt(stored->sortKey) + 1 }).value_or(true),
             false);
    QCOMPARE(bodies(user().fetchAll(m_uaid)), QByteArrayList { "one" });
    QCOMPARE(user().remove(message({}), stored->sortKey).value_or(false), true);
    QCOMPARE(user().remove(message({}), stored->sortKey).value_or(true), false);
}

void StorageContract::removeAcknowledged_isSeenAtOnce_andDoneWithTheNextWrite()
{
    const auto stored = user().store(message("acknowledged"));
    QVERIFY(stored);
    QVERIFY(user().store(message("kept")));
    Awaited<bool> removed;
    m_storage->removeAcknowledged(m_uaid, m_channel, stored->sortKey, removed.completion());
    QCOMPARE(bodies(user().fetchAll(m_uaid)), QByteArrayList { "kept" });
    QVERIFY(user().claim(m_uaid, {}));
    QVERIFY(removed.isDone());
    QCOMPARE(removed.wait().value_or(false), true);
    QCOMPARE(bodies(user().fetchAll(m_uaid)), QByteArrayList { "kept" });
}

void StorageContract::removeTopic_asksWhetherItIsMeant()
{
    const auto stored = user().store(message("one", "t"));
    QVERIFY(stored);
    std::optional<SortKey> asked;
    const auto refuse = [&](SortKey key) {
        asked = key;
        return false;
    };
    QCOMPARE(user().removeTopic(message({}, "t"), refuse).value_or(true), false);
    QVERIFY(asked == stored->sortKey);
    QCOMPARE(bodies(user().fetchAll(m_uaid)), QByteArrayList { "one" });
    QCOMPARE(user().removeTopic(message({}, "u")).value_or(true), false);
    QCOMPARE(user().removeTopic(message({}, "t")).value_or(false), true);
    QCOMPARE(bodies(user().fetchAll(m_uaid)), QByteArrayList());
}

void StorageContract::callsOfOneClient_takeEffectInTheOrderAsked()
{
    Awaited<StoreOutcome> early;
    Awaited<bool> removed;
    Awaited<StoreOutcome> between;
    Awaited<void> added;
    Awaited<StoreOutcome> late;
    m_storage->store(message("early"), early.completion());
    m_storage->removeChannel(m_uaid, m_channel, removed.completion());
    m_storage->store(message("between"), between.completion());
    m_storage->addChannel(m_uaid, {}, m_channel, {}, 100, added.completion());
    m_storage->store(message("late"), late.completion());

    QVERIFY(early.wait());
    QCOMPARE(removed.wait().value_or(false), true);
    const auto refused = between.wait();
    QVERIFY(!refused);
    QCOMPARE(refused.error(), ErrorCode::NoSuchSubscription);
    QVERIFY(added.wait());
    QVERIFY(late.wait());
    QCOMPARE(bodies(user().fetchAll(m_uaid)), QByteArrayList { "late" });
}

void StorageContract::check_ofAWorkingStorage_isFine()
{
    QVERIFY(user().check());
    QVERIFY(user().check());
}

} // namespace Carillon
