// SPDX-License-Identifier: MPL-2.0
#include "tests/bench/scenarios/scenarios.h"

namespace Carillon::Bench {

using namespace std::chrono_literals;

/// Pushes for clients that are away, and what comes when they return.
Result<void, std::string> measureAbsent(const Options &options, Report &report)
{
    auto stage = Stage::open(options);
    if (!stage)
        return Unexpected(stage.error());
    Fleet &fleet = (*stage)->fleet();
    const int away = size(options, 200, 50);
    constexpr int Each = 100;
    const int count = away * Each;
    if (auto done = (*stage)->populate(0, away); !done)
        return done;
    fleet.disconnect(0, away);

    const Pushes pushes {
        .senders = 128, .ttl = 3600s, .count = count, .end = away, .arrives = false
    };
    const auto stored = (*stage)->push(pushes);
    if (!stored)
        return Unexpected(stored.error());
    const std::string at = std::to_string(pushes.senders) + " senders, 300 B";
    Ledger &ledger = (*stage)->ledger();
    report.add("absent.cpu", stored->cpuMicros / count, at);
    report.add("absent.rate", count / stored->seconds, at);
    report.add("absent.p99", ledger.answerTimes().percentile(0.99) / 1e3, at);

    const auto all = static_cast<std::size_t>(count);
    const auto drained = (*stage)->measure([&]() -> Result<void, std::string> {
        if (auto done = fleet.connect(0, away); !done)
            return done;
        const bool arrived = (*stage)->loop().run(
            now() + 60s, [&] { return ledger.deliveries() == all || !ledger.problem().empty(); });
        if (!arrived || !ledger.problem().empty())
            return Unexpected(std::to_string(ledger.deliveries()) + " of " + std::to_string(all)
                              + " stored messages came. " + ledger.problem());
        return {};
    });
    if (!drained)
        return Unexpected(drained.error());
    const std::string backlog = clients(away) + " with " + std::to_string(Each) + " each";
    report.add("drain.cpu", drained->cpuMicros / count, backlog);
    report.add("drain.rate", count / drained->seconds, backlog);

    // What was acknowledged must not come again.
    fleet.disconnect(0, away);
    if (auto done = fleet.connect(0, away); !done)
        return done;
    (*stage)->servers().settle((*stage)->loop());
    if (!ledger.problem().empty())
        return Unexpected("after the drain: " + ledger.problem());
    return {};
}

} // namespace Carillon::Bench
