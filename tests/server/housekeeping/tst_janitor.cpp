// SPDX-License-Identifier: MPL-2.0
#include "server/housekeeping/janitor.h"

#include "core/storage/memorystorage.h"
#include "server/journal/journal.h"
#include "server/net/mailbox.h"
#include "tests/support/manualclock.h"

#include <QSignalSpy>
#include <QTest>

using namespace Carillon;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::seconds Lifetime { 4 }; // a round each second

/// Remembers what it was asked to remove.
class WatchedStorage final : public MemoryStorage
{
public:
    using MemoryStorage::MemoryStorage;

    void removeExpired(int limit, Expired which, Completion<ExpiredRows> done) override
    {
        asked.push_back(which);
        MemoryStorage::removeExpired(limit, which, std::move(done));
    }
    /// Whether a round, or another one, comes.
    [[nodiscard]] bool waitForRound()
    {
        const std::size_t before = asked.size();
        return QTest::qWaitFor([&] { return asked.size() > before; }, 20'000);
    }

    std::vector<Expired> asked;
};

} // namespace

class JanitorTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void patience_isAnHourOrAQuarterOfTheLifetime();
    void clients_areSparedAfterTheStart_thenNot();
    void suspended_saysSo_andSparesClients();
    void expired_isCounted_messagesAndClientsApart();
    void stopped_removesNothingMore();

private:
    ManualClock m_clock { fromSeconds(1'700'000'000) };
    std::unique_ptr<Janitor> m_janitor;
    std::unique_ptr<WatchedStorage> m_storage;
    std::unique_ptr<Metrics> m_metrics;
    std::unique_ptr<Journal> m_journal;
    std::unique_ptr<Mailbox> m_mailbox;
};

void JanitorTest::init()
{
    m_janitor.reset();
    m_mailbox = std::make_unique<Mailbox>();
    m_metrics = std::make_unique<Metrics>();
    m_journal = std::make_unique<Journal>(*m_metrics);
    m_storage = std::make_unique<WatchedStorage>(m_clock);
    m_janitor = std::make_unique<Janitor>(*m_storage, m_clock, *m_journal, *m_mailbox, Lifetime);
    m_janitor->start();
}

void JanitorTest::patience_isAnHourOrAQuarterOfTheLifetime()
{
    QVERIFY(patienceWithClients(std::chrono::days(60)) == 1h);
    QVERIFY(patienceWithClients(1h) == 15min);
}

void JanitorTest::clients_areSparedAfterTheStart_thenNot()
{
    QVERIFY(m_storage->waitForRound());
    QVERIFY(m_storage->asked.back() == Expired::Messages);
    m_clock.advance(Lifetime / 4);
    QVERIFY(m_storage->waitForRound());
    QVERIFY(m_storage->asked.back() == Expired::MessagesAndClients);
}

void JanitorTest::suspended_saysSo_andSparesClients()
{
    const QSignalSpy suspended(m_janitor.get(), &Janitor::wasSuspended);
    m_clock.advance(Lifetime / 4);
    QVERIFY(m_storage->waitForRound());
    QVERIFY(m_storage->asked.back() == Expired::MessagesAndClients);
    QCOMPARE(suspended.count(), 0);
    m_clock.advance(61 * 24h);
    QVERIFY(m_storage->waitForRound());
    QVERIFY(m_storage->asked.back() == Expired::Messages);
    QCOMPARE(suspended.count(), 1);
    m_clock.advance(Lifetime / 4);
    QVERIFY(m_storage->waitForRound());
    QVERIFY(m_storage->asked.back() == Expired::MessagesAndClients);
    QCOMPARE(suspended.count(), 1);
}

void JanitorTest::expired_isCounted_messagesAndClientsApart()
{
    Notification message;
    message.uaid = newUaid();
    message.accepted = m_clock.now();
    message.ttl = 1s;
    m_storage->addChannel(message.uaid, {}, message.channelId, {}, 10, [](const Result<void> &) {});
    m_storage->store(message, [](const Result<StoreOutcome> &outcome) { QVERIFY(outcome); });
    m_clock.advance(61 * 24h);
    QVERIFY(m_storage->waitForRound()); // spares clients
    QCOMPARE(m_metrics->value(Metric::MessagesExpired), 1);
    QCOMPARE(m_metrics->value(Metric::ClientsExpired), 0);
    m_clock.advance(Lifetime / 4);
    QVERIFY(m_storage->waitForRound());
    QCOMPARE(m_metrics->value(Metric::MessagesExpired), 1);
    QCOMPARE(m_metrics->value(Metric::ClientsExpired), 1);
}

void JanitorTest::stopped_removesNothingMore()
{
    QVERIFY(m_storage->waitForRound());
    m_janitor->stop();
    const std::size_t rounds = m_storage->asked.size();
    QTest::qWait(1'500);
    QCOMPARE(m_storage->asked.size(), rounds);
}

QTEST_GUILESS_MAIN(JanitorTest)

#include "tst_janitor.moc"
