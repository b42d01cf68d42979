// SPDX-License-Identifier: MPL-2.0
#include "tests/contract/storage/storagecontract.h"

#include <QTest>

namespace Carillon {

void StorageContract::sending_ackFirst_isNotWritten()
{
    if (!waitsForAck())
        QSKIP("writes begin at once");
    Awaited<StoreOutcome> stored;
    const auto key = m_storage->storeWhileSending(message("one"), {}, stored.completion());
    QVERIFY(key);
    QCOMPARE(bodies(user().fetchAll(m_uaid)), QByteArrayList());
    QVERIFY(!stored.isDone());
    QCOMPARE(user().remove(message({}), *key).value_or(false), true);
    const auto outcome = stored.wait();
    QVERIFY(outcome);
    QCOMPARE(outcome->state, StoreOutcome::State::Acknowledged);
    QCOMPARE(outcome->sortKey, *key);
    m_storage->endWait(m_uaid);
    QVERIFY(user().check());
    QCOMPARE(bodies(user().fetchAll(m_uaid)), QByteArrayList());
    QCOMPARE(user().remove(message({}), *key).value_or(true), false);
}

void StorageContract::sending_endOfWait_writesInOrder()
{
    Awaited<StoreOutcome> first;
    Awaited<StoreOutcome> second;
    Awaited<StoreOutcome> third;
    const auto one = m_storage->storeWhileSending(message("one"), {}, first.completion());
    const auto two = m_storage->storeWhileSending(message("two"), {}, second.completion());
    const auto three = m_storage->storeWhileSending(message("three"), {}, third.completion());
    QCOMPARE(one && two && three, sends());
    m_storage->endWait(m_uaid);
    const auto outcome = first.wait();
    QVERIFY(outcome && second.wait() && third.wait());
    QCOMPARE(outcome->state, StoreOutcome::State::Stored);
    QCOMPARE(bodies(user().fetchAll(m_uaid)), (QByteArrayList { "one", "two", "three" }));
    if (sends()) {
        QCOMPARE(outcome->sortKey, *one);
        QVERIFY(*one < *two && *two < *three);
        QCOMPARE(toInt(*three) % 2, 0);
    }
}

void StorageContract::sending_ackAfterTheWrite_removesIt()
{
    Awaited<StoreOutcome> stored;
    const auto key = m_storage->storeWhileSending(message("one"), {}, stored.completion());
    m_storage->endWait(m_uaid);
    const auto outcome = stored.wait();
    QVERIFY(outcome);
    QVERIFY(!key || *key == outcome->sortKey);
    QCOMPARE(bodies(user().fetchAll(m_uaid)), QByteArrayList { "one" });
    QCOMPARE(user().remove(message({}), outcome->sortKey).value_or(false), true);
    QCOMPARE(bodies(user().fetchAll(m_uaid)), QByteArrayList());
}

void StorageContract::sending_anotherCall_endsTheWait()
{
    const auto endedBy = [&](const auto &call) {
        Awaited<StoreOutcome> stored;
        static_cast<void>(m_storage->storeWhileSending(message("sent"), {}, stored.completion()));
        const bool answered = call().has_value();
        const auto outcome = stored.wait();
        return answered && outcome && outcome->state == StoreOutcome::State::Stored;
    };
    QVERIFY(endedBy([&] { return user().store(message("stored")); }));
    QCOMPARE(bodies(user().fetchAll(m_uaid)), (QByteArrayList { "sent", "stored" }));
    QVERIFY(endedBy([&] { return user().claim(m_uaid, {}); }));
    QVERIFY(endedBy([&] { return user().release(m_uaid, 0); }));
    QVERIFY(endedBy([&] { return user().addChannel(m_uaid, m_otherChannel); }));
    QVERIFY(endedBy([&] { return user().removeTopic(message({}, "t")); }));
    QVERIFY(endedBy([&] { return user().removeChannel(m_uaid, m_otherChannel); }));
    QCOMPARE(bodies(user().fetchAll(m_uaid)).size(), 7);
    QVERIFY(endedBy([&] { return user().removeChannel(m_uaid, m_channel); }));
    QCOMPARE(bodies(user().fetchAll(m_uaid)), QByteArrayList());
    QVERIFY(user().addChannel(m_uaid, m_channel));
    QVERIFY(endedBy([&] { return user().removeClient(m_uaid); }));
}

void StorageContract::sending_topicAcknowledged_removesThePredecessor()
{
    const auto old = user().store(message("old", "t"));
    QVERIFY(old);
    QVERIFY(user().store(message("other", "u")));
    Awaited<StoreOutcome> stored;
    const auto key = m_storage->storeWhileSending(message("new", "t"), {}, stored.completion());
    if (!sends()) {
        QVERIFY(!key);
        QVERIFY(stored.wait());
        return;
    }
    QVERIFY(key);
    QCOMPARE(user().remove(message({}), *key).value_or(false), true);
    const auto outcome = stored.wait();
    QVERIFY(outcome);
    if (waitsForAck())
        QCOMPARE(outcome->state, StoreOutcome::State::Acknowledged);
    QCOMPARE(outcome->removed.size(), 1U);
    QCOMPARE(outcome->removed.front().sortKey, old->sortKey);
    QCOMPARE(bodies(user().fetchAll(m_uaid)), QByteArrayList { "other" });
}

void StorageContract::sending_toUnknownChannel_failsUnlessAcknowledged()
{
    Notification stray = message("stray");
    stray.channelId = ChannelId();
    Awaited<StoreOutcome> stored;
    static_cast<void>(m_storage->storeWhileSending(stray, {}, stored.completion()));
    m_storage->endWait(m_uaid);
    const auto refused = stored.wait();
    QVERIFY(!refused);
    QCOMPARE(refused.error(), ErrorCode::NoSuchSubscription);
}

void StorageContract::sending_keysGoOnBetweenAllKinds()
{
    const SortKey first = m_storage->transientKey();
    QVERIFY(toInt(first) % 2 == 1);
    const auto second = user().store(message("stored"));
    QVERIFY(second);
    Awaited<StoreOutcome> sent;
    const auto third = m_storage->storeWhileSending(message("sent"), {}, sent.completion());
    const SortKey fourth = m_storage->transientKey();
    QVERIFY(toInt(fourth) % 2 == 1);
    QVERIFY(fourth > first);
    if (sends()) {
        QVERIFY(second->sortKey > first);
        QVERIFY(third && *third > second->sortKey);
        QVERIFY(fourth > *third);
    }
    m_storage->endWait(m_uaid);
    QVERIFY(sent.wait());
}

void StorageContract::destruction_writesWhatIsHeld()
{
    constexpr int Count = 200;
    std::vector<Awaited<StoreOutcome>> stored(Count);
    for (int i = 0; i < Count; ++i) {
        static_cast<void>(m_storage->storeWhileSending(
            message(QByteArray::number(i)), {}, stored[static_cast<std::size_t>(i)].completion()));
    }
    Awaited<FetchPage> page;
    m_storage->fetch(request(), page.completion());
    m_storage.reset();
    QVERIFY(page.isDone());
    for (Awaited<StoreOutcome> &one : stored) {
        QVERIFY(one.isDone());
        const auto outcome = one.wait();
        QVERIFY(outcome);
        QCOMPARE(outcome->state, StoreOutcome::State::Stored);
    }
    if (!keepsData())
        return;
    reopen();
    const QByteArrayList kept = bodies(user().fetchAll(m_uaid));
    QCOMPARE(kept.size(), Count);
    for (int i = 0; i < Count; ++i)
        QCOMPARE(kept[i], QByteArray::number(i));
}

} // namespace Carillon
