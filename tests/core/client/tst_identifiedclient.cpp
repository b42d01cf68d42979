// SPDX-License-Identifier: MPL-2.0
#include "tests/core/client/clientbench.h"

#include <algorithm>
#include <cstdlib>
#include <random>
#include <set>

#ifdef __GLIBC__
#include <malloc.h>
#endif

using namespace Carillon;
using namespace std::chrono_literals;

class TestIdentifiedClient : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void hello_newClient_isLiveAtOnce();
    void hello_nothingStored_isLiveAtOnce();
    void hello_storedMeanwhile_isRead();
    void hello_backlog_topicsComeFirst();
    void hello_knownBroadcast_isAnsweredWhenItDiffers();
    void secondHello_closes();
    void push_unknownChannel_isRefused();
    void push_whileBacklogDrains_comesAfterIt();
    void push_windowFull_isStoredAndComesWithTheNextAck();
    void push_behindAMessageOnItsWay_waitsForIt();
    void push_behindOneStoredAndNotYetTold_waitsForIt();
    void backlog_fillsOnlyWhatIsFreeOfTheWindow();
    void ack_givesTheBytesOfItsMessageBack();
    void ttlZero_backlogDraining_isSentPastIt();
    void ttlZero_windowFull_isDropped();
    void urgencyBelowMinimum_staysStored();
    void ack_ofAnEarlierConnection_isNamed();
    void ack_duringARead_isNotSentAgain();
    void ack_ofAnEarlierConnection_duringARead_isNotSent();
    void acksWithoutEnd_duringARead_areNotRemembered_data();
    void acksWithoutEnd_duringARead_areNotRemembered();
    void acksOfMany_duringARead_areReadAgain();
    void nack_freesItsSlotAndStaysStored();
    void nacksWithoutEnd_theOldestComeAgain();
    void nacksWithoutEnd_duringARead_loseNothing();
    void keyRotation_whatIsInFlight_isNotSentAgain_data();
    void keyRotation_whatIsInFlight_isNotSentAgain();
    void keyRotation_ackDuringARead_isNotSentAgain_data();
    void keyRotation_ackDuringARead_isNotSentAgain();
    void keyRotation_nextConnection_isSentTheSameId();
    void keyRotation_ackByTheOldId_settlesWhatIsInFlight_data();
    void keyRotation_ackByTheOldId_settlesWhatIsInFlight();
    void ping_tooOften_closes();
    void pingTick_news_isABroadcastInsteadOfAPing();
    void outputFull_isNotFed();
    void reset_asManyAsTheLimit_areDelivered();
    void reset_oneMoreThanTheLimit_forgetsTheClientOnceTheyAreAcknowledged();
    void reset_refusedMessages_areNotTheOneMore();
    void reset_ttlZeroInFlight_isNotWaitedFor();
    void storageFails_closesToTryAgain();
    void anyInterleaving_deliversOnceAndInOrder_data();
    void anyInterleaving_deliversOnceAndInOrder();
};

void TestIdentifiedClient::hello_newClient_isLiveAtOnce()
{
    Bench bench;
    bench.connect({}, 0, IdentifiedClient::Backlog::None);
    QVERIFY(!bench.openRead);
    QCOMPARE(json(bench.received.front())[QLatin1String("uaid")].toString().toLatin1(),
             toHex(bench.uaid));
    QVERIFY(!bench.client->isStored());
}

void TestIdentifiedClient::hello_nothingStored_isLiveAtOnce()
{
    Bench bench;
    bench.connect({ Channel }, 1, IdentifiedClient::Backlog::None);
    QVERIFY(!bench.openRead);
    QCOMPARE(bench.push(bench.message()), IdentifiedClient::Admission::SendNow);
}

void TestIdentifiedClient::hello_storedMeanwhile_isRead()
{
    Bench bench;
    bench.stored = { bench.message() };
    bench.greeting.toldOfMessages = true;
    bench.connect({ Channel }, 1, IdentifiedClient::Backlog::None);
    bench.finishAll();
    QCOMPARE(bench.versions().size(), 1U);
}

