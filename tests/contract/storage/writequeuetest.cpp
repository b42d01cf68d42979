// SPDX-License-Identifier: MPL-2.0
#include "server/storage/queue/writequeue.h"
#include "tests/contract/storage/storageuser.h"
#include "tests/support/manualclock.h"

#include <QTest>

#include <array>

using namespace Carillon;

namespace {

const Time Start = fromSeconds(1'700'000'000);

WriteQueueOptions optionsOf(std::chrono::milliseconds ackWait,
                            std::chrono::milliseconds removalWait = {})
{
    WriteQueueOptions options;
    options.ackWait = ackWait;
    options.removalWait = removalWait;
    return options;
}

QByteArrayList bodiesOf(const WriteQueue::Batch &batch)
{
    QByteArrayList found;
    for (const auto &entry : batch.entries) {
        const auto *store = std::get_if<StoreMessage>(&entry.write);
        found.push_back(store ? store->message.body : QByteArrayLiteral("(other)"));
    }
    return found;
}

/// None: nothing to write yet.
QByteArrayList bodiesOf(const std::optional<WriteQueue::Batch> &batch)
{
    return batch ? bodiesOf(*batch) : QByteArrayList { "(none)" };
}

constexpr std::chrono::hours Long { 1 };

/// As a writer whose transaction was committed.
void commit(WriteQueue &queue, WriteQueue::Batch batch)
{
    for (auto &entry : batch.entries) {
        if (auto *store = std::get_if<StoreMessage>(&entry.write))
            store->call.outcome =
                StoreOutcome { StoreOutcome::State::Stored, store->message.sortKey, {}, 0 };
        if (auto *removal = std::get_if<RemoveMessage>(&entry.write))
            removal->call.outcome = true;
    }
    queue.finish(std::move(batch), true, 0);
}

void fail(WriteQueue &queue, WriteQueue::Batch batch)
{
    queue.finish(std::move(batch), false, 0);
}

} // namespace

/// The queue's rules, with the test as its writer: nothing happens between two lines.
class WriteQueueTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void waiting_isGivenOutWhenRipe_inOrder();
    void ripeMessage_takesAlongThoseThatWaitedHalfAsLong();
    void endOfWait_isOfOneClient();
    void ack_beforeTheWrite_sparesIt();
    void ack_afterItBegan_isTheNextBatch();
    void failedWrite_acknowledgedMeanwhile_isAcknowledged();
    void topic_acknowledged_leavesTheRemovalInItsPlace();
    void ack_waitsForAWriteOfAnybody();
    void ack_goesWithARipeMessage();
    void ack_alone_isGivenOutAfterItsWait();
    void acks_ofOneTransaction_areGivenOutAtOnce();
    void acks_keepTheOrderOfTheirClient();
    void ack_atAStop_isGivenOut();
    void ack_neverWritten_fails();
    void acks_leaveMessagesTheirRoom();
    void removal_byASender_doesNotWait();
    void openCalls_forbidToSend();
    void openRemovals_areKnownUntilTheyAreCommitted();
    void readAfter_refusedOrLeft_isNotInTurn();
    void otherWrites_leaveMessagesTheirRoom();
    void clients_takeTurns();
    void spared_leavesNothingBehind();
    void reservation_usedUp_refusesUntilRenewed();
    void reservation_askedForTwice_isNoEnd();
    void stopped_givesOutAllThenEnds();

private:
    [[nodiscard]] Notification message(const QByteArray &body, const QByteArray &topic = {}) const;
    [[nodiscard]] Notification ofAnother(const QByteArray &body) const;
    [[nodiscard]] RemoveMessage removal(std::int64_t key, Awaited<bool> &removed) const
    {
        return { m_uaid, {}, SortKey { key }, { removed.completion() } };
    }

    const Uaid m_uaid = newUaid();
    ManualClock m_clock { Start };
};

Notification WriteQueueTest::message(const QByteArray &body, const QByteArray &topic) const
{
    Notification notification;
    notification.uaid = m_uaid;
    notification.body = body;
    notification.topic = topic;
    return notification;
}

Notification WriteQueueTest::ofAnother(const QByteArray &body) const
{
    Notification notification = message(body);
    notification.uaid = newUaid();
    return notification;
}

