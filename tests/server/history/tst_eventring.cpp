// SPDX-License-Identifier: MPL-2.0
#include "server/history/eventring.h"

#include <QTest>

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

using namespace Carillon;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t Base = 1'000'000;

std::vector<std::uint64_t> idsOf(const std::vector<Event> &events)
{
    std::vector<std::uint64_t> ids;
    for (const Event &event : events)
        ids.push_back(event.id - Base);
    return ids;
}

using Ids = std::vector<std::uint64_t>;

} // namespace

class TestEventRing : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void empty_findsNothing();
    void fields_comeBackAsTheyWere();
    void order_andLimit_areThoseOfTheQuery();
    void bounds_areExclusive();
    void filters_data();
    void filters();
    void full_displacesTheOldest();
    void full_staysWithinItsCapacity_whichever_thread_writes();
    void full_forgetsTheTextsOfWhatIsDisplaced();
    void threads_idsAreUniqueAndFoundInOrder();
    void readers_missNothing_whileOthersWrite();
    void memory_isTakenAsItFills();

private:
    std::uint64_t add(CompactEvent event, QByteArrayView text = {}, QByteArrayView subject = {})
    {
        m_ring->append(event, text, subject);
        return event.id - Base;
    }
    std::uint64_t add(EventKind kind = EventKind::MessageStored)
    {
        CompactEvent event;
        event.kind = kind;
        return add(event);
    }
    void open(std::size_t capacity) { m_ring = std::make_unique<EventRing>(capacity, Base); }

    std::unique_ptr<EventRing> m_ring;
};

