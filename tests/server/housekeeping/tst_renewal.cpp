// SPDX-License-Identifier: MPL-2.0
#include "server/housekeeping/renewal.h"

#include "core/storage/memorystorage.h"
#include "server/net/mailbox.h"
#include "server/routing/clientregistry.h"
#include "tests/support/manualclock.h"

#include <QTest>

#include <map>

using namespace Carillon;
using namespace std::chrono_literals;

namespace {

/// Keeps what is asked until the test answers.
class SlowStorage final : public MemoryStorage
{
public:
    using MemoryStorage::MemoryStorage;

    void renewClients(std::vector<Uaid> uaids, Completion<void> done) override
    {
        ++calls;
        open.push_back({ std::move(uaids), std::move(done) });
    }
    /// Gives whom it was asked to renew.
    std::vector<Uaid> answer(Result<void> outcome)
    {
        auto [uaids, done] = std::move(open.back());
        open.pop_back();
        done(std::move(outcome));
        return uaids;
    }

    struct Asked
    {
        std::vector<Uaid> uaids;
        Completion<void> done;
    };
    std::vector<Asked> open;
    int calls = 0;
};

} // namespace

class RenewalTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void interval_followsTheLifetime_data();
    void interval_followsTheLifetime();
    void everybody_isRenewedOnce_oneBatchAtATime();
    void failedBatch_isAskedForAgain();
    void whoeverConnectsLater_isInTheNextRound();
    void stopped_asksForNothingMore();

private:
    void connectClients(int count);
    /// Answers until nothing more comes: how often each client was renewed.
    [[nodiscard]] std::map<Uaid, int> answerRound(std::size_t clients);

    ManualClock m_clock { fromSeconds(1'700'000'000) };
    std::unique_ptr<Renewal> m_renewal;
    std::unique_ptr<SlowStorage> m_storage;
    std::unique_ptr<ClientRegistry> m_registry;
    std::unique_ptr<Mailbox> m_mailbox;
};

void RenewalTest::init()
{
    m_renewal.reset();
    m_mailbox = std::make_unique<Mailbox>();
    m_registry = std::make_unique<ClientRegistry>();
    m_storage = std::make_unique<SlowStorage>(m_clock);
    m_renewal = std::make_unique<Renewal>(*m_storage, *m_registry, *m_mailbox, 1s);
}

void RenewalTest::connectClients(int count)
{
    for (int i = 0; i < count; ++i)
        QVERIFY(!m_registry->replace(newUaid(), {}));
}

std::map<Uaid, int> RenewalTest::answerRound(std::size_t clients)
{
    std::map<Uaid, int> times;
    std::size_t renewed = 0;
    while (renewed < clients
           && QTest::qWaitFor([this] { return !m_storage->open.empty(); }, 20'000)) {
        const std::vector<Uaid> batch = m_storage->answer({});
        renewed += batch.size();
        for (const Uaid &uaid : batch)
            ++times[uaid];
    }
    return times;
}

void RenewalTest::interval_followsTheLifetime_data()
{
    QTest::addColumn<std::chrono::seconds>("lifetime");
    QTest::addColumn<std::chrono::milliseconds>("interval");
    const auto row = [](const char *name, std::chrono::seconds lifetime,
                        std::chrono::milliseconds interval) {
        QTest::newRow(name) << lifetime << interval;
    };
    row("60 days", std::chrono::days(60), 24h);
    row("4 days", std::chrono::days(4), 24h);
    row("a day", std::chrono::days(1), 6h);
    row("an hour", 1h, 15min);
    row("a second", 1s, 250ms);
}

void RenewalTest::interval_followsTheLifetime()
{
    QFETCH(const std::chrono::seconds, lifetime);
    QFETCH(const std::chrono::milliseconds, interval);
    QCOMPARE(renewalInterval(lifetime).count(), interval.count());
}

void RenewalTest::everybody_isRenewedOnce_oneBatchAtATime()
{
    constexpr std::size_t Clients = 1001;
    connectClients(Clients);
    m_renewal->start();
    QTRY_COMPARE_WITH_TIMEOUT(m_storage->calls, 1, 20'000);
    QTest::qWait(600); // further rounds would have begun
    QCOMPARE(m_storage->calls, 1);
    const auto times = answerRound(Clients);
    QCOMPARE(m_storage->calls, 5);
    QCOMPARE(times.size(), Clients);
    for (const auto &[uaid, count] : times)
        QCOMPARE(count, 1);
}

void RenewalTest::failedBatch_isAskedForAgain()
{
    connectClients(10);
    m_renewal->start();
    QTRY_COMPARE_WITH_TIMEOUT(m_storage->calls, 1, 20'000);
    auto failed = m_storage->answer(Unexpected(ErrorCode::StorageUnavailable));
    QTRY_COMPARE_WITH_TIMEOUT(m_storage->calls, 2, 20'000);
    auto again = m_storage->answer({});
    std::ranges::sort(failed);
    std::ranges::sort(again);
    QVERIFY(failed == again);
}

void RenewalTest::whoeverConnectsLater_isInTheNextRound()
{
    connectClients(1);
    m_renewal->start();
    QCOMPARE(answerRound(1).size(), std::size_t { 1 });
    connectClients(1);
    QCOMPARE(answerRound(2).size(), std::size_t { 2 });
}

void RenewalTest::stopped_asksForNothingMore()
{
    connectClients(600);
    m_renewal->start();
    QTRY_COMPARE_WITH_TIMEOUT(m_storage->calls, 1, 20'000);
    m_renewal->stop();
    m_storage->answer({});
    QTest::qWait(600);
    QCOMPARE(m_storage->calls, 1);
}

QTEST_GUILESS_MAIN(RenewalTest)
#include "tst_renewal.moc"
