// SPDX-License-Identifier: MPL-2.0
#include "core/base/ratelimiter.h"

#include "tests/support/manualclock.h"

#include <QTest>

#include <thread>

using namespace Carillon;
using namespace std::chrono_literals;

namespace {

/// Tokens that a bucket gives until it refuses.
int emptied(TokenBucket &bucket, std::chrono::nanoseconds interval, std::int64_t burst, Instant now)
{
    int taken = 0;
    while (taken < 1'000 && bucket.take(interval, burst, now).count() == 0)
        ++taken;
    return taken;
}

} // namespace

class TestTokenBucket : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void fullBucket_givesItsBurst_thenTellsTheWait()
    {
        ManualClock clock { Time() };
        TokenBucket bucket;
        QCOMPARE(emptied(bucket, 100ms, 5, clock.steadyNow()), 5);
        QCOMPARE(bucket.take(100ms, 5, clock.steadyNow()), std::chrono::nanoseconds(100ms));
        clock.advance(70ms);
        QCOMPARE(bucket.wait(100ms, 5, clock.steadyNow()), std::chrono::nanoseconds(30ms));
        clock.advance(30ms);
        QCOMPARE(bucket.wait(100ms, 5, clock.steadyNow()), std::chrono::nanoseconds());
        QCOMPARE(emptied(bucket, 100ms, 5, clock.steadyNow()), 1);
    }

    void refusals_costNothing()
    {
        ManualClock clock { Time() };
        TokenBucket bucket;
        QCOMPARE(emptied(bucket, 1s, 1, clock.steadyNow()), 1);
        for (int i = 0; i < 100; ++i)
            QCOMPARE(bucket.take(1s, 1, clock.steadyNow()), std::chrono::nanoseconds(1s));
        clock.advance(1s);
        QCOMPARE(emptied(bucket, 1s, 1, clock.steadyNow()), 1);
    }

    void restedBucket_isFull_andHoldsNoMoreThanItsBurst()
    {
        ManualClock clock { Time() };
        TokenBucket bucket;
        QVERIFY(bucket.isFull(clock.steadyNow()));
        QCOMPARE(emptied(bucket, 10ms, 3, clock.steadyNow()), 3);
        clock.advance(29ms);
        QVERIFY(!bucket.isFull(clock.steadyNow()));
        clock.advance(1ms);
        QVERIFY(bucket.isFull(clock.steadyNow()));
        clock.advance(24h);
        QCOMPARE(emptied(bucket, 10ms, 3, clock.steadyNow()), 3);
    }

    void steadyUse_getsTheRate()
    {
        ManualClock clock { Time() };
        TokenBucket bucket;
        const Rate rate { 100, 1s, 10 };
        int taken = 0;
        for (int i = 0; i < 10'000; ++i) { // 10 s, a try each millisecond
            if (bucket.take(rate.interval(), rate.burst, clock.steadyNow()).count() == 0)
                ++taken;
            clock.advance(1ms);
        }
        QCOMPARE(taken, 10 + 10 * 100 - 1);
    }

    void limiter_withoutRate_isOff()
    {
        RateLimiter limiter;
        QVERIFY(!limiter.isOn());
        limiter.setRate({ 1, 60s, 2 });
        QVERIFY(limiter.isOn());
        limiter.setRate({});
        QVERIFY(!limiter.isOn());
    }

    void keys_haveBucketsOfTheirOwn()
    {
        RateLimiter limiter(Rate { 1, 60s, 2 });
        ManualClock clock { Time() };
        for (const std::uint64_t key : { 1, 2 }) {
            QCOMPARE(limiter.take(key, clock.steadyNow()).outcome, RateLimiter::Outcome::Passed);
            QCOMPARE(limiter.take(key, clock.steadyNow()).outcome, RateLimiter::Outcome::Passed);
            const RateLimiter::Verdict refused = limiter.take(key, clock.steadyNow());
            QCOMPARE(refused.outcome, RateLimiter::Outcome::Refused);
            QCOMPARE(refused.wait, std::chrono::nanoseconds(60s));
        }
    }

    void newRate_holdsForBucketsThatAreThere()
    {
        RateLimiter limiter(Rate { 1, 3600s, 1 });
        ManualClock clock { Time() };
        QCOMPARE(limiter.take(7, clock.steadyNow()).outcome, RateLimiter::Outcome::Passed);
        QCOMPARE(limiter.take(7, clock.steadyNow()).outcome, RateLimiter::Outcome::Refused);
        limiter.setRate({ 1, 3600s, 2 });
        QCOMPARE(limiter.take(7, clock.steadyNow()).outcome, RateLimiter::Outcome::Passed);
        QCOMPARE(limiter.take(7, clock.steadyNow()).outcome, RateLimiter::Outcome::Refused);
    }

    void fullBuckets_areForgotten()
    {
        RateLimiter limiter(Rate { 1, 1s, 1 });
        ManualClock clock { Time() };
        std::uint64_t key = 0;
        qsizetype most = 0;
        for (int round = 0; round < 20; ++round) {
            for (int i = 0; i < 5'000; ++i)
                QCOMPARE(limiter.take(key++, clock.steadyNow()).outcome,
                         RateLimiter::Outcome::Passed);
            most = std::max(most, limiter.size());
            clock.advance(2s);
        }
        QVERIFY2(most < 15'000, qPrintable(QString::number(most)));
    }

    void crowd_passesUnlimited_whileThoseBeforeItStayLimited()
    {
        RateLimiter limiter(Rate { 1, 3600s, 1 });
        ManualClock clock { Time() };
        int crowded = 0;
        for (std::uint64_t key = 0; key < 2 * RateLimiter::MaxBuckets; ++key) {
            const auto outcome = limiter.take(key, clock.steadyNow()).outcome;
            QVERIFY(outcome != RateLimiter::Outcome::Refused);
            crowded += outcome == RateLimiter::Outcome::Crowded ? 1 : 0;
        }
        QCOMPARE(limiter.size(), RateLimiter::MaxBuckets);
        QCOMPARE(crowded, int(RateLimiter::MaxBuckets));
        QCOMPARE(limiter.take(0, clock.steadyNow()).outcome, RateLimiter::Outcome::Refused);
        // When they have rested there is room again.
        clock.advance(2h);
        QCOMPARE(limiter.take(1ULL << 40, clock.steadyNow()).outcome, RateLimiter::Outcome::Passed);
    }

    void threads_shareOneBucket()
    {
        RateLimiter limiter(Rate { 1, 3600s, 500 });
        const ManualClock clock { Time() };
        std::atomic<int> passed = 0;
        {
            std::vector<std::jthread> threads;
            for (int i = 0; i < 4; ++i) {
                threads.emplace_back([&] {
                    for (int j = 0; j < 1'000; ++j) {
                        if (limiter.take(1, clock.steadyNow()).outcome
                            == RateLimiter::Outcome::Passed)
                            ++passed;
                    }
                });
            }
        }
        QCOMPARE(passed.load(), 500);
    }
};

QTEST_APPLESS_MAIN(TestTokenBucket)
#include "tst_tokenbucket.moc"