void WriteQueueTest::waiting_isGivenOutWhenRipe_inOrder()
{
    ManualClock clock(Start);
    clock.letSteadyTimeRun();
    WriteQueue queue(clock, optionsOf(std::chrono::milliseconds(20)), SortKeys());
    Awaited<StoreOutcome> first;
    Awaited<StoreOutcome> second;
    const auto begin = std::chrono::steady_clock::now();
    QVERIFY(queue.addWhileSending(message("one"), {}, first.completion()));
    QVERIFY(queue.addWhileSending(message("two"), {}, second.completion()));
    QCOMPARE(queue.stats().waitingForAck, std::size_t { 2 });
    QByteArrayList found;
    while (found.size() < 2) {
        auto batch = queue.take();
        found += bodiesOf(batch);
        commit(queue, std::move(batch));
    }
    QVERIFY(std::chrono::steady_clock::now() - begin >= std::chrono::milliseconds(20));
    QCOMPARE(found, (QByteArrayList { "one", "two" }));
}

void WriteQueueTest::ripeMessage_takesAlongThoseThatWaitedHalfAsLong()
{
    using std::chrono::milliseconds;
    ManualClock clock(Start);
    WriteQueue queue(clock, optionsOf(milliseconds(5)), SortKeys());
    std::array<Awaited<StoreOutcome>, 3> stored;
    QVERIFY(queue.addWhileSending(message("at 0"), {}, stored[0].completion()));
    clock.advance(std::chrono::microseconds(2500));
    QVERIFY(queue.addWhileSending(ofAnother("at 2.5"), {}, stored[1].completion()));
    clock.advance(std::chrono::microseconds(1));
    QVERIFY(queue.addWhileSending(message("after"), {}, stored[2].completion()));
    clock.advance(std::chrono::microseconds(2498));
    QCOMPARE(bodiesOf(queue.tryTake()), QByteArrayList { "(none)" });
    clock.advance(std::chrono::microseconds(1));
    QCOMPARE(bodiesOf(queue.tryTake()), (QByteArrayList { "at 0", "at 2.5" }));
    QCOMPARE(bodiesOf(queue.tryTake()), QByteArrayList { "(none)" });
    clock.advance(std::chrono::microseconds(2501));
    QCOMPARE(bodiesOf(queue.tryTake()), QByteArrayList { "after" });
}

void WriteQueueTest::endOfWait_isOfOneClient()
{
    WriteQueue queue(m_clock, optionsOf(std::chrono::hours(1)), SortKeys());
    Awaited<StoreOutcome> mine;
    Awaited<StoreOutcome> others;
    Notification other = message("other");
    other.uaid = newUaid();
    QVERIFY(queue.addWhileSending(other, {}, others.completion()));
    QVERIFY(queue.addWhileSending(message("mine"), {}, mine.completion()));
    queue.endWait(m_uaid);
    auto batch = queue.take();
    QCOMPARE(bodiesOf(batch), QByteArrayList { "mine" });
    commit(queue, std::move(batch));
    QVERIFY(mine.isDone() && !others.isDone());
}

void WriteQueueTest::ack_beforeTheWrite_sparesIt()
{
    // Both while it waits for its ack and while it waits for the writer.
    for (const auto wait : { std::chrono::milliseconds(0), std::chrono::milliseconds(3'600'000) }) {
        WriteQueue queue(m_clock, optionsOf(wait), SortKeys());
        Awaited<StoreOutcome> stored;
        Awaited<bool> removed;
        Awaited<bool> elsewhere;
        const auto key = queue.addWhileSending(message("one"), {}, stored.completion());
        QVERIFY(key);
        ChannelId::Bytes bytes {};
        bytes.back() = 1;
        queue.addRemoval({ m_uaid, ChannelId(bytes), *key, { elsewhere.completion() } });
        QVERIFY(!stored.isDone());
        queue.addRemoval({ m_uaid, ChannelId(), *key, { removed.completion() } });
        QVERIFY(stored.isDone() && removed.isDone());
        QCOMPARE(stored.wait()->state, StoreOutcome::State::Acknowledged);
        QCOMPARE(*removed.wait(), true);
        auto batch = queue.take();
        QCOMPARE(bodiesOf(batch), QByteArrayList { "(other)" });
        commit(queue, std::move(batch));
        QCOMPARE(queue.stats().cancelled, std::uint64_t { 1 });
        QCOMPARE(queue.stats().bytes, 0);
    }
}

