// SPDX-License-Identifier: MPL-2.0
#include "core/storage/memorystorage.h"
#include "server/app/operations.h"
#include "server/metrics/metrics.h"
#include "server/net/worker.h"
#include "server/responses/errorresponses.h"

#include <QScopeGuard>
#include <QTest>

#include <deque>
#include <utility>

using namespace Carillon;

namespace {

/// Storage whose checks wait until the test answers them.
class StuckStorage final : public MemoryStorage
{
public:
    using MemoryStorage::MemoryStorage;
    void check(Completion<void> done) override { checks.push_back(std::move(done)); }
    void answer(Result<void> outcome)
    {
        Completion<void> done = std::move(checks.front());
        checks.pop_front();
        done(outcome);
    }

    std::deque<Completion<void>> checks;
};

class Answers final : public ResponseSink
{
public:
    void respond(ConnectionId, std::uint32_t, HttpResponse response) override
    {
        statuses.push_back(response.status);
    }
    std::vector<int> statuses;
};

} // namespace

/// Anybody may ask for the server's health, as often as they like.
class TestHealth : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void health_askedWhileStorageIsStuck_waitsForOneCheck();
};

void TestHealth::health_askedWhileStorageIsStuck_waitsForOneCheck()
{
    const SystemClock clock;
    StuckStorage storage(clock);
    const Metrics metrics;
    const ErrorResponses errors("http://localhost/errors/");
    OperationsState state;
    Worker worker(0);
    const auto stopped = qScopeGuard([&worker] { worker.stop([] {}); });
    Answers answers;
    const auto run = [&worker](Task task) {
        worker.runAndWait(std::move(task));
        worker.runAndWait([] {}); // what it posted
    };
    for (const bool works : { false, true }) {
        Operations operations(worker, state, storage, metrics, errors);
        run([&] {
            for (std::uint32_t i = 0; i < 100; ++i) {
                operations.health(i % 2 == 0 ? ListenerName::Connect : ListenerName::Endpoint,
                                  HttpResponder(answers, {}, i));
            }
        });
        QCOMPARE(storage.checks.size(), 1U);
        QVERIFY(answers.statuses.empty());
        run([&] {
            storage.answer(works ? Result<void>() : Unexpected(ErrorCode::StorageUnavailable));
        });
        QCOMPARE(std::exchange(answers.statuses, {}), std::vector<int>(100, works ? 200 : 503));
        state.checked = Instant(); // a second later
    }
}

QTEST_GUILESS_MAIN(TestHealth)
#include "tst_health.moc"
