// SPDX-License-Identifier: MPL-2.0
#include "tests/contract/storage/storagecontract.h"

#include <QTest>

#include <algorithm>

namespace Carillon {

namespace {

constexpr std::chrono::days Lifetime { 60 };

Claim claimOf(const QByteArray &node)
{
    return { NodeId(node), QByteArrayLiteral("Firefox"), 0 };
}

bool hasChannels(const ClientRecord &record, std::vector<ChannelId> channels)
{
    std::vector<ChannelId> sorted = record.channels;
    std::sort(sorted.begin(), sorted.end());
    std::sort(channels.begin(), channels.end());
    return sorted == channels;
}

} // namespace

void StorageContract::unknownClient_isNotFound()
{
    const Uaid unknown = newUaid();
    const auto client = user().findClient(unknown);
    QVERIFY(client && !*client);
    const auto route = user().findRoute(unknown, m_channel);
    QVERIFY(route && !*route);
    QCOMPARE(user().removeClient(unknown).value_or(true), false);
    QCOMPARE(user().removeChannel(unknown, m_channel).value_or(true), false);
    QCOMPARE(user().release(unknown, 0).value_or(true), false);
    QCOMPARE(bodies(user().fetchAll(unknown)), QByteArrayList());
}

void StorageContract::addChannel_makesTheClientOfItsClaim()
{
    const Uaid uaid = newUaid();
    QVERIFY(user().addChannel(uaid, m_channel, 100, claimOf("http://node")));
    const auto client = user().findClient(uaid);
    QVERIFY(client && *client);
    const ClientRecord &record = **client;
    QCOMPARE(record.uaid, uaid);
    QCOMPARE(record.routerType, QByteArrayLiteral("webpush"));
    QCOMPARE(record.node.url(), QByteArrayLiteral("http://node"));
    QCOMPARE(record.userAgent, QByteArrayLiteral("Firefox"));
    QCOMPARE(record.connectedAt, toMilliseconds(m_clock->now()));
    QCOMPARE(record.lastSeen, m_clock->now());
    QCOMPARE(record.expires, m_clock->now() + Lifetime);
    QVERIFY(hasChannels(record, { m_channel }));

    Claim dated = claimOf("http://node");
    dated.connectedAt = 4711;
    const Uaid other = newUaid();
    QVERIFY(user().addChannel(other, m_channel, 100, dated));
    const auto second = user().findClient(other);
    QVERIFY(second && *second);
    QCOMPARE((*second)->connectedAt, 4711);
}

void StorageContract::addChannel_ofAKnownClient_leavesItsRecord()
{
    const Uaid uaid = newUaid();
    QVERIFY(user().addChannel(uaid, m_channel, 100, claimOf("http://first")));
    m_clock->advance(std::chrono::seconds(5));
    QVERIFY(user().addChannel(uaid, m_otherChannel, 100, claimOf("http://second")));
    const auto client = user().findClient(uaid);
    QVERIFY(client && *client);
    QCOMPARE((*client)->node.url(), QByteArrayLiteral("http://first"));
    QCOMPARE((*client)->connectedAt, toMilliseconds(m_clock->now()) - 5000);
    QVERIFY(hasChannels(**client, { m_channel, m_otherChannel }));
}

void StorageContract::addChannel_again_isNoError()
{
    QVERIFY(user().addChannel(m_uaid, m_channel));
    const auto client = user().findClient(m_uaid);
    QVERIFY(client && *client);
    QVERIFY(hasChannels(**client, { m_channel, m_otherChannel }));
}

void StorageContract::addChannel_overTheLimit_isRefused()
{
    ChannelId::Bytes bytes {};
    const auto refused = user().addChannel(m_uaid, ChannelId(bytes), 2);
    QVERIFY(!refused);
    QCOMPARE(refused.error(), ErrorCode::TooManyChannels);
    QVERIFY(user().addChannel(m_uaid, m_channel, 2));
    QVERIFY(user().addChannel(m_uaid, ChannelId(bytes), 3));

    const Uaid uaid = newUaid();
    QVERIFY(!user().addChannel(uaid, m_channel, 0));
    const auto client = user().findClient(uaid);
    QVERIFY(client && !*client);
}

void StorageContract::addChannel_ofASupersededConnection_isRefused()
{
    const auto older = user().claim(m_uaid, claimOf("http://first"));
    const auto newer = user().claim(m_uaid, claimOf("http://second"));
    QVERIFY(older && *older && newer && *newer);
    const ChannelId channel { ChannelId::Bytes {} };
    Claim claim = claimOf("http://first");
    claim.connectedAt = (*older)->connectedAt;
    const auto refused = user().addChannel(m_uaid, channel, 100, claim);
    QVERIFY(!refused);
    QCOMPARE(refused.error(), ErrorCode::Ghost);
    claim.connectedAt = (*newer)->connectedAt;
    QVERIFY(user().addChannel(m_uaid, channel, 100, claim));
}

void StorageContract::claim_unknownClient_givesNone()
{
    const Uaid uaid = newUaid();
    const auto claimed = user().claim(uaid, claimOf("http://node"));
    QVERIFY(claimed && !*claimed);
    const auto client = user().findClient(uaid);
    QVERIFY(client && !*client);
}

void StorageContract::claim_takesTheClientOver()
{
    m_clock->advance(std::chrono::days(30));
    const auto claimed = user().claim(m_uaid, claimOf("http://node"));
    QVERIFY(claimed && *claimed);
    const ClientRecord &record = **claimed;
    QCOMPARE(record.uaid, m_uaid);
    QCOMPARE(record.node.url(), QByteArrayLiteral("http://node"));
    QCOMPARE(record.userAgent, QByteArrayLiteral("Firefox"));
    QCOMPARE(record.connectedAt, toMilliseconds(m_clock->now()));
    QCOMPARE(record.lastSeen, m_clock->now());
    QCOMPARE(record.expires, m_clock->now() + Lifetime);
    QVERIFY(hasChannels(record, { m_channel, m_otherChannel }));

    const auto client = user().findClient(m_uaid);
    QVERIFY(client && *client);
    QCOMPARE((*client)->node, record.node);
    QCOMPARE((*client)->connectedAt, record.connectedAt);
    QCOMPARE((*client)->expires, record.expires);
}

void StorageContract::claim_movesTheExpiry_onceASixtiethOfTheLifetimeHasPassed()
{
    const auto expiryAfter = [this](std::chrono::seconds passed) {
        m_clock->advance(passed);
        const auto claimed = user().claim(m_uaid, claimOf("http://node"));
        const auto found = user().findClient(m_uaid);
        return claimed && *claimed && found && *found && (*claimed)->expires == (*found)->expires
            ? (*found)->expires
            : Time();
    };
    const Time first = m_clock->now() + Lifetime;
    QCOMPARE(expiryAfter(Lifetime / 60 - std::chrono::seconds(1)), first);
    QCOMPARE(expiryAfter(std::chrono::seconds(1)), first + Lifetime / 60);
}

void StorageContract::claim_tellsWhetherMessagesAreStored()
{
    const auto without = user().claim(m_uaid, claimOf("http://node"));
    QVERIFY(without && *without && !(*without)->mayHaveMessages);
    const auto stored = user().store(message("one"));
    QVERIFY(stored);
    const auto with = user().claim(m_uaid, claimOf("http://node"));
    QVERIFY(with && *with && (*with)->mayHaveMessages);
    QVERIFY(user().remove(message("one"), stored->sortKey));
    const auto after = user().claim(m_uaid, claimOf("http://node"));
    QVERIFY(after && *after && !(*after)->mayHaveMessages);
}

void StorageContract::claim_tellsWhichNodeHadTheClient()
{
    QVERIFY(user().claim(m_uaid, claimOf("http://first")));
    const auto second = user().claim(m_uaid, claimOf("http://second"));
    QVERIFY(second && *second);
    QCOMPARE((*second)->previousNode.url(), QByteArrayLiteral("http://first"));
    QVERIFY(user().release(m_uaid, (*second)->connectedAt).value_or(false));
    const auto third = user().claim(m_uaid, claimOf("http://third"));
    QVERIFY(third && *third);
    QVERIFY((*third)->previousNode.isEmpty());
}

void StorageContract::claim_clockStandsOrStepsBack_connectedAtRises()
{
    const auto first = user().claim(m_uaid, claimOf("http://node"));
    const auto second = user().claim(m_uaid, claimOf("http://node"));
    m_clock->step(m_clock->now() - std::chrono::hours(2));
    const auto third = user().claim(m_uaid, claimOf("http://node"));
    QVERIFY(first && *first && second && *second && third && *third);
    QCOMPARE((*second)->connectedAt, (*first)->connectedAt + 1);
    QCOMPARE((*third)->connectedAt, (*first)->connectedAt + 2);
}

void StorageContract::release_ofAnEarlierConnection_changesNothing()
{
    const auto first = user().claim(m_uaid, claimOf("http://first"));
    QVERIFY(first && *first);
    QVERIFY(user().claim(m_uaid, claimOf("http://second")));
    QCOMPARE(user().release(m_uaid, (*first)->connectedAt).value_or(true), false);
    const auto client = user().findClient(m_uaid);
    QVERIFY(client && *client);
    QCOMPARE((*client)->node.url(), QByteArrayLiteral("http://second"));
}

void StorageContract::release_clearsTheNode()
{
    const auto claimed = user().claim(m_uaid, claimOf("http://node"));
    QVERIFY(claimed && *claimed);
    QCOMPARE(user().release(m_uaid, (*claimed)->connectedAt).value_or(false), true);
    const auto client = user().findClient(m_uaid);
    QVERIFY(client && *client);
    QVERIFY((*client)->node.isEmpty());
    QCOMPARE((*client)->connectedAt, (*claimed)->connectedAt);
}

void StorageContract::reclaim_namesTheNodeAgain_ofTheNewestConnectionOnly()
{
    const NodeId node("http://node");
    const auto first = user().claim(m_uaid, claimOf("http://node"));
    const auto second = user().claim(m_uaid, claimOf("http://node"));
    QVERIFY(first && *first && second && *second);
    QVERIFY(user().release(m_uaid, (*second)->connectedAt).value_or(false));
    QCOMPARE(user().reclaim(m_uaid, node, (*first)->connectedAt).value_or(true), false);
    QCOMPARE(user().reclaim(newUaid(), node, 0).value_or(true), false);
    auto client = user().findClient(m_uaid);
    QVERIFY(client && *client && (*client)->node.isEmpty());
    QCOMPARE(user().reclaim(m_uaid, node, (*second)->connectedAt).value_or(false), true);
    client = user().findClient(m_uaid);
    QVERIFY(client && *client);
    QCOMPARE((*client)->node, node);
    QCOMPARE((*client)->connectedAt, (*second)->connectedAt);
}

void StorageContract::news_areOfOtherNodes_andOfStoredMessages()
{
    const NodeId node("http://node");
    const auto claimed = user().claim(m_uaid, claimOf("http://node"));
    QVERIFY(claimed && *claimed);
    const auto news = [&] { return user().findNews(node, { newUaid(), m_uaid }); };
    auto found = news();
    QVERIFY(found && found->empty());

    QVERIFY(user().store(message("one")));
    const auto newest = user().store(message("two"));
    QVERIFY(newest);
    found = news();
    QVERIFY(found);
    QCOMPARE(found->size(), 1U);
    QCOMPARE(found->front().uaid, m_uaid);
    QCOMPARE(found->front().node, node);
    QCOMPARE(found->front().connectedAt, (*claimed)->connectedAt);
    QCOMPARE(found->front().newest, newest->sortKey);

    const auto page = user().fetchAll(m_uaid);
    QVERIFY(page);
    for (const Notification &stored : page->messages)
        QVERIFY(user().remove(stored, stored.sortKey));
    found = news();
    QVERIFY(found && found->empty());
    QVERIFY(user().release(m_uaid, (*claimed)->connectedAt).value_or(false));
    found = news();
    QVERIFY(found);
    QCOMPARE(found->size(), 1U);
    QVERIFY(found->front().node.isEmpty());
    QCOMPARE(found->front().newest, SortKey {});
}

void StorageContract::renew_movesTheExpiry_unknownIsPassedOver()
{
    m_clock->advance(std::chrono::days(59));
    QVERIFY(user().renew({ newUaid(), m_uaid }));
    m_clock->advance(std::chrono::days(59));
    const auto client = user().findClient(m_uaid);
    QVERIFY(client && *client);
    QCOMPARE((*client)->expires, m_clock->now() + std::chrono::days(1));
    QCOMPARE((*client)->lastSeen, m_clock->now() - std::chrono::days(59));
}

void StorageContract::clientUnseenForItsLifetime_isThereUntilItIsRemoved()
{
    Notification lasting = message("lasting");
    lasting.ttl = std::chrono::days(100);
    QVERIFY(user().store(lasting));
    m_clock->advance(Lifetime + std::chrono::days(30));
    QCOMPARE(user().removeExpired(10, Expired::Messages).value_or(-1), 0);

    const auto route = user().findRoute(m_uaid, m_channel);
    QVERIFY(route && *route && (*route)->hasChannel);
    QVERIFY(user().store(lasting));
    // It has come back in time.
    const auto claimed = user().claim(m_uaid, claimOf("http://node"));
    QVERIFY(claimed && *claimed);
    QVERIFY(hasChannels(**claimed, { m_channel, m_otherChannel }));
    QCOMPARE((*claimed)->expires, m_clock->now() + Lifetime);
    QCOMPARE(user().removeExpired(10).value_or(-1), 0);
    QCOMPARE(bodies(user().fetchAll(m_uaid)), (QByteArrayList { "lasting", "lasting" }));
}

void StorageContract::renewedClient_isNotRemoved_howeverLate()
{
    m_clock->advance(2 * Lifetime);
    QVERIFY(user().renew({ m_uaid }));
    QCOMPARE(user().removeExpired(10).value_or(-1), 0);
    const auto client = user().findClient(m_uaid);
    QVERIFY(client && *client);
    QCOMPARE((*client)->expires, m_clock->now() + Lifetime);
}

void StorageContract::claim_withAnEarlierClock_doesNotShortenTheExpiry()
{
    const auto before = user().findClient(m_uaid);
    QVERIFY(before && *before);
    m_clock->step(m_clock->now() - std::chrono::days(400));
    const auto claimed = user().claim(m_uaid, claimOf("http://node"));
    QVERIFY(claimed && *claimed);
    QCOMPARE((*claimed)->expires, (*before)->expires);
}

void StorageContract::removeClient_takesChannelsAndMessages()
{
    QVERIFY(user().store(message("one")));
    QCOMPARE(user().removeClient(m_uaid).value_or(false), true);
    const auto client = user().findClient(m_uaid);
    QVERIFY(client && !*client);
    QCOMPARE(user().store(message("two")).error(), ErrorCode::NoSuchUser);
    QVERIFY(user().addChannel(m_uaid, m_otherChannel));
    QCOMPARE(bodies(user().fetchAll(m_uaid)), QByteArrayList());
    QCOMPARE(user().store(message("three")).error(), ErrorCode::NoSuchSubscription);
}

void StorageContract::route_saysWhatASenderNeeds()
{
    const auto claimed = user().claim(m_uaid, claimOf("http://node"));
    QVERIFY(claimed && *claimed);
    const auto route = user().findRoute(m_uaid, m_channel);
    QVERIFY(route && *route);
    QCOMPARE((*route)->routerType, QByteArrayLiteral("webpush"));
    QCOMPARE((*route)->node.url(), QByteArrayLiteral("http://node"));
    QCOMPARE((*route)->connectedAt, (*claimed)->connectedAt);
    QVERIFY((*route)->hasChannel);
    const auto other = user().findRoute(m_uaid, ChannelId());
    QVERIFY(other && *other && !(*other)->hasChannel);
}

void StorageContract::removeChannel_takesOnlyItsMessages()
{
    Notification kept = message("kept");
    kept.channelId = m_otherChannel;
    QVERIFY(user().store(message("gone")));
    QVERIFY(user().store(kept));
    QCOMPARE(user().removeChannel(m_uaid, m_channel).value_or(false), true);
    QCOMPARE(user().removeChannel(m_uaid, m_channel).value_or(true), false);
    QCOMPARE(bodies(user().fetchAll(m_uaid)), QByteArrayList { "kept" });
    QCOMPARE(user().store(message("late")).error(), ErrorCode::NoSuchSubscription);
    const auto client = user().findClient(m_uaid);
    QVERIFY(client && *client);
    QVERIFY(hasChannels(**client, { m_otherChannel }));
}

} // namespace Carillon
