// SPDX-License-Identifier: MPL-2.0
#include "tests/bench/scenarios/scenarios.h"

#include "tests/bench/crowd.h"

namespace Carillon::Bench {

using namespace std::chrono_literals;

namespace {

constexpr int Few = 200;
constexpr int MostProcesses = 8; // where descriptors are so few that many would be needed

struct Kind
{
    std::chrono::seconds ttl;
    const char *cpu;
    const char *ratio;
};

constexpr Kind Kinds[] = { { 0s, "crowd.ttl0.cpu", "crowd.ttl0.ratio" },
                           { 60s, "crowd.acked.cpu", "crowd.acked.ratio" } };

/// What a push to the few costs all processes together, for each kind.
Result<std::vector<double>, std::string> pushToFew(Stage &stage, int count, Report &report,
                                                   const std::string &others)
{
    std::vector<double> costs;
    for (const Kind &kind : Kinds) {
        const auto cost = stage.push({ .ttl = kind.ttl, .count = count, .end = Few });
        if (!cost)
            return Unexpected(kind.cpu + (": " + cost.error()));
        costs.push_back(cost->cpuMicros / count);
        report.add(kind.cpu, costs.back(), others);
    }
    return costs;
}

} // namespace

/// More connections than one process may have, and whether a push then costs more: processes for
/// the clients, another for the senders, one SQLite file.
Result<void, std::string> measureCrowd(const Options &options, Report &report)
{
    const auto transport = options.settings.find("transport");
    if (transport != options.settings.end() && transport->second == "qt")
        return {}; // is lost at a fifth of it, see scale
    constexpr int Wanted = 100'000;
    const int most = size(options, mostClients(options), 500);
    const int all =
        size(options, std::min({ Wanted, MostProcesses * most, roomForConnections() }), 2 * most);
    const int processes = (all + most - 1) / most;
    const int others = all - Few;
    auto stage = Stage::open(options, {}, processes);
    if (!stage)
        return Unexpected(stage.error());
    const Servers &servers = (*stage)->servers();
    Crowd crowd((*stage)->loop(), servers.connectPorts(), (*stage)->key(), others, options.limit);
    if (auto done = (*stage)->populate(0, Few); !done)
        return done;
    const int pushes = size(options, 20'000, 2'000);
    const auto alone = pushToFew(**stage, pushes, report, "0 others");
    if (!alone)
        return Unexpected(alone.error());

    const Memory before = servers.memory();
    const auto generators = crowd.cpu();
    const auto coming = (*stage)->measure([&] { return crowd.come(); });
    if (!coming)
        return Unexpected(coming.error());
    const double generatorMicros = Microseconds(crowd.cpu() - generators).count();
    const double grown = servers.memory().anonymousBytes - before.anonymousBytes;
    report.add("crowd.clients", all,
               std::to_string(processes) + " processes for them, one for senders"
                   + (options.quick || all == Wanted ? "" : "; the machine has no room for more"));
    report.add("crowd.rate", others / coming->seconds,
               "the generators took " + readable(generatorMicros / others) + " µs CPU each");
    report.add("crowd.cpu", coming->cpuMicros / others, clients(others));
    if (!options.quick) // else what the pushes left lying is more
        report.add("crowd.client", grown / others / 1e3, clients(others));

    const std::string among = readable(others) + " others";
    const auto amid = pushToFew(**stage, pushes, report, among);
    if (!amid)
        return Unexpected(amid.error());
    for (std::size_t i = 0; i < std::size(Kinds); ++i)
        report.add(Kinds[i].ratio, (*amid)[i] / (*alone)[i], among);
    return crowd.isWhole();
}

} // namespace Carillon::Bench
