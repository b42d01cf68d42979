// SPDX-License-Identifier: MPL-2.0
#include "tests/bench/scenarios/scenarios.h"

namespace Carillon::Bench {

/// New clients come, subscribe, leave, and come again.
Result<void, std::string> measureConnecting(const Options &options, Report &report)
{
    auto stage = Stage::open(options);
    if (!stage)
        return Unexpected(stage.error());
    Fleet &fleet = (*stage)->fleet();
    constexpr int First = 100;
    const int count = size(options, 5'000, 500);
    const int end = First + count;
    if (auto done = (*stage)->populate(0, First); !done)
        return done;
    const auto add = [&](const char *cpu, const char *rate, const Cost &cost) {
        report.add(cpu, cost.cpuMicros / count, clients(count));
        report.add(rate, count / cost.seconds, clients(count));
    };

    const auto fresh = (*stage)->measure([&] { return fleet.connect(First, end); });
    if (!fresh)
        return Unexpected(fresh.error());
    add("hello.new.cpu", "hello.new.rate", *fresh);

    const auto subscribed = (*stage)->measure([&] { return fleet.subscribe(First, end); });
    if (!subscribed)
        return Unexpected(subscribed.error());
    add("register.cpu", "register.rate", *subscribed);

    fleet.disconnect(First, end);
    const auto known = (*stage)->measure([&] { return fleet.connect(First, end); });
    if (!known)
        return Unexpected(known.error());
    add("hello.known.cpu", "hello.known.rate", *known);
    return {};
}

} // namespace Carillon::Bench
