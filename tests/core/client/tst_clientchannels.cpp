// SPDX-License-Identifier: MPL-2.0
#include "tests/core/client/clientbench.h"

#include <algorithm>
#include <random>

using namespace Carillon;
using namespace std::chrono_literals;

namespace {

using Admission = IdentifiedClient::Admission;

Notification on(const ChannelId &channel, Notification message)
{
    message.channelId = channel;
    return message;
}

int lastStatus(const Bench &bench)
{
    return json(bench.received.back())[QLatin1String("status")].toInt();
}

} // namespace

/// IdentifiedClient: register and unregister.
namespace {

/// The base point of P-256 (FIPS 186-4 D.1.2.3), as Firefox sends a key.
const QByteArray
    Generator("BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT-NC4v4af5uO5-tKfA-eFivOM1drMV7O"
              "y7ZAaDe_UfU=");

} // namespace

class TestClientChannels : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void register_keyPadded_isAccepted();
    void register_keyInStandardAlphabet_isRefused();
    void unregister_freesTheWindow();
    void unregister_behindARegisterOnItsWay_hasTheLastWord();
    void unregister_onItsWay_storageHasTheLastWordOnPushes_data();
    void unregister_onItsWay_storageHasTheLastWordOnPushes();
    void unregister_onItsWay_nothingOfItIsSent_data();
    void unregister_onItsWay_nothingOfItIsSent();
    void unregister_failed_whatIsInFlightIsStillAcknowledged();
    void unregister_betweenTwoRegisters_theLastCounts();
    void unregister_twice_eachIsAnswered();
    void unregisterAndRegister_duringARead_doNotBringBackWhatWasSent();
    void changesWithoutEnd_duringARead_areReadAgain();
    void anyChanges_deliverOnceAndInOrder_data();
    void anyChanges_deliverOnceAndInOrder();
};

void TestClientChannels::register_keyPadded_isAccepted()
{
    Bench bench;
    bench.connect({}, 0);
    bench.say(Register { Channel, Generator });
    QCOMPARE(json(bench.received.back())[QLatin1String("status")].toInt(), 200);
    QVERIFY(bench.client->hasChannel(Channel));
    QVERIFY(bench.client->isStored());
}

void TestClientChannels::register_keyInStandardAlphabet_isRefused()
{
    Bench bench;
    bench.connect({}, 0);
    QByteArray key = Generator;
    key.replace('-', '+').replace('_', '/');
    bench.say(Register { Channel, key });
    const QJsonObject answer = json(bench.received.back());
    QCOMPARE(answer[QLatin1String("status")].toInt(), 400);
    QCOMPARE(answer[QLatin1String("pushEndpoint")].toString(),
             QLatin1String("Failed to generate endpoint"));
    QVERIFY(!bench.client->hasChannel(Channel));
    QVERIFY(!bench.closed);
}

void TestClientChannels::unregister_freesTheWindow()
{
    Bench bench({ .window = 1 });
    bench.connect({ Channel, OtherChannel });
    bench.finishAll();
    bench.push(bench.message());
    Notification other = bench.message();
    other.channelId = OtherChannel;
    QCOMPARE(bench.push(other), IdentifiedClient::Admission::StoreFirst);
    bench.finishAll();
    bench.say(Unregister { Channel, 200 });
    bench.finishAll();
    QCOMPARE(bench.versions().back(), bench.idOf(other));
    QCOMPARE(bench.push(bench.message()), IdentifiedClient::Admission::NoSuchSubscription);
}

void TestClientChannels::unregister_behindARegisterOnItsWay_hasTheLastWord()
{
    Bench bench;
    bench.connect({}, 0, IdentifiedClient::Backlog::None);
    // Both are said before storage has answered either.
    ClientEffects effects;
    bench.client->handle(Register { Channel, std::nullopt }, effects);
    bench.client->handle(Unregister { Channel, 200 }, effects);
    bench.client->registered(Channel, {}, "https://example.org/", effects);
    bench.client->unregistered(Channel, {}, effects);
    QCOMPARE(bench.push(bench.message()), IdentifiedClient::Admission::NoSuchSubscription);
}

void TestClientChannels::unregister_onItsWay_storageHasTheLastWordOnPushes_data()
{
    QTest::addColumn<bool>("works");
    QTest::newRow("works") << true;
    QTest::newRow("fails") << false;
}

