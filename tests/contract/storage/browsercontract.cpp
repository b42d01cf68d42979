// SPDX-License-Identifier: MPL-2.0
#include "tests/contract/storage/browsercontract.h"

#include "tests/contract/storage/storagefixture.h"

#include <QTest>

#include <algorithm>
#include <set>

namespace Carillon {

namespace {

using namespace std::chrono_literals;

const Time BrowserStart = fromSeconds(1'700'000'000);

const StorageFixture &browserFixture()
{
    const auto current = [] {
        QFETCH_GLOBAL(int, fixture);
        return fixture;
    };
    return storageFixtures()[static_cast<std::size_t>(current())];
}

Uaid client(int number)
{
    Uaid::Bytes bytes {};
    bytes[0] = static_cast<std::uint8_t>(number * 37);
    bytes[14] = static_cast<std::uint8_t>(number >> 8);
    bytes[15] = static_cast<std::uint8_t>(number);
    return Uaid(bytes);
}

ChannelId channelOf(int number)
{
    ChannelId::Bytes bytes {};
    bytes[0] = static_cast<std::uint8_t>(number >> 8);
    bytes[1] = static_cast<std::uint8_t>(number);
    bytes[15] = 7;
    return ChannelId(bytes);
}

std::vector<Uaid> clients(std::initializer_list<int> numbers)
{
    std::vector<Uaid> uaids;
    for (const int number : numbers)
        uaids.push_back(client(number));
    std::ranges::sort(uaids);
    return uaids;
}

std::vector<Uaid> uaidsOf(const std::vector<ClientSummary> &summaries)
{
    std::vector<Uaid> uaids;
    for (const ClientSummary &summary : summaries)
        uaids.push_back(summary.record.uaid);
    return uaids;
}

bool holdsEachOnce(const std::vector<Uaid> &uaids)
{
    return std::set(uaids.begin(), uaids.end()).size() == uaids.size();
}

} // namespace

void BrowserContract::initTestCase_data()
{
    QTest::addColumn<int>("fixture");
    int number = 0;
    for (const StorageFixture &fixture : storageFixtures())
        QTest::newRow(fixture.name) << number++;
}

void BrowserContract::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    QVERIFY(m_directory->isValid());
    m_clock = std::make_unique<ManualClock>(BrowserStart);
    m_storage = browserFixture().open(m_directory->path(), *m_clock, QueueLimits());
}

void BrowserContract::cleanup()
{
    m_storage.reset();
    m_directory.reset();
}

std::vector<ClientSummary> BrowserContract::all(ClientQuery query,
                                                const std::function<void()> &between)
{
    std::vector<ClientSummary> found;
    for (int pages = 0; pages < 1000; ++pages) {
        auto page = ask<ClientPage>(&StorageBrowser::listClients, query);
        if (!page || std::cmp_greater(page->clients.size(), query.page.limit)) {
            qWarning("no page, or one over its limit");
            return {};
        }
        found.insert(found.end(), page->clients.begin(), page->clients.end());
        if (page->next.isEmpty())
            return found;
        query.page.after = page->next;
        if (between)
            between();
    }
    qWarning("too many pages");
    return {};
}

std::vector<StoredMessage> BrowserContract::all(MessageQuery query)
{
    std::vector<StoredMessage> found;
    for (int pages = 0; pages < 1000; ++pages) {
        auto page = ask<MessagePage>(&StorageBrowser::listMessages, query);
        if (!page || std::cmp_greater(page->messages.size(), query.page.limit)) {
            qWarning("no page, or one over its limit");
            return {};
        }
        found.insert(found.end(), page->messages.begin(), page->messages.end());
        if (page->next.isEmpty())
            return found;
        query.page.after = page->next;
    }
    qWarning("too many pages");
    return {};
}

std::vector<Uaid> BrowserContract::uaids(const ClientFilter &filter, ClientSort sort)
{
    return uaidsOf(all(ClientQuery { .filter = filter, .sort = sort, .page = { .limit = 7 } }));
}

QByteArrayList BrowserContract::topics(const MessageFilter &filter)
{
    QByteArrayList topics;
    for (const StoredMessage &stored : all(MessageQuery { .filter = filter }))
        topics.push_back(stored.message.topic);
    return topics;
}

void BrowserContract::addClients(int count)
{
    for (int number = 1; number <= count; ++number) {
        const Claim claim { NodeId(number % 2 == 0 ? QByteArrayLiteral("http://node")
                                                   : QByteArray()),
                            QByteArrayLiteral("Firefox/") + QByteArray::number(number), 0 };
        QVERIFY(user().addChannel(client(number), channelOf(number), 100, claim));
    }
}

void BrowserContract::store(int number, const QByteArray &topic,
                            const std::function<void(Notification &)> &change)
{
    Notification message;
    message.uaid = client(number);
    message.channelId = channelOf(number);
    message.topic = topic;
    message.ttl = 1h;
    message.accepted = m_clock->now();
    message.encoding = Encoding::Aes128Gcm;
    message.body = QByteArray(100, 'x');
    if (change)
        change(message);
    QVERIFY(user().store(message));
}

void BrowserContract::prefix_ofUaids_isReadInAllSpellings()
{
    const auto whole = parseUaidPrefix("00112233-4455-6677-8899-aabbccddeeff");
    QVERIFY(whole && whole->first == whole->last);
    QCOMPARE(toHex(whole->first), QByteArrayLiteral("00112233445566778899aabbccddeeff"));
    const auto dashed = parseUaidPrefix("00112233-44");
    QVERIFY(dashed);
    QCOMPARE(toHex(dashed->first), QByteArrayLiteral("00112233440000000000000000000000"));
    QCOMPARE(toHex(dashed->last), QByteArrayLiteral("0011223344ffffffffffffffffffffff"));
    const auto odd = parseUaidPrefix("ABC");
    QVERIFY(odd);
    QCOMPARE(toHex(odd->first).first(4), QByteArrayLiteral("abc0"));
    QCOMPARE(toHex(odd->last).first(6), QByteArrayLiteral("abcfff"));
}

void BrowserContract::prefix_thatIsNone_isRefused()
{
    for (const char *text :
         { "", "x", "00112233x4455", "0011-2233", "00112233445566778899aabbccddeeff0", "-",
           "00112233-4455-6677-8899-"
           "aabbccddeeff0" })
        QVERIFY2(!parseUaidPrefix(text), text);
}

void BrowserContract::clientsById_pagesHoldEachOnce()
{
    addClients(40);
    const auto forward = uaidsOf(all(ClientQuery { .page = { .limit = 7 } }));
    QCOMPARE(forward.size(), 40U);
    QVERIFY(holdsEachOnce(forward));
    QVERIFY(std::ranges::is_sorted(forward));
    auto back = uaidsOf(all(ClientQuery { .page = { .limit = 40, .reverse = true } }));
    std::ranges::reverse(back);
    QCOMPARE(back, forward);
}

void BrowserContract::clientsById_seekBeginsThere()
{
    addClients(20);
    const auto sorted = uaidsOf(all(ClientQuery { .page = { .limit = 100 } }));
    const Uaid from = sorted[5];
    const auto forward = uaidsOf(all(ClientQuery { .page = { .limit = 3 }, .seekUaid = from }));
    QCOMPARE(forward, std::vector(sorted.begin() + 5, sorted.end()));
    auto back =
        uaidsOf(all(ClientQuery { .page = { .limit = 3, .reverse = true }, .seekUaid = from }));
    std::ranges::reverse(back);
    QCOMPARE(back, std::vector(sorted.begin(), sorted.begin() + 6));
}

void BrowserContract::clientsById_rowsComeAndGo_othersAreListedOnce()
{
    addClients(30);
    int next = 31;
    const auto listed = uaidsOf(all(ClientQuery { .page = { .limit = 4 } }, [&] {
        if (next > 36)
            return;
        QVERIFY(user().removeClient(client(next - 30)));
        QVERIFY(user().addChannel(client(next), channelOf(next)));
        ++next;
    }));
    QVERIFY(holdsEachOnce(listed));
    for (int number = 7; number <= 30; ++number)
        QVERIFY2(std::ranges::count(listed, client(number)) == 1,
                 QByteArray::number(number).constData());
}

void BrowserContract::clientsByExpiry_areInItsOrder()
{
    for (int number = 1; number <= 20; ++number) {
        QVERIFY(user().addChannel(client(number), channelOf(number)));
        if (number % 3 == 0)
            m_clock->advance(2h);
    }
    const auto listed = all(ClientQuery { .sort = ClientSort::Expiry, .page = { .limit = 3 } });
    QCOMPARE(listed.size(), 20U);
    QVERIFY(holdsEachOnce(uaidsOf(listed)));
    const auto expiry = [](const ClientSummary &one) { return one.record.expires; };
    QVERIFY(std::ranges::is_sorted(listed, {}, expiry));
    const auto back =
        all(ClientQuery { .sort = ClientSort::Expiry, .page = { .limit = 6, .reverse = true } });
    QCOMPARE(back.size(), 20U);
    QVERIFY(std::ranges::is_sorted(back, std::greater(), expiry));
    const auto later = all(ClientQuery { .sort = ClientSort::Expiry,
                                         .page = { .limit = 4 },
                                         .seekExpiry = listed[10].record.expires });
    QVERIFY(!later.empty());
    QCOMPARE(expiry(later.front()), expiry(listed[10]));
    QCOMPARE(later.size(),
             static_cast<std::size_t>(std::ranges::count_if(
                 listed, [&](const auto &one) { return expiry(one) >= expiry(listed[10]); })));
}

void BrowserContract::clientsByDepth_areTheDeepOnes()
{
    addClients(5);
    const auto fill = [&](int number, int count) {
        for (int i = 0; i < count; ++i)
            store(number, {});
    };
    fill(1, 15);
    fill(2, 16);
    fill(3, 20);
    fill(4, 16);
    const auto deep =
        all(ClientQuery { .sort = ClientSort::Depth, .page = { .limit = 1, .reverse = true } });
    QCOMPARE(deep.size(), 3U);
    QCOMPARE(deep[0].record.uaid, client(3));
    QCOMPARE(deep[0].messages, 20);
    QCOMPARE(deep[0].bytes, 2000);
    QCOMPARE(deep[1].messages, 16);
    QCOMPARE(deep[2].messages, 16);
    const auto from = [&](std::int64_t depth, bool reverse) {
        return all(ClientQuery { .sort = ClientSort::Depth,
                                 .page = { .limit = 2, .reverse = reverse },
                                 .seekDepth = depth })
            .size();
    };
    QCOMPARE(from(17, false), 1U);
    QCOMPARE(from(16, false), 3U);
    QCOMPARE(from(17, true), 2U);
    QCOMPARE(from(20, true), 3U);
}

void BrowserContract::clients_filters()
{
    addClients(9);
    store(3, {});
    store(8, {});
    QCOMPARE(uaids({ .node = NodeId("http://node") }), clients({ 2, 4, 6, 8 }));
    QCOMPARE(uaids({ .node = NodeId() }), clients({ 1, 3, 5, 7, 9 }));
    QCOMPARE(uaids({ .userAgent = "fireFOX/3" }), clients({ 3 }));
    QCOMPARE(uaids({ .routerType = "webpush" }).size(), 9U);
    QCOMPARE(uaids({ .routerType = "fcm" }).size(), 0U);
    QCOMPARE(uaids({ .hasMessages = true }), clients({ 3, 8 }));
    QCOMPARE(uaids({ .hasMessages = false }).size(), 7U);
    QCOMPARE(uaids({ .node = NodeId("http://node"), .hasMessages = true }), clients({ 8 }));
    const auto prefix = parseUaidPrefix(toHex(client(5)).first(2));
    QCOMPARE(uaids({ .uaids = prefix }), clients({ 5 }));
    QCOMPARE(uaids({ .uaids = prefix }, ClientSort::Expiry), clients({ 5 }));
    QCOMPARE(uaids({ .isWanted = [](const Uaid &uaid) { return uaid == client(4); } }),
             clients({ 4 }));

    m_clock->advance(48h);
    QVERIFY(user().renew({ client(1), client(2) }));
    m_clock->advance(1h);
    const ClientFilter idle { .lastSeenBefore = m_clock->now() - 24h };
    QCOMPARE(uaids(idle), clients({ 3, 4, 5, 6, 7, 8, 9 }));
    QCOMPARE(uaids(idle, ClientSort::Expiry).size(), 7U);
}

void BrowserContract::clients_withMessages_areFoundAcrossManyWithout()
{
    addClients(120);
    for (const int number : { 5, 50, 119 })
        store(number, {});
    QCOMPARE(uaids({ .hasMessages = true }), clients({ 5, 50, 119 }));
    auto back = uaidsOf(all(ClientQuery { .filter = { .hasMessages = true },
                                          .page = { .limit = 2, .reverse = true } }));
    std::ranges::reverse(back);
    QCOMPARE(back, clients({ 5, 50, 119 }));
    QCOMPARE(uaids({ .userAgent = "Firefox/77" }), clients({ 77 }));
}

void BrowserContract::clients_total_isKnownWithoutAFilter()
{
    addClients(12);
    const auto page =
        ask<ClientPage>(&StorageBrowser::listClients, ClientQuery { .page = { .limit = 5 } });
    QVERIFY(page);
    QCOMPARE(page->total.value_or(-1), 12);
    const auto filtered = ask<ClientPage>(&StorageBrowser::listClients,
                                          ClientQuery { .filter = { .routerType = "webpush" } });
    QVERIFY(filtered);
    QVERIFY(!filtered->total);
}

void BrowserContract::clientsGiven_areFoundInTheirOrder()
{
    addClients(5);
    const auto found = ask<std::vector<ClientSummary>>(
        &StorageBrowser::findClients, std::vector<Uaid> { client(4), client(77), client(2) });
    QVERIFY(found);
    QCOMPARE(uaidsOf(*found), (std::vector<Uaid> { client(4), client(2) }));
    QCOMPARE(found->front().channels, 1);
}

void BrowserContract::client_inFull()
{
    addClients(2);
    const ChannelId other = channelOf(900);
    m_clock->advance(1min);
    QVERIFY(user().addChannel(client(1), other));
    store(1, "expires", [](Notification &message) { message.ttl = 1s; });
    m_clock->advance(1min);
    const Time oldest = m_clock->now();
    store(1, "one");
    store(1, "two");
    store(1, "three", [&](Notification &message) { message.channelId = other; });

    const auto found = ask<std::optional<ClientDetails>>(&StorageBrowser::findClient, client(1));
    QVERIFY(found && *found);
    const ClientDetails &details = **found;
    QCOMPARE(details.summary.record.uaid, client(1));
    QCOMPARE(details.summary.record.userAgent, QByteArrayLiteral("Firefox/1"));
    QCOMPARE(details.summary.record.expires, BrowserStart + std::chrono::days(60));
    QCOMPARE(details.summary.channels, 2);
    QCOMPARE(details.summary.messages, 4);
    QCOMPARE(details.oldest, oldest);
    QCOMPARE(details.channels.size(), 2U);
    QCOMPARE(details.channels[0].id, channelOf(1));
    QCOMPARE(details.channels[0].created, BrowserStart);
    QCOMPARE(details.channels[0].messages, 2);
    QCOMPARE(details.channels[0].bytes, 200);
    QCOMPARE(details.channels[1].id, other);
    QCOMPARE(details.channels[1].created, BrowserStart + 1min);
    QCOMPARE(details.channels[1].messages, 1);
}

void BrowserContract::client_unknown_isNone()
{
    const auto found = ask<std::optional<ClientDetails>>(&StorageBrowser::findClient, client(1));
    QVERIFY(found && !*found);
}

void BrowserContract::channel_isFoundByItsId()
{
    addClients(9);
    const auto owners = [&](const ChannelId &channel) {
        return ask<std::vector<Uaid>>(&StorageBrowser::findChannel, channel)
            .value_or(std::vector<Uaid>());
    };
    QCOMPARE(owners(channelOf(6)), clients({ 6 }));
    QVERIFY(owners(channelOf(66)).empty());
    ChannelId::Bytes bytes = channelOf(6).bytes();
    ++bytes[15]; // as the other up to the part that the index has
    QVERIFY(owners(ChannelId(bytes)).empty());
    QVERIFY(user().addChannel(client(7), channelOf(6)));
    auto both = owners(channelOf(6));
    std::ranges::sort(both);
    QCOMPARE(both, clients({ 6, 7 }));
}

void BrowserContract::channels_areFoundByTheirSendersKey()
{
    const QByteArray key(32, 'k');
    const QByteArray similar = key.first(8) + QByteArray(24, 'l');
    const auto add = [&](int number, const QByteArray &hash) {
        Awaited<void> answer;
        m_storage->addChannel(client(number), {}, channelOf(number), hash, 100,
                              answer.completion());
        return answer.wait().has_value();
    };
    QVERIFY(add(1, key) && add(2, {}) && add(3, similar) && add(4, key));
    const auto numbers = [&](const QByteArray &hash) {
        std::vector<Uaid> uaids;
        for (const ChannelOwner &owner :
             ask<std::vector<ChannelOwner>>(&StorageBrowser::findChannelsOfSender, hash)
                 .value_or(std::vector<ChannelOwner>()))
            uaids.push_back(owner.uaid);
        std::ranges::sort(uaids);
        return uaids;
    };
    QCOMPARE(numbers(key), clients({ 1, 4 }));
    QCOMPARE(numbers(similar), clients({ 3 }));
    QVERIFY(numbers({}).empty());
}

void BrowserContract::messagesByAge_pagesHoldEachOnce()
{
    addClients(7);
    QByteArrayList expected;
    for (int i = 0; i < 120; ++i) {
        expected.push_back(QByteArray::number(i));
        store(i % 7 + 1, expected.back());
        m_clock->advance(1s);
    }
    const auto listed = [&](int limit, bool reverse) {
        QByteArrayList topics;
        for (const auto &one : all(MessageQuery { .page = { .limit = limit, .reverse = reverse } }))
            topics.push_back(one.message.topic);
        return topics;
    };
    QCOMPARE(listed(9, false), expected);
    auto back = listed(100, true);
    std::ranges::reverse(back);
    QCOMPARE(back, expected);

    const auto page =
        ask<MessagePage>(&StorageBrowser::listMessages, MessageQuery { .page = { .limit = 1 } });
    QVERIFY(page && page->messages.size() == 1);
    QCOMPARE(page->total.value_or(-1), 120);
    const StoredMessage &first = page->messages.front();
    QCOMPARE(first.message.uaid, client(1));
    QCOMPARE(first.message.channelId, channelOf(1));
    QCOMPARE(first.message.accepted, BrowserStart);
    QCOMPARE(first.message.ttl, std::chrono::seconds(1h));
    QCOMPARE(first.message.encoding, Encoding::Aes128Gcm);
    QCOMPARE(first.size, 100);
    QCOMPARE(first.bodySize, 100);
    QVERIFY(first.message.body.isEmpty());
}

void BrowserContract::messagesByAge_seekBeginsThere()
{
    addClients(3);
    for (int i = 0; i < 100; ++i) {
        store(i % 3 + 1, QByteArray::number(i));
        m_clock->advance(1s);
    }
    const auto from = [&](std::chrono::milliseconds time, bool reverse) {
        const auto listed = all(MessageQuery { .page = { .limit = 100, .reverse = reverse },
                                               .seek = BrowserStart + time });
        return std::pair(listed.size(),
                         listed.empty() ? QByteArray() : listed.front().message.topic);
    };
    QCOMPARE(from(40s, false), std::pair(std::size_t(60), QByteArray("40")));
    QCOMPARE(from(39500ms, false), std::pair(std::size_t(60), QByteArray("40")));
    QCOMPARE(from(39500ms, true), std::pair(std::size_t(40), QByteArray("39")));
    QCOMPARE(from(-1h, false).first, std::size_t(100));
    QCOMPARE(from(-1h, true).first, std::size_t(0));
    QCOMPARE(from(1h, false).first, std::size_t(0));
    QCOMPARE(from(1h, true).first, std::size_t(100));
}

void BrowserContract::messagesByExpiry_areInItsOrder()
{
    addClients(3);
    for (int i = 0; i < 60; ++i) {
        store(i % 3 + 1, {}, [&](Notification &message) { message.ttl = 1min * (i * 7 % 20 + 1); });
    }
    const auto expiry = [](const StoredMessage &one) { return one.message.expires(); };
    const auto listed = all(MessageQuery { .sort = MessageSort::Expiry, .page = { .limit = 7 } });
    QCOMPARE(listed.size(), 60U);
    QVERIFY(std::ranges::is_sorted(listed, {}, expiry));
    const auto back = all(
        MessageQuery { .sort = MessageSort::Expiry, .page = { .limit = 100, .reverse = true } });
    QCOMPARE(back.size(), 60U);
    QVERIFY(std::ranges::is_sorted(back, std::greater(), expiry));
    const auto seek = [&](bool reverse) {
        return all(MessageQuery { .sort = MessageSort::Expiry,
                                  .page = { .limit = 50, .reverse = reverse },
                                  .seek = BrowserStart + 10min })
            .size();
    };
    QCOMPARE(seek(false), 33U); // minutes 10 to 20, three of each
    QCOMPARE(seek(true), 30U);
    const auto before = [&](bool reverse) {
        return all(MessageQuery { .filter = { .expiresBefore = BrowserStart + 10min },
                                  .sort = MessageSort::Expiry,
                                  .page = { .limit = 50, .reverse = reverse } })
            .size();
    };
    QCOMPARE(before(false), 27U);
    QCOMPARE(before(true), 27U);
}

void BrowserContract::messages_filters()
{
    addClients(3);
    const QByteArray key(32, 'k');
    store(1, "a");
    store(2, "b", [](Notification &message) { message.urgency = Urgency::High; });
    store(3, "c", [](Notification &message) { message.body = QByteArray(500, 'x'); });
    m_clock->advance(10min);
    store(1, "d", [](Notification &message) { message.reliabilityId = "tracked"; });
    store(2, "e", [&](Notification &message) { message.senderKeyHash = key; });
    store(3, "f", [](Notification &message) { message.ttl = 10s; });

    QCOMPARE(topics({ .uaid = client(1) }), QByteArrayList({ "a", "d" }));
    QCOMPARE(topics({ .channelId = channelOf(2) }), QByteArrayList({ "b", "e" }));
    QCOMPARE(topics({ .uaid = client(1), .channelId = channelOf(2) }), QByteArrayList());
    QCOMPARE(topics({ .channelId = channelOf(99) }), QByteArrayList());
    QCOMPARE(topics({ .topic = "c" }), QByteArrayList({ "c" }));
    QCOMPARE(topics({ .urgency = Urgency::High }), QByteArrayList({ "b" }));
    QCOMPARE(topics({ .acceptedBefore = m_clock->now() - 1min }),
             QByteArrayList({ "a", "b", "c" }));
    QCOMPARE(topics({ .expiresBefore = m_clock->now() + 1min }), QByteArrayList({ "f" }));
    QCOMPARE(topics({ .largerThan = 100 }), QByteArrayList({ "c" }));
    QCOMPARE(topics({ .tracked = true }), QByteArrayList({ "d" }));
    QCOMPARE(topics({ .tracked = false }).size(), 5);
    QCOMPARE(topics({ .senderKeyHash = key }), QByteArrayList({ "e" }));
    // The same channel of two clients.
    QVERIFY(user().addChannel(client(3), channelOf(2)));
    QCOMPARE(topics({ .channelId = channelOf(2) }), QByteArrayList({ "b", "e" }));

    const auto back = all(MessageQuery { .filter = { .acceptedBefore = m_clock->now() - 1min },
                                         .page = { .limit = 2, .reverse = true } });
    QCOMPARE(back.size(), 3U);
    QCOMPARE(back.front().message.topic, QByteArrayLiteral("c"));
}

void BrowserContract::messages_ofOneClient()
{
    addClients(2);
    for (int i = 0; i < 80; ++i) {
        store(i % 2 + 1, QByteArray::number(i));
        m_clock->advance(1s);
    }
    const auto listed =
        all(MessageQuery { .filter = { .uaid = client(2) }, .page = { .limit = 7 } });
    QCOMPARE(listed.size(), 40U);
    QCOMPARE(listed.front().message.topic, QByteArrayLiteral("1"));
    QCOMPARE(listed.back().message.topic, QByteArrayLiteral("79"));
    const auto back = all(
        MessageQuery { .filter = { .uaid = client(2) }, .page = { .limit = 7, .reverse = true } });
    QCOMPARE(back.size(), 40U);
    QCOMPARE(back.front().message.topic, QByteArrayLiteral("79"));
    const auto later =
        all(MessageQuery { .filter = { .uaid = client(2) }, .seek = listed[30].message.accepted });
    QCOMPARE(later.size(), 10U);
}

void BrowserContract::messages_expired_areNotListed()
{
    addClients(2);
    for (int i = 0; i < 70; ++i)
        store(1, {}, [](Notification &message) { message.ttl = 1s; });
    store(2, "stays");
    m_clock->advance(1min);
    QCOMPARE(topics({}), QByteArrayList({ "stays" }));
    for (const bool reverse : { false, true }) {
        const auto listed = all(MessageQuery { .sort = MessageSort::Expiry,
                                               .page = { .limit = 3, .reverse = reverse } });
        QCOMPARE(listed.size(), 1U);
    }
}

void BrowserContract::message_isFoundByItsKey()
{
    addClients(1);
    store(1, "topic", [](Notification &message) {
        message.encryption = "salt";
        message.cryptoKey = "dh";
        message.body = "body";
    });
    const auto listed = all(MessageQuery());
    QCOMPARE(listed.size(), 1U);
    const SortKey key = listed.front().message.sortKey;
    QVERIFY(listed.front().message.encryption.isEmpty());
    const auto find = [&](SortKey which, WithBody withBody) {
        return ask<std::optional<StoredMessage>>(&StorageBrowser::findMessage, client(1), which,
                                                 withBody);
    };
    const auto found = find(key, WithBody::No);
    QVERIFY(found && *found);
    QCOMPARE((*found)->message.topic, QByteArrayLiteral("topic"));
    QCOMPARE((*found)->message.encryption, QByteArrayLiteral("salt"));
    QCOMPARE((*found)->message.cryptoKey, QByteArrayLiteral("dh"));
    QCOMPARE((*found)->bodySize, 4);
    QCOMPARE((*found)->size, 10);
    QVERIFY((*found)->message.body.isEmpty());
    QCOMPARE((*find(key, WithBody::Yes))->message.body, QByteArrayLiteral("body"));
    const auto none = find(SortKey { toInt(key) + 2 }, WithBody::No);
    QVERIFY(none && !*none);
}

void BrowserContract::message_isFoundByItsTopic()
{
    addClients(1);
    store(1, "topic");
    const auto find = [&](const QByteArray &topic) {
        return ask<std::optional<StoredMessage>>(&StorageBrowser::findTopic, client(1),
                                                 channelOf(1), topic, WithBody::Yes);
    };
    const auto found = find("topic");
    QVERIFY(found && *found);
    QCOMPARE((*found)->message.body.size(), 100);
    const auto none = find("other");
    QVERIFY(none && !*none);
}

void BrowserContract::cursor_ofAnotherList_isRefused()
{
    addClients(3);
    const auto page =
        ask<ClientPage>(&StorageBrowser::listClients, ClientQuery { .page = { .limit = 1 } });
    QVERIFY(page && !page->next.isEmpty());
    for (const QByteArray &after :
         { page->next, QByteArray("nonsense"), page->next + 'x', QByteArray(33, '\0') }) {
        const auto clients =
            ask<ClientPage>(&StorageBrowser::listClients,
                            ClientQuery { .sort = ClientSort::Expiry, .page = { .after = after } });
        QVERIFY(!clients);
        QCOMPARE(clients.error(), ErrorCode::BadRequest);
        const auto messages = ask<MessagePage>(&StorageBrowser::listMessages,
                                               MessageQuery { .page = { .after = after } });
        QVERIFY(!messages);
        QCOMPARE(messages.error(), ErrorCode::BadRequest);
    }
    // The list itself goes on.
    QVERIFY(ask<ClientPage>(&StorageBrowser::listClients, ClientQuery {}));
}

void BrowserContract::overview_countsEverything()
{
    addClients(6);
    const QByteArray key(32, 'k');
    store(1, "a", [](Notification &message) { message.urgency = Urgency::High; });
    m_clock->advance(2h);
    store(1, {}, [](Notification &message) { message.reliabilityId = "tracked"; });
    store(2, {}, [&](Notification &message) { message.senderKeyHash = key; });
    store(2, {}, [&](Notification &message) {
        message.senderKeyHash = key;
        message.body = QByteArray(5000, 'x');
    });
    const auto overview = ask<QueueOverview>(&StorageBrowser::overview);
    QVERIFY(overview && overview->survey);
    QCOMPARE(overview->clients, 6);
    QCOMPARE(overview->channels, 6);
    QCOMPARE(overview->messages, 4);
    const QueueSurvey &survey = *overview->survey;
    QCOMPARE(survey.clients, 6);
    QCOMPARE(survey.clientsWithMessages, 2);
    QCOMPARE(survey.messages, 3); // the first has expired
    QCOMPARE(survey.bytes, 5200);
    QCOMPARE(survey.withTopic, 0);
    QCOMPARE(survey.tracked, 1);
    QCOMPARE(survey.byUrgency, (std::array<std::int64_t, 4> { 0, 0, 3, 0 }));
    QCOMPARE(survey.oldest, m_clock->now());
    QCOMPARE(survey.ages[0], 3);
    QCOMPARE(survey.sizes[2], 2); // 100 bytes: up to 128
    QCOMPARE(survey.sizes[8], 1); // up to 8192
    QCOMPARE(survey.depths[0], 4);
    QCOMPARE(survey.depths[2], 2); // two messages each: up to 4
    QCOMPARE(survey.senders.size(), 2U);
    QCOMPARE(survey.senders[0].keyHash, key);
    QCOMPARE(survey.senders[0].messages, 2);
    QCOMPARE(survey.senders[0].bytes, 5100);
}

void BrowserContract::overview_listsTheDeepestQueues()
{
    addClients(60);
    for (int number = 1; number <= 60; ++number) {
        for (int i = 0; i < number % 7; ++i)
            store(number, {});
    }
    const auto overview = ask<QueueOverview>(&StorageBrowser::overview);
    QVERIFY(overview && overview->survey);
    const auto &deepest = overview->survey->deepest;
    QCOMPARE(deepest.size(), static_cast<std::size_t>(QueueSurvey::Listed));
    QVERIFY(std::ranges::is_sorted(deepest, std::greater(), &QueueSurvey::Queue::messages));
    QCOMPARE(deepest.front().messages, 6);
    QCOMPARE(std::ranges::count(deepest, 6, &QueueSurvey::Queue::messages), 8);
    QCOMPARE(overview->survey->clientsWithMessages, 52);
}

void BrowserContract::storageStops_openCallsFail()
{
    addClients(1);
    std::vector<std::unique_ptr<Awaited<ClientPage>>> answers;
    for (int i = 0; i < 50; ++i) {
        answers.push_back(std::make_unique<Awaited<ClientPage>>());
        m_storage->browser().listClients({}, answers.back()->completion());
    }
    m_storage.reset();
    for (const auto &answer : answers) {
        QVERIFY(answer->isDone());
        const auto page = answer->wait();
        QVERIFY(page || page.error() == ErrorCode::StorageUnavailable);
    }
}

} // namespace Carillon

QTEST_GUILESS_MAIN(Carillon::BrowserContract)
