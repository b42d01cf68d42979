// SPDX-License-Identifier: MPL-2.0
#include "tests/bench/scenarios/scenarios.h"

namespace Carillon::Bench {

using namespace std::chrono_literals;

namespace {

constexpr int Few = 200;

double each(const Result<Cost, std::string> &cost, const Pushes &pushes)
{
    return cost->cpuMicros / pushes.count;
}

} // namespace

/// From POST to frame and ack, as fast as answered, to a few clients that are connected.
Result<void, std::string> measurePushing(const Options &options, Report &report)
{
    auto stage = Stage::open(options);
    if (!stage)
        return Unexpected(stage.error());
    if (auto done = (*stage)->populate(0, Few); !done)
        return done;
    const Pushes base { .count = size(options, 20'000, 2'000), .end = Few };

    struct Case
    {
        const char *cpu;
        const char *rate;
        std::chrono::seconds ttl;
        std::size_t bodyBytes;
        bool newTokens;
    };
    for (const Case &what : { Case { "push.ttl0.small.cpu", "push.ttl0.rate", 0s, 300, false },
                              Case { "push.ttl0.large.cpu", nullptr, 0s, 4096, false },
                              Case { "push.acked.small.cpu", "push.acked.rate", 60s, 300, false },
                              Case { "push.acked.large.cpu", nullptr, 60s, 4096, false },
                              Case { "push.newtoken.cpu", nullptr, 0s, 300, true } }) {
        Pushes pushes = base;
        pushes.ttl = what.ttl;
        pushes.bodyBytes = what.bodyBytes;
        pushes.newTokens = what.newTokens;
        const auto cost = (*stage)->push(pushes);
        if (!cost)
            return Unexpected(what.cpu + (": " + cost.error()));
        report.add(what.cpu, each(cost, pushes));
        if (what.rate)
            report.add(what.rate, pushes.count / cost->seconds,
                       "the generator took " + readable(cost->generatorMicros / pushes.count)
                           + " µs CPU each");
    }
    return {};
}

/// What a push costs at a rate that the server is not busy with, to clients that acknowledge so
/// late that each message is stored and removed again.
Result<void, std::string> measurePaced(const Options &options, Report &report)
{
    auto stage = Stage::open(options);
    if (!stage)
        return Unexpected(stage.error());
    (*stage)->fleet().setAckDelay(20ms);
    if (auto done = (*stage)->populate(0, Few); !done)
        return done;
    const Pushes fast { .senders = 64,
                        .ttl = 3600s,
                        .bodyBytes = 4096,
                        .count = size(options, 20'000, 2'000),
                        .end = Few };
    const auto saturated = (*stage)->push(fast);
    if (!saturated)
        return Unexpected(saturated.error());
    report.add("paced.saturated.cpu", each(saturated, fast));
    for (const int perSecond : { 1'000, 4'000 }) {
        Pushes paced = fast;
        paced.perSecond = perSecond;
        paced.count = perSecond * size(options, 5, 1);
        const auto cost = (*stage)->push(paced);
        const std::string at = readable(perSecond) + "/s";
        if (!cost)
            return Unexpected(at + ": " + cost.error());
        report.add("paced.cpu", each(cost, paced), at);
        report.add("paced.ratio", each(cost, paced) / each(saturated, fast), at);
    }
    return {};
}

/// Whether a push costs more because others are connected.
Result<void, std::string> measureScale(const Options &options, Report &report)
{
    auto stage = Stage::open(options);
    if (!stage)
        return Unexpected(stage.error());
    if (auto done = (*stage)->populate(0, Few); !done)
        return done;
    const Pushes toFew { .count = size(options, 20'000, 2'000), .end = Few };
    const auto alone = (*stage)->push(toFew);
    if (!alone)
        return Unexpected(alone.error());
    report.add("scale.cpu", each(alone, toFew), "0 others");

    const int all = size(options, mostClients(options), 1'000);
    if (auto done = (*stage)->populate(Few, all); !done)
        return done;
    const auto among = (*stage)->push(toFew);
    if (!among)
        return Unexpected(among.error());
    const std::string others = readable(all - Few) + " others";
    report.add("scale.cpu", each(among, toFew), others);
    report.add("scale.ratio", among->cpuMicros / alone->cpuMicros, others);

    Pushes toAll = toFew;
    toAll.end = all;
    const auto spread = (*stage)->push(toAll);
    if (!spread)
        return Unexpected(spread.error());
    report.add("scale.all.cpu", each(spread, toAll), clients(all));
    return {};
}

/// How long a push takes at a rate that the server is far from being busy with.
Result<void, std::string> measureLatency(const Options &options, Report &report)
{
    auto stage = Stage::open(options);
    if (!stage)
        return Unexpected(stage.error());
    const int idle = size(options, std::min(10'000, mostClients(options)), 1'000);
    if (auto done = (*stage)->populate(0, idle); !done)
        return done;
    const double perSecond = 1'000;
    const int seconds = size(options, 10, 2);
    for (const auto ttl : { 60s, 0s }) {
        const Pushes pushes { .senders = 64,
                              .ttl = ttl,
                              .count = static_cast<int>(perSecond) * seconds,
                              .end = idle,
                              .perSecond = perSecond };
        const auto cost = (*stage)->push(pushes);
        const std::string at =
            readable(perSecond) + "/s, TTL " + std::to_string(ttl.count()) + ", " + clients(idle);
        if (!cost)
            return Unexpected(at + ": " + cost.error());
        const Histogram &deliveries = (*stage)->ledger().deliveryTimes();
        const Histogram &answers = (*stage)->ledger().answerTimes();
        report.add("latency.delivery.p50", deliveries.percentile(0.5) / 1e3, at);
        report.add("latency.delivery.p99", deliveries.percentile(0.99) / 1e3, at);
        report.add("latency.answer.p50", answers.percentile(0.5) / 1e3, at);
        report.add("latency.answer.p99", answers.percentile(0.99) / 1e3, at);
    }
    // One sender, one push after another.
    const Pushes oneByOne {
        .senders = 1, .ttl = 60s, .count = size(options, 2'000, 500), .end = idle
    };
    const auto cost = (*stage)->push(oneByOne);
    const std::string at = "one at a time, TTL 60, " + clients(idle);
    if (!cost)
        return Unexpected(at + ": " + cost.error());
    report.add("latency.delivery.p50", (*stage)->ledger().deliveryTimes().percentile(0.5) / 1e3,
               at);
    report.add("latency.delivery.p99", (*stage)->ledger().deliveryTimes().percentile(0.99) / 1e3,
               at);
    report.add("latency.answer.p50", (*stage)->ledger().answerTimes().percentile(0.5) / 1e3, at);
    report.add("latency.answer.p99", (*stage)->ledger().answerTimes().percentile(0.99) / 1e3, at);
    return {};
}

} // namespace Carillon::Bench
