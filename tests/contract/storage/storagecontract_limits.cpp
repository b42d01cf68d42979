// SPDX-License-Identifier: MPL-2.0
#include "tests/contract/storage/storagecontract.h"

#include <QTest>

namespace Carillon {

namespace {

QueueLimits limitsOf(int messages, std::int64_t bytes, OnFull onFull = OnFull::Refuse)
{
    return { messages, bytes, onFull };
}

} // namespace

void StorageContract::queueFull_byCount_isRefused()
{
    open(limitsOf(2, 1000));
    QVERIFY(user().store(message("one")));
    QVERIFY(user().store(message("two")));
    const auto refused = user().store(message("three"));
    QVERIFY(!refused);
    QCOMPARE(refused.error(), ErrorCode::QueueFull);
    QCOMPARE(bodies(user().fetchAll(m_uaid)), (QByteArrayList { "one", "two" }));

    // Another client's queue is its own.
    Notification other = message("other");
    other.uaid = newUaid();
    QVERIFY(user().addChannel(other.uaid, m_channel));
    QVERIFY(user().store(other));
}

void StorageContract::queueFull_byBytes_isRefused()
{
    open(limitsOf(100, 20));
    Notification withHeaders = message("12345");
    withHeaders.encryption = "12345";
    withHeaders.cryptoKey = "12345";
    QVERIFY(user().store(withHeaders));
    QVERIFY(user().store(message("12345")));
    const auto refused = user().store(message("1"));
    QVERIFY(!refused);
    QCOMPARE(refused.error(), ErrorCode::QueueFull);
    QVERIFY(user().store(message({})));
}

void StorageContract::queueFull_replacedOrExpired_doNotCount()
{
    open(limitsOf(2, 1000));
    Notification brief = message("brief");
    brief.ttl = std::chrono::seconds(10);
    QVERIFY(user().store(brief));
    QVERIFY(user().store(message("old", "t")));
    QVERIFY(user().store(message("new", "t")));
    QCOMPARE(user().store(message("refused")).error(), ErrorCode::QueueFull);
    m_clock->advance(std::chrono::seconds(10));
    QVERIFY(user().store(message("plain")));
    QVERIFY(user().store(message("newer", "t")));
    QCOMPARE(user().store(message("refused")).error(), ErrorCode::QueueFull);
    QCOMPARE(bodies(user().fetchAll(m_uaid)), (QByteArrayList { "plain", "newer" }));
}

void StorageContract::queueFull_removedMessages_giveRoom()
{
    open(limitsOf(2, 10));
    for (int round = 0; round < 3; ++round) {
        const auto first = user().store(message("12345"));
        QVERIFY(first);
        QVERIFY(user().store(message("12345", "t")));
        QCOMPARE(user().store(message({})).error(), ErrorCode::QueueFull);
        QCOMPARE(user().remove(message({}), first->sortKey).value_or(false), true);
        QVERIFY(user().store(message("12345")));
        QCOMPARE(user().store(message({})).error(), ErrorCode::QueueFull);
        QCOMPARE(user().removeChannel(m_uaid, m_channel).value_or(false), true);
        QVERIFY(user().addChannel(m_uaid, m_channel));
    }
}

void StorageContract::groupFull_isRefused_othersAreNot()
{
    for (const OnFull onFull : { OnFull::Refuse, OnFull::DropOldest, OnFull::Reset }) {
        m_uaid = newUaid();
        QueueLimits limits = limitsOf(100, 1'000'000, onFull);
        limits.maxGroupBytes = 10'000;
        open(limits);
        // Its neighbour, whose UAID begins like its own, and somebody else.
        const Uaid neighbour = newUaid(prefixOf(m_uaid));
        const Uaid stranger = newUaid({ static_cast<std::uint8_t>(prefixOf(m_uaid)[0] ^ 1), 0 });
        QVERIFY(user().addChannel(neighbour, m_channel));
        QVERIFY(user().addChannel(stranger, m_channel));
        int stored = 0;
        Result<StoreOutcome> outcome = StoreOutcome();
        while (stored < 20 && (outcome = user().store(message(QByteArray(1'000, 'x')))))
            ++stored;
        QVERIFY(!outcome);
        QCOMPARE(outcome.error(), ErrorCode::QueueFull);
        QVERIFY(stored >= 5 && stored <= 8); // with their rows
        Notification other = message(QByteArray(1'000, 'x'));
        other.uaid = neighbour;
        QCOMPARE(user().store(other).error(), ErrorCode::QueueFull);
        other.uaid = stranger;
        QVERIFY(user().store(other));
    }
}

void StorageContract::groupFull_newChannelsAreRefused_othersAreNot()
{
    QueueLimits limits;
    limits.maxGroupBytes = 4'000;
    open(limits);
    int clients = 0;
    Result<void> outcome;
    while (clients < 20 && (outcome = user().addChannel(newUaid(prefixOf(m_uaid)), m_channel)))
        ++clients;
    QVERIFY(!outcome);
    QCOMPARE(outcome.error(), ErrorCode::RateLimited);
    QVERIFY(clients >= 2 && clients <= 7);
    QCOMPARE(user().addChannel(m_uaid, ChannelId::fromRaw(newUaid().raw())).error(),
             ErrorCode::RateLimited);
    QVERIFY(user().addChannel(m_uaid, m_channel)); // it is there
    QVERIFY(user().addChannel(newUaid({ static_cast<std::uint8_t>(prefixOf(m_uaid)[0] ^ 1), 0 }),
                              m_channel));
}

void StorageContract::groupFull_whatIsRemoved_givesRoom()
{
    QueueLimits limits;
    limits.maxGroupBytes = 9'500;
    open(limits);
    const auto fill = [this] {
        std::vector<SortKey> keys;
        while (const auto stored = user().store(message(QByteArray(2'000, 'x'))))
            keys.push_back(stored->sortKey);
        return keys;
    };
    const std::vector<SortKey> keys = fill();
    QCOMPARE(keys.size(), 3);
    for (const SortKey key : keys)
        QVERIFY(user().remove(message({}), key).value_or(false));
    QCOMPARE(fill().size(), 3);
    if (keepsData())
        reopen();
    QCOMPARE(fill().size(), 0);
    QVERIFY(user().removeChannel(m_uaid, m_channel).value_or(false));
    QVERIFY(user().addChannel(m_uaid, m_channel));
    QCOMPARE(fill().size(), 3);
    QVERIFY(user().removeClient(m_uaid).value_or(false));
    QVERIFY(user().addChannel(m_uaid, m_channel));
    QCOMPARE(fill().size(), 3);
    m_clock->advance(std::chrono::hours(2));
    QVERIFY(user().removeExpired(1'000));
    QCOMPARE(fill().size(), 3);
}

void StorageContract::reset_refusesByBytesOnly()
{
    open(limitsOf(2, 10'000, OnFull::Reset));
    for (const char *body : { "one", "two", "three" })
        QVERIFY(user().store(message(body)));
    QCOMPARE(bodies(user().fetchAll(m_uaid)), (QByteArrayList { "one", "two", "three" }));
    const QByteArray large(8'000, 'x');
    QVERIFY(user().store(message(large, "t")));
    QCOMPARE(user().store(message(large)).error(), ErrorCode::QueueFull);
    QVERIFY(user().store(message(large, "t"))); // in place of the other one
}

void StorageContract::reset_emptyMessages_takeRoom()
{
    open(limitsOf(2, 10'000, OnFull::Reset));
    int stored = 0;
    while (stored < 1'000 && user().store(message({})))
        ++stored;
    QVERIFY2(stored > 10 && stored < 100, QByteArray::number(stored).constData());
}

void StorageContract::dropOldest_takesLowUrgencyThenOldest()
{
    open(limitsOf(3, 1000, OnFull::DropOldest));
    std::vector<SortKey> displaced;
    SortKey low1 {};
    const auto store = [&](const QByteArray &body, Urgency urgency) {
        Notification one = message(body);
        one.urgency = urgency;
        const auto outcome = user().store(one);
        if (!outcome)
            return false;
        if (body == "low1")
            low1 = outcome->sortKey;
        for (const RemovedMessage &gone : outcome->removed) {
            if (gone.why == RemovedMessage::Why::Displaced && gone.uaid == m_uaid
                && gone.channelId == m_channel && gone.senderKeyHash == one.senderKeyHash)
                displaced.push_back(gone.sortKey);
        }
        return true;
    };
    QVERIFY(store("high", Urgency::High));
    QVERIFY(store("low1", Urgency::Low));
    QVERIFY(store("low2", Urgency::Low));
    QVERIFY(store("normal", Urgency::Normal));
    QCOMPARE(bodies(user().fetchAll(m_uaid)), (QByteArrayList { "high", "low2", "normal" }));
    QCOMPARE(displaced, std::vector { low1 });
    QVERIFY(store("normal2", Urgency::Normal));
    QVERIFY(store("normal3", Urgency::Normal));
    QCOMPARE(displaced.size(), 3U);
    QCOMPARE(bodies(user().fetchAll(m_uaid)), (QByteArrayList { "high", "normal2", "normal3" }));
}

void StorageContract::dropOldest_staysWithinTheChannel_elseRefuses()
{
    open(limitsOf(100, 20, OnFull::DropOldest));
    Notification other = message("1234567890");
    other.channelId = m_otherChannel;
    QVERIFY(user().store(other));
    QVERIFY(user().store(message("12345")));
    QVERIFY(user().store(message("abcde")));
    // It takes several to make room, and none if that would not be enough.
    QCOMPARE(user().store(message("12345678901")).error(), ErrorCode::QueueFull);
    QCOMPARE(bodies(user().fetchAll(m_uaid)), (QByteArrayList { "1234567890", "12345", "abcde" }));
    QVERIFY(user().store(message("ABCDEFGHIJ")));
    QCOMPARE(bodies(user().fetchAll(m_uaid)), (QByteArrayList { "1234567890", "ABCDEFGHIJ" }));
}

void StorageContract::dropOldest_sparesWhatIsInFlight()
{
    open(limitsOf(2, 1000, OnFull::DropOldest));
    const auto first = user().store(message("first"));
    const auto second = user().store(message("second"));
    QVERIFY(first && second);
    Awaited<StoreOutcome> third;
    const auto key =
        m_storage->storeWhileSending(message("third"), { first->sortKey }, third.completion());
    QCOMPARE(key.has_value(), sends());
    m_storage->endWait(m_uaid);
    QVERIFY(third.wait());
    QCOMPARE(bodies(user().fetchAll(m_uaid)), (QByteArrayList { "first", "third" }));

    Awaited<StoreOutcome> fourth;
    const auto page = user().fetchAll(m_uaid);
    const std::vector<SortKey> all { page->messages[0].sortKey, page->messages[1].sortKey };
    static_cast<void>(m_storage->storeWhileSending(message("fourth"), all, fourth.completion()));
    m_storage->endWait(m_uaid);
    const auto refused = fourth.wait();
    QVERIFY(!refused);
    QCOMPARE(refused.error(), ErrorCode::QueueFull);
    QCOMPARE(bodies(user().fetchAll(m_uaid)), (QByteArrayList { "first", "third" }));
}

void StorageContract::removeExpired_goesInBatches()
{
    SortKey fourth {};
    for (int i = 0; i < 5; ++i) {
        Notification brief = message("brief");
        brief.ttl = std::chrono::seconds(10 + i);
        const auto stored = user().store(brief);
        QVERIFY(stored);
        if (i == 3)
            fourth = stored->sortKey;
    }
    QVERIFY(user().store(message("lasting")));
    QCOMPARE(user().removeExpired(10).value_or(-1), 0);
    m_clock->advance(std::chrono::seconds(13));
    QCOMPARE(user().removeExpired(3).value_or(-1), 3);
    const auto last = user().expire(3);
    QVERIFY(last);
    QCOMPARE(last->rows, 1);
    QCOMPARE(last->messages.size(), 1U);
    QVERIFY(last->messages.front().why == RemovedMessage::Why::Expired);
    QCOMPARE(last->messages.front().uaid, m_uaid);
    QCOMPARE(last->messages.front().channelId, m_channel);
    QCOMPARE(last->messages.front().sortKey, fourth);
    QVERIFY(last->clients.empty());
    QCOMPARE(user().removeExpired(3).value_or(-1), 0);
    m_clock->step(m_clock->now() - std::chrono::seconds(13));
    QCOMPARE(bodies(user().fetchAll(m_uaid)), (QByteArrayList { "brief", "lasting" }));
}

void StorageContract::removeExpired_takesUnseenClients()
{
    Notification lasting = message("lasting");
    lasting.ttl = std::chrono::days(100);
    for (int i = 0; i < 4; ++i)
        QVERIFY(user().store(lasting));
    m_clock->advance(std::chrono::days(30));
    const Uaid seen = newUaid();
    QVERIFY(user().addChannel(seen, m_channel));
    m_clock->advance(std::chrono::days(30));

    int rows = 0;
    std::size_t messages = 0;
    std::vector<Uaid> clients;
    int calls = 0;
    for (;; ++calls) {
        QVERIFY(calls < 100);
        const auto some = user().expire(2);
        QVERIFY(some);
        rows += some->rows;
        messages += some->messages.size();
        clients.insert(clients.end(), some->clients.begin(), some->clients.end());
        if (some->rows < 2)
            break;
    }
    QVERIFY(rows > 0);
    QCOMPARE(clients, std::vector { m_uaid });
    QCOMPARE(messages, 0U); // their TTL had not ended
    const auto client = user().findClient(seen);
    QVERIFY(client && *client);
    // Gone for good, also for a clock that steps back.
    m_clock->step(m_clock->now() - std::chrono::days(60));
    const auto unseen = user().findClient(m_uaid);
    QVERIFY(unseen && !*unseen);
}

} // namespace Carillon