void WriteQueueTest::ack_afterItBegan_isTheNextBatch()
{
    WriteQueue queue(m_clock, optionsOf(std::chrono::milliseconds(0)), SortKeys());
    Awaited<StoreOutcome> stored;
    Awaited<bool> removed;
    const auto key = queue.addWhileSending(message("one"), {}, stored.completion());
    auto batch = queue.take();
    queue.addRemoval({ m_uaid, ChannelId(), *key, { removed.completion() } });
    QVERIFY(!stored.isDone() && !removed.isDone());
    commit(queue, std::move(batch));
    QCOMPARE(stored.wait()->state, StoreOutcome::State::Stored);
    QVERIFY(!removed.isDone());
    batch = queue.take();
    QCOMPARE(bodiesOf(batch), QByteArrayList { "(other)" });
    commit(queue, std::move(batch));
    QVERIFY(removed.isDone());
}

void WriteQueueTest::failedWrite_acknowledgedMeanwhile_isAcknowledged()
{
    WriteQueue queue(m_clock, optionsOf(std::chrono::milliseconds(0)), SortKeys());
    Awaited<StoreOutcome> first;
    Awaited<StoreOutcome> second;
    Awaited<bool> removed;
    const auto key = queue.addWhileSending(message("one"), {}, first.completion());
    QVERIFY(queue.addWhileSending(message("two"), {}, second.completion()));
    auto batch = queue.take();
    queue.addRemoval({ m_uaid, ChannelId(), *key, { removed.completion() } });
    fail(queue, std::move(batch));
    const auto outcome = first.wait();
    QVERIFY(outcome);
    QCOMPARE(outcome->state, StoreOutcome::State::Acknowledged);
    QCOMPARE(outcome->sortKey, *key);
    QCOMPARE(second.wait().error(), ErrorCode::StorageUnavailable);
}

void WriteQueueTest::topic_acknowledged_leavesTheRemovalInItsPlace()
{
    WriteQueue queue(m_clock, optionsOf(std::chrono::hours(1)), SortKeys());
    std::array<Awaited<StoreOutcome>, 3> stored;
    Awaited<bool> removed;
    QVERIFY(queue.addWhileSending(message("before"), {}, stored[0].completion()));
    const auto key = queue.addWhileSending(message("topic", "t"), {}, stored[1].completion());
    QVERIFY(queue.addWhileSending(message("after"), {}, stored[2].completion()));
    queue.addRemoval({ m_uaid, ChannelId(), *key, { removed.completion() } });
    QVERIFY(!stored[1].isDone());
    QVERIFY(!queue.openRemovals(m_uaid));
    auto batch = queue.take();
    QCOMPARE(bodiesOf(batch), (QByteArrayList { "before", "(other)", "after" }));
    // Even if that fails: the client has the message.
    fail(queue, std::move(batch));
    QCOMPARE(stored[0].wait().error(), ErrorCode::StorageUnavailable);
    QCOMPARE(stored[1].wait()->state, StoreOutcome::State::Acknowledged);
    QCOMPARE(removed.wait().value_or(false), true);
    QVERIFY(queue.openRemovals(m_uaid));
}

void WriteQueueTest::ack_waitsForAWriteOfAnybody()
{
    WriteQueue queue(m_clock, optionsOf(Long, Long), SortKeys());
    Awaited<bool> removed;
    queue.addAck(removal(42, removed));
    QCOMPARE(bodiesOf(queue.tryTake()), QByteArrayList { "(none)" });
    // It counts as a write that is queued, and readers leave the message out.
    QCOMPARE(queue.stats().queued, std::size_t { 1 });
    QCOMPARE(queue.openRemovals(m_uaid).value(), std::vector { SortKey { 42 } });
    Awaited<StoreOutcome> stored;
    queue.addStore(ofAnother("stored"), {}, stored.completion());
    auto batch = queue.tryTake();
    QCOMPARE(bodiesOf(batch), (QByteArrayList { "(other)", "stored" }));
    QCOMPARE(queue.openRemovals(m_uaid).value(), std::vector { SortKey { 42 } });
    commit(queue, std::move(*batch));
    QVERIFY(removed.isDone() && stored.isDone());
    QCOMPARE(queue.openRemovals(m_uaid).value(), std::vector<SortKey>());
    QCOMPARE(queue.stats().bytes, 0);
}