void TestIdentifiedClient::hello_backlog_topicsComeFirst()
{
    Bench bench;
    bench.stored = { bench.message(), bench.message(), bench.message() };
    bench.stored[1].topic = "news";
    bench.connect();
    bench.finishAll();
    const auto versions = bench.versions();
    QCOMPARE(versions.size(), 3U);
    QCOMPARE(versions[0], bench.idOf(bench.stored[1]));
    QCOMPARE(versions[1], bench.idOf(bench.stored[0]));
    QCOMPARE(versions[2], bench.idOf(bench.stored[2]));
}

void TestIdentifiedClient::hello_knownBroadcast_isAnsweredWhenItDiffers()
{
    Bench bench;
    bench.context.broadcasts = { { "a", "2" }, { "b", "1" } };
    bench.greeting.broadcasts = { { "a", "1" }, { "b", "1" }, { "c", "1" } };
    bench.connect();
    const QJsonObject told = json(bench.received.front())[QLatin1String("broadcasts")].toObject();
    QCOMPARE(told[QLatin1String("a")].toString(), QLatin1String("2"));
    QVERIFY(!told.contains(QLatin1String("b")));
    QCOMPARE(told[QLatin1String("errors")].toObject()[QLatin1String("c")].toString(),
             QLatin1String("Broadcast not found"));
}

void TestIdentifiedClient::secondHello_closes()
{
    Bench bench;
    bench.connect();
    bench.say(Hello {});
    QCOMPARE(bench.closed, ErrorCode::InvalidMessage);
}

void TestIdentifiedClient::push_unknownChannel_isRefused()
{
    Bench bench;
    bench.connect({ OtherChannel });
    bench.finishAll();
    QCOMPARE(bench.push(bench.message()), IdentifiedClient::Admission::NoSuchSubscription);
}

void TestIdentifiedClient::push_whileBacklogDrains_comesAfterIt()
{
    Bench bench;
    bench.stored = { bench.message() };
    bench.connect();
    const Notification fresh = bench.message();
    QCOMPARE(bench.push(fresh), IdentifiedClient::Admission::StoreFirst);
    QVERIFY(bench.versions().empty());
    bench.finishAll();
    QCOMPARE(bench.versions().size(), 2U);
    QCOMPARE(bench.versions()[1], bench.idOf(fresh));
    QCOMPARE(bench.push(bench.message()), IdentifiedClient::Admission::SendNow);
}

void TestIdentifiedClient::push_windowFull_isStoredAndComesWithTheNextAck()
{
    Bench bench({ .window = 2 });
    bench.connect();
    bench.finishAll();
    bench.push(bench.message());
    bench.push(bench.message());
    const Notification third = bench.message();
    QCOMPARE(bench.push(third), IdentifiedClient::Admission::StoreFirst);
    bench.finishAll();
    QCOMPARE(bench.versions().size(), 2U);
    bench.ack(bench.versions()[1]); // the last first
    bench.finishAll();
    QCOMPARE(bench.versions().size(), 3U);
    QCOMPARE(bench.versions()[2], bench.idOf(third));
}

void TestIdentifiedClient::push_behindAMessageOnItsWay_waitsForIt()
{
    Bench bench;
    bench.connect();
    bench.finishAll();
    const Notification past = bench.message();
    bench.pushPast(past);
    const Notification fresh = bench.message();
    QCOMPARE(bench.push(fresh), IdentifiedClient::Admission::StoreFirst);
    bench.finishAll();
    QCOMPARE(bench.versions().size(), 2U);
    QCOMPARE(bench.versions()[0], bench.idOf(past));
    QCOMPARE(bench.versions()[1], bench.idOf(fresh));
}

/// Storage has it and would let the next one be sent, but the client has not heard of it.
void TestIdentifiedClient::push_behindOneStoredAndNotYetTold_waitsForIt()
{
    Bench bench({ .window = 1 });
    bench.connect();
    bench.finishAll();
    bench.answersWait = true;
    bench.push(bench.message());
    const Notification second = bench.message();
    QCOMPARE(bench.push(second), IdentifiedClient::Admission::StoreFirst);
    bench.finishWrite();
    bench.ack(bench.versions()[0]);
    const Notification third = bench.message();
    QCOMPARE(bench.push(third), IdentifiedClient::Admission::StoreFirst);
    bench.finishAll();
    QCOMPARE(bench.versions().size(), 2U);
    QCOMPARE(bench.versions()[1], bench.idOf(second));
    bench.ack(bench.versions()[1]);
    bench.finishAll();
    QCOMPARE(bench.versions().size(), 3U);
    QCOMPARE(bench.versions()[2], bench.idOf(third));
}

