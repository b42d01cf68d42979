// SPDX-License-Identifier: MPL-2.0
#include "server/storage/queue/openwrites.h"
#include "server/storage/queue/writequeue.h"
#include "tests/support/manualclock.h"

#include <QTest>

using namespace Carillon;
using namespace std::chrono_literals;

class OpenWritesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void nothingOpen_isOfNoAge();
    void age_isThatOfTheOldest();
    void age_fallsWhenTheOldestIsDone();
    void queue_tellsTheAgeOfWhatWaits();
    void queue_forgetsWhatAnAckSpared();
};

void OpenWritesTest::nothingOpen_isOfNoAge()
{
    OpenWrites writes;
    const Instant start;
    QCOMPARE(writes.age(start), 0us);
    QCOMPARE(writes.age(start + 1h), 0us);
    const auto period = writes.add();
    QCOMPARE(writes.age(start + 2h), 0us); // it may have come just now
    writes.remove(period);
    QCOMPARE(writes.age(start + 3h), 0us);
}

void OpenWritesTest::age_isThatOfTheOldest()
{
    OpenWrites writes;
    const Instant start;
    writes.add();
    QCOMPARE(writes.age(start), 0us);
    writes.add();
    QCOMPARE(writes.age(start + 1s), 1s);
    QCOMPARE(writes.age(start + 5s), 5s);
}

void OpenWritesTest::age_fallsWhenTheOldestIsDone()
{
    OpenWrites writes;
    const Instant start;
    const auto first = writes.add();
    const auto second = writes.add();
    QCOMPARE(writes.age(start), 0us);
    const auto third = writes.add();
    QCOMPARE(writes.age(start + 1s), 1s);
    writes.remove(first);
    QCOMPARE(writes.age(start + 2s), 2s); // second
    writes.remove(second);
    QCOMPARE(writes.age(start + 4s), 3s); // third
    writes.remove(third);
    QCOMPARE(writes.age(start + 5s), 0us);
    writes.add();
    QCOMPARE(writes.age(start + 6s), 0us);
    QCOMPARE(writes.age(start + 8s), 2s);
}

void OpenWritesTest::queue_tellsTheAgeOfWhatWaits()
{
    ManualClock clock(fromSeconds(1'000'000));
    WriteQueue queue(clock, {}, SortKeys(0));
    QCOMPARE(queue.stats().oldest, 0us);
    queue.add(CheckWrite { { [](const Result<void> &) {} } }, std::nullopt);
    QCOMPARE(queue.stats().oldest, 0us);
    clock.advance(7s);
    QCOMPARE(queue.stats().oldest, 7s);
    WriteQueue::Batch batch = queue.take();
    clock.advance(1s);
    QCOMPARE(queue.stats().oldest, 8s); // it is being written
    queue.finish(std::move(batch), false, 0);
    QCOMPARE(queue.stats().oldest, 0us);
}

void OpenWritesTest::queue_forgetsWhatAnAckSpared()
{
    ManualClock clock(fromSeconds(1'000'000));
    WriteQueue queue(clock, { .ackWait = 1h }, SortKeys(0));
    Notification message;
    message.uaid = newUaid();
    const auto key = queue.addWhileSending(message, {}, [](const Result<StoreOutcome> &) {});
    QVERIFY(key.has_value());
    QCOMPARE(queue.stats().oldest, 0us);
    clock.advance(3s);
    QCOMPARE(queue.stats().oldest, 3s);
    queue.addRemoval({ message.uaid, message.channelId, *key, { [](const Result<bool> &) {} } });
    clock.advance(3s);
    QCOMPARE(queue.stats().oldest, 0us);
}

QTEST_APPLESS_MAIN(OpenWritesTest)
#include "tst_openwrites.moc"