void TestEventRing::init()
{
    open(1'000);
}

void TestEventRing::empty_findsNothing()
{
    QVERIFY(m_ring->find({}).empty());
    QVERIFY(m_ring->find({ .newestFirst = false }).empty());
    QCOMPARE(m_ring->newestId(), Base);
}

void TestEventRing::fields_comeBackAsTheyWere()
{
    const Uaid uaid = newUaid();
    const auto channel = ChannelId::fromRaw(newUaid().raw());
    const QByteArray keyHash(32, '\x7f');
    CompactEvent accepted;
    accepted.time = fromSeconds(1'700'000'000);
    accepted.kind = EventKind::PushAccepted;
    accepted.set(uaid);
    accepted.set(channel);
    accepted.sortKey = SortKey { 1'764'340'000'000'002 };
    accepted.setSender(keyHash);
    accepted.setSizeAndTtl(4'096, 2'592'000s);
    accepted.urgency = static_cast<std::uint64_t>(Urgency::High);
    accepted.hasTopic = 1;
    add(accepted, {}, "mailto:a@example.com");

    CompactEvent replaced;
    replaced.kind = EventKind::MessageReplaced;
    replaced.set(uaid);
    replaced.sortKey = SortKey { 2 };
    replaced.setBy(SortKey { 1'764'340'000'000'004 });
    add(replaced);

    CompactEvent refused;
    refused.kind = EventKind::PushRefused;
    refused.detail = EventDetail::SenderRate;
    refused.setCode(ErrorCode::UnknownApiVersion); // the first one, 0
    add(refused, "because");

    CompactEvent acknowledged;
    acknowledged.kind = EventKind::MessageAcknowledged;
    acknowledged.setCode(70'000);
    add(acknowledged);

    const std::vector<Event> found = m_ring->find({ .newestFirst = false });
    QCOMPARE(found.size(), 4U);
    const Event wanted { .id = Base + 1,
                         .time = accepted.time,
                         .kind = EventKind::PushAccepted,
                         .uaid = uaid,
                         .channelId = channel,
                         .sortKey = accepted.sortKey,
                         .sender = senderMark(keyHash),
                         .subject = "mailto:a@example.com",
                         .text = {},
                         .size = 4'096,
                         .ttl = 2'592'000s,
                         .urgency = Urgency::High,
                         .hasTopic = true };
    QVERIFY(found[0] == wanted);
    QCOMPARE(found[1].sortKey, std::optional(SortKey { 2 }));
    QCOMPARE(found[1].by, std::optional(SortKey { 1'764'340'000'000'004 }));
    QVERIFY(!found[1].size && !found[1].ttl && !found[1].channelId && !found[1].sender);
    QCOMPARE(found[2].error, std::optional(ErrorCode::UnknownApiVersion));
    QVERIFY(found[2].detail == EventDetail::SenderRate);
    QCOMPARE(found[2].text, QByteArray("because"));
    QVERIFY(!found[2].code && !found[2].uaid);
    QCOMPARE(found[3].code, std::optional(65'534));
    QVERIFY(!found[3].error);
}

void TestEventRing::order_andLimit_areThoseOfTheQuery()
{
    for (int i = 0; i < 5; ++i)
        add();
    QCOMPARE(idsOf(m_ring->find({})), (Ids { 5, 4, 3, 2, 1 }));
    QCOMPARE(idsOf(m_ring->find({ .newestFirst = false })), (Ids { 1, 2, 3, 4, 5 }));
    QCOMPARE(idsOf(m_ring->find({ .limit = 2 })), (Ids { 5, 4 }));
    QCOMPARE(idsOf(m_ring->find({ .limit = 2, .newestFirst = false })), (Ids { 1, 2 }));
    QVERIFY(m_ring->find({ .limit = 0 }).empty());
}

void TestEventRing::bounds_areExclusive()
{
    for (int i = 0; i < 600; ++i) // several chunks and slices
        add();
    QCOMPARE(idsOf(m_ring->find({ .after = Base + 597 })), (Ids { 600, 599, 598 }));
    QCOMPARE(idsOf(m_ring->find({ .before = Base + 4 })), (Ids { 3, 2, 1 }));
    const EventQuery middle { .after = Base + 300, .before = Base + 304 };
    QCOMPARE(idsOf(m_ring->find(middle)), (Ids { 303, 302, 301 }));
    EventQuery ascending = middle;
    ascending.newestFirst = false;
    QCOMPARE(idsOf(m_ring->find(ascending)), (Ids { 301, 302, 303 }));
    QVERIFY(m_ring->find({ .after = Base + 600 }).empty());
    QVERIFY(m_ring->find({ .before = Base + 1 }).empty());
    QVERIFY(m_ring->find({ .after = 5, .before = 5 }).empty());
    QCOMPARE(m_ring->find({ .limit = 1'000 }).size(), 600U);
}

void TestEventRing::filters_data()
{
    QTest::addColumn<int>("which");
    for (int i = 0; i < 8; ++i)
        QTest::addRow("%d", i) << i;
}

void TestEventRing::filters()
{
    const Uaid uaid = newUaid();
    const auto channel = ChannelId::fromRaw(newUaid().raw());
    CompactEvent event;
    event.time = fromSeconds(100);
    add(event); // has nothing
    event.time = fromSeconds(200);
    event.kind = EventKind::MessageDropped;
    event.set(uaid);
    event.set(channel);
    event.sortKey = SortKey { 8 };
    event.setBy(SortKey { 10 });
    event.setSender("12345678");
    add(event, {}, "mailto:b@example.com");
    event.time = fromSeconds(300);
    event.kind = EventKind::MessageSent;
    event.set(newUaid());
    event.set(ChannelId::fromRaw(newUaid().raw()));
    event.setBy(SortKey {});
    event.sortKey = SortKey { 12 };
    event.setSender("12345679");
    add(event, "mailto:b@example.com", "mailto:c@example.com");

    EventKinds kinds;
    kinds.add(EventKind::MessageDropped);
    const std::array<EventQuery, 8> queries { {
        { .uaid = uaid },
        { .channelId = channel },
        { .sortKey = SortKey { 8 } },
        { .sortKey = SortKey { 10 } },
        { .sender = senderMark("12345678") },
        { .subject = "mailto:b@example.com" },
        { .kinds = kinds },
        { .since = fromSeconds(200), .until = fromSeconds(300) },
    } };
    QFETCH(int, which);
    EventQuery query = queries.at(static_cast<std::size_t>(which));
    QCOMPARE(idsOf(m_ring->find(query)), Ids { 2 });
    query.newestFirst = false;
    QCOMPARE(idsOf(m_ring->find(query)), Ids { 2 });
}

void TestEventRing::full_displacesTheOldest()
{
    open(1'000);
    for (int i = 0; i < 2'500; ++i)
        add();
    const Ids ids = idsOf(m_ring->find({ .limit = 10'000, .newestFirst = false }));
    QVERIFY(ids.size() <= 1'000 && ids.size() >= 900);
    QCOMPARE(ids.back(), 2'500U);
    QCOMPARE(ids.front(), 2'501U - ids.size());
    open(1);
    add();
    add();
    QCOMPARE(idsOf(m_ring->find({})), Ids { 2 });
}

void TestEventRing::full_staysWithinItsCapacity_whichever_thread_writes()
{
    open(1'000);
    for (int i = 0; i < 40; ++i) {
        std::thread([this] {
            for (int j = 0; j < 100; ++j)
                add();
        }).join();
    }
    const Ids ids = idsOf(m_ring->find({ .limit = 10'000, .newestFirst = false }));
    QVERIFY(ids.size() <= 1'000);
    // The shards are filled to different degrees, and of the newest events none is missing.
    for (std::uint64_t id = 3'500; id <= 4'000; ++id)
        QVERIFY2(std::ranges::binary_search(ids, id),
                 QByteArray::number(qulonglong(id)).constData());
}

void TestEventRing::full_forgetsTheTextsOfWhatIsDisplaced()
{
    open(100);
    for (int i = 0; i < 10'000; ++i) // more than there is room for at a time
        add({}, "text " + QByteArray::number(i), "subject");
    const std::vector<Event> found = m_ring->find({ .limit = 1 });
    QCOMPARE(found.front().text, QByteArray("text 9999"));
    QCOMPARE(found.front().subject, QByteArray("subject"));
    QVERIFY(m_ring->bytes() < 100 * 400);
}

void TestEventRing::threads_idsAreUniqueAndFoundInOrder()
{
    open(100'000);
    std::vector<std::thread> threads;
    for (int i = 0; i < 24; ++i) { // more than there are shards
        threads.emplace_back([this] {
            for (int j = 0; j < 1'000; ++j)
                add();
        });
    }
    for (std::thread &thread : threads)
        thread.join();
    const Ids ids = idsOf(m_ring->find({ .limit = 100'000, .newestFirst = false }));
    QCOMPARE(ids.size(), 24'000U);
    for (std::size_t i = 0; i < ids.size(); ++i)
        QCOMPARE(ids[i], i + 1);
}

void TestEventRing::readers_missNothing_whileOthersWrite()
{
    open(1'000'000);
    std::atomic<int> writing = 4;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int j = 0; j < 20'000; ++j)
                add();
            --writing;
        });
    }
    std::uint64_t last = Base;
    bool hasGap = false;
    for (bool isLast = false; !isLast;) {
        isLast = writing == 0;
        for (;;) {
            const auto page = m_ring->find({ .after = last, .limit = 1'000, .newestFirst = false });
            if (page.empty())
                break;
            for (const Event &event : page)
                hasGap = hasGap || event.id != std::exchange(last, event.id) + 1;
        }
    }
    for (std::thread &thread : threads)
        thread.join();
    QVERIFY(!hasGap);
    QCOMPARE(last, Base + 80'000);
}

void TestEventRing::memory_isTakenAsItFills()
{
    open(200'000);
    QCOMPARE(m_ring->bytes(), 0);
    add();
    QVERIFY(m_ring->bytes() < 100'000);
    for (int i = 0; i < 300'000; ++i)
        add();
    QVERIFY(m_ring->bytes() > 200'000 * 75);
    QVERIFY(m_ring->bytes() <= 200'000 * 96);
}

QTEST_APPLESS_MAIN(TestEventRing)
#include "tst_eventring.moc"