/// A 410 is final for senders, so nobody says it of a channel that may stay.
void TestClientChannels::unregister_onItsWay_storageHasTheLastWordOnPushes()
{
    QFETCH(const bool, works);
    Bench bench;
    bench.changesWait = true;
    bench.connect();
    bench.finishAll();
    bench.say(Unregister { Channel, 200 });
    const Notification meanwhile = bench.message();
    QCOMPARE(bench.push(meanwhile), Admission::StoreFirst);
    QCOMPARE(bench.push(bench.message(0s)), Admission::Drop);
    bench.finishWrite(works);
    QCOMPARE(lastStatus(bench), works ? 200 : 500);
    bench.finishAll();
    QCOMPARE(bench.versions().size(), works ? 0U : 1U);
    QCOMPARE(bench.push(bench.message()),
             works ? Admission::NoSuchSubscription : Admission::SendNow);
    QCOMPARE(bench.versions().size(), works ? 0U : 2U);
}

void TestClientChannels::unregister_onItsWay_nothingOfItIsSent_data()
{
    unregister_onItsWay_storageHasTheLastWordOnPushes_data();
}

/// Neither from a read that was open nor handed over; and if it stays, all comes in order.
void TestClientChannels::unregister_onItsWay_nothingOfItIsSent()
{
    QFETCH(const bool, works);
    Bench bench;
    bench.changesWait = true;
    bench.stored = { on(OtherChannel, bench.message()), bench.message(),
                     on(OtherChannel, bench.message()) };
    std::vector<QByteArray> expected;
    for (const Notification &each : bench.stored)
        expected.push_back(bench.idOf(each));
    bench.connect({ Channel, OtherChannel });
    bench.finishRead(); // those with topics
    bench.say(Unregister { Channel, 200 });
    bench.finishRead();
    QCOMPARE(bench.versions(), std::vector { expected[0] });
    const Notification handed = bench.message();
    expected.push_back(bench.idOf(handed));
    QVERIFY(bench.handOver(handed));
    QVERIFY(!bench.tell({ .notification = bench.message(0s) }));
    QVERIFY(!bench.openRead);
    QCOMPARE(bench.versions().size(), 1U);
    bench.finishWrite(works);
    bench.finishAll();
    if (works)
        expected = { expected[0], expected[2] };
    QCOMPARE(bench.versions(), expected);
    QCOMPARE(bench.push(on(OtherChannel, bench.message())), Admission::SendNow);
}

void TestClientChannels::unregister_failed_whatIsInFlightIsStillAcknowledged()
{
    Bench bench({ .window = 3 });
    bench.changesWait = true;
    bench.connect();
    bench.finishAll();
    for (int i = 0; i < 3; ++i)
        bench.push(bench.message());
    const auto versions = bench.versions();
    bench.say(Unregister { Channel, 200 });
    bench.ack(versions[0]);
    QCOMPARE(bench.stored.size(), 2U);
    bench.finishWrite(false);
    QCOMPARE(bench.client->keysInFlight().size(), 2U);
    bench.ack(versions[1]);
    bench.nack(versions[2]);
    QCOMPARE(bench.stored.size(), 1U); // the refused one
    // Not again on this connection.
    bench.pushPast(bench.message());
    bench.finishAll();
    QCOMPARE(bench.versions().size(), 4U);
}

void TestClientChannels::unregister_betweenTwoRegisters_theLastCounts()
{
    Bench bench;
    bench.changesWait = bench.answersWait = true;
    bench.connect({}, 0, IdentifiedClient::Backlog::None);
    bench.say(Register { Channel, std::nullopt });
    bench.say(Unregister { Channel, 200 });
    bench.say(Register { Channel, std::nullopt });
    for (int i = 0; i < 3; ++i)
        bench.finishWrite();
    bench.finishAnswer();
    // Storage has done all of it, of which this connection does not know yet.
    const Notification meanwhile = bench.message();
    QCOMPARE(bench.push(meanwhile), Admission::StoreFirst);
    bench.finishAll();
    QVERIFY(bench.client->hasChannel(Channel));
    QCOMPARE(bench.versions(), std::vector { bench.idOf(meanwhile) });
    QCOMPARE(bench.push(bench.message()), Admission::SendNow);
}

void TestClientChannels::unregister_twice_eachIsAnswered()
{
    Bench bench;
    bench.changesWait = true;
    bench.connect();
    bench.finishAll();
    bench.say(Unregister { Channel, 200 });
    bench.say(Unregister { Channel, 200 });
    bench.finishWrite(false);
    QCOMPARE(lastStatus(bench), 500);
    QCOMPARE(bench.push(bench.message()), Admission::StoreFirst);
    bench.finishWrite();
    QCOMPARE(lastStatus(bench), 200);
    bench.finishAll();
    QCOMPARE(bench.push(bench.message()), Admission::NoSuchSubscription);
    QVERIFY(bench.versions().empty());
}