void WriteQueueTest::ack_goesWithARipeMessage()
{
    ManualClock clock(Start);
    WriteQueue queue(clock, optionsOf(std::chrono::milliseconds(5), Long), SortKeys());
    Awaited<StoreOutcome> stored;
    Awaited<bool> removed;
    QVERIFY(queue.addWhileSending(message("sent"), {}, stored.completion()));
    queue.addAck(removal(42, removed));
    QCOMPARE(bodiesOf(queue.tryTake()), QByteArrayList { "(none)" });
    clock.advance(std::chrono::milliseconds(5));
    // First, so that it makes room for the message.
    QCOMPARE(bodiesOf(queue.tryTake()), (QByteArrayList { "(other)", "sent" }));
}

void WriteQueueTest::ack_alone_isGivenOutAfterItsWait()
{
    ManualClock clock(Start);
    WriteQueue queue(clock, optionsOf(Long, std::chrono::milliseconds(20)), SortKeys());
    std::array<Awaited<bool>, 2> removed;
    queue.addAck(removal(2, removed[0]));
    clock.advance(std::chrono::milliseconds(19));
    queue.addAck(removal(4, removed[1]));
    QCOMPARE(bodiesOf(queue.tryTake()), QByteArrayList { "(none)" });
    clock.advance(std::chrono::milliseconds(1));
    QCOMPARE(bodiesOf(queue.tryTake()), (QByteArrayList { "(other)", "(other)" }));
}

void WriteQueueTest::acks_ofOneTransaction_areGivenOutAtOnce()
{
    WriteQueue queue(m_clock, optionsOf(Long, Long), SortKeys());
    std::vector<Awaited<bool>> removed(512);
    for (std::size_t i = 0; i < removed.size(); ++i) {
        QVERIFY(!queue.tryTake());
        queue.addAck(removal(2 * std::int64_t(i), removed[i]));
    }
    auto batch = queue.tryTake();
    QVERIFY(batch);
    QCOMPARE(batch->entries.size(), removed.size());
    commit(queue, std::move(*batch));
    QVERIFY(removed.back().isDone());
}

void WriteQueueTest::acks_keepTheOrderOfTheirClient()
{
    WriteQueue queue(m_clock, optionsOf(Long, Long), SortKeys());
    std::array<Awaited<bool>, 2> removed;
    Awaited<std::optional<ClientRecord>> claimed;
    Awaited<StoreOutcome> held;
    QVERIFY(queue.addWhileSending(message("held"), {}, held.completion()));
    queue.addAck(removal(42, removed[0]));
    queue.add(ClaimClient { m_uaid, {}, { claimed.completion() } }, m_uaid);
    queue.addAck(removal(44, removed[1]));
    auto batch = queue.tryTake();
    QCOMPARE(bodiesOf(batch), (QByteArrayList { "(other)", "held", "(other)", "(other)" }));
    const auto *first = std::get_if<RemoveMessage>(&batch->entries.front().write);
    const auto *last = std::get_if<RemoveMessage>(&batch->entries.back().write);
    QVERIFY(first && last);
    QCOMPARE(first->key, SortKey { 42 });
    QCOMPARE(last->key, SortKey { 44 });
}

void WriteQueueTest::ack_atAStop_isGivenOut()
{
    WriteQueue queue(m_clock, optionsOf(Long, Long), SortKeys());
    std::array<Awaited<bool>, 2> removed;
    queue.addAck(removal(42, removed[0]));
    queue.stop();
    queue.addAck(removal(44, removed[1]));
    auto batch = queue.tryTake();
    QCOMPARE(bodiesOf(batch), (QByteArrayList { "(other)", "(other)" }));
    commit(queue, std::move(*batch));
    QVERIFY(queue.take().isEmpty());
}

