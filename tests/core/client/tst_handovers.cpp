// SPDX-License-Identifier: MPL-2.0
#include "tests/core/client/clientbench.h"

#include <algorithm>
#include <random>

using namespace Carillon;
using namespace std::chrono_literals;

/// IdentifiedClient: messages that other processes store and hand over.
class TestHandOvers : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void handOver_twice_isSentOnce();
    void handOver_twice_withAKeyRotationBetween_isSentOnce();
    void handOver_outOfOrder_isReadFromStorage();
    void handOver_toALaterConnection_doesNotComeBack_data();
    void handOver_toALaterConnection_doesNotComeBack();
    void handOver_windowFull_isNotTaken();
    void handOver_behindOneThatNobodyHandedOver_comesAfterIt_data();
    void handOver_behindOneThatNobodyHandedOver_comesAfterIt();
    void handOver_behindOneOfLowUrgency_readsOnce();
    void anyHandOvers_deliverOnceAndInOrder_data();
    void anyHandOvers_deliverOnceAndInOrder();
};

void TestHandOvers::handOver_twice_isSentOnce()
{
    Bench bench;
    bench.connect();
    bench.finishAll();
    const Notification message = bench.message();
    bench.stored.push_back(message);
    ClientEffects effects;
    QVERIFY(bench.client->handOver({ message }, effects));
    QCOMPARE(effects.size(), 1U);
    effects.clear();
    QVERIFY(bench.client->handOver({ message }, effects));
    QVERIFY(effects.empty());
    // Acknowledged and then handed over once more: storage has it no longer.
    bench.ack(bench.idOf(message));
    QVERIFY(bench.client->handOver({ message }, effects));
    QVERIFY(std::ranges::none_of(effects, [](const ClientEffect &effect) {
        return std::holds_alternative<Effect::Send>(effect);
    }));
}

void TestHandOvers::handOver_twice_withAKeyRotationBetween_isSentOnce()
{
    Bench bench;
    bench.connect();
    bench.finishAll();
    Notification message = bench.message(0s); // of a process that has no mark for it
    message.idKey = {};
    QVERIFY(bench.tell({ message }));
    bench.rotateKeys();
    QVERIFY(bench.tell({ message }));
    QCOMPARE(bench.versions().size(), 1U);
}

void TestHandOvers::handOver_outOfOrder_isReadFromStorage()
{
    Bench bench;
    bench.connect();
    bench.finishAll();
    const Notification first = bench.message();
    const Notification second = bench.message();
    bench.stored = { first, second };
    ClientEffects effects;
    QVERIFY(bench.client->handOver({ second }, effects));
    effects.clear();
    QVERIFY(bench.client->handOver({ first }, effects));
    QCOMPARE(effects.size(), 1U);
    QVERIFY(std::holds_alternative<Effect::Fetch>(effects.front()));
}

void TestHandOvers::handOver_toALaterConnection_doesNotComeBack_data()
{
    QTest::addColumn<bool>("acknowledged");
    QTest::newRow("acknowledged") << true;
    QTest::newRow("still stored") << false;
}

/// The client was read the message, and came again, before it was handed over.
void TestHandOvers::handOver_toALaterConnection_doesNotComeBack()
{
    QFETCH(const bool, acknowledged);
    Bench bench;
    bench.connect({ Channel }, 1, IdentifiedClient::Backlog::None);
    const NodeMessage late = bench.storeElsewhere(bench.message());
    bench.connect({ Channel }, 2);
    bench.finishAll();
    QCOMPARE(bench.versions().size(), 1U);
    if (acknowledged)
        bench.ack(bench.versions()[0]);
    bench.connect({ Channel }, 3,
                  acknowledged ? IdentifiedClient::Backlog::None
                               : IdentifiedClient::Backlog::Possible);
    QVERIFY(bench.tell(late));
    bench.finishAll();
    QCOMPARE(bench.versions().size(), acknowledged ? 0U : 1U);
    // And it counts as told of: the next one need not look for it.
    QVERIFY(bench.handOver(bench.message()));
    QVERIFY(!bench.openRead);
    QCOMPARE(bench.versions().size(), acknowledged ? 1U : 2U);
}

void TestHandOvers::handOver_windowFull_isNotTaken()
{
    Bench bench({ .window = 1 });
    bench.connect();
    bench.finishAll();
    bench.push(bench.message());
    const Notification next = bench.message();
    bench.stored.push_back(next);
    ClientEffects effects;
    QVERIFY(!bench.client->handOver({ next }, effects));
    bench.ack(bench.versions()[0]);
    bench.finishAll();
    QCOMPARE(bench.versions().size(), 2U);
}