void TestClientChannels::unregisterAndRegister_duringARead_doNotBringBackWhatWasSent()
{
    Bench bench;
    bench.connect();
    bench.finishAll();
    bench.push(bench.message());
    bench.pushPast(bench.message());
    bench.finishWrite(); // its read is open now and saw both
    bench.say(Unregister { Channel, 200 });
    bench.say(Register { Channel, std::nullopt });
    bench.finishAll();
    QCOMPARE(bench.versions().size(), 1U);
    QCOMPARE(bench.push(bench.message()), Admission::SendNow);
}

/// More than are remembered: what the open read has found is not trusted.
void TestClientChannels::changesWithoutEnd_duringARead_areReadAgain()
{
    Bench bench({ .whileReading = 4 });
    bench.connect();
    bench.finishRead(); // those with topics
    const std::size_t reads = bench.reads;
    for (int i = 0; i < 10; ++i)
        bench.say(Unregister { ChannelId(newUaid().bytes()), 200 });
    bench.finishRead();
    QCOMPARE(bench.reads, reads + 1);
    bench.finishAll();
    QCOMPARE(bench.reads, reads + 1);
    QCOMPARE(bench.push(bench.message()), Admission::SendNow);
}

void TestClientChannels::anyChanges_deliverOnceAndInOrder_data()
{
    QTest::addColumn<unsigned>("seed");
    for (unsigned seed = 1; seed <= 100; ++seed)
        QTest::addRow("seed %u", seed) << seed;
}

/// Channels that come and go, or fail to, among pushes, acks, reads and answers in any order: on
/// each connection every message comes at most once and in the order of keys, no push to a channel
/// is refused that storage has and nobody asked to remove, and in the end all that is stored came.
void TestClientChannels::anyChanges_deliverOnceAndInOrder()
{
    QFETCH(const unsigned, seed);
    std::mt19937 random(seed);
    const auto chance = [&random](unsigned of) { return random() % of == 0; };
    Bench bench({ .window = 1 + static_cast<int>(random() % 6), .whileReading = 1 + random() % 6 });
    bench.changesWait = bench.answersWait = true;
    const auto reconnect = [&] {
        while (!bench.writes.empty())
            bench.finishWrite();
        bench.connect({ bench.registered.begin(), bench.registered.end() });
    };
    const auto check = [&] {
        QVERIFY2(bench.cameOnceInOrder(), "a message came twice or out of order");
    };
    bench.connect({ Channel, OtherChannel });
    for (int step = 0; step < 400; ++step) {
        const auto versions = bench.versions();
        const ChannelId channel = chance(2) ? Channel : OtherChannel;
        if (chance(4)) {
            const bool isThere =
                bench.writes.empty() && bench.answers.empty() && bench.registered.contains(channel);
            const Notification made = on(channel, bench.message());
            if (chance(4))
                bench.pushPast(made);
            else if (bench.push(made) == Admission::NoSuchSubscription)
                QVERIFY2(!isThere, "a push was refused that can be taken");
        } else if (chance(8)) {
            if (chance(2))
                bench.say(Register { channel, std::nullopt });
            else
                bench.say(Unregister { channel, 200 });
        } else if (chance(3) && !versions.empty()) {
            bench.ack(versions[random() % versions.size()]);
        } else if (chance(2) && !bench.writes.empty()) {
            bench.finishWrite(chance(2));
        } else if (chance(2) && !bench.answers.empty()) {
            bench.finishAnswer();
        } else if (chance(2) && bench.openRead) {
            if (chance(2))
                bench.lookAgain();
            bench.finishRead();
        } else if (chance(60)) {
            reconnect();
        }
        check();
        if (QTest::currentTestFailed())
            return;
    }
    bench.finishAll();
    for (std::size_t i = 0; i < bench.versions().size(); ++i) {
        bench.ack(bench.versions()[i]);
        bench.finishAll();
    }
    check();
    QVERIFY2(bench.stored.empty(), "a message was forgotten in storage");
    for (const ChannelId &channel : { Channel, OtherChannel })
        QCOMPARE(bench.client->hasChannel(channel), bench.registered.contains(channel));
}

QTEST_APPLESS_MAIN(TestClientChannels)
#include "tst_clientchannels.moc"
