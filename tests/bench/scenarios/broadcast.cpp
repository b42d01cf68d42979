// SPDX-License-Identifier: MPL-2.0
#include "tests/bench/megaphone.h"
#include "tests/bench/scenarios/scenarios.h"

namespace Carillon::Bench {

using namespace std::chrono_literals;

/// A new version of a broadcast on its way to all clients, each told instead of its next ping.
Result<void, std::string> measureBroadcast(const Options &options, Report &report)
{
    constexpr auto PollInterval = 1s;
    const auto pingInterval = options.quick ? 3s : 10s;
    const std::string id = "bench/monitor_changes";
    const int count = size(options, std::min(10'000, mostClients(options)), 500);

    // Its listener is in the kernel before the server asks, the answer comes when the loop runs.
    Megaphone megaphone(id, "v1");
    if (megaphone.port() == 0)
        return Unexpected(std::string("the megaphone cannot listen"));
    auto stage = Stage::open(
        options,
        { { "connect.megaphone_api_url", megaphone.url() },
          { "connect.megaphone_poll_interval", std::to_string(PollInterval.count()) + "s" },
          { "connect.auto_ping_interval", std::to_string(pingInterval.count()) + "s" } });
    if (!stage)
        return Unexpected(stage.error());
    Loop &loop = (*stage)->loop();
    const Servers &servers = (*stage)->servers();
    Fleet &fleet = (*stage)->fleet();
    megaphone.serve(loop);
    fleet.setBroadcast(id, "v1");
    // The first poll was given up while nobody answered, as the server started.
    if (!loop.run(now() + 10s, [&] { return megaphone.answered() >= 3; }))
        return Unexpected(std::string("the server does not ask the megaphone"));
    if (auto done = fleet.connect(0, count); !done)
        return done;

    // A whole interval with nothing new: pings only.
    loop.wait(PollInterval + 500ms);
    const auto quiet = servers.cpu();
    loop.wait(pingInterval);
    const double pings = Microseconds(servers.cpu() - quiet).count();
    report.add("ping.cpu", pings / count, clients(count));

    const auto before = servers.cpu();
    const Moment start = now();
    megaphone.setVersion("v2");
    const bool told = loop.run(start + 3 * pingInterval, [&] { return fleet.told("v2") >= count; });
    const std::chrono::duration<double> took = now() - start;
    const double cpu = Microseconds(servers.cpu() - before).count();
    if (!told || !fleet.problem().empty())
        return Unexpected(std::to_string(fleet.told("v2")) + " of " + std::to_string(count)
                          + " clients were told. " + fleet.problem());
    report.add("broadcast.cpu", cpu / count, clients(count));
    report.add("broadcast.time", took.count(),
               clients(count) + ", poll every " + std::to_string(PollInterval.count())
                   + " s, ping every " + std::to_string(pingInterval.count()) + " s");
    // Nobody is told twice.
    loop.wait(PollInterval + pingInterval);
    if (fleet.told("v2") != count)
        return Unexpected("clients were told " + std::to_string(fleet.told("v2")) + " times");
    return {};
}

} // namespace Carillon::Bench