void WriteQueueTest::ack_neverWritten_fails()
{
    Awaited<bool> removed;
    {
        WriteQueue queue(m_clock, optionsOf(Long, Long), SortKeys());
        queue.addAck(removal(42, removed));
    }
    QCOMPARE(removed.wait().error(), ErrorCode::StorageUnavailable);
}

void WriteQueueTest::acks_leaveMessagesTheirRoom()
{
    WriteQueueOptions options = optionsOf(Long, Long);
    options.maxItems = 2;
    WriteQueue queue(m_clock, options, SortKeys());
    std::array<Awaited<bool>, 5> removed;
    for (std::size_t i = 0; i < removed.size(); ++i)
        queue.addAck(removal(2 * std::int64_t(i), removed[i]));
    QVERIFY(!removed[3].isDone());
    QCOMPARE(removed[4].wait().error(), ErrorCode::StorageUnavailable);
    std::array<Awaited<StoreOutcome>, 3> stored;
    for (Awaited<StoreOutcome> &one : stored)
        static_cast<void>(queue.addWhileSending(message("one"), {}, one.completion()));
    QVERIFY(!stored[1].isDone());
    QCOMPARE(stored[2].wait().error(), ErrorCode::StorageUnavailable);
}

void WriteQueueTest::removal_byASender_doesNotWait()
{
    WriteQueue queue(m_clock, optionsOf(Long, Long), SortKeys());
    std::array<Awaited<bool>, 2> removed;
    queue.addAck(removal(42, removed[0]));
    queue.addRemoval(removal(44, removed[1]));
    QCOMPARE(bodiesOf(queue.tryTake()), (QByteArrayList { "(other)", "(other)" }));
}

void WriteQueueTest::openCalls_forbidToSend()
{
    WriteQueue queue(m_clock, optionsOf(std::chrono::milliseconds(0)), SortKeys());
    const auto allowed = [&] {
        Awaited<StoreOutcome> outcome;
        const bool sent = queue.addWhileSending(message("x"), {}, outcome.completion()).has_value();
        return sent;
    };
    const auto settle = [&] {
        while (queue.stats().queued > 0)
            commit(queue, queue.take());
    };
    const auto forbids = [&](Write write) {
        settle();
        const bool before = allowed();
        queue.add(std::move(write), m_uaid);
        auto begun = queue.take();
        const bool during = allowed();
        commit(queue, std::move(begun));
        settle();
        return before && !during && allowed();
    };
    const auto ignore = [](const auto &) {};
    QVERIFY(forbids(StoreMessage { message("stored"), {}, false, { ignore } }));
    QVERIFY(forbids(ClaimClient { m_uaid, {}, { ignore } }));
    QVERIFY(forbids(SetNode { m_uaid, {}, 0, { ignore } }));
    QVERIFY(forbids(RemoveClient { m_uaid, { ignore } }));
    QVERIFY(forbids(AddChannel { m_uaid, {}, {}, {}, 1, { ignore } }));
    QVERIFY(forbids(RemoveChannel { m_uaid, {}, { ignore } }));
    QVERIFY(!forbids(RemoveMessage { m_uaid, {}, SortKey { 2 }, { ignore } }));
}

void WriteQueueTest::openRemovals_areKnownUntilTheyAreCommitted()
{
    WriteQueue queue(m_clock, optionsOf(std::chrono::milliseconds(0)), SortKeys());
    Awaited<bool> removed;
    queue.addRemoval({ m_uaid, ChannelId(), SortKey { 42 }, { removed.completion() } });
    QCOMPARE(queue.openRemovals(m_uaid).value(), std::vector { SortKey { 42 } });
    auto batch = queue.take();
    QCOMPARE(queue.openRemovals(m_uaid).value(), std::vector { SortKey { 42 } });
    commit(queue, std::move(batch));
    QCOMPARE(queue.openRemovals(m_uaid).value(), std::vector<SortKey>());
    QCOMPARE(queue.openRemovals(newUaid()).value(), std::vector<SortKey>());

    Awaited<bool> cleared;
    queue.add(RemoveTopic { m_uaid, {}, "t", {}, { cleared.completion() } }, m_uaid);
    QVERIFY(!queue.openRemovals(m_uaid));
    commit(queue, queue.take());
    QVERIFY(queue.openRemovals(m_uaid));
}