void TestHandOvers::handOver_behindOneThatNobodyHandedOver_comesAfterIt_data()
{
    QTest::addColumn<int>("window");
    QTest::newRow("with room") << 128;
    QTest::newRow("window full") << 1;
}

/// The process that stored a message was killed before it could tell.
void TestHandOvers::handOver_behindOneThatNobodyHandedOver_comesAfterIt()
{
    QFETCH(const int, window);
    Bench bench({ .window = window });
    bench.connect();
    bench.finishAll();
    const Notification told = bench.message();
    const Notification untold = bench.message();
    const Notification next = bench.message();
    QVERIFY(bench.handOver(told));
    bench.stored.push_back(untold);
    QCOMPARE(bench.handOver(next), window > 1);
    for (int i = 0; i < 3; ++i) {
        bench.finishAll();
        QVERIFY(bench.versions().size() > std::size_t(i));
        QCOMPARE(bench.versions()[i], bench.idOf(i == 0 ? told : i == 1 ? untold : next));
        bench.ack(bench.versions()[i]);
    }
    bench.finishAll();
    QVERIFY(bench.stored.empty());
}

void TestHandOvers::handOver_behindOneOfLowUrgency_readsOnce()
{
    Bench bench({}, Urgency::Normal);
    Notification low = bench.message();
    low.urgency = Urgency::Low;
    bench.stored.push_back(low);
    bench.connect({ Channel }, 1, IdentifiedClient::Backlog::Possible);
    bench.finishAll();
    // It was there before this connection, which cannot tell it from one that it missed.
    Notification second = bench.message();
    second.urgency = Urgency::Low;
    QVERIFY(bench.handOver(second));
    QVERIFY(bench.openRead);
    bench.finishAll();
    QVERIFY(bench.versions().empty());
    QVERIFY(bench.handOver(bench.message()));
    QVERIFY(!bench.openRead);
    QCOMPARE(bench.versions().size(), 1U);
}

void TestHandOvers::anyHandOvers_deliverOnceAndInOrder_data()
{
    QTest::addColumn<unsigned>("seed");
    for (unsigned seed = 1; seed <= 100; ++seed)
        QTest::addRow("seed %u", seed) << seed;
}

/// Other processes store messages and hand them over, some only much later or twice, some never, as
/// if they had been killed: nothing comes twice or out of order on one connection, and what nobody
/// told of comes with the next that is handed over.
void TestHandOvers::anyHandOvers_deliverOnceAndInOrder()
{
    QFETCH(unsigned, seed);
    std::mt19937 random(seed);
    const auto chance = [&random](unsigned of) { return random() % of == 0; };
    Bench bench({ .window = 1 + static_cast<int>(random() % 6) });
    for (unsigned i = random() % 4; i > 0; --i)
        bench.stored.push_back(bench.message());
    bench.connect();
    std::vector<NodeMessage> onTheirWay;
    for (int step = 0; step < 400; ++step) {
        const auto versions = bench.versions();
        if (chance(4)) {
            NodeMessage made = bench.storeElsewhere(bench.message());
            if (!chance(4))
                onTheirWay.push_back(std::move(made));
        } else if (chance(3) && !onTheirWay.empty()) {
            // One process hands over in order, several do not.
            const auto next = onTheirWay.begin() + (chance(4) ? random() % onTheirWay.size() : 0);
            bench.tell(*next);
            if (!chance(8))
                onTheirWay.erase(next);
        } else if (chance(3) && !versions.empty()) {
            bench.ack(versions[random() % versions.size()]);
        } else if (chance(2) && bench.openRead) {
            bench.finishRead();
        } else if (chance(60)) {
            bench.connect({ Channel }, bench.client->connectedAt() + 1);
        }
        QVERIFY2(bench.cameOnceInOrder(), "a message came twice or out of order");
    }
    for (const NodeMessage &message : onTheirWay)
        bench.tell(message);
    bench.tell(bench.storeElsewhere(bench.message()));
    bench.finishAll();
    for (std::size_t i = 0; i < bench.versions().size(); ++i) {
        bench.ack(bench.versions()[i]);
        bench.finishAll();
    }
    QVERIFY2(bench.stored.empty(), "a message was forgotten in storage");
}

QTEST_APPLESS_MAIN(TestHandOvers)
#include "tst_handovers.moc"