void TestIdentifiedClient::backlog_fillsOnlyWhatIsFreeOfTheWindow()
{
    Bench bench({ .window = 2 });
    for (int i = 0; i < 5; ++i)
        bench.stored.push_back(bench.message());
    bench.connect();
    bench.finishAll();
    QCOMPARE(bench.versions().size(), 2U);
    bench.ack(bench.versions()[0]);
    bench.finishAll();
    QCOMPARE(bench.versions().size(), 3U);
}

void TestIdentifiedClient::ack_givesTheBytesOfItsMessageBack()
{
    Bench bench({ .windowBytes = 10 });
    bench.connect();
    bench.finishAll();
    Notification large = bench.message();
    large.body = QByteArray(10, 'x');
    QCOMPARE(bench.push(large), IdentifiedClient::Admission::SendNow);
    QCOMPARE(bench.push(bench.message()), IdentifiedClient::Admission::StoreFirst);
    bench.finishAll();
    QCOMPARE(bench.versions().size(), 1U);
    bench.ack(bench.versions()[0]);
    bench.finishAll();
    QCOMPARE(bench.versions().size(), 2U);
    QCOMPARE(bench.push(bench.message()), IdentifiedClient::Admission::SendNow);
}

void TestIdentifiedClient::ttlZero_backlogDraining_isSentPastIt()
{
    Bench bench;
    bench.stored = { bench.message() };
    bench.connect();
    const Notification urgent = bench.message(0s);
    QCOMPARE(bench.push(urgent), IdentifiedClient::Admission::SendNow);
    QCOMPARE(bench.versions().size(), 1U);
    bench.finishAll();
    QCOMPARE(bench.versions().size(), 2U);
}

void TestIdentifiedClient::ttlZero_windowFull_isDropped()
{
    Bench bench({ .window = 1 });
    bench.connect();
    bench.finishAll();
    bench.push(bench.message());
    QCOMPARE(bench.push(bench.message(0s)), IdentifiedClient::Admission::Drop);
}

void TestIdentifiedClient::urgencyBelowMinimum_staysStored()
{
    Bench bench({}, Urgency::Normal);
    bench.stored = { bench.message(), bench.message() };
    bench.stored[0].urgency = Urgency::Low;
    bench.connect();
    bench.finishAll();
    QCOMPARE(bench.versions().size(), 1U);
    Notification low = bench.message();
    low.urgency = Urgency::VeryLow;
    QCOMPARE(bench.push(low), IdentifiedClient::Admission::StoreFirst);
    bench.finishAll();
    QCOMPARE(bench.versions().size(), 1U);
    QCOMPARE(bench.stored.size(), 3U);
}

void TestIdentifiedClient::ack_ofAnEarlierConnection_isNamed()
{
    Bench bench;
    bench.connect();
    bench.finishAll();
    const Notification early = bench.message();
    bench.push(early);
    bench.connect();
    // Before the new connection has read it back.
    bench.ack(bench.idOf(early));
    bench.finishAll();
    QVERIFY(bench.stored.empty());
    QVERIFY(bench.versions().empty());
}

void TestIdentifiedClient::ack_duringARead_isNotSentAgain()
{
    Bench bench;
    bench.connect();
    bench.finishAll();
    const Notification live = bench.message();
    bench.push(live);
    bench.pushPast(bench.message());
    bench.finishWrite(); // its read is open now and saw both
    bench.ack(bench.idOf(live));
    bench.finishAll();
    QCOMPARE(bench.versions().size(), 2U);
    QCOMPARE(std::ranges::count(bench.versions(), bench.idOf(live)), 1);
}

void TestIdentifiedClient::ack_ofAnEarlierConnection_duringARead_isNotSent()
{
    Bench bench;
    bench.stored = { bench.message(), bench.message() };
    bench.connect();
    bench.finishRead(); // those with topics
    bench.ack(bench.idOf(bench.stored[0]));
    bench.finishAll();
    QCOMPARE(bench.versions(), std::vector { bench.idOf(bench.stored[0]) }); // the other one
}