void WriteQueueTest::readAfter_refusedOrLeft_isNotInTurn()
{
    std::vector<bool> turns;
    const auto note = [&](bool inTurn) { turns.push_back(inTurn); };
    WriteQueueOptions options;
    options.maxItems = 1;
    {
        WriteQueue queue(m_clock, options, SortKeys());
        queue.add(ReadAfter { m_uaid, note }, m_uaid);
        commit(queue, queue.take());
        QCOMPARE(turns, std::vector { true });
        queue.add(ReadAfter { m_uaid, note }, m_uaid);
        queue.add(ReadAfter { m_uaid, note }, m_uaid);
        queue.add(ReadAfter { m_uaid, note }, m_uaid);
        QCOMPARE(turns, (std::vector { true, false }));
    }
    QCOMPARE(turns, (std::vector { true, false, false, false }));
}

void WriteQueueTest::otherWrites_leaveMessagesTheirRoom()
{
    WriteQueueOptions options = optionsOf(std::chrono::hours(1));
    options.maxItems = 2;
    WriteQueue queue(m_clock, options, SortKeys());
    std::array<Awaited<bool>, 5> changes;
    for (Awaited<bool> &change : changes)
        queue.add(RemoveChannel { m_uaid, {}, { change.completion() } }, m_uaid);
    QVERIFY(!changes[3].isDone());
    QCOMPARE(changes[4].wait().error(), ErrorCode::StorageUnavailable);
    std::array<Awaited<StoreOutcome>, 3> messages;
    for (Awaited<StoreOutcome> &one : messages)
        queue.addStore(message("one"), {}, one.completion());
    QVERIFY(!messages[1].isDone());
    QCOMPARE(messages[2].wait().error(), ErrorCode::StorageUnavailable);
    // What is being written no longer takes room from either.
    auto batch = queue.take();
    QCOMPARE(batch.entries.size(), 6U);
    Awaited<bool> change;
    queue.add(RemoveChannel { m_uaid, {}, { change.completion() } }, m_uaid);
    Awaited<StoreOutcome> held;
    Notification other = message("topic", "t");
    other.uaid = newUaid();
    const auto key = queue.addWhileSending(other, {}, held.completion());
    QVERIFY(key);
    // An ack makes another write of it, which is room for a message.
    Awaited<bool> acked;
    queue.addRemoval({ other.uaid, other.channelId, *key, { acked.completion() } });
    std::array<Awaited<StoreOutcome>, 2> more;
    for (Awaited<StoreOutcome> &one : more)
        queue.addStore(message("one"), {}, one.completion());
    QVERIFY(!more[1].isDone());
    commit(queue, std::move(batch));
    commit(queue, queue.take());
    QCOMPARE(queue.stats().queued, std::size_t { 0 });
}

