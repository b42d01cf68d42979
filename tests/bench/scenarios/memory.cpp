// SPDX-License-Identifier: MPL-2.0
#include "tests/bench/scenarios/scenarios.h"

namespace Carillon::Bench {

using namespace std::chrono_literals;

/// At start, and with more and more clients that have one channel each and are quiet.
Result<void, std::string> measureMemory(const Options &options, Report &report)
{
    auto stage = Stage::open(options);
    if (!stage)
        return Unexpected(stage.error());
    const Servers &servers = (*stage)->servers();
    servers.settle((*stage)->loop());
    const Memory atStart = servers.memory();
    report.add("start.own", atStart.anonymousBytes / 1e6);
    report.add("start.all", atStart.proportionalBytes / 1e6);

    // A few first, so that what is made once is not counted as theirs.
    constexpr int First = 20;
    if (auto done = (*stage)->populate(0, First); !done)
        return done;
    servers.settle((*stage)->loop());
    const Memory before = servers.memory();
    int have = First;
    for (const int full : { 1'000, 10'000, mostClients(options) }) {
        const int count = size(options, full, full / 20);
        if (auto done = (*stage)->populate(have, count); !done)
            return Unexpected(done.error() + servers.lastWords());
        have = count;
        servers.settle((*stage)->loop());
        const double grown = servers.memory().anonymousBytes - before.anonymousBytes;
        report.add("idle.client", grown / (count - First) / 1e3, clients(count));
    }
    return {};
}

/// Before and after pushes that fill the history's memory.
Result<void, std::string> measureHistory(const Options &options, Report &report)
{
    auto stage = Stage::open(options);
    if (!stage)
        return Unexpected(stage.error());
    const Servers &servers = (*stage)->servers();
    constexpr int Clients = 200;
    constexpr int EventsOfPush = 3;
    if (auto done = (*stage)->populate(0, Clients); !done)
        return done;
    // Some before, so that what is made once is not counted as the history's.
    if (auto done = (*stage)->push({ .count = 1'000, .end = Clients }); !done)
        return Unexpected(done.error());
    servers.settle((*stage)->loop());
    const double before = servers.memory().anonymousBytes;
    const int events = size(options, 200'000, 20'000);
    if (auto done = (*stage)->push({ .count = events / EventsOfPush, .end = Clients }); !done)
        return Unexpected(done.error());
    servers.settle((*stage)->loop());
    report.add("history.event", (servers.memory().anonymousBytes - before) / events,
               readable(events) + " events");
    return {};
}

/// So many messages of 4 KiB to these clients while none reads; then all do.
Result<void, std::string> burst(Stage &stage, int first, int end, int messages)
{
    Ledger &ledger = stage.ledger();
    const auto all = static_cast<std::size_t>(messages); // counted anew by each push()
    stage.fleet().setReading(false);
    if (auto done = stage.push({ .ttl = 60s,
                                 .bodyBytes = 4096,
                                 .count = messages,
                                 .first = first,
                                 .end = end,
                                 .arrives = false });
        !done)
        return Unexpected(done.error());
    stage.fleet().setReading(true);
    const bool arrived = stage.loop().run(
        now() + 60s, [&] { return ledger.deliveries() == all || !ledger.problem().empty(); });
    if (!arrived || !ledger.problem().empty())
        return Unexpected(std::to_string(ledger.deliveries()) + " of " + std::to_string(all)
                          + " messages of the burst arrived. " + ledger.problem());
    return {};
}

/// Before and after each client got 32 KB at once and acknowledged it.
Result<void, std::string> measureBurst(const Options &options, Report &report)
{
    auto stage = Stage::open(options);
    if (!stage)
        return Unexpected(stage.error());
    const Servers &servers = (*stage)->servers();
    const int count = size(options, 2'000, 200);
    constexpr int Each = 8;
    // Small buffers in the kernel leave the burst to the server's.
    (*stage)->fleet().setReceiveBuffer(4096);
    const int others = count / 10;
    if (auto done = (*stage)->populate(0, others + count); !done)
        return done;

    // Others get as much before, so that what storage keeps for all is not counted as theirs.
    if (auto done = burst(**stage, 0, others, count * Each); !done)
        return done;
    servers.settle((*stage)->loop());
    const double before = servers.memory().anonymousBytes;
    if (auto done = burst(**stage, others, others + count, count * Each); !done)
        return done;
    servers.settle((*stage)->loop());
    report.add("burst.drained", (servers.memory().anonymousBytes / before - 1) * 100,
               clients(count) + ", before " + readable(before / 1e6) + " MB");
    return {};
}

} // namespace Carillon::Bench