void TestIdentifiedClient::acksWithoutEnd_duringARead_areNotRemembered_data()
{
    QTest::addColumn<QByteArray>("id");
    const Bench bench;
    QTest::newRow("made up") << QByteArray(100, 'x');
    QTest::newRow("another's") << bench.ids.make(newUaid(), Channel, {}, SortKey { 1'002 }).text();
    QTest::newRow("always the same") << QByteArray();
}

void TestIdentifiedClient::acksWithoutEnd_duringARead_areNotRemembered()
{
// Sanitizers have allocators of their own, of which mallinfo2() tells nothing.
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    QFETCH(QByteArray, id);
    Bench bench;
    if (id.isEmpty())
        id = bench.idOf(bench.message());
    bench.connect();
    const std::size_t before = mallinfo2().uordblks;
    for (int i = 0; i < 10'000; ++i)
        bench.ack(QByteArray(id.constData(), id.size())); // its own copy
    QVERIFY(bench.openRead);
    const std::size_t after = mallinfo2().uordblks;
    QVERIFY2(after < before + 200'000, QByteArray::number(quint64(after - before)).constData());
#else
    QSKIP("the allocator does not tell what it has given out");
#endif
}

/// More than are remembered: what the open read has found is not trusted.
void TestIdentifiedClient::acksOfMany_duringARead_areReadAgain()
{
    Bench bench({ .whileReading = 4 });
    for (int i = 0; i < 20; ++i)
        bench.stored.push_back(bench.message());
    const std::vector<Notification> all = bench.stored;
    bench.connect();
    bench.finishRead(); // those with topics
    const std::size_t reads = bench.reads;
    for (std::size_t i = 0; i < 19; ++i)
        bench.ack(bench.idOf(all[i])); // it got them over an earlier connection
    bench.finishRead();
    QVERIFY(bench.versions().empty());
    QCOMPARE(bench.reads, reads + 1);
    bench.finishAll();
    QCOMPARE(bench.versions(), std::vector { bench.idOf(all[19]) });
}

void TestIdentifiedClient::nack_freesItsSlotAndStaysStored()
{
    Bench bench({ .window = 1 });
    bench.stored = { bench.message(), bench.message() };
    bench.connect();
    bench.finishAll();
    QCOMPARE(bench.versions().size(), 1U);
    bench.nack(bench.versions()[0]);
    bench.finishAll();
    QCOMPARE(bench.versions().size(), 2U);
    QCOMPARE(bench.stored.size(), 2U);
    // Not again on this connection, whatever makes it look into storage.
    bench.ack(bench.versions()[1]);
    ClientEffects effects;
    bench.client->checkStorage(SortKey {}, effects);
    bench.connect();
    bench.finishAll();
    QCOMPARE(bench.versions().size(), 1U);
}

/// Whether the message says which key makes its id, and whether it has a topic.
static void keyRotationRows()
{
    QTest::addColumn<bool>("isMarked");
    QTest::addColumn<QByteArray>("topic");
    QTest::newRow("marked") << true << QByteArray();
    QTest::newRow("marked, topic") << true << QByteArray("news");
    QTest::newRow("of an older schema") << false << QByteArray();
    QTest::newRow("of an older schema, topic") << false << QByteArray("news");
}

static Notification rotatedMessage(Bench &bench)
{
    QFETCH(const bool, isMarked);
    QFETCH(const QByteArray, topic);
    Notification message = bench.message();
    message.topic = topic;
    if (!isMarked)
        message.idKey = {};
    return message;
}

void TestIdentifiedClient::nacksWithoutEnd_theOldestComeAgain()
{
    Bench bench({ .keptBack = 4 });
    bench.connect();
    bench.finishAll();
    std::vector<Notification> pushed;
    for (int i = 0; i < 5; ++i) {
        pushed.push_back(bench.message());
        bench.push(pushed.back());
        bench.nack(bench.idOf(pushed.back()));
        bench.finishAll();
    }
    std::vector<QByteArray> expected;
    for (const int i : { 0, 1, 2, 3, 4, 0, 1 })
        expected.push_back(bench.idOf(pushed[static_cast<std::size_t>(i)]));
    QCOMPARE(bench.versions(), expected);
    // What is stored no longer is forgotten by that.
    bench.ack(expected[0]);
    bench.ack(expected[1]);
    QCOMPARE(bench.stored.size(), 3U);
    QCOMPARE(bench.push(bench.message()), IdentifiedClient::Admission::SendNow);
}

/// Whatever is refused, and whenever, comes again or stays stored.
void TestIdentifiedClient::nacksWithoutEnd_duringARead_loseNothing()
{
    std::mt19937 random(1);
    Bench bench({ .window = 3, .keptBack = 4, .whileReading = 2 });
    bench.connect();
    std::size_t pushed = 0;
    std::set<QByteArray> acknowledged;
    for (int step = 0; step < 1'000; ++step) {
        const auto versions = bench.versions();
        switch (random() % 6) {
        case 0:
            pushed += bench.stored.size() < 50 ? 1 : 0;
            if (bench.stored.size() >= 50)
                break;
            if (random() % 2 == 0)
                bench.push(bench.message());
            else
                bench.pushPast(bench.message());
            break;
        case 1:
        case 2:
            if (!versions.empty() && !acknowledged.contains(versions.back()))
                bench.nack(versions[versions.size() - 1
                                    - random() % std::min<std::size_t>(3, versions.size())]);
            break;
        case 3:
            if (!versions.empty()) {
                bench.ack(versions.back());
                acknowledged.insert(versions.back());
            }
            break;
        case 4:
            if (!bench.writes.empty())
                bench.finishWrite();
            break;
        default:
            if (bench.openRead)
                bench.finishRead();
        }
    }
    bench.finishAll();
    for (std::size_t i = 0; i < bench.versions().size(); ++i) {
        bench.ack(bench.versions()[i]);
        acknowledged.insert(bench.versions()[i]);
        bench.finishAll();
    }
    QVERIFY(bench.stored.empty());
    QCOMPARE(acknowledged.size(), pushed);
}

void TestIdentifiedClient::keyRotation_whatIsInFlight_isNotSentAgain_data()
{
    keyRotationRows();
}

void TestIdentifiedClient::keyRotation_whatIsInFlight_isNotSentAgain()
{
    Bench bench;
    bench.connect();
    bench.finishAll();
    bench.push(rotatedMessage(bench));
    const QByteArray id = bench.versions().at(0);
    bench.rotateKeys();
    ClientEffects effects;
    bench.client->checkStorage(SortKey {}, effects);
    QCOMPARE(effects.size(), 1U);
    effects.clear();
    FetchPage page;
    page.messages = bench.stored;
    bench.client->fetched(page, effects);
    QVERIFY(effects.empty());
    bench.ack(id);
    QVERIFY(bench.stored.empty());
    QVERIFY(bench.client->keysInFlight().empty());
}

void TestIdentifiedClient::keyRotation_ackDuringARead_isNotSentAgain_data()
{
    keyRotationRows();
}

void TestIdentifiedClient::keyRotation_ackDuringARead_isNotSentAgain()
{
    Bench bench;
    bench.connect();
    bench.finishAll();
    const Notification message = rotatedMessage(bench);
    bench.push(message);
    bench.rotateKeys();
    ClientEffects effects;
    bench.client->checkStorage(SortKey {}, effects);
    bench.ack(bench.versions().at(0));
    effects.clear();
    FetchPage page;
    page.messages = { message };
    bench.client->fetched(page, effects);
    QVERIFY(effects.empty());
}

void TestIdentifiedClient::keyRotation_nextConnection_isSentTheSameId()
{
    Bench bench;
    bench.connect();
    bench.finishAll();
    bench.push(bench.message());
    const auto sent = bench.versions();
    bench.rotateKeys();
    bench.connect();
    bench.finishAll();
    QCOMPARE(bench.versions(), sent);
}

void TestIdentifiedClient::keyRotation_ackByTheOldId_settlesWhatIsInFlight_data()
{
    keyRotationRows();
}

void TestIdentifiedClient::keyRotation_ackByTheOldId_settlesWhatIsInFlight()
{
    Bench bench;
    bench.connect();
    bench.finishAll();
    bench.push(rotatedMessage(bench));
    const QByteArray old = bench.versions().at(0);
    bench.rotateKeys();
    bench.connect();
    bench.finishAll();
    QCOMPARE(bench.versions().size(), 1U);
    bench.ack(old);
    QVERIFY(bench.stored.empty());
    QVERIFY(bench.client->keysInFlight().empty());
}

void TestIdentifiedClient::ping_tooOften_closes()
{
    Bench bench;
    bench.connect();
    bench.say(Ping {});
    QCOMPARE(bench.received.back(), "{}");
    bench.clock.advance(45s);
    bench.say(Ping {});
    QVERIFY(!bench.closed);
    bench.clock.advance(44'999ms);
    bench.say(Ping {});
    QCOMPARE(bench.closed, ErrorCode::ExcessivePing);
}

void TestIdentifiedClient::pingTick_news_isABroadcastInsteadOfAPing()
{
    Bench bench;
    bench.greeting.broadcasts = { { "later", "0" } }; // unknown at hello, remembered all the same
    bench.connect();
    ClientEffects effects;
    QVERIFY(bench.client->pingTick(effects));
    QVERIFY(std::holds_alternative<Effect::SendPing>(effects.front()));
    bench.context.broadcasts = { { "later", "7" } };
    effects.clear();
    QVERIFY(!bench.client->pingTick(effects));
    const QJsonObject told = json(std::get<Effect::Send>(effects.front()).text);
    QCOMPARE(told[QLatin1String("broadcasts")].toObject()[QLatin1String("later")].toString(),
             QLatin1String("7"));
    effects.clear();
    QVERIFY(bench.client->pingTick(effects));
}

void TestIdentifiedClient::outputFull_isNotFed()
{
    Bench bench;
    bench.connect();
    bench.finishAll();
    ClientEffects effects;
    bench.client->setOutputFull(true, effects);
    QCOMPARE(bench.push(bench.message()), IdentifiedClient::Admission::StoreFirst);
    bench.finishAll();
    QVERIFY(bench.versions().empty());
    bench.client->setOutputFull(false, effects);
    QCOMPARE(effects.size(), 1U);
    QVERIFY(std::holds_alternative<Effect::Fetch>(effects.front()));
}

void TestIdentifiedClient::reset_asManyAsTheLimit_areDelivered()
{
    Bench bench({ .resetAfter = 2 });
    bench.stored = { bench.message(), bench.message() };
    bench.connect();
    bench.finishAll();
    QCOMPARE(bench.versions().size(), 2U);
    for (const QByteArray &version : bench.versions()) {
        bench.ack(version);
        bench.finishAll();
    }
    QVERIFY(!bench.closed);
    QVERIFY(bench.stored.empty());
    // The next drain counts anew.
    for (int i = 0; i < 3; ++i) {
        bench.pushPast(bench.message());
        bench.finishAll();
        bench.ack(bench.versions().back());
        bench.finishAll();
    }
    QCOMPARE(bench.versions().size(), 5U);
    QVERIFY(!bench.closed);
    QCOMPARE(bench.push(bench.message()), IdentifiedClient::Admission::SendNow);
}

void TestIdentifiedClient::reset_oneMoreThanTheLimit_forgetsTheClientOnceTheyAreAcknowledged()
{
    Bench bench({ .window = 2, .resetAfter = 3 });
    for (int i = 0; i < 4; ++i)
        bench.stored.push_back(bench.message());
    const std::vector<Notification> all = bench.stored;
    bench.connect();
    bench.finishAll();
    std::vector<QByteArray> expected { bench.idOf(all[0]), bench.idOf(all[1]) };
    QCOMPARE(bench.versions(), expected);
    bench.ack(expected[0]);
    bench.finishAll();
    expected.push_back(bench.idOf(all[2]));
    QCOMPARE(bench.versions(), expected);
    bench.ack(expected[1]);
    bench.finishAll();
    QVERIFY(!bench.closed); // the third is still in flight
    QVERIFY(!bench.openRead);
    bench.ack(expected[2]);
    bench.finishAll();
    QCOMPARE(bench.versions(), expected);
    QCOMPARE(bench.closed, ErrorCode::UaidReset);
    QVERIFY(bench.forgotten);
}

void TestIdentifiedClient::reset_refusedMessages_areNotTheOneMore()
{
    Bench bench({ .resetAfter = 2 });
    bench.stored = { bench.message(), bench.message(), bench.message() };
    bench.connect();
    bench.finishAll();
    const std::vector<QByteArray> sent = bench.versions();
    QCOMPARE(sent.size(), 2U);
    bench.stored.pop_back(); // it has expired
    bench.look(SortKey {}); // the others are read once more
    bench.nack(sent[0]);
    bench.ack(sent[1]);
    bench.finishAll();
    QVERIFY(!bench.closed);
    QCOMPARE(bench.versions(), sent);
    QCOMPARE(bench.push(bench.message()), IdentifiedClient::Admission::SendNow);
}

/// Clients need not acknowledge it.
void TestIdentifiedClient::reset_ttlZeroInFlight_isNotWaitedFor()
{
    Bench bench({ .resetAfter = 1 });
    bench.stored = { bench.message(), bench.message() };
    bench.connect();
    bench.push(bench.message(0s));
    bench.finishAll();
    QCOMPARE(bench.versions().size(), 2U);
    bench.stored.pop_back(); // it has expired
    bench.ack(bench.versions()[1]);
    bench.finishAll();
    QVERIFY(!bench.closed);
    QCOMPARE(bench.push(bench.message()), IdentifiedClient::Admission::SendNow);
}

void TestIdentifiedClient::storageFails_closesToTryAgain()
{
    Bench bench;
    bench.connect();
    ClientEffects effects;
    bench.client->fetched(Unexpected(ErrorCode::StorageUnavailable), effects);
    QCOMPARE(std::get<Effect::Close>(effects.front()).why, ErrorCode::TryAgainLater);
}

void TestIdentifiedClient::anyInterleaving_deliversOnceAndInOrder_data()
{
    QTest::addColumn<unsigned>("seed");
    for (unsigned seed = 1; seed <= 100; ++seed)
        QTest::addRow("seed %u", seed) << seed;
}

/// Pushes, acks, nacks, writes, reads and reconnects in any order: on each connection every message
/// comes at most once and those without a topic in the order of their keys; in the end each came.
void TestIdentifiedClient::anyInterleaving_deliversOnceAndInOrder()
{
    QFETCH(unsigned, seed);
    std::mt19937 random(seed);
    const auto chance = [&random](unsigned of) { return random() % of == 0; };
    Bench bench({ .window = 1 + static_cast<int>(random() % 6), .whileReading = 1 + random() % 6 });
    bench.connect();
    std::vector<QByteArray> pushed;
    std::vector<QByteArray> acknowledged;
    std::set<QByteArray> nacked; // on the present connection
    const auto check = [&] {
        QVERIFY2(bench.cameOnceInOrder(), "a message came twice or out of order");
    };
    for (int step = 0; step < 400; ++step) {
        const auto versions = bench.versions();
        if (chance(4)) {
            const Notification made = bench.message();
            pushed.push_back(bench.idOf(made));
            if (chance(4))
                bench.pushPast(made);
            else
                bench.push(made);
        } else if (chance(3) && !versions.empty()) {
            const QByteArray version = versions[random() % versions.size()];
            if (chance(6)) {
                bench.nack(version);
                nacked.insert(version);
            } else {
                bench.ack(version);
                acknowledged.push_back(version);
            }
        } else if (chance(3) && !bench.writes.empty()) {
            bench.finishWrite();
        } else if (chance(2) && bench.openRead) {
            bench.finishRead();
        } else if (chance(60)) {
            check();
            // What is on its way to storage gets there before the next connection reads.
            while (!bench.writes.empty())
                bench.finishWrite();
            bench.connect();
            nacked.clear();
        }
        if (QTest::currentTestFailed())
            return;
    }
    check();
    // Left alone, a connection comes to rest with nothing stored but what it refused.
    const auto ackAll = [&] {
        bench.finishAll();
        for (std::size_t i = 0; i < bench.versions().size(); ++i) {
            if (!nacked.contains(bench.versions()[i]))
                bench.ack(bench.versions()[i]);
            bench.finishAll();
        }
    };
    ackAll();
    for (const Notification &left : bench.stored)
        QVERIFY2(nacked.contains(bench.idOf(left)), "a message was forgotten in storage");
    for (const QByteArray &version : bench.versions()) {
        if (!nacked.contains(version))
            acknowledged.push_back(version);
    }
    bench.connect();
    nacked.clear();
    ackAll();
    check();
    for (const QByteArray &version : bench.versions())
        QVERIFY2(std::ranges::find(acknowledged, version) == acknowledged.end(),
                 "an acknowledged message came back");
    QVERIFY(bench.stored.empty());
    for (const QByteArray &version : pushed) {
        const bool came = std::ranges::find(acknowledged, version) != acknowledged.end()
            || std::ranges::count(bench.versions(), version) == 1;
        QVERIFY2(came, "a message was lost");
    }
}

QTEST_APPLESS_MAIN(TestIdentifiedClient)
#include "tst_identifiedclient.moc"
