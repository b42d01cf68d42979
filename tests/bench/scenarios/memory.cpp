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
    ServerProcess &server = (*stage)->server();
    server.settle((*stage)->loop());
    const Memory atStart = server.memory();
    report.add("start.own", atStart.anonymousBytes / 1e6);
    report.add("start.all", atStart.proportionalBytes / 1e6);

    // A few first, so that what is made once is not counted as theirs.
    constexpr int First = 20;
    if (auto done = (*stage)->populate(0, First); !done)
        return done;
    server.settle((*stage)->loop());
    const Memory before = server.memory();
    int have = First;
    for (const int full : { 1'000, 10'000, mostClients(options) }) {
        const int count = size(options, full, full / 20);
        if (auto done = (*stage)->populate(have, count); !done)
            return Unexpected(done.error() + server.lastWords());
        have = count;
        server.settle((*stage)->loop());
        const double grown = server.memory().anonymousBytes - before.anonymousBytes;
        report.add("idle.client", grown / (count - First) / 1e3, clients(count));
    }
    return {};
}

/// Before and after each client got 32 KB at once and acknowledged it.
Result<void, std::string> measureBurst(const Options &options, Report &report)
{
    auto stage = Stage::open(options);
    if (!stage)
        return Unexpected(stage.error());
    ServerProcess &server = (*stage)->server();
    const int count = size(options, 2'000, 200);
    constexpr int Each = 8;
    constexpr std::size_t Bytes = 4096;
    // Small buffers in the kernel leave the burst to the server's.
    (*stage)->fleet().setReceiveBuffer(4096);
    if (auto done = (*stage)->populate(0, count); !done)
        return done;

    // The senders' share is made before: a first round, read at once.
    if (auto done = (*stage)->push({ .bodyBytes = Bytes, .count = 64, .end = count }); !done)
        return Unexpected(done.error());
    server.settle((*stage)->loop());
    const double before = server.memory().anonymousBytes;

    (*stage)->fleet().setReading(false);
    if (auto done = (*stage)->push({ .ttl = 60s,
                                     .bodyBytes = Bytes,
                                     .count = count * Each,
                                     .end = count,
                                     .arrives = false });
        !done)
        return Unexpected(done.error());
    (*stage)->fleet().setReading(true);
    const auto all = static_cast<std::size_t>(count * Each);
    Ledger &ledger = (*stage)->ledger();
    const bool arrived = (*stage)->loop().run(
        now() + 60s, [&] { return ledger.deliveries() == all || !ledger.problem().empty(); });
    if (!arrived || !ledger.problem().empty())
        return Unexpected(std::to_string(ledger.deliveries()) + " of " + std::to_string(all)
                          + " messages of the burst arrived. " + ledger.problem());
    server.settle((*stage)->loop());
    report.add("burst.drained", (server.memory().anonymousBytes / before - 1) * 100,
               clients(count) + ", before " + readable(before / 1e6) + " MB");
    return {};
}

} // namespace Carillon::Bench