void WriteQueueTest::clients_takeTurns()
{
    WriteQueue queue(m_clock, {}, SortKeys());
    std::vector<Awaited<bool>> removed(2'000);
    const std::array<Uaid, 2> busy { newUaid(), newUaid() };
    for (std::size_t i = 0; i < removed.size(); ++i)
        queue.addRemoval(
            { busy[i % 2], {}, SortKey { 2 * std::int64_t(i) }, { removed[i].completion() } });
    std::array<Awaited<StoreOutcome>, 2> stored;
    queue.addStore(message("first"), {}, stored[0].completion());
    queue.addStore(message("second"), {}, stored[1].completion());
    Awaited<void> checked;
    queue.add(CheckWrite { { checked.completion() } }, std::nullopt);

    auto batch = queue.take();
    QVERIFY(batch.entries.size() < removed.size());
    QByteArrayList beginning = bodiesOf(batch).first(7);
    QCOMPARE(beginning,
             (QByteArrayList { "(other)", "(other)", "first", "(other)", "(other)", "(other)",
                               "second" }));
    std::int64_t last = -1;
    for (const auto &entry : batch.entries) {
        const auto *removal = std::get_if<RemoveMessage>(&entry.write);
        if (!removal || entry.uaid != busy[0])
            continue;
        QCOMPARE(toInt(removal->key), last < 0 ? 0 : last + 4);
        last = toInt(removal->key);
    }
    commit(queue, std::move(batch));
    QVERIFY(stored[0].isDone() && stored[1].isDone() && checked.isDone());
    while (queue.stats().queued > 0)
        commit(queue, queue.take());
    QVERIFY(removed.back().isDone());
}

void WriteQueueTest::spared_leavesNothingBehind()
{
    // What is spared while it waits for the writer keeps its turn, with nothing to write in it.
    WriteQueue queue(m_clock, {}, SortKeys());
    Awaited<StoreOutcome> spared;
    Awaited<bool> removed;
    const auto key = queue.addWhileSending(message("spared"), {}, spared.completion());
    QVERIFY(key);
    queue.addRemoval({ m_uaid, {}, *key, { removed.completion() } });
    QVERIFY(spared.isDone() && removed.isDone());
    Notification other = message("other");
    other.uaid = newUaid();
    Awaited<StoreOutcome> stored;
    queue.addStore(other, {}, stored.completion());
    auto batch = queue.take();
    QCOMPARE(bodiesOf(batch), QByteArrayList { "other" });
    commit(queue, std::move(batch));
    queue.stop();
    QVERIFY(queue.take().isEmpty());
    // Its line is as new.
    Awaited<StoreOutcome> next;
    QVERIFY(queue.addWhileSending(message("next"), {}, next.completion()));
    QCOMPARE(bodiesOf(queue.take()), QByteArrayList { "next" });
}

void WriteQueueTest::reservation_usedUp_refusesUntilRenewed()
{
    const std::int64_t begin = Start.time_since_epoch().count();
    WriteQueue queue(m_clock, optionsOf(std::chrono::milliseconds(0)), SortKeys(begin, begin + 5));
    std::array<Awaited<StoreOutcome>, 4> stored;
    QVERIFY(queue.addWhileSending(message("one"), {}, stored[0].completion())
            == SortKey { begin + 2 });
    QVERIFY(queue.addWhileSending(message("two"), {}, stored[1].completion())
            == SortKey { begin + 4 });
    QVERIFY(!queue.addWhileSending(message("three"), {}, stored[2].completion()));
    QCOMPARE(stored[2].wait().error(), ErrorCode::StorageUnavailable);
    auto batch = queue.take();
    QVERIFY(batch.reserve);
    // Another process gave keys in between.
    queue.finish(std::move(batch), true, begin + 1000);
    QVERIFY(queue.addWhileSending(message("four"), {}, stored[3].completion())
            == SortKey { begin + 1002 });
    batch = queue.take();
    QVERIFY(!batch.reserve);
    commit(queue, std::move(batch));
}

void WriteQueueTest::reservation_askedForTwice_isNoEnd()
{
    const std::int64_t reserved = Start.time_since_epoch().count() + SortKeys::Window / 2;
    ManualClock clock(Start);
    clock.letSteadyTimeRun();
    WriteQueue queue(clock, optionsOf(std::chrono::milliseconds(20)),
                     SortKeys(reserved - SortKeys::Window, reserved));
    static_cast<void>(queue.transientKey());
    auto batch = queue.take();
    QVERIFY(batch.reserve && batch.entries.empty());
    // While it is being committed the keys run as low as before.
    static_cast<void>(queue.transientKey());
    Awaited<StoreOutcome> stored;
    QVERIFY(queue.addWhileSending(message("one"), {}, stored.completion()));
    commit(queue, std::move(batch));
    // Not empty, which would end the writer, but what became ripe.
    auto next = queue.take();
    QCOMPARE(bodiesOf(next), QByteArrayList { "one" });
    QVERIFY(!next.reserve);
    commit(queue, std::move(next));
    QVERIFY(stored.wait());
}

void WriteQueueTest::stopped_givesOutAllThenEnds()
{
    WriteQueue queue(m_clock, optionsOf(std::chrono::hours(1)), SortKeys());
    Awaited<StoreOutcome> stored;
    QVERIFY(queue.addWhileSending(message("one"), {}, stored.completion()));
    queue.stop();
    auto batch = queue.take();
    QCOMPARE(bodiesOf(batch), QByteArrayList { "one" });
    commit(queue, std::move(batch));
    QVERIFY(queue.take().isEmpty());
}

QTEST_GUILESS_MAIN(WriteQueueTest)
#include "writequeuetest.moc"
